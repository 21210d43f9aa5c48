/** The finished rows of a copied shop as files for COPY. */
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { CopyFile, CopyFormat } from './contestants/copy.ts'

export interface FinishedRows {
  files: Readonly<Record<CopyFormat, CopyFile[]>>
  remove(): Promise<void>
}

const TABLES = ['mirror.orders', 'mirror.order_lines']

export async function exportRows(database: string): Promise<FinishedRows> {
  const folder = await mkdtemp(join(tmpdir(), 'woosync-bench-rows-'))
  const files: Record<CopyFormat, CopyFile[]> = { text: [], binary: [] }
  const client = new pg.Client(database)
  await client.connect()
  for (const format of ['text', 'binary'] as const) {
    for (const table of TABLES) {
      const path = join(folder, `${table}.${format}`)
      const rows = client.query(copyTo(`COPY ${table} TO STDOUT (FORMAT ${format})`))
      await pipeline(rows, createWriteStream(path))
      files[format].push({ table, path })
    }
  }
  await client.end()
  return { files, remove: () => rm(folder, { recursive: true, force: true }) }
}

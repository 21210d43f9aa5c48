/** COPY of finished rows: the same orders and lines, from a file, into empty tables with the same indexes. */
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { contestant } from './contestant.ts'

export interface CopyJob {
  database: string
  format: CopyFormat
  files: readonly CopyFile[]
  orders: number
}

export type CopyFormat = 'text' | 'binary'

export interface CopyFile {
  table: string
  path: string
}

contestant<CopyJob>(async ({ database, format, files, orders }, measure) => {
  const client = new pg.Client(database)
  await client.connect()
  await measure(async () => {
    await client.query('BEGIN')
    for (const { table, path } of files) {
      const rows = client.query(copyFrom(`COPY ${table} FROM STDIN (FORMAT ${format})`))
      await pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), rows)
    }
    await client.query('COMMIT')
    return { orders }
  })
  await client.end()
})

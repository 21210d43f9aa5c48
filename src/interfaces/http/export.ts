/** Lists as CSV or NDJSON: every row that the filters choose, page after page in a stream. */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { z } from 'zod'
import type { Caller } from '../../access/caller.ts'
import type { App } from '../../app.ts'
import { WooSyncError } from '../../errors.ts'
import type { AsOf } from '../../operations/as-of.ts'
import type { Operation } from '../../operations/define.ts'
import { invoke } from '../../operations/invoke.ts'
import { bareType } from '../coerce.ts'
import { csvColumns, csvHead, csvRow } from '../csv.ts'
import { asOfHeader, varyHeader } from './answer.ts'
import { largestPage } from './request-input.ts'

export const exportTypes = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
} as const

export type ExportFormat = keyof typeof exportTypes

/** `?format=` wins over the header Accept, where an export must stand before JSON. @throws input_invalid */
export function exportFormat(format: unknown, accept: string | undefined): ExportFormat | null {
  if (format === undefined) return formatOf(accept ?? '')
  if (format === 'json') return null
  if (format === 'csv' || format === 'ndjson') return format
  throw new WooSyncError('input_invalid', { field: 'format', problem: 'it takes json, csv or ndjson' })
}

function formatOf(accept: string): ExportFormat | null {
  for (const part of accept.split(',')) {
    const type = part.split(';', 1)[0]?.trim().toLowerCase()
    if (type === 'text/csv') return 'csv'
    if (type === 'application/x-ndjson') return 'ndjson'
    if (type === 'application/json') return null
  }
  return null
}

interface ListAnswer {
  asOf?: AsOf
  nextCursor?: string | null
}

export interface ExportOptions {
  app: App
  operation: Operation
  caller: Caller
  /** As a page would be asked; with `limit` or `cursor` it is this one page, without all rows. */
  input: unknown
  format: ExportFormat
  /** Of the client's leaving. */
  signal: AbortSignal
}

/** Nothing is held but one page; the next is asked for when the client has taken this one. */
export async function sendExport(reply: FastifyReply, options: ExportOptions): Promise<FastifyReply> {
  const { app, operation, caller, format, signal } = options
  const given = options.input as Record<string, unknown>
  const onePage = given.limit !== undefined
  const pageSize = largestPage(operation)
  const base = {
    ...given,
    ...('facts' in operation.input.shape && { facts: 'none' }),
    ...(!onePage && pageSize !== undefined && { limit: pageSize }),
  }
  const page = async (more: object) =>
    (await invoke(app, caller, operation, { ...base, ...more }, signal)) as ListAnswer &
      Record<string, unknown>

  // Asked before the first byte goes out, so that bad input is answered like everywhere.
  const first = await page({})
  const write = writer(options)

  async function* rows() {
    yield write.head
    for (let answer = first; ; ) {
      const text = (answer[operation.list as string] as unknown[]).map(write.row).join('')
      if (text !== '') yield text
      if (onePage || !answer.nextCursor) return
      answer = await page({ cursor: answer.nextCursor })
    }
  }

  asOfHeader(reply, first.asOf)
  varyHeader(reply)
  return reply
    .header('content-type', exportTypes[format])
    .header('content-disposition', `attachment; filename="${operation.name}.${format}"`)
    .header('cache-control', 'private, no-store')
    .send(Readable.from(rows(), { objectMode: false }))
}

function writer({ operation, caller, format }: ExportOptions): {
  head: string
  row: (row: unknown) => string
} {
  if (format === 'ndjson') return { head: '', row: (row) => `${JSON.stringify(row)}\n` }
  const list = (operation.output.shape as Record<string, z.core.$ZodType>)[operation.list as string]
  const type = list && bareType(list)
  const columns = csvColumns((type as z.ZodArray).element, caller)
  return { head: csvHead(columns), row: (row) => csvRow(columns, row) }
}

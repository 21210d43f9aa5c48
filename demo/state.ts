/**
 * What was written to a demo shop, kept in one small file, so that the shop is the same after a restart: the
 * first line says when the shop's past ends, each further line is a row as it was last written. Only what was
 * written is in it; everything else is made again from the seed.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Shop } from './shop.ts'
import type { Raw, Row } from './table.ts'

const TABLES = ['orders', 'products', 'variations', 'refunds', 'coupons'] as const
type TableName = (typeof TABLES)[number]

type Entry =
  | { table: TableName; row: Row }
  | { table: TableName; gone: number }
  | { notes: number; list: Raw[] }
  | { customer: number; record: Raw | null }

export interface DemoState {
  /** The moment the shop's past ends, Unix milliseconds: generate the shop with it. */
  epoch: number
  /**
   * Puts what was written before into the freshly made shop and keeps what is written from now on. Gives the
   * moment of the last change (Unix milliseconds), or the epoch.
   */
  attach(shop: Shop): number
  close(): void
}

/**
 * `name` tells shops apart: another seed or size is another file. A torn last line (the power went) is left
 * out. Throws the file system's error when the folder cannot be written.
 */
export function openState(folder: string, name: string, freshEpoch: number): DemoState {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${name}.jsonl`)
  const kept = read(path)
  const epoch = kept.epoch ?? freshEpoch
  let file: number | undefined
  let grown = 0

  /** One write call for each line: a killed process loses nothing it has already shown. */
  function append(entry: Entry) {
    if (file === undefined) return
    grown += writeSync(file, `${JSON.stringify(entry)}\n`)
    if (grown < GROWTH) return
    closeSync(file)
    file = rewrite(path, epoch, read(path).entries)
    grown = 0
  }

  return {
    epoch,
    attach(shop) {
      let latest = epoch
      for (const entry of kept.entries.values()) latest = Math.max(latest, replay(shop, entry))
      settleIds(shop, [...kept.entries.values()])
      file = rewrite(path, epoch, kept.entries)
      kept.entries.clear()
      record(shop, append)
      return latest
    },
    close() {
      if (file !== undefined) closeSync(file)
      file = undefined
    },
  }
}

/** The file is written anew without what is out of date when it has grown by so many bytes. */
const GROWTH = 64 * 1024 * 1024

/** What the file says, the last word on each row. */
function read(path: string): { epoch: number | undefined; entries: Map<string, Entry> } {
  const [first = '', ...rest] = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
  const entries = new Map<string, Entry>()
  for (const line of rest) {
    const entry = parse(line) as Entry | undefined
    if (entry) entries.set(keyOf(entry), entry)
  }
  return { epoch: (parse(first) as { epoch?: number } | undefined)?.epoch, entries }
}

/** Replaces the file as a whole and gives it open for appending. */
function rewrite(path: string, epoch: number, entries: ReadonlyMap<string, Entry>): number {
  const lines = [{ epoch }, ...entries.values()].map((each) => JSON.stringify(each))
  writeFileSync(`${path}.new`, `${lines.join('\n')}\n`)
  renameSync(`${path}.new`, path)
  return openSync(path, 'a')
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function keyOf(entry: Entry): string {
  if ('notes' in entry) return `notes ${entry.notes}`
  if ('customer' in entry) return `customer ${entry.customer}`
  return `${entry.table} ${'row' in entry ? entry.row.id : entry.gone}`
}

/** Gives the moment of the change in milliseconds, 0 where it has none. */
function replay(shop: Shop, entry: Entry): number {
  if ('notes' in entry) {
    shop.small.notes.set(entry.notes, entry.list)
    return 0
  }
  if ('customer' in entry) {
    const { customers } = shop.small
    const at = customers.findIndex((each) => each.id === entry.customer)
    if (entry.record && at >= 0) customers[at] = entry.record
    else if (entry.record) customers.push(entry.record)
    else if (at >= 0) customers.splice(at, 1)
    return 0
  }
  if ('gone' in entry) {
    shop[entry.table].remove(entry.gone)
    if (entry.table === 'products' || entry.table === 'variations') shop.deleted.add(entry.gone)
    return 0
  }
  shop[entry.table].put(entry.row)
  return (entry.row.modified ?? 0) * 1000
}

/** New ids go on above those that were given out before the restart. */
function settleIds(shop: Shop, entries: readonly Entry[]) {
  const highest = { post: 0, line: 0, meta: 0, note: 0, customer: 0 }
  const see = (kind: keyof typeof highest, id: unknown) => {
    if (typeof id === 'number' && id > highest[kind]) highest[kind] = id
  }
  for (const entry of entries) {
    if ('notes' in entry) for (const each of entry.list) see('note', each.id)
    else if ('customer' in entry) see('customer', entry.customer)
    else if ('gone' in entry) see('post', entry.gone)
    else {
      see('post', entry.row.id)
      for (const field of ['line_items', 'shipping_lines', 'fee_lines', 'coupon_lines', 'tax_lines']) {
        for (const line of listOf(entry.row.body?.[field])) {
          see('line', line.id)
          for (const meta of listOf(line.meta_data)) see('meta', meta.id)
        }
      }
      for (const meta of listOf(entry.row.body?.meta_data)) see('meta', meta.id)
    }
  }
  const { post, ...rows } = highest
  // Asking for ids moves the sequences on; the first answer of each may already be above.
  while (post > 0 && shop.nextId() < post);
  for (const kind of Object.keys(rows) as (keyof typeof rows)[]) {
    while (rows[kind] > 0 && shop.nextRowId(kind) < rows[kind]);
  }
}

function listOf(value: unknown): Raw[] {
  return Array.isArray(value) ? (value as Raw[]) : []
}

/** Hears of every write: tables by their `put` and `remove`, because not every change is an event (row 24b). */
function record(shop: Shop, write: (entry: Entry) => void) {
  for (const table of TABLES) {
    const { put, remove } = shop[table]
    shop[table].put = (row) => {
      put(row)
      write({ table, row: { ...row, body: shop[table].body(row) } })
    }
    shop[table].remove = (id) => {
      remove(id)
      write({ table, gone: id })
    }
  }
  const { notes } = shop.small
  const set = notes.set.bind(notes)
  notes.set = (order, list) => {
    write({ notes: order, list })
    return set(order, list)
  }
  shop.onEvent(({ topic, id }) => {
    if (!topic.startsWith('customer.')) return
    write({ customer: id, record: shop.small.customers.find((each) => each.id === id) ?? null })
  })
}

/** Walks through a resource in the shop's database, each in batches that are written while the next is read. */
import { WooSyncError } from '../../errors.ts'
import type { Fields } from '../../store/canonical.ts'
import type { Listed, SqlReader } from '../../store/sql/reader.ts'
import type { ShopSnapshot } from '../../store/sql/source.ts'
import type { Run } from '../run.ts'

/** Records read and written together: more are held longer than V8's young generation likes. */
export const BATCH = 250
/** Ids compared together: a list of ids is cheap, a question is not. */
export const IDS = 20_000

export interface RecordBatch {
  rows: Fields[]
  listed: readonly Listed[]
}

export function readerOf(run: Run): SqlReader {
  const reader = run.context.sql?.readers[run.resource.name]
  if (!reader) {
    throw new WooSyncError('internal', { cause: `the shop's database is not read for ${run.resource.name}` })
  }
  return reader
}

/** Records in order of their id, after the given one, up to another; null: to the end. */
export async function* everyRecord(
  run: Run,
  { shop }: ShopSnapshot,
  after: string | null,
  until: string | null = null,
): AsyncGenerator<RecordBatch> {
  const reader = readerOf(run)
  for await (const next of idsAfter(run, reader, shop, after, BATCH)) {
    const listed = until === null ? next : next.filter(({ id }) => Number(id) <= Number(until))
    if (listed.length > 0) yield { rows: await reader.read(shop, ids(listed)), listed }
    if (listed.length < next.length) return
  }
}

/** Ids in order, in lists of at most `size`. */
export async function* idsAfter(
  run: Run,
  reader: SqlReader,
  shop: ShopSnapshot['shop'],
  after: string | null,
  size: number,
): AsyncGenerator<Listed[]> {
  // Those with words for ids are few and come at once.
  if (run.resource.key === 'text') {
    const all = await reader.list(shop, null, size)
    if (all.length > 0) yield all
    return
  }
  for (let last = after; ; ) {
    run.signal.throwIfAborted()
    const listed = await reader.list(shop, last, size)
    if (listed.length > 0) yield listed
    if (listed.length < size) return
    last = listed.at(-1)?.id ?? null
  }
}

/** Records changed at or after a moment of the shop's clock, oldest change first. */
export async function* changedSince(
  run: Run,
  { shop }: ShopSnapshot,
  changed: NonNullable<SqlReader['changed']>,
  since: number,
): AsyncGenerator<RecordBatch> {
  let from = { since, after: '0' }
  for (;;) {
    run.signal.throwIfAborted()
    const listed = await changed(shop, from.since, from.after, BATCH)
    if (listed.length > 0) yield { rows: await readerOf(run).read(shop, ids(listed)), listed }
    const last = listed.at(-1)
    if (listed.length < BATCH || last === undefined || last.modifiedAt === null) return
    from = { since: last.modifiedAt, after: last.id }
  }
}

function ids(listed: readonly Listed[]): string[] {
  return listed.map((one) => one.id)
}

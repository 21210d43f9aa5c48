/** Order notes have no list and send no webhook: they are read for one order when somebody asks. */
import { markDeleted } from '../mirror/tombstones.ts'
import { idOf } from '../store/rest/list.ts'
import { readsBySql } from '../store/sql/source.ts'
import { onDatabaseClock, type SyncContext } from './context.ts'
import { bringUpToDate } from './keeper.ts'
import { writePage } from './pages.ts'
import { withRun } from './run.ts'

/** Reads an order's notes and keeps them; notes that are no longer there become tombstones. */
export async function readOrderNotes(
  context: SyncContext,
  order: number,
  signal: AbortSignal,
): Promise<void> {
  await withRun(context, { resource: 'order_notes', kind: 'ask', signal }, async (run) => {
    if (readsBySql(context.sql, 'order_notes')) return bringUpToDate(run, { full: false })
    const path = run.resource.parent?.path(String(order)) ?? ''
    const askedAt = onDatabaseClock(context, Date.now())
    const answer = await run.client.get(path, { context: 'edit' }, { signal: run.signal })
    const rows = Array.isArray(answer.data) ? answer.data : []
    await writePage(run, { rows, sentAt: answer.sentAt, source: 'answer', parent: String(order) })
    const shown = new Set(rows.map(idOf))
    const { rows: held } = await context.database.pool.query<{ id: string }>(
      `SELECT t.id::text FROM mirror.order_notes t WHERE store_id = $1 AND order_id = $2 AND deleted_at IS NULL`,
      [context.store.id, order],
    )
    const gone = held.filter((one) => !shown.has(one.id))
    await context.database.transaction((client) =>
      markDeleted(
        client,
        context.store.id,
        'order_notes',
        'ask',
        gone.map(({ id }) => ({ id, evidence: 'absent from the notes of its order', askedAt })),
      ),
    )
  })
}

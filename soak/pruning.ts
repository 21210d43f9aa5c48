/** Whether what has grown old is let go: everything is made two days older, and a worker begins anew. */
import { setTimeout as wait } from 'node:timers/promises'
import type { SoakPostgres } from './postgres.ts'
import type { Program, Programs } from './programs.ts'
import type { Book } from './promises.ts'

const PRUNED_WITHIN_MS = 60_000

/** Last of all: afterwards the feed has no past. */
export async function checkPruning(
  postgres: SoakPostgres,
  programs: Programs,
  worker: Program,
  book: Book,
): Promise<void> {
  const pool = await postgres.pool()
  await pool.query(`UPDATE mirror.changes SET at = at - interval '2 days'`)
  await pool.query(
    `UPDATE sync.runs SET started_at = started_at - interval '2 days', finished_at = finished_at - interval '2 days'`,
  )
  await programs.end(worker)
  programs.start(worker)
  const end = Date.now() + PRUNED_WITHIN_MS
  for (;;) {
    const { rows } = await pool.query<{ changes: number; runs: number }>(
      `SELECT (SELECT count(*) FROM mirror.changes WHERE at < now() - interval '1 day') AS changes,
              (SELECT count(*) FROM sync.runs WHERE started_at < now() - interval '1 day') AS runs`,
    )
    const { changes = 0, runs = 0 } = rows[0] ?? {}
    if (changes + runs === 0) return
    if (Date.now() > end) {
      book.broken(
        'what is older than CHANGES_KEPT_DAYS is let go',
        `${changes} changes, ${runs} runs are left`,
      )
      return
    }
    await wait(500)
  }
}

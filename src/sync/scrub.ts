/**
 * The slow re-read of everything, a page at a time: finds what moved no date (4). One call reads one page and
 * remembers where it stood.
 */
import { walkById } from '../store/rest/list.ts'
import { fetchStale } from './fetch.ts'
import { writePage } from './pages.ts'
import type { Run } from './run.ts'
import { moveScrub } from './scrub-state.ts'
import { compareWhole, readsWhole } from './whole.ts'

/** Reads the next page of the round; begins a new round after the last. */
export async function scrubPage(run: Run): Promise<{ finished: boolean }> {
  const { state } = run
  if (readsWhole(run)) {
    await compareWhole(run)
    return { finished: true }
  }
  let finished = false
  for await (const page of walkById(run.source(), {
    offset: state.scrubPosition,
    lastId: state.scrubLastId,
  })) {
    finished = page.last
    const next = page.last ? { offset: 0, lastId: null } : page.next
    await writePage(run, {
      rows: page.rows,
      sentAt: page.answer.sentAt,
      source: 'answer',
      move: (client) =>
        moveScrub(client, run, {
          position: next.offset,
          lastId: next.lastId,
          total: page.answer.total ?? 0,
          round: page.last ? 'is over' : 'goes on',
        }),
    })
    state.scrubPosition = next.offset
    state.scrubLastId = next.lastId
    break
  }
  await fetchStale(run)
  return { finished }
}

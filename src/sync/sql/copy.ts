/**
 * The first full copy from the shop's database, in order of the ids: ranges of ids side by side, each in a snapshot
 * of its own, as one connection alone leaves the machine waiting. Restartable where each range stopped.
 */
import { beginBackfill, finishBackfill } from '../backfill.ts'
import { ahead } from '../pages.ts'
import { assertOwner, type Run } from '../run.ts'
import { loadSegments, moveSegment, type Segment, storeSegments, wholeSegment } from '../segments.ts'
import { inSnapshots, SNAPSHOT_MS, write } from './keep.ts'
import { everyRecord, IDS, idsAfter, readerOf } from './passes.ts'

/** More would be felt in the shop, and two keep two cores busy. */
const SIDE_BY_SIDE = 2
/** Resources with fewer records are one range. */
const WORTH_CUTTING = 4000

export async function copyBySql(run: Run, from: 'where it stopped' | 'the beginning'): Promise<void> {
  const segments = await segmentsOf(run, from)
  report(run, segments)
  const open = segments.filter((segment) => !segment.finished)
  const results = await Promise.allSettled(open.map((segment) => copySegment(run, segment, segments)))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
  await finishBackfill(run, 'to be counted')
}

async function copySegment(run: Run, segment: Segment, all: readonly Segment[]): Promise<void> {
  await inSnapshots(run, async (snapshot) => {
    for await (const batch of ahead(everyRecord(run, snapshot, segment.lastId, segment.untilId))) {
      const moved: Segment = {
        ...segment,
        lastId: run.resource.key === 'number' ? (batch.listed.at(-1)?.id ?? null) : null,
        done: segment.done + batch.listed.length,
      }
      await write(run, snapshot, batch, 'answer', (client) => moveSegment(client, run, moved))
      Object.assign(segment, moved)
      report(run, all)
      if (Date.now() - snapshot.takenAt > SNAPSHOT_MS) return 'more'
    }
    return 'done'
  })
  segment.finished = true
  await run.context.database.transaction((client) => moveSegment(client, run, segment))
}

/** A copy begun over REST goes on only where it went by ids. */
async function segmentsOf(run: Run, from: 'where it stopped' | 'the beginning'): Promise<Segment[]> {
  const { database } = run.context
  const known = from === 'where it stopped' ? await loadSegments(database.pool, run) : []
  const goesById = known.every(({ from: first, before, cursor }) => (first ?? before ?? cursor) === null)
  if (known.length > 0 && goesById) return known
  const segments = await cutById(run)
  await database.transaction(async (client) => {
    await assertOwner(client, run)
    await storeSegments(client, run, segments)
    await beginBackfill(client, run)
  })
  return segments
}

/** Ranges of about as many records each. */
async function cutById(run: Run): Promise<Segment[]> {
  if (run.resource.key === 'text') return [wholeSegment(null)]
  const step = WORTH_CUTTING / SIDE_BY_SIDE
  const marks: string[] = []
  let total = 0
  await inSnapshots(run, async ({ shop }) => {
    marks.length = 0
    total = 0
    for await (const listed of idsAfter(run, readerOf(run), shop, null, IDS)) {
      for (let at = step - 1; at < listed.length; at += step) marks.push(listed[at]?.id ?? '')
      total += listed.length
    }
    return 'done'
  })
  const middle = marks[Math.ceil(marks.length / 2) - 1]
  if (total < WORTH_CUTTING || middle === undefined) return [wholeSegment(total)]
  const before = Math.ceil(marks.length / 2) * step
  return [
    { ...wholeSegment(before), untilId: middle },
    { ...wholeSegment(total - before), segment: 2, lastId: middle },
  ]
}

function report(run: Run, segments: readonly Segment[]): void {
  const known = segments.every((segment) => segment.total !== null)
  run.context.onProgress({
    resource: run.resource.name,
    kind: run.kind,
    done: segments.reduce((sum, segment) => sum + segment.done, 0),
    total: known ? segments.reduce((sum, segment) => sum + (segment.total ?? 0), 0) : null,
  })
}

/**
 * Where two lists sorted by id first differ, found by asking single positions of the far one: the mirror's ids
 * are at hand, each question to the shop costs (7).
 */

/** Ids of the shop from a position on (counted from 1), at most a page; `last` when no further one exists. */
export interface FarPage {
  ids: readonly number[]
  last: boolean
}

export interface FarList {
  /** Rows in the far list. */
  total: number
  idAt: (position: number) => Promise<number | null>
  pageFrom: (position: number) => Promise<FarPage>
}

export interface Differences {
  /** In the far list only. */
  missing: number[]
  /** Here only. */
  surplus: number[]
  /** false: too many, or the far list moved; compare every id. */
  settled: boolean
}

/** Below this distance one page of ids is cheaper than further halving. */
const PAGE = 100

/**
 * Finds the differences from the front to the back. Equality at a position is taken as equality before it:
 * a missing and a surplus id below it could cancel out, which the daily listing settles.
 * @param held our ids, ascending
 * @param mostPages after so many pages with differences, listing everything is cheaper
 */
export async function findDifferences(
  held: readonly number[],
  far: FarList,
  mostPages: number,
): Promise<Differences> {
  const missing: number[] = []
  const surplus: number[] = []
  const ids = [...held]
  let agreed = 0
  for (let pages = 0; pages < mostPages; pages++) {
    let differs = Math.max(ids.length, far.total) + 1
    // Positions beyond the shorter list differ by themselves.
    differs = Math.min(differs, Math.min(ids.length, far.total) + 1)
    while (differs - agreed > PAGE) {
      const middle = Math.floor((agreed + differs) / 2)
      if ((await far.idAt(middle)) === ids[middle - 1]) agreed = middle
      else differs = middle
    }
    const page = await far.pageFrom(agreed + 1)
    const end = page.last ? Number.POSITIVE_INFINITY : (page.ids.at(-1) ?? Number.POSITIVE_INFINITY)
    const theirs = new Set(page.ids)
    const until = page.last ? ids.length : upperBound(ids, end, agreed)
    const ours = ids.slice(agreed, until)
    const known = new Set(ours)
    const before = missing.length + surplus.length
    missing.push(...page.ids.filter((id) => !known.has(id)))
    surplus.push(...ours.filter((id) => !theirs.has(id)))
    ids.splice(agreed, ours.length, ...page.ids)
    if (page.last) return { missing, surplus, settled: ids.length === far.total }
    agreed += page.ids.length
    const same = ids.length === far.total && (await far.idAt(far.total)) === (ids.at(-1) ?? null)
    if (same) return { missing, surplus, settled: true }
    // Nothing found where something must be: the far list moved under our hands.
    if (missing.length + surplus.length === before) return { missing, surplus, settled: false }
  }
  return { missing, surplus, settled: false }
}

/** The index after the last id that is not above `end`. */
function upperBound(ids: readonly number[], end: number, from: number): number {
  let low = from
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ids[middle] as number) <= end) low = middle + 1
    else high = middle
  }
  return low
}

/** How many typing errors lie between two words. */

/**
 * Letters to put in, take out, replace, or swap with their neighbour (optimal string alignment).
 * @returns the count; more than `most` where it is more than that
 */
export function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let row = 1; row <= a.length; row++) {
    const here = [row]
    let lowest = row
    for (let at = 1; at <= b.length; at++) {
      const same = a[row - 1] === b[at - 1]
      let cost = Math.min(
        (above[at] as number) + 1,
        (here[at - 1] as number) + 1,
        (above[at - 1] as number) + (same ? 0 : 1),
      )
      const swapped = row > 1 && at > 1 && a[row - 1] === b[at - 2] && a[row - 2] === b[at - 1]
      if (swapped) cost = Math.min(cost, (before[at - 2] as number) + 1)
      here.push(cost)
      lowest = Math.min(lowest, cost)
    }
    if (lowest > most) return most + 1
    before = above
    above = here
  }
  return above[b.length] as number
}

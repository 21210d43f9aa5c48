/**
 * The shop's own clock face. A "wall" is what that clock shows, as if it were GMT, in seconds: WordPress
 * sorts posts by it and reads dates without a suffix as it (row 2).
 */
export interface Zone {
  /** What the shop's clock shows at a moment; both in seconds. */
  toWall(moment: number): number
  /** The moment at which the clock shows this; of two (summer time ends) the later, as recorded (row 3). */
  fromWall(wall: number): number
}

/** @param timezone an IANA name; throws a RangeError for an unknown one */
export function createZone(timezone: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const years = new Map<number, Stretch[]>()

  function measure(moment: number): number {
    const parts = Object.fromEntries(
      format.formatToParts(moment * 1000).map((p) => [p.type, Number(p.value)]),
    )
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
    return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - moment
  }

  // Intl is slow, so a year's few stretches of equal offset are worked out once.
  function stretches(year: number): Stretch[] {
    const known = years.get(year)
    if (known) return known
    const start = Date.UTC(year, 0, 1) / 1000
    const end = Date.UTC(year + 1, 0, 1) / 1000
    const found: Stretch[] = [{ from: start, offset: measure(start) }]
    for (let at = start; at < end; at += DAY) {
      const offset = measure(at + DAY)
      const last = found.at(-1) as Stretch
      if (offset !== last.offset) found.push({ from: firstWith(offset, at, at + DAY), offset })
    }
    years.set(year, found)
    return found
  }

  function firstWith(offset: number, low: number, high: number): number {
    let before = low
    let after = high
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2)
      if (measure(middle) === offset) after = middle
      else before = middle
    }
    return after
  }

  function offsetAt(moment: number): number {
    const list = stretches(new Date(moment * 1000).getUTCFullYear())
    return (list.findLast((s) => s.from <= moment) ?? (list[0] as Stretch)).offset
  }

  return {
    toWall: (moment) => moment + offsetAt(moment),
    fromWall(wall) {
      const before = offsetAt(wall - DAY)
      const after = offsetAt(wall + DAY)
      return offsetAt(wall - after) === after ? wall - after : wall - before
    },
  }
}

interface Stretch {
  from: number
  offset: number
}

const DAY = 86_400

/** `YYYY-MM-DDTHH:MM:SS` as WooCommerce writes its dates, from seconds. */
export function isoSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19)
}

/** Seconds from `YYYY-MM-DDTHH:MM:SS`, read as GMT; null for null. */
export function fromIso(text: unknown): number | null {
  return typeof text === 'string' ? Date.parse(`${text}Z`) / 1000 : null
}

/**
 * The shop's clock as its `Date` headers show it, in whole seconds. Each answer says: at some moment between
 * sending the request and its headers arriving here, the shop's clock was within that second. The offset
 * lies where all these intervals meet; their middle is the estimate, and it sharpens with every answer.
 */
export interface Clock {
  /** Shop clock minus ours in ms; null before the first answer. */
  readonly offset: number | null
  /** @param shop the Date header, @param sentAt and @param headersAt our clock; all epoch ms. */
  note(shop: number, sentAt: number, headersAt: number): void
}

/** Clocks drift apart by at most this much (a bad quartz: 100 ms in 1,000 s). */
const driftPerMs = 1e-4

export function createClock(): Clock {
  let low = 0
  let high = 0
  let notedAt: number | null = null

  return {
    get offset() {
      return notedAt === null ? null : Math.round((low + high) / 2)
    },
    note(shop, sentAt, headersAt) {
      const newLow = shop - headersAt
      const newHigh = shop + 1000 - sentAt
      const slack = notedAt === null ? 0 : Math.abs(headersAt - notedAt) * driftPerMs
      const meets = notedAt !== null && newLow <= high + slack && newHigh >= low - slack
      low = meets ? Math.max(low - slack, newLow) : newLow
      high = meets ? Math.min(high + slack, newHigh) : newHigh
      notedAt = headersAt
    },
  }
}

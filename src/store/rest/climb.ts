/**
 * How many requests a shop takes at once before more of them only wait (row 33). Climbs by one while that
 * makes rows come faster, steps back when it does not, halves on trouble. With all slots in use, the speed
 * is slots / (time per row), so the time per row is all that needs measuring: two workers give no more rows
 * to three connections than to two, only later.
 */
export interface Climb {
  readonly limit: number
  /** A request that was begun with every slot of `limit` in use; `cost` is its time per row in ms. */
  note(cost: number, limit: number): void
  /** The shop is in trouble: half the slots. */
  trouble(): void
}

/** The share of the gain of a perfectly parallel shop that one more slot must bring to be kept. */
const worthwhile = 0.4
/** A time per row this much above the usual means that the shop has changed: fewer slots are tried at once. */
const slower = 1.4
/** Windows between two probes; doubled each time a probe changes nothing. */
const firstHold = 4
const longestHold = 64
/** Requests that are not counted at first: connections are made, caches filled. */
const warmUp = 4

export function createClimb(options: { max: number; start: number; onChange: () => void }): Climb {
  let limit = Math.min(options.start, options.max)
  let probing: 'up' | 'down' | null = null
  let lastProbe: 'up' | 'down' = 'down'
  /** Slots per (ms per row) at the settled limit, and the ms per row; 0 before they are known. */
  let speed = 0
  let usual = 0
  let hold = 0
  let patience = firstHold
  let skip = warmUp
  let sum = 0
  let count = 0

  const move = (to: number, probe: 'up' | 'down' | null): void => {
    const before = limit
    limit = Math.max(1, Math.min(options.max, to))
    probing = probe
    lastProbe = probe ?? lastProbe
    usual = 0
    sum = 0
    count = 0
    if (limit !== before) options.onChange()
  }

  /** Back to where it was better, and longer until the next probe. */
  const stepBack = (to: number): void => {
    hold = patience
    patience = Math.min(longestHold, patience * 2)
    move(to, null)
  }

  const accept = (now: number): void => {
    speed = now
    // One slot leaves a shop with two workers half idle: look up again soon.
    hold = limit === 1 ? 1 : firstHold
    patience = firstHold
  }

  const judgeUp = (now: number): void => {
    if (now < speed * (1 + worthwhile / (limit - 1))) {
      stepBack(limit - 1)
      return
    }
    accept(now)
    if (limit < options.max) move(limit + 1, 'up')
    else move(limit, null)
  }

  const judgeDown = (now: number): void => {
    if (now < speed * (1 - worthwhile / (limit + 1))) {
      stepBack(limit + 1)
      return
    }
    accept(now)
    // One worker with two requests is never idle between them: below two only a change leads.
    if (limit > 2) move(limit - 1, 'down')
    else move(limit, null)
  }

  const judgeSettled = (now: number, cost: number): void => {
    const changed = usual > 0 && cost > usual * slower
    speed = speed === 0 || changed ? now : (speed + now) / 2
    usual = usual === 0 || changed ? cost : (3 * usual + cost) / 4
    hold -= 1
    if (changed && limit > 1) move(limit - 1, 'down')
    else if (hold > 0) return
    else if (limit > 2 && (lastProbe === 'up' || limit === options.max)) move(limit - 1, 'down')
    else if (limit < options.max) move(limit + 1, 'up')
  }

  return {
    get limit() {
      return limit
    },
    note(cost, at) {
      if (skip > 0) skip -= 1
      else if (at === limit) {
        sum += cost
        count += 1
      }
      if (count < limit + 3) return
      const mean = sum / count
      sum = 0
      count = 0
      // One window of requests at the present limit is measured: stay, climb or step back.
      if (probing === 'up') judgeUp(limit / mean)
      else if (probing === 'down') judgeDown(limit / mean)
      else judgeSettled(limit / mean, mean)
    },
    trouble() {
      speed = 0
      hold = firstHold / 2
      move(Math.floor(limit / 2), null)
    },
  }
}

/**
 * Deliveries on their way: in order for each webhook, a few webhooks at once. Faults hold one back until the
 * next has gone, lose it, double it or make it late.
 */
export interface DeliveryFaults {
  /** Milliseconds each delivery waits from its event on. */
  delayMs: number
  /** How many of the coming deliveries are sent twice; Infinity for all. */
  duplicate: number
  /** How many are held back until the one after them has gone. */
  reorder: number
  /** How many never leave. */
  lose: number
}

export interface Job {
  /** Jobs of the same lane keep their order. */
  lane: number
  /** Faults strike deliveries of events; pings are spared. */
  kind: 'event' | 'ping'
  /** Sends it; never rejects. */
  run(): Promise<void>
  /** Told when a fault loses it. */
  lost(): void
}

export interface Queue {
  push(job: Job): void
  /** Resolves when nothing is on its way; what a fault holds back goes first. */
  idle(): Promise<void>
  /** Drops what waits; what is being sent ends by itself. */
  close(): void
}

interface Waiting {
  job: Job
  /** Unix milliseconds before which it does not leave. */
  due: number
  /** Was held back already. */
  late?: true
}

export function createQueue(faults: DeliveryFaults, concurrency: number): Queue {
  const lanes = new Map<number, Waiting[]>()
  const busy = new Set<number>()
  const timers = new Set<NodeJS.Timeout>()
  let held: Waiting | null = null
  let watchers: (() => void)[] = []
  let closed = false

  function push(job: Job) {
    if (closed) return
    const waiting = { job, due: job.kind === 'event' ? Date.now() + faults.delayMs : 0 }
    const lane = lanes.get(job.lane)
    if (lane) lane.push(waiting)
    else lanes.set(job.lane, [waiting])
    pump()
  }

  /** Starts lanes in the order in which their first job came, as far as there is room. */
  function pump() {
    for (const lane of lanes.keys()) {
      if (closed || busy.size >= concurrency) break
      if (!busy.has(lane)) start(lane)
    }
    settle()
  }

  function start(lane: number) {
    const waiting = lanes.get(lane)?.shift()
    if (lanes.get(lane)?.length === 0) lanes.delete(lane)
    if (!waiting) return
    busy.add(lane)
    void send(waiting).finally(() => {
      busy.delete(lane)
      pump()
    })
  }

  async function send(waiting: Waiting) {
    if (waiting.job.kind === 'event') {
      if (take('lose')) return waiting.job.lost()
      if (held === null && !waiting.late && take('reorder')) {
        held = { ...waiting, late: true }
        return
      }
    }
    await until(waiting.due)
    if (closed) return
    await waiting.job.run()
    release()
  }

  function release() {
    const late = held
    held = null
    if (late) lanes.set(late.job.lane, [late, ...(lanes.get(late.job.lane) ?? [])])
  }

  function take(fault: 'lose' | 'reorder'): boolean {
    if (faults[fault] <= 0) return false
    faults[fault]--
    return true
  }

  function until(due: number): Promise<void> {
    const left = due - Date.now()
    if (left <= 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        timers.delete(timer)
        resolve()
      }, left)
      timers.add(timer)
    })
  }

  function settle() {
    if (watchers.length === 0 || busy.size > 0 || lanes.size > 0) return
    if (held && !closed) {
      release()
      return pump()
    }
    const done = watchers
    watchers = []
    for (const resolve of done) resolve()
  }

  return {
    push,
    idle: () =>
      new Promise((resolve) => {
        watchers.push(resolve)
        settle()
      }),
    close() {
      closed = true
      lanes.clear()
      held = null
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
      busy.clear()
      settle()
    },
  }
}

/** The book of a soak: what was counted, and which promises were broken, with the moment and an example. */

export interface BrokenPromise {
  /** The promise, as a sentence. */
  promise: string
  times: number
  /** Seconds after the start, of the first time. */
  at: number
  /** The same, of the last time. */
  lastAt: number
  /** What was seen the first time. */
  example: string
}

export interface Book {
  count(name: string, by?: number): void
  counted(): Readonly<Record<string, number>>
  broken(promise: string, example: string): void
  promises(): readonly BrokenPromise[]
  /** Seconds since the soak began. */
  seconds(): number
  /** One line for whoever looks on. */
  say(line: string): void
}

const LONGEST_EXAMPLE = 2000

export function openBook(print: (line: string) => void): Book {
  const began = performance.now()
  const counts = new Map<string, number>()
  const broken = new Map<string, BrokenPromise>()
  const seconds = () => (performance.now() - began) / 1000
  const say = (line: string) => print(`${minutesText(seconds())} ${line}`)

  return {
    seconds,
    say,
    count(name, by = 1) {
      counts.set(name, (counts.get(name) ?? 0) + by)
    },
    counted: () => Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b))),
    broken(promise, example) {
      const known = broken.get(promise)
      if (known) {
        known.times++
        known.lastAt = seconds()
        return
      }
      const at = seconds()
      broken.set(promise, { promise, times: 1, at, lastAt: at, example: example.slice(0, LONGEST_EXAMPLE) })
      say(`BROKEN: ${promise}: ${example.slice(0, LONGEST_EXAMPLE)}`)
    },
    promises: () => [...broken.values()],
  }
}

function minutesText(seconds: number): string {
  const whole = Math.floor(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

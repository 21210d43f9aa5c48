/**
 * When customers order: evenings, Fridays, December. Given for each hour as a weight, so that any number of
 * orders can be laid over any number of days at once, in rising order.
 */
import type { Clock } from './clock.ts'
import { DAY, HOUR } from './clock.ts'
import { createRandom, mix } from './random.ts'

const BY_HOUR = [6, 3, 2, 1, 1, 2, 5, 12, 22, 32, 40, 42, 40, 36, 34, 34, 36, 42, 52, 60, 62, 54, 34, 16]
/** Sunday first. */
const BY_WEEKDAY = [0.8, 0.85, 0.88, 0.95, 1.1, 1.5, 1.15]
/** January first. */
const BY_MONTH = [0.7, 0.85, 0.95, 1.05, 1, 1, 0.95, 0.9, 0.95, 1, 1.2, 2]

/** How busy the hour around a moment is; 1 is an average hour. */
export function rhythm(clock: Clock, seconds: number): number {
  const local = new Date((seconds + clock.offset(seconds)) * 1000)
  const month = local.getUTCMonth()
  const day = local.getUTCDate()
  // The last days before Christmas are the busiest, then nobody buys drinks for a week.
  const season = month === 11 && day > 25 ? 0.9 : month === 11 && day > 17 ? 2.6 : (BY_MONTH[month] as number)
  return (
    ((BY_HOUR[local.getUTCHours()] as number) / AVERAGE_HOUR) *
    (BY_WEEKDAY[local.getUTCDay()] as number) *
    season
  )
}

const AVERAGE_HOUR = BY_HOUR.reduce((sum, each) => sum + each, 0) / 24

/** The moments of `count` orders from `from` to `to` (Unix seconds, rising), the same for the same seed. */
export function creationTimes(
  seed: number,
  clock: Clock,
  from: number,
  to: number,
  count: number,
): Uint32Array {
  const hours = Math.max(1, Math.ceil((to - from) / HOUR))
  const rising = new Float64Array(hours)
  let sum = 0
  for (let hour = 0; hour < hours; hour++) {
    const start = from + hour * HOUR
    const length = Math.min(HOUR, to - start)
    // A day has its own luck, and each hour of it too.
    const luck = createRandom(mix(seed, Math.floor(start / DAY), 11))() * 0.5 + 0.75
    const moment = createRandom(mix(seed, Math.floor(start / HOUR), 12))() * 0.8 + 0.6
    sum += rhythm(clock, start) * luck * moment * (length / HOUR)
    rising[hour] = sum
  }
  const random = createRandom(mix(seed, count, 13))
  const times = new Uint32Array(count)
  let hour = 0
  let before = 0
  for (let i = 0; i < count; i++) {
    const target = ((i + random()) / count) * sum
    while (hour < hours - 1 && (rising[hour] as number) <= target) before = rising[hour++] as number
    const within = (target - before) / ((rising[hour] as number) - before)
    const length = Math.min(HOUR, to - from - hour * HOUR)
    times[i] = from + hour * HOUR + Math.min(length - 1, Math.floor(within * length))
  }
  return times
}

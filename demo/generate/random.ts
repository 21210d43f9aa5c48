/**
 * Small seeded random numbers (mulberry32): the same seed gives the same shop on every machine. A stream is a
 * plain function giving numbers in [0, 1), so that a million short streams cost nothing.
 */
export type Random = () => number

export function createRandom(seed: number): Random {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** One 32-bit seed out of several numbers: a stream of its own for each (seed, index, purpose). */
export function mix(a: number, b: number, c = 0): number {
  let hash = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b)
  hash = Math.imul((hash ^ (hash >>> 13) ^ b) | 0, 0xc2b2ae35)
  hash = Math.imul((hash ^ (hash >>> 16) ^ Math.imul(c + 1, 0x27d4eb2f)) | 0, 0x165667b1)
  return (hash ^ (hash >>> 15)) | 0
}

/** A whole number from 0 to `below` - 1. */
export function int(random: Random, below: number): number {
  return Math.floor(random() * below)
}

/** A whole number from `from` to `to`, both included. */
export function between(random: Random, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1))
}

export function chance(random: Random, probability: number): boolean {
  return random() < probability
}

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T
}

/** The index of a weight, drawn in proportion; `cumulative` rises to its last, the sum. */
export function weighted(random: Random, cumulative: readonly number[] | Float64Array): number {
  const target = random() * (cumulative[cumulative.length - 1] as number)
  let low = 0
  let high = cumulative.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((cumulative[middle] as number) > target) high = middle
    else low = middle + 1
  }
  return low
}

export function cumulative(weights: readonly number[]): number[] {
  let sum = 0
  return weights.map((weight) => {
    sum += weight
    return sum
  })
}

/** A shuffled copy. */
export function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const copy = [...list]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = int(random, i + 1)
    const held = copy[i] as T
    copy[i] = copy[j] as T
    copy[j] = held
  }
  return copy
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Letters and digits, as in order keys. */
export function token(random: Random, length: number): string {
  let text = ''
  for (let i = 0; i < length; i++) text += LETTERS[int(random, LETTERS.length)]
  return text
}

/**
 * What was worked out for objects of one shape (the same keys in the same order), remembered: the records of a
 * list share a few shapes.
 */
type Fields = Record<string, unknown>

interface Known<T> {
  keys: readonly string[]
  made: T
}

// All of it is bounded: a shop that invents keys without end must neither fill the memory nor slow the search.
const MOST_OF_A_LENGTH = 16
const MOST_KEYS = 250
const LONGEST_KEY = 200

/** @param make is given the object's keys; what it returns must depend on nothing else */
export function createShapes<T>(make: (keys: readonly string[]) => T): (object: Fields) => T {
  const byLength: Known<T>[][] = []
  const oldest: number[] = []

  return (object) => {
    const keys = Object.keys(object)
    const { length } = keys
    const known = byLength[length]
    if (known) {
      for (const shape of known) if (isSame(shape.keys, keys)) return shape.made
    }
    const made = make(keys)
    if (length <= MOST_KEYS && keys.every((key) => key.length <= LONGEST_KEY))
      remember(length, { keys, made })
    return made
  }

  function remember(length: number, shape: Known<T>): void {
    byLength[length] ??= []
    const at = oldest[length] ?? 0
    byLength[length][at] = shape
    oldest[length] = (at + 1) % MOST_OF_A_LENGTH
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}

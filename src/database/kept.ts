/** What many answers need of a shop and what changes seldom: read once, and kept for a moment. */
import { type Asking, type Reader, unlessLeaving } from './asking.ts'

interface Kept<T> {
  until: number
  value: Promise<T>
}

/** @returns gives what was read, or reads it: once, however many ask at the same time */
export function createKept<T>(
  milliseconds: number,
  read: (db: Reader, storeId: number) => Promise<T>,
): (db: Asking, storeId: number) => Promise<T> {
  const readers = new WeakMap<Reader, Map<number, Kept<T>>>()
  return ({ shared, signal }, storeId) => {
    const stores = readers.get(shared) ?? new Map<number, Kept<T>>()
    readers.set(shared, stores)
    const now = performance.now()
    const known = stores.get(storeId)
    if (known && now < known.until) return unlessLeaving(known.value, signal)
    const value = read(shared, storeId)
    stores.set(storeId, { until: now + milliseconds, value })
    value.catch(() => stores.delete(storeId))
    return unlessLeaving(value, signal)
  }
}

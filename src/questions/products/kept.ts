/** What many answers need of a shop and what changes seldom: read once, and kept for a moment. */
import type pg from 'pg'

interface Kept<T> {
  until: number
  value: Promise<T>
}

/** @returns gives what was read, or reads it: once, however many ask at the same time */
export function createKept<T>(
  milliseconds: number,
  read: (db: pg.Pool, storeId: number) => Promise<T>,
): (db: pg.Pool, storeId: number) => Promise<T> {
  const pools = new WeakMap<pg.Pool, Map<number, Kept<T>>>()
  return (db, storeId) => {
    const stores = pools.get(db) ?? new Map<number, Kept<T>>()
    pools.set(db, stores)
    const now = performance.now()
    const known = stores.get(storeId)
    if (known && now < known.until) return known.value
    const value = read(db, storeId)
    stores.set(storeId, { until: now + milliseconds, value })
    value.catch(() => stores.delete(storeId))
    return value
  }
}

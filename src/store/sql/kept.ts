/** What is read once in a snapshot, and holds for all of it: records that many others name. */
import type { SqlShop } from './reader.ts'

/** More are not kept at a time: a shop may have sold anything. */
const MOST = 5000

/**
 * Records by id, asked for only where they are not known in this snapshot.
 * @param read gives those that are there; the others are known to be absent then
 * @returns those of the ids that are there
 */
export function keptInSnapshot<Record>(
  read: (shop: SqlShop, ids: readonly string[]) => Promise<ReadonlyMap<string, Record>>,
): (shop: SqlShop, ids: readonly string[]) => Promise<Map<string, Record>> {
  const snapshots = new WeakMap<SqlShop, Map<string, Record | null>>()
  return async (shop, ids) => {
    const known = snapshots.get(shop) ?? new Map<string, Record | null>()
    snapshots.set(shop, known)
    const missing = ids.filter((id) => !known.has(id))
    const found = new Map<string, Record>()
    for (const id of ids) {
      const record = known.get(id)
      if (record) found.set(id, record)
    }
    if (missing.length === 0) return found
    const more = await read(shop, missing)
    if (known.size + missing.length > MOST) known.clear()
    for (const id of missing) {
      const record = more.get(id)
      known.set(id, record ?? null)
      if (record !== undefined) found.set(id, record)
    }
    return found
  }
}

/** A question whose answer holds for the whole snapshot, asked once in it. */
export function onceInSnapshot<Answer>(
  ask: (shop: SqlShop) => Promise<Answer>,
): (shop: SqlShop) => Promise<Answer> {
  const answers = new WeakMap<SqlShop, Promise<Answer>>()
  return (shop) => {
    const known = answers.get(shop)
    if (known !== undefined) return known
    const asked = ask(shop)
    answers.set(shop, asked)
    // What could not be answered is asked again.
    asked.catch(() => answers.delete(shop))
    return asked
  }
}

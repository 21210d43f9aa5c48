/** The one door to every operation, whichever interface it came through: rights, input, store, personal data. */
import type { z } from 'zod'
import { type Caller, mayCall, maySee } from '../access/caller.ts'
import type { App } from '../app.ts'
import { createAsking } from '../database/asking.ts'
import { asFault } from '../database/faults.ts'
import { createKept } from '../database/kept.ts'
import { WooSyncError } from '../errors.ts'
import { listStores, type Store } from '../mirror/stores.ts'
import { personalFields, withoutPersonal } from '../questions/personal.ts'
import type { Call, Operation } from './define.ts'
import { leavingFault, limitsOf } from './limits.ts'

/**
 * Runs an operation for a caller.
 * @param given the input as it came, of any shape
 * @returns the answer as JSON has it, without what the caller may not see
 * @throws key_lacks_right, input_invalid, key_lacks_personal, store_not_known, store_not_found, store_not_served,
 * and what the operation throws
 */
export async function invoke<Input extends z.ZodObject, Output extends z.ZodObject>(
  app: App,
  caller: Caller,
  operation: Operation<Input, Output>,
  given: unknown,
  signal: AbortSignal = new AbortController().signal,
): Promise<z.output<Output>> {
  if (!mayCall(caller, operation.access)) {
    throw new WooSyncError('key_lacks_right', { right: operation.access })
  }
  const input = parseInput(operation.input, given)
  if (!caller.personal) {
    const used = personalFields(operation.input).find(
      (name) => input[name as keyof typeof input] !== undefined,
    )
    if (used !== undefined) throw new WooSyncError('key_lacks_personal', { field: used })
  }
  const named = (input as { store?: number }).store
  const store = () => findStore(app, caller, named, signal)
  const call: Call = {
    app,
    caller,
    signal,
    store,
    async shop() {
      const context = await app.openStore()
      if (!maySee(caller, context.store.id)) throw new WooSyncError('store_not_found')
      if (named === undefined || named === context.store.id) return context
      await store()
      throw new WooSyncError('store_not_served', { store: named })
    },
  }
  try {
    const answer = await operation.run(call, input)
    return (caller.personal ? answer : withoutPersonal(operation.output, answer)) as z.output<Output>
  } catch (thrown) {
    throw signal.aborted ? leavingFault(signal.reason) : asFault(thrown)
  }
}

/**
 * The input as the operation takes it.
 * @throws input_invalid
 */
export function parseInput<Input extends z.ZodObject>(type: Input, given: unknown): z.output<Input> {
  const unreadable = findUnreadable(given, DEEPEST)
  if (unreadable !== null) throw new WooSyncError('input_invalid', { field: 'input', problem: unreadable })
  const parsed = type.safeParse(given)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const field = [...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])].map(String).join('.')
  const problem = unknown === undefined ? (issue?.message ?? 'it cannot be read') : 'there is no such field'
  throw new WooSyncError('input_invalid', { field: field.slice(0, 100) || 'input', problem })
}

const DEEPEST = 20

/** Postgres keeps no NUL in texts, and no input is so deep that walking it could exhaust the stack. */
function findUnreadable(value: unknown, left: number): string | null {
  if (typeof value === 'string') return value.includes('\0') ? 'it holds a character that is no text' : null
  if (typeof value !== 'object' || value === null) return null
  if (left === 0) return 'it is nested too deeply'
  for (const member of Object.values(value)) {
    const found = findUnreadable(member, left - 1)
    if (found !== null) return found
  }
  return null
}

/** Stores change seldom. */
const STORE_KEPT_MS = 1000

/** One that is not there is not kept: it may come at any time. @throws store_not_found */
const storeWith = createKept(STORE_KEPT_MS, async (db, id) => {
  const found = (await listStores(db)).find((store) => store.id === id)
  if (!found) throw new WooSyncError('store_not_found')
  return found
})

/** A store that the caller may not see is answered like one that does not exist. */
async function findStore(
  app: App,
  caller: Caller,
  named: number | undefined,
  signal: AbortSignal,
): Promise<Store> {
  if (named !== undefined) {
    if (!maySee(caller, named)) throw new WooSyncError('store_not_found')
    return storeWith(createAsking(app.database.pool, limitsOf(app.settings, signal)), named)
  }
  const known = await app.knownStore()
  if (known && maySee(caller, known.id)) return known
  const [only, another] = caller.stores ?? []
  if (only !== undefined && another === undefined) return findStore(app, caller, only, signal)
  throw new WooSyncError(known ? 'store_not_found' : 'store_not_known')
}

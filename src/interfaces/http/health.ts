/** For whoever watches the process: does it live, and can it work. Open to all, as they tell nothing else. */
import type { FastifyInstance } from 'fastify'
import type { Database } from '../../database/open.ts'
import { WooSyncError } from '../../errors.ts'
import type { Store } from '../../mirror/stores.ts'
import { within } from '../../within.ts'

export interface HealthOptions {
  database: Pick<Database, 'pool'>
  knownStore: () => Promise<Store | null>
}

const READY_WITHIN_MS = 2000
/** With a limit of its own, so that a dead connection is given up and not asked again. */
const QUESTION = { text: 'SELECT 1', query_timeout: READY_WITHIN_MS }

export function healthRoutes(server: FastifyInstance, { database, knownStore }: HealthOptions): void {
  server.get('/healthz', () => ({ status: 'ok' }))

  server.get('/readyz', async () => {
    const cause = `no answer within ${READY_WITHIN_MS / 1000} s`
    await within(check(), READY_WITHIN_MS, () => new WooSyncError('database_unreachable', { cause }))
    return { status: 'ready' }
  })

  async function check(): Promise<void> {
    await database.pool.query(QUESTION)
    if (!(await knownStore())) throw new WooSyncError('store_not_known')
  }
}

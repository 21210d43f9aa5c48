/** Several shops in one database, as a server would have them: making a database takes longer than most tests. */
import type { TestContext } from 'node:test'
import { startDemoServer } from '../../demo/server.ts'
import type { TestDatabase } from '../database.ts'
import { type MirroredShop, type MirroredShopOptions, openContext } from '../shop.ts'

/** Starts a shop of an identity of its own beside others in the database; closed at the end of the test. */
export async function shopBeside(
  t: TestContext,
  database: TestDatabase,
  options: MirroredShopOptions,
): Promise<MirroredShop> {
  const server = await startDemoServer({ shop: options.shop, ...options.server })
  t.after(() => server.close())
  const context = await openContext(database, server, options)
  t.after(async () => {
    await context.client.close()
    await context.locks.close()
  })
  return { shop: options.shop, server, database, context }
}

/** Several shops in one database, as a server would have them: making a database takes longer than most tests. */
import type { TestContext } from 'node:test'
import { type DemoServer, startDemoServer } from '../../demo/server.ts'
import { listStores } from '../../src/mirror/stores.ts'
import type { TestDatabase } from '../database.ts'
import { type MirroredShop, type MirroredShopOptions, openContext } from '../shop.ts'

/** Starts a shop of an identity of its own beside others in the database; closed at the end of the test. */
export async function shopBeside(
  t: TestContext,
  database: TestDatabase,
  options: MirroredShopOptions,
): Promise<MirroredShop> {
  const server = await startElsewhere(database, options)
  t.after(() => server.close())
  const context = await openContext(database, server, options)
  t.after(async () => {
    await context.client.close()
    await context.locks.close()
  })
  return { shop: options.shop, server, database, context }
}

/** A port is given out again once its shop is closed; in one database the address would still be that shop's. */
async function startElsewhere(database: TestDatabase, options: MirroredShopOptions): Promise<DemoServer> {
  const known = new Set((await listStores(database.pool)).map(({ url }) => url))
  for (;;) {
    const server = await startDemoServer({ shop: options.shop, ...options.server })
    if (!known.has(server.url)) return server
    await server.close()
  }
}

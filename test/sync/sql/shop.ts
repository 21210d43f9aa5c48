/** A mirror of a shop whose database is read; MariaDB is real, and the way to it the program's own. */
import { after } from 'node:test'
import { createLocks } from '../../../src/database/locks.ts'
import { saveStore, setReadings } from '../../../src/mirror/stores.ts'
import { absentClient } from '../../../src/store/rest/absent.ts'
import { createPace } from '../../../src/store/rest/pace.ts'
import { createShopDatabaseSource } from '../../../src/store/sql/open.ts'
import { sqlReaders } from '../../../src/store/sql/readers.ts'
import { createSqlSource, type SqlSource } from '../../../src/store/sql/source.ts'
import type { SyncContext } from '../../../src/sync/context.ts'
import { type TestDatabase, testDatabase, testLogger } from '../../database.ts'
import type { Mariadb } from '../../mariadb.ts'
import { testSettings } from '../../shop.ts'

/** The way to a database of the server, as a user that may only read. */
export function sqlSource(mariadb: Mariadb, database: string): Promise<SqlSource> {
  const { user, password } = mariadb.reader
  const databases = createShopDatabaseSource({
    mysql: { host: mariadb.host, port: mariadb.port, user, password, database, tls: null },
    ssh: null,
    hostKeys: { known: async () => null, pin: async () => undefined },
    statementTimeoutMs: 20_000,
    trustedAddress: true,
    allowPrivateAddresses: true,
    logger: testLogger,
  })
  return createSqlSource({ databases, readers: sqlReaders })
}

export interface SqlMirror {
  database: TestDatabase
  context: SyncContext
}

/** A mirror that knows only the shop's database. Closed when the test file ends. */
export async function sqlMirror(
  mariadb: Mariadb,
  name: string,
  settings: Partial<SyncContext['settings']> = {},
): Promise<SqlMirror> {
  const closing: (() => Promise<void>)[] = []
  // Hooks run in the order they were made: ours must end its connections before the database's looks for them.
  after(async () => {
    for (const close of closing.reverse()) await close()
  })
  const database = await testDatabase()
  const sql = await sqlSource(mariadb, name)
  const locks = createLocks(database)
  closing.push(
    () => sql.close(),
    () => locks.close(),
  )
  const { detected } = sql
  const saved = await database.transaction((session) =>
    saveStore(session, detected.homeUrl, {
      ...detected,
      capabilities: { lists: {}, mayWrite: false, bySql: [] },
      signIn: 'none',
      clockOffset: sql.clockOffset,
    }),
  )
  const store = await setReadings(database.pool, saved, Object.keys(sql.readers))
  return {
    database,
    context: {
      database,
      locks,
      store,
      client: absentClient(new URL(detected.homeUrl).host),
      sql,
      pace: createPace({ mode: 'full', maxConcurrency: 4 }),
      settings: { ...testSettings, ...settings },
      logger: testLogger,
      onProgress: () => undefined,
    },
  }
}

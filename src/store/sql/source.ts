/** A shop's own database as runs use it: one consistent state of the shop for each piece of work. */
import type { ResourceName } from '../resources.ts'
import type { ShopDatabase } from './database.ts'
import { type DetectedShop, detectShop } from './detect.ts'
import type { ShopDatabaseSource } from './open.ts'
import type { SqlReaders, SqlShop } from './reader.ts'
import { withSnapshot } from './snapshot.ts'
import { keptOptions } from './wp-options.ts'

export interface ShopSnapshot {
  shop: SqlShop
  /** Epoch milliseconds of this machine's clock, before the snapshot was taken: nothing in it is older. */
  takenAt: number
  /** Epoch milliseconds of the shop's database clock at that moment. */
  shopTime: number
  /** Statements asked so far. */
  readonly statements: number
}

export interface SqlSource {
  readonly readers: SqlReaders
  /** The shop as it was found; looked at again now and then. */
  readonly detected: DetectedShop
  /** The shop's database clock minus this machine's, in milliseconds. */
  readonly clockOffset: number
  /**
   * Works in a consistent snapshot on a connection of its own.
   * @throws sql_connection_lost, and what else the way to the database meets
   */
  inSnapshot<T>(work: (snapshot: ShopSnapshot) => Promise<T>, signal: AbortSignal): Promise<T>
  close(): Promise<void>
}

export interface SqlSourceOptions {
  databases: ShopDatabaseSource
  readers: SqlReaders
  /** Of the tables; found where it is not given. */
  prefix?: string
}

/** Time zones, currencies and versions change seldom, the storage of orders hardly ever. */
const DETECT_AGAIN_MS = 900_000
/** Connections that wait for the next run. */
const MOST_IDLE = 3

/** Whether the shop's database brings this resource. */
export function readsBySql(source: SqlSource | null, resource: ResourceName): boolean {
  return source?.readers[resource] !== undefined
}

/** @throws ssh_…, sql_… where there is no way to the database, or no shop in it */
export async function createSqlSource(options: SqlSourceOptions): Promise<SqlSource> {
  const { databases, readers } = options
  const idle: ShopDatabase[] = []
  let closed = false

  const detect = async (database: ShopDatabase) => {
    const before = Date.now()
    const found = await detectShop(database, options.prefix === undefined ? {} : { prefix: options.prefix })
    // Half of the time it took is the way there, the other half the way back.
    const offset = Math.round(found.clock - (before + Date.now()) / 2)
    return { found, offset, at: Date.now() }
  }

  const first = await databases.open()
  let known: Awaited<ReturnType<typeof detect>>
  try {
    known = await detect(first)
  } catch (thrown) {
    await first.close()
    throw thrown
  }
  idle.push(first)

  /** Where the shop moved its orders to another storage, the other tables are out of date (40). */
  const isOutOfDate = async (shop: SqlShop) => {
    const enabled = await shop.option(STORAGE_OPTION)
    return known.found.storage !== (enabled === 'yes' ? 'hpos' : 'classic')
  }

  const inSnapshot: SqlSource['inSnapshot'] = async (work, signal) => {
    signal.throwIfAborted()
    const connection = idle.pop() ?? (await databases.open())
    let statements = 0
    const counted: ShopDatabase = {
      way: connection.way,
      query: (statement, values) => {
        statements++
        return connection.query(statement, values)
      },
      each: (statement, values, take) => {
        statements++
        return connection.each(statement, values, take)
      },
      close: () => connection.close(),
    }
    const stop = () => void connection.close().catch(() => undefined)
    signal.addEventListener('abort', stop, { once: true })
    try {
      if (Date.now() - known.at > DETECT_AGAIN_MS) known = await detect(counted)
      const takenAt = Date.now()
      const result = await withSnapshot(counted, async (moment) => {
        const bound = () => bind(known.found, counted)
        if (await isOutOfDate(bound())) known = await detect(counted)
        return work({
          shop: bound(),
          takenAt,
          shopTime: moment,
          get statements() {
            return statements
          },
        })
      })
      if (closed || idle.length >= MOST_IDLE) await connection.close()
      else idle.push(connection)
      return result
    } catch (thrown) {
      // Whatever went wrong on it, the next run has a new one; others that waited may be broken as well.
      for (const one of [connection, ...idle.splice(0)]) await one.close().catch(() => undefined)
      signal.throwIfAborted()
      throw thrown
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  return {
    readers,
    get detected() {
      return known.found
    },
    get clockOffset() {
      return known.offset
    },
    inSnapshot,
    async close() {
      closed = true
      for (const one of idle.splice(0)) await one.close()
    },
  }
}

const STORAGE_OPTION = 'woocommerce_custom_orders_table_enabled'

/** The shop as found, on a connection and with options of this snapshot. */
function bind(found: DetectedShop, database: ShopDatabase): SqlShop {
  const { prefix } = found
  return { ...found, database, option: keptOptions({ database, prefix }, new Map()) }
}

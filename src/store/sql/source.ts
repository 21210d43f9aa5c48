/** A shop's own database as runs use it: one consistent view of the shop for each piece of work. */
import type { ResourceName } from '../resources.ts'
import type { SqlReaders, SqlShop } from './reader.ts'

export interface Snapshot {
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
  /** The shop's database clock minus this machine's, in milliseconds. */
  readonly clockOffset: number
  /**
   * Works in a consistent snapshot on a connection of its own.
   * @throws sql_connection_lost, and what else the way to the database meets
   */
  inSnapshot<T>(work: (snapshot: Snapshot) => Promise<T>, signal: AbortSignal): Promise<T>
  /** Who the shop says it is now (38). */
  identity(signal: AbortSignal): Promise<string | null>
  close(): Promise<void>
}

/** Whether the shop's database brings this resource. */
export function readsBySql(source: SqlSource | null, resource: ResourceName): boolean {
  return source?.readers[resource] !== undefined
}

/**
 * How a resource is read from a shop's database. A reader gives what REST would have answered with
 * `context=edit`, key by key, so that `canonicalize` makes the same record of it (invariant 6).
 */
import type { Fields } from '../canonical.ts'
import type { ResourceName } from '../resources.ts'
import type { ShopDatabase } from './database.ts'

/** What was found out about the shop once, and every reader needs. */
export interface SqlShop {
  database: ShopDatabase
  /** Of WordPress: `wp_`. */
  prefix: string
  /** Which copy of the orders counts (40). */
  storage: 'hpos' | 'classic'
  /** Version of WooCommerce, `11.0.1`. */
  woocommerce: string
  /** IANA name, or an offset such as `+02:00`: what local dates mean. */
  timezone: string
  /** ISO 4217 code of the shop's currency. */
  currency: string
  /** Decimals of a price (`woocommerce_price_num_decimals`): money in REST has as many. */
  decimals: number
  /** `siteurl` and `home`, without a slash at the end. */
  siteUrl: string
  homeUrl: string
  /** An option of WordPress as its text, null where it is not set; kept for this snapshot. */
  option(name: string): Promise<string | null>
}

/** A record as a list shows it. */
export interface Listed {
  id: string
  /** Epoch milliseconds of what `modifiedField` will say; null where the record has no date. */
  modifiedAt: number | null
}

export interface SqlReader {
  /** Plugins add to it in their code: where REST is there, it is asked; else what is not found is not gone. */
  partial?: true
  /**
   * The next records in order of their id, after the given one: all that REST lists with every status named.
   * Resources with text ids are small: they come at once, in any order, and `after` is null.
   * @param after null: from the first on
   * @returns less than `limit` rows only at the end
   */
  list(shop: SqlShop, after: string | null, limit: number): Promise<Listed[]>
  /**
   * The next records in order of (date, id), after the given ones; left out for resources without dates.
   * @param since epoch milliseconds; records of this moment come where their id is larger than `after`
   */
  changed?(shop: SqlShop, since: number, after: string, limit: number): Promise<Listed[]>
  /** Records by id, at most 1,000 at a time, in any order; those that are not there are left out. */
  read(shop: SqlShop, ids: readonly string[]): Promise<Fields[]>
}

export type SqlReaders = Readonly<Partial<Record<ResourceName, SqlReader>>>

/** The shops that are copied: who they are, where, and what their lists can do. No keys are kept here. */
import type pg from 'pg'
import type { Reader } from '../database/asking.ts'
import { WooSyncError } from '../errors.ts'
import { type Capabilities, capabilitiesSchema } from '../store/capabilities.ts'

type Client = pg.Pool | pg.ClientBase

export interface Store {
  id: number
  url: string
  /** `environment.store_id` of the shop; null when it could not be read (38). */
  identity: string | null
  name: string | null
  /** IANA name, or an offset such as `+02:00`. */
  timezone: string
  currency: string | null
  capabilities: Capabilities
  signIn: string | null
  probedAt: Date | null
}

/** What the probe learns about a shop. */
export interface StoreFacts {
  identity: string | null
  name: string | null
  timezone: string
  currency: string | null
  currencySymbol: string | null
  woocommerce: string | null
  capabilities: Capabilities
  signIn: string
  /** Milliseconds: the shop's clock minus the database's. */
  clockOffset: number
}

/** The store at an address, if it was copied before. */
export async function findStore(client: Reader, url: string): Promise<Store | null> {
  const { rows } = await client.query(`SELECT ${COLUMNS} FROM mirror.stores WHERE url = $1`, [url])
  return rows[0] ? toStore(rows[0]) : null
}

export async function listStores(client: Reader): Promise<Store[]> {
  const { rows } = await client.query(`SELECT ${COLUMNS} FROM mirror.stores ORDER BY store_id`)
  return rows.map(toStore)
}

/**
 * Finds the store by its identity, else by its address, or begins a new one, and keeps what was learned.
 * The same identity under a new address goes on with its copy (38).
 * @throws store_is_another_shop when the address now leads to a shop of another identity
 */
export async function saveStore(client: pg.ClientBase, url: string, facts: StoreFacts): Promise<Store> {
  await client.query(`LOCK TABLE mirror.stores IN SHARE ROW EXCLUSIVE MODE`)
  const { rows: known } = await client.query(
    `SELECT store_id, url, identity FROM mirror.stores
     WHERE url = $1 OR identity = $2
     ORDER BY (identity IS NOT DISTINCT FROM $2) DESC`,
    [url, facts.identity],
  )
  const here = known.find((row) => row.url === url)
  const same = facts.identity === null ? here : known.find((row) => row.identity === facts.identity)
  if (here && here.identity !== null && facts.identity !== null && here.identity !== facts.identity) {
    throw new WooSyncError('store_is_another_shop', {
      host: new URL(url).host,
      found: facts.identity,
      known: here.identity,
    })
  }
  const chosen = same ?? here
  const values = [
    url,
    facts.identity,
    facts.name,
    facts.timezone,
    facts.currency,
    facts.currencySymbol,
    facts.woocommerce,
    JSON.stringify(facts.capabilities),
    facts.signIn,
    Math.round(facts.clockOffset),
  ]
  const { rows } = chosen
    ? await client.query(
        `UPDATE mirror.stores
         SET url = $1, identity = coalesce($2, identity), name = $3, timezone = $4, currency = $5,
             currency_symbol = $6, woocommerce = $7, capabilities = $8, sign_in = $9, clock_offset_ms = $10,
             probed_at = now()
         WHERE store_id = $11
         RETURNING ${COLUMNS}`,
        [...values, chosen.store_id],
      )
    : await client.query(
        `INSERT INTO mirror.stores (url, identity, name, timezone, currency, currency_symbol, woocommerce,
           capabilities, sign_in, clock_offset_ms, probed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now())
         RETURNING ${COLUMNS}`,
        values,
      )
  return toStore(rows[0])
}

/** Keeps where the shop's clock is now, in milliseconds after the database's; less than a second is no news. */
export async function setClockOffset(client: Client, store: Store, offset: number): Promise<void> {
  await client.query(
    `UPDATE mirror.stores SET clock_offset_ms = $2
     WHERE store_id = $1 AND abs(clock_offset_ms - $2::bigint) > 1000`,
    [store.id, Math.round(offset)],
  )
}

/** Keeps which resources are read from the shop's own database now: verification counts their every status. */
export async function setReadings(client: Client, store: Store, bySql: readonly string[]): Promise<Store> {
  const capabilities = { ...store.capabilities, bySql: [...bySql] }
  if (store.capabilities.bySql.join() !== bySql.join()) {
    await client.query(`UPDATE mirror.stores SET capabilities = $2 WHERE store_id = $1`, [
      store.id,
      JSON.stringify(capabilities),
    ])
  }
  return { ...store, capabilities }
}

const COLUMNS = 'store_id, url, identity, name, timezone, currency, capabilities, sign_in, probed_at'

function toStore(row: Record<string, unknown>): Store {
  return {
    id: row.store_id as number,
    url: row.url as string,
    identity: row.identity as string | null,
    name: row.name as string | null,
    timezone: row.timezone as string,
    currency: row.currency as string | null,
    capabilities: capabilitiesSchema.parse(row.capabilities),
    signIn: row.sign_in as string | null,
    probedAt: row.probed_at as Date | null,
  }
}

/**
 * Gets to know a shop: who it is, its time zone and currency, which filters its lists honour, whether the key
 * may write. Some dozen small questions, asked once per store and again when its version changes.
 */
import { WooSyncError } from '../../errors.ts'
import type { Capabilities, ListCapability } from '../capabilities.ts'
import { type Resource, resourceNames, resources } from '../resources.ts'
import { shopTimezone } from '../timezone.ts'
import type { StoreClient } from './client.ts'
import { countRows, gmt, type ListSource } from './list.ts'
import type { Pace } from './pace.ts'

export interface Probed {
  name: string | null
  /** IANA name, or an offset such as `+02:00` (38). */
  timezone: string
  identity: string | null
  woocommerce: string | null
  currency: string | null
  currencySymbol: string | null
  capabilities: Capabilities
}

/** @throws store_plain_permalinks, store_not_woocommerce, store_key_unknown, store_blocked_by_host … */
export async function probeStore(client: StoreClient, pace: Pace, signal: AbortSignal): Promise<Probed> {
  const index = await readIndex(client, signal)
  const system = await optional(() => client.get('system_status', { _fields: 'environment' }, { signal }))
  const currency = await optional(() => client.get('data/currencies/current', {}, { signal }))
  const orderStatuses = await readOrderStatuses(client, signal)
  const lists: Record<string, ListCapability> = {}
  for (const name of resourceNames) {
    const resource = resources[name]
    if (resource.list !== 'pages' || !resource.dated) continue
    lists[name] = await probeList(client, pace, resource, orderStatuses, signal)
  }
  const environment = field(system, 'environment')
  return {
    name: text(field(index, 'name')),
    timezone: shopTimezone(text(field(index, 'timezone_string')), field(index, 'gmt_offset')),
    identity: text(field(environment, 'store_id')),
    woocommerce: text(field(environment, 'version')),
    currency: text(field(currency, 'code')),
    currencySymbol: text(field(currency, 'symbol')),
    capabilities: { lists, mayWrite: null, bySql: [] },
  }
}

async function readIndex(client: StoreClient, signal: AbortSignal): Promise<unknown> {
  const { data } = await client.get('/wp-json/', {}, { signal })
  const namespaces = field(data, 'namespaces')
  if (!Array.isArray(namespaces) || !namespaces.includes('wc/v3')) {
    throw new WooSyncError('store_not_woocommerce', { host: client.host })
  }
  return data
}

/** `/orders/statuses` lacks trash; the schema of the list has all, a plugin's own included (6). */
async function readOrderStatuses(client: StoreClient, signal: AbortSignal): Promise<string[] | null> {
  const schema = await optional(() => client.options('orders', { signal }))
  const endpoints = field(schema, 'endpoints')
  const reading = Array.isArray(endpoints)
    ? endpoints.find((one) => asList(field(one, 'methods')).includes('GET'))
    : null
  const names = asList(field(field(field(field(reading, 'args'), 'status'), 'items'), 'enum'))
  const known = names.filter((name): name is string => typeof name === 'string' && !UNLISTED.has(name))
  return known.length > 0 ? known : null
}

const UNLISTED = new Set(['any', 'auto-draft'])
/** Later than any date a shop holds: a list that honours the filter is empty. */
const FAR_FUTURE = Date.UTC(2900, 0, 1)

async function probeList(
  client: StoreClient,
  pace: Pace,
  resource: Resource,
  orderStatuses: string[] | null,
  signal: AbortSignal,
): Promise<ListCapability> {
  const named = resource.name === 'orders' ? orderStatuses : null
  const statuses = resource.statuses ? (named ?? [...resource.statuses.names]) : null
  const capability: ListCapability = { available: true, modified: null, created: null, statuses }
  const source: ListSource = { client, pace, resource, capability, path: resource.path, signal }
  try {
    const { total } = await countRows(source)
    if (total === 0) return capability
    const future = { dates_are_gmt: true }
    const modified = await countRows(source, { ...future, modified_after: gmt(FAR_FUTURE) })
    const created = await countRows(source, { ...future, after: gmt(FAR_FUTURE) })
    const isEmpty = (found: typeof modified) =>
      found.total === null ? asList(found.answer.data).length === 0 : found.total === 0
    return { ...capability, modified: isEmpty(modified), created: isEmpty(created) }
  } catch (thrown) {
    // Global variations exist since 10.3, global refunds since 9.0 (8, 9).
    if (thrown instanceof WooSyncError && thrown.code === 'store_route_missing') {
      return { ...capability, available: false, modified: false, created: false }
    }
    throw thrown
  }
}

/** What some keys may not see and a copy can do without. */
async function optional(ask: () => Promise<{ data: unknown }>): Promise<unknown> {
  try {
    return (await ask()).data
  } catch (thrown) {
    if (thrown instanceof WooSyncError && WITHOUT.has(thrown.code)) return null
    throw thrown
  }
}

const WITHOUT = new Set([
  'store_rights_missing',
  'store_route_missing',
  'store_request_refused',
  'store_record_not_found',
  'store_malformed_response',
  'store_blocked_by_host',
])

function field(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[name] : undefined
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/**
 * Deliveries of one topic into the mirror, within a transaction of the caller. A delivery is a hint (24): what is
 * surely newer is applied; everything else marks its record, and the shop is asked for it.
 */
import type pg from 'pg'
import { markStale, type Stale } from '../mirror/marks.ts'
import type { SeenRecord } from '../mirror/rows.ts'
import { mirrorTables } from '../mirror/tables/index.ts'
import { type Written, writeRecords } from '../mirror/write.ts'
import { canonicalize, type Fields } from '../store/canonical.ts'
import { type Resource, type ResourceName, resources } from '../store/resources.ts'
import { errorIn } from '../store/rest/answer.ts'
import { resourcesOfTopic, type Topic, topicParts } from '../store/webhooks.ts'
import { onDatabaseClock, type SyncContext } from './context.ts'
import { noteChanged } from './pages.ts'

export interface QueuedDelivery {
  body: string
  /** Epoch milliseconds on the database's clock. */
  receivedAt: number
}

export interface BatchOutcome {
  written: Written | null
  /** Resources of which records were marked, and how many. */
  marked: Map<ResourceName, number>
  /** The shop's refusals of its own records, and deletions that speak of no record of ours. */
  ignored: number
  unreadable: number
  /** What came asks for a look at the resources, instead of naming records. */
  hinted: boolean
}

interface Readable {
  id: string
  fields: Fields
  receivedAt: number
}

export async function applyDeliveries(
  client: pg.ClientBase,
  context: SyncContext,
  topic: Topic,
  deliveries: readonly QueuedDelivery[],
): Promise<BatchOutcome> {
  const outcome: BatchOutcome = { written: null, marked: new Map(), ignored: 0, unreadable: 0, hinted: false }
  const readable: Readable[] = []
  for (const delivery of deliveries) {
    const read = delivery.body === '' ? 'hint' : readBody(delivery)
    if (read === 'hint') outcome.hinted = true
    else if (read === 'refusal') outcome.ignored++
    else if (read === 'unreadable') outcome.unreadable++
    else readable.push(read)
  }
  if (readable.length === 0) return outcome
  const { kind, event } = topicParts(topic)
  const reason = `delivery ${topic}`
  if (event === 'deleted' || event === 'restored') {
    // These never act by themselves: the answer to a question does (21, 25).
    await markNamed(client, context, topic, readable, reason, outcome)
  } else if (kind === 'product') {
    // Deliveries carry rendered texts (12d), and a variation comes in a product's form (24a).
    const isVariation = ({ fields }: Readable) => fields.type === 'variation'
    await mark(
      client,
      context,
      'variations',
      readable.filter(isVariation).map(({ id, fields }) => ({ id, reason, parent: parentOf(fields) })),
      outcome,
    )
    const products = readable.filter((one) => !isVariation(one))
    const marks = products.map(({ id }) => ({ id, reason }))
    await mark(client, context, 'products', marks, outcome)
  } else {
    await apply(client, context, resourcesOfTopic(topic)[0] as ResourceName, readable, reason, outcome)
  }
  return outcome
}

function readBody({ body, receivedAt }: QueuedDelivery): Readable | 'refusal' | 'unreadable' {
  let fields: unknown
  try {
    fields = JSON.parse(body)
  } catch {
    return 'unreadable'
  }
  // A record that went before its delivery was built: the shop sends the error of its own interface.
  if (errorIn(fields)) return 'refusal'
  const id = (fields as Fields | null)?.id
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id <= 0) return 'unreadable'
  return { id: String(id), fields: fields as Fields, receivedAt }
}

function parentOf(fields: Fields): string | null {
  return typeof fields.parent_id === 'number' && fields.parent_id > 0 ? String(fields.parent_id) : null
}

async function mark(
  client: pg.ClientBase,
  { store }: SyncContext,
  resource: ResourceName,
  marks: readonly Stale[],
  outcome: BatchOutcome,
): Promise<void> {
  if (marks.length === 0) return
  await markStale(client, store.id, resource, marks)
  const ids = new Set(marks.map((one) => one.id))
  outcome.marked.set(resource, (outcome.marked.get(resource) ?? 0) + ids.size)
}

async function markNamed(
  client: pg.ClientBase,
  context: SyncContext,
  topic: Topic,
  readable: readonly Readable[],
  reason: string,
  outcome: BatchOutcome,
): Promise<void> {
  const ids = readable.map((one) => one.id)
  const marksOf = (chosen: readonly string[]) => chosen.map((id) => ({ id, reason }))
  if (topic === 'coupon.deleted') {
    // Trashing a product sends coupon.deleted with the product's id (24b).
    const held = await heldAmong(client, context, 'coupons', ids)
    const coupons = ids.filter((id) => held.has(id))
    outcome.ignored += ids.length - coupons.length
    return mark(client, context, 'coupons', marksOf(coupons), outcome)
  }
  const resource = resourcesOfTopic(topic)[0] as ResourceName
  if (resource !== 'products') return mark(client, context, resource, marksOf(ids), outcome)
  const variations = await heldAmong(client, context, 'variations', ids)
  const marks = [...variations].map(([id, parent]) => ({ id, reason, parent }))
  await mark(client, context, 'variations', marks, outcome)
  await mark(client, context, 'products', marksOf(ids.filter((id) => !variations.has(id))), outcome)
}

/** Those of the ids that the mirror holds, with the parent each names. */
async function heldAmong(
  client: pg.ClientBase,
  { store }: SyncContext,
  resource: 'coupons' | 'variations',
  ids: readonly string[],
): Promise<Map<string, string | null>> {
  const { rows } = await client.query<{ id: string; parent: string | null }>(
    `SELECT id::text, record->>'parent_id' AS parent FROM mirror.${mirrorTables[resource].table}
     WHERE store_id = $1 AND id = ANY($2::bigint[])`,
    [store.id, ids],
  )
  return new Map(rows.map((row) => [row.id, row.parent]))
}

/** Writes what is surely newer and has the form of an answer; marks the rest. */
async function apply(
  client: pg.ClientBase,
  context: SyncContext,
  name: ResourceName,
  readable: readonly Readable[],
  reason: string,
  outcome: BatchOutcome,
): Promise<void> {
  const resource = resources[name]
  const forms = await formsOf(client, context, name, readable)
  const newest = new Map<string, SeenRecord | 'unclear'>()
  for (const one of readable) {
    const record = seenRecord(context, resource, one)
    const fits = record !== null && isFromShop(context, one.fields) && hasForm(record.fields, forms(one.id))
    newest.set(one.id, fits ? newer(newest.get(one.id), record) : 'unclear')
  }
  const records = [...newest.values()].filter((one) => one !== 'unclear')
  const unclear = [...newest].filter(([, one]) => one === 'unclear').map(([id]) => ({ id, reason }))
  if (records.length > 0) {
    const counts = await mayCount(client, context, name)
    const batch = { storeId: context.store.id, resource: name, way: 'delivery', records } as const
    outcome.written = await writeRecords(client, batch)
    const { created, updated, restored, fetch } = outcome.written
    if (counts && created + updated + restored > 0) await noteChanged(client, context.store.id, name)
    if (fetch.length > 0) outcome.marked.set(name, fetch.length)
  }
  await mark(client, context, name, unclear, outcome)
}

/** The shop's dates have whole seconds, and so has its clock as it shows it. */
const MARGIN_MS = 1000

/**
 * The record, seen at its date of change put on the database's clock: a body may be much older than its arrival.
 * null where that moment cannot be told.
 */
function seenRecord(context: SyncContext, resource: Resource, one: Readable): SeenRecord | null {
  const record = canonicalize(resource, one.fields)
  const offset = context.client.clockOffset
  if (record.modifiedAt === null || offset === null) return null
  const seenAt = onDatabaseClock(context, record.modifiedAt - offset) - MARGIN_MS
  // A date in the future says nothing of when the body was built.
  if (seenAt > one.receivedAt) return null
  return { ...record, seenAt, source: 'delivery' }
}

/** Of two deliveries of a record in the order of their arrival, by the same rule as the mirror's. */
function newer(known: SeenRecord | 'unclear' | undefined, record: SeenRecord): SeenRecord | 'unclear' {
  if (known === undefined) return record
  if (known === 'unclear') return 'unclear'
  if (record.hash === known.hash || record.seenAt > known.seenAt) return record
  return 'unclear'
}

/** A copy of the shop on another host has its webhooks and their secrets, too: its records are not ours. */
function isFromShop(context: SyncContext, fields: Fields): boolean {
  const links = fields._links as { self?: { href?: unknown }[] } | undefined
  const href = links?.self?.[0]?.href
  if (typeof href !== 'string' || !URL.canParse(href)) return true
  return new URL(href).hostname === new URL(context.store.url).hostname
}

/**
 * The field names that answers have: those of the held record, else of the newest one held. The webhook's user may
 * see other fields than the key's, and what is not sent must not delete what is held.
 */
async function formsOf(
  client: pg.ClientBase,
  { store }: SyncContext,
  resource: ResourceName,
  readable: readonly Readable[],
): Promise<(id: string) => string | undefined> {
  const { table } = mirrorTables[resource]
  const { rows } = await client.query<{ id: string; form: string }>(
    `SELECT t.id::text, (SELECT string_agg(name, ' ' ORDER BY name COLLATE "C")
                         FROM jsonb_object_keys(t.record) AS name) AS form
     FROM mirror.${table} t
     WHERE store_id = $1
       AND (id = ANY($2::bigint[])
            OR id = (SELECT max(id) FROM mirror.${table} WHERE store_id = $1 AND deleted_at IS NULL))
     ORDER BY t.id`,
    [store.id, readable.map((one) => one.id)],
  )
  const forms = new Map(rows.map((row) => [row.id, row.form]))
  return (id) => forms.get(id) ?? rows.at(-1)?.form
}

function hasForm(fields: Fields, form: string | undefined): boolean {
  return form === undefined || Object.keys(fields).sort().join(' ') === form
}

/**
 * Whether a change here outdates a count; the first copy is counted at its end. Taken before any row, as the runs
 * take it, so that the two never wait for each other.
 */
async function mayCount(
  client: pg.ClientBase,
  { store }: SyncContext,
  resource: ResourceName,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT 1 FROM sync.resources
     WHERE store_id = $1 AND resource = $2 AND backfilled_at IS NOT NULL
     FOR NO KEY UPDATE`,
    [store.id, resource],
  )
  return rowCount === 1
}

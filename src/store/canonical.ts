/**
 * The canonical form of a record: what both ways in (REST, SQL) must produce, byte for byte, and what the
 * hash is made of. Secrets and what is no data are dropped, what moves by itself is set apart as volatile,
 * meta data is ordered, keys are sorted, broken characters replaced. Making it again from itself changes nothing.
 */
import { hash } from 'node:crypto'
import { decodeHTML } from 'entities'
import { WooSyncError } from '../errors.ts'
import { canonicalJson } from './canonical-json.ts'
import { orderedMeta, withOrderedMeta } from './meta-data.ts'
import { partSettings } from './method-settings.ts'
import type { Resource, ResourceName } from './resources.ts'
import { dropSecretsWithin, isSecretField, withoutSecrets } from './secrets.ts'
import { createShapes } from './shapes.ts'

export type Fields = Record<string, unknown>

export interface CanonicalRecord {
  /** As text, also where the shop counts: `settings` and gateways have words. */
  id: string
  /** What is hashed and stored as `record`, and its JSON with sorted keys. */
  fields: Fields
  json: string
  /** Counters and what WooCommerce computes for display: stored, not hashed (4a). */
  volatile: Fields
  volatileJson: string
  /** `<version of the form>-<first 132 bits of SHA-256, base64url>`. */
  hash: string
  /** Epoch milliseconds, the shop's own date; null where it has none. */
  modifiedAt: number | null
  /** Characters that Postgres cannot hold were replaced by U+FFFD (12). */
  repaired: boolean
}

/** Raised when the form changes: the mirror then makes hashes and columns anew from its own records. */
export const FORM_VERSION = 2

/** How each hash of this version of the form begins. */
export const HASH_PREFIX = `${FORM_VERSION}-`

/** Dropped at the top of a record: what is no data (4a). Secrets go as `secrets.ts` says. */
const DROPPED = new Set([
  '_links',
  'related_ids',
  'is_editable',
  'needs_payment',
  'needs_processing',
  'avatar_url',
  'reviewer_avatar_urls',
  // No shop has it, and to set it on an object of ours would change what that object is.
  '__proto__',
])

/** Kept, not hashed: they move by themselves, or are computed at the moment of asking (4a). */
const VOLATILE: Partial<Record<ResourceName, ReadonlySet<string>>> = {
  orders: new Set(['currency_symbol']),
  products: new Set([
    'total_sales',
    'average_rating',
    'rating_count',
    'price_html',
    'permalink',
    // Made from the shop's address and the name, and only in the edit form.
    'permalink_template',
    'generated_slug',
  ]),
  // Its description comes rendered even with context=edit.
  variations: new Set(['permalink', 'description']),
  coupons: new Set(['usage_count', 'used_by']),
  categories: new Set(['count']),
  tags: new Set(['count']),
  attribute_terms: new Set(['count']),
  shipping_classes: new Set(['count']),
  reviews: new Set(['product_name', 'product_permalink']),
  // What PHP code says about a value, in the shop's language: docs/database.md lists it.
  settings: new Set(['label', 'description', 'type', 'default', 'tip', 'options', 'placeholder']),
  shipping_methods: new Set(['method_title', 'method_description', 'settings_form']),
  payment_gateways: new Set([
    'method_title',
    'method_description',
    'method_supports',
    'needs_setup',
    'setup_help_text',
    'required_settings_keys',
  ]),
}

/** Term names come HTML-encoded, product names do not (12b). */
const ENCODED_NAMES: ReadonlySet<ResourceName> = new Set([
  'categories',
  'tags',
  'attribute_terms',
  'shipping_classes',
])

/** Ids of these records' meta change with a switch of storage (4a). */
const META_WITHOUT_IDS: ReadonlySet<ResourceName> = new Set(['orders', 'refunds'])

/** Lists of lines with meta data of their own. */
const LINES = ['line_items', 'shipping_lines', 'tax_lines', 'fee_lines', 'coupon_lines'] as const

/**
 * The canonical form of what the shop answered.
 * @param parent id of the parent whose list the record came from, for records that do not name it
 * @throws store_record_unreadable when it is no object or has no id
 */
export function canonicalize(resource: Resource, raw: unknown, parent?: string): CanonicalRecord {
  try {
    return makeCanonical(resource, raw, parent)
  } catch (thrown) {
    // Reading JSON knows no depth, walking it does: a record of ten thousand lists in lists is no record.
    if (!(thrown instanceof RangeError)) throw thrown
    throw unreadable(resource, '?', 'it is nested too deeply')
  }
}

function makeCanonical(resource: Resource, raw: unknown, parent?: string): CanonicalRecord {
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) {
    throw unreadable(resource, '?', 'it is no object')
  }
  const source = raw as Fields
  const plan = planOf(resource.name, source)
  const fields: Fields = {}
  for (const key of plan.kept) fields[key] = source[key]
  const volatile: Fields = {}
  for (const key of plan.volatile) volatile[key] = source[key]
  if (parent !== undefined && resource.parent) fields[resource.parent.field] ??= asId(resource, parent)
  const id = idOf(resource, fields)
  if ('meta_data' in fields)
    fields.meta_data = orderedMeta(fields.meta_data, META_WITHOUT_IDS.has(resource.name))
  for (const name of LINES) {
    const lines = fields[name]
    if (Array.isArray(lines)) fields[name] = lines.map(withOrderedMeta)
  }
  if ('images' in fields) fields.images = withoutRenditions(fields.images)
  if ('image' in fields) fields.image = withoutRenditions(fields.image)
  dropSecretsWithin(resource.name, fields, volatile)
  if (resource.name === 'shipping_methods') {
    const { values, form } = partSettings(fields.method_id, fields.settings)
    fields.settings = values
    if (Object.keys(form).length > 0) volatile.settings_form = form
  }
  if (ENCODED_NAMES.has(resource.name) && typeof fields.name === 'string') {
    fields.name = decodeName(resource, id, fields.name)
  }

  let json = canonicalJson(fields)
  let volatileJson = canonicalJson(volatile)
  let kept = fields
  let keptVolatile = volatile
  let repaired = false
  if (BROKEN.test(json) || BROKEN.test(volatileJson)) {
    kept = repair(fields) as Fields
    keptVolatile = repair(volatile) as Fields
    const before = json + volatileJson
    json = canonicalJson(kept)
    volatileJson = canonicalJson(keptVolatile)
    repaired = json + volatileJson !== before
  }
  return {
    id,
    fields: kept,
    json,
    volatile: keptVolatile,
    volatileJson,
    hash: contentHash(json),
    modifiedAt: resource.modifiedField === null ? null : gmtMoment(kept[resource.modifiedField]),
    repaired,
  }
}

/** Where the fields of a record go, worked out once for records with the same fields. */
interface Plan {
  kept: readonly string[]
  volatile: readonly string[]
}

const plans = new Map<ResourceName, (source: Fields) => Plan>()

function planOf(resource: ResourceName, source: Fields): Plan {
  let find = plans.get(resource)
  if (find === undefined) {
    find = createShapes((keys) => makePlan(resource, keys))
    plans.set(resource, find)
  }
  return find(source)
}

function makePlan(resource: ResourceName, keys: readonly string[]): Plan {
  const all = new Set(keys)
  const kept: string[] = []
  const volatile: string[] = []
  for (const key of keys) {
    if (DROPPED.has(key) || isSecretField(resource, key)) continue
    // A local date beside its GMT twin repeats when summer time ends; only the twin is a moment (3).
    if (all.has(`${key}_gmt`)) continue
    if (VOLATILE[resource]?.has(key)) volatile.push(key)
    else kept.push(key)
  }
  return { kept, volatile }
}

/** Sizes of an image that newer versions show beside it: made by code, of the image's own address. */
function withoutRenditions(image: unknown): unknown {
  if (Array.isArray(image)) return image.map(withoutRenditions)
  if (image === null || typeof image !== 'object' || !('srcset' in image || 'thumbnail' in image))
    return image
  const { srcset: _, sizes: __, thumbnail: ___, ...kept } = image as Fields
  return kept
}

export function contentHash(json: string): string {
  return `${HASH_PREFIX}${hash('sha256', json, 'base64url').slice(0, 22)}`
}

/** A `…_gmt` date of WooCommerce (`2026-11-22T10:43:10`, UTC without a suffix) in epoch milliseconds. */
export function gmtMoment(value: unknown): number | null {
  if (typeof value !== 'string' || !GMT_DATE.test(value)) return null
  const moment = Date.parse(`${value}Z`)
  return Number.isNaN(moment) ? null : moment
}

const GMT_DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/

/** What the shop sent, for the quarantine: as text, cut, without the secrets a record may hold (37). */
export function rawText(raw: unknown): string {
  try {
    return canonicalJson(repair(withoutSecrets(raw))).slice(0, MOST_RAW_TEXT)
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown
    return '(nested too deeply)'
  }
}

const MOST_RAW_TEXT = 100_000

function unreadable(resource: Resource, id: string, cause: string): WooSyncError {
  return new WooSyncError('store_record_unreadable', { resource: resource.singular, id, cause })
}

function asId(resource: Resource, id: string): string | number {
  return resource.name === 'settings' ? id : Number(id)
}

function idOf(resource: Resource, fields: Fields): string {
  if (resource.key === 'number') {
    const id = fields.id
    if (typeof id === 'number' && Number.isSafeInteger(id) && id >= 0) return String(id)
    throw unreadable(resource, typeof id === 'string' ? id.slice(0, 40) : '?', 'its id is no whole number')
  }
  // A tax class has a slug; a setting's id is unique only within its group.
  const name = resource.name === 'tax_classes' ? fields.slug : fields.id
  if (typeof name !== 'string' || name === '') throw unreadable(resource, '?', 'it has no id')
  return resource.name === 'settings' ? `${fields.group_id}/${name}` : name
}

/** Decoded until nothing changes, so that making the form again from itself changes nothing. */
function decodeName(resource: Resource, id: string, name: string): string {
  let decoded = name
  for (let round = 0; round < MOST_DECODINGS; round++) {
    const next = decodeHTML(decoded)
    if (next === decoded) return decoded
    decoded = next
  }
  throw unreadable(resource, id, 'its name was encoded over and over')
}

// Plugins encode twice, sometimes three times; whoever does it more often wants us to be busy.
const MOST_DECODINGS = 10

// In JSON text, NUL and lone surrogates always stand as \u escapes.
const BROKEN = /\\u(?:0000|d[89a-f])/i

function repair(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\u0000', '\uFFFD')
  if (Array.isArray(value)) return value.map(repair)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key.toWellFormed().replaceAll('\u0000', '\uFFFD'),
      repair(member),
    ]),
  )
}

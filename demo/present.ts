/**
 * Records as the shop shows them: `context` view or edit (row 12d), `_links`, `_fields` (row 12a), category
 * names as they are now, and the damage a test asked for.
 */
import { type Kind, linksOf, type Place } from './links.ts'
import type { Shop } from './shop.ts'
import type { Raw, Row, Table } from './table.ts'
import { isoSeconds } from './zone.ts'

export type Context = 'view' | 'edit'

/** Changes a record on its way out; undefined where nothing is to be changed. */
export type Damage = (kind: Kind, id: number) => ((record: Raw) => Raw) | undefined

export interface Showing {
  kind: Kind
  context: Context
  place?: Place
  /** From `_fields`; undefined: all. */
  fields?: Fields | undefined
  includeMeta?: readonly string[] | undefined
  excludeMeta?: readonly string[] | undefined
}

export interface Presenter {
  record(raw: Raw, showing: Showing): Raw
  /** Rows of a table; where only ids, statuses or dates are asked, no record is made for it. */
  rows(table: Table, rows: readonly Row[], showing: Showing): Raw[]
}

export function createPresenter(shop: Shop, damage: Damage): Presenter {
  function record(raw: Raw, showing: Showing): Raw {
    const { kind, fields } = showing
    let shown = inContext(kind, raw, showing.context)
    if (kind === 'product') shown = withCategories(shown)
    if (kind === 'refund' && showing.place === 'nested') shown = without(shown, ['parent_id'])
    if (showing.includeMeta || showing.excludeMeta) shown = withMeta(shown, showing)
    shown = damage(kind, Number(raw.id))?.(shown) ?? shown
    const links = linksOf(kind, raw, shop.info.url, showing.place)
    const whole = links ? { ...shown, _links: links } : shown
    return fields ? pick(whole, fields) : whole
  }

  function inContext(kind: Kind, raw: Raw, context: Context): Raw {
    if (context === 'edit') return raw
    if (kind === 'product') {
      const shown = without(raw, ['permalink_template', 'generated_slug'])
      shown.description = rendered(raw.description)
      shown.short_description = rendered(raw.short_description)
      shown.average_rating = Number(raw.average_rating ?? 0).toFixed(2)
      return shown
    }
    if (kind === 'variation')
      return {
        ...raw,
        description: rendered(raw.description),
        tax_class: raw.tax_class === 'parent' ? '' : raw.tax_class,
      }
    if (kind === 'review') return { ...raw, review: rendered(raw.review) }
    return raw
  }

  function rendered(text: unknown): unknown {
    return typeof text === 'string' ? (shop.rendered.get(text) ?? text) : text
  }

  // A renamed category shows at once in its products, and their dates stand still (row 4).
  function withCategories(product: Raw): Raw {
    const held = product.categories
    if (!Array.isArray(held) || held.length === 0) return product
    const categories = held.map((own: Raw) => {
      const now = shop.small.categories.find((category) => category.id === own.id)
      return now ? { ...own, name: now.name, slug: now.slug } : own
    })
    return { ...product, categories }
  }

  return {
    record,
    rows(table, rows, showing) {
      const { kind, fields } = showing
      const known = fields && Object.keys(fields).every((name) => FROM_ROW[kind]?.includes(name))
      return rows.map((row) => {
        if (known && !damage(kind, row.id)) return pick(outline(row), fields)
        return record(table.body(row), showing)
      })
    },
  }
}

const POST_FIELDS = ['id', 'status', 'date_created_gmt', 'date_modified_gmt']

/** What a row knows without its record; fields that a kind lacks are not in its list. */
const FROM_ROW: Partial<Record<Kind, readonly string[]>> = {
  order: POST_FIELDS,
  product: POST_FIELDS,
  variation: POST_FIELDS,
  coupon: POST_FIELDS,
  refund: ['id', 'date_created_gmt'],
}

function outline(row: Row): Raw {
  return {
    id: row.id,
    status: row.status,
    date_created_gmt: row.created === null ? null : isoSeconds(row.created),
    date_modified_gmt: row.modified === null ? null : isoSeconds(row.modified),
  }
}

function without(raw: Raw, names: readonly string[]): Raw {
  const copy = { ...raw }
  for (const name of names) delete copy[name]
  return copy
}

function withMeta(record: Raw, { includeMeta, excludeMeta }: Showing): Raw {
  if (!Array.isArray(record.meta_data)) return record
  const wanted = (meta: Raw) =>
    includeMeta ? includeMeta.includes(String(meta.key)) : !excludeMeta?.includes(String(meta.key))
  return { ...record, meta_data: record.meta_data.filter(wanted) }
}

/** The wanted fields as a tree; `true` takes all below it. */
export interface Fields {
  [name: string]: Fields | true
}

/** @param text the value of `_fields`: names parted by commas, dots for fields within objects */
export function readFields(text: string | string[] | undefined): Fields | undefined {
  const names = (Array.isArray(text) ? text : (text ?? '').split(/[\s,]+/)).filter((name) => name !== '')
  if (names.length === 0) return undefined
  const tree: Fields = {}
  for (const name of names) {
    let at = tree
    const steps = name.trim().split('.')
    const last = steps.pop() as string
    for (const step of steps) {
      const next = at[step]
      if (next === true) break
      at = at[step] = next ?? {}
    }
    at[last] = true
  }
  return tree
}

function pick(record: Raw, fields: Fields): Raw {
  const picked: Raw = {}
  for (const [name, below] of Object.entries(fields)) {
    const value = record[name]
    if (value === undefined) continue
    if (below === true) picked[name] = value
    else if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      const inner = pick(value as Raw, below)
      if (Object.keys(inner).length > 0) picked[name] = inner
    }
    // A field inside a list drops the whole list (row 12a).
  }
  return picked
}

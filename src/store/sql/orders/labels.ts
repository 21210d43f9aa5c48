/** What a line's meta is called, and what its value is called: attributes' labels and terms' names. */
import { keptInSnapshot, onceInSnapshot } from '../kept.ts'
import type { SqlShop } from '../reader.ts'
import { tableName } from '../tables.ts'
import { cleanText, displayText, titleSlug } from '../wordpress-text.ts'
import type { LineProduct } from './products.ts'

/** One meta of a line; `value` as REST shows it, `text` where it can be displayed. */
export interface LineMeta {
  id: number
  key: string
  value: unknown
  text: string | null
}

export interface Labels {
  key(meta: LineMeta, product: LineProduct | undefined): string
  value(meta: LineMeta, text: string): string
}

/** Taxonomies beside the shop's attributes: a meta with such a name shows the term's name too. */
const TAXONOMIES: ReadonlySet<string> = new Set([
  'category',
  'post_tag',
  'product_cat',
  'product_tag',
  'product_brand',
  'product_shipping_class',
])

const attributeOf = (key: string): string => key.replaceAll('attribute_', '')

/** One answer for each text: the same few keys stand in thousands of lines. */
function kept<Answer>(answer: (text: string) => Answer): (text: string) => Answer {
  const answers = new Map<string, Answer>()
  return (text) => {
    let known = answers.get(text)
    if (known === undefined) {
      known = answer(text)
      answers.set(text, known)
    }
    return known
  }
}

/** @param drafts all whose metas are to be labelled: terms are asked for in one statement */
export async function readLabels(
  shop: SqlShop,
  drafts: readonly { readonly metas: readonly LineMeta[] }[],
): Promise<Labels> {
  const taxonomyOf = kept((key) => {
    const attribute = attributeOf(key)
    return attribute.startsWith('pa_') || TAXONOMIES.has(attribute) ? attribute : ''
  })
  /** By taxonomy. */
  const wanted = new Map<string, Set<string>>()
  for (const { metas } of drafts) {
    for (const { key, text } of metas) {
      const taxonomy = text === null ? '' : taxonomyOf(key)
      if (text === null || taxonomy === '') continue
      const texts = wanted.get(taxonomy) ?? new Set()
      wanted.set(taxonomy, texts.add(text))
    }
  }
  const labels = wanted.size === 0 ? new Map<string, string>() : await readAttributeLabels(shop)
  const terms = new Set<string>()
  for (const [taxonomy, texts] of wanted) {
    if (!labels.has(taxonomy) && !TAXONOMIES.has(taxonomy)) continue
    for (const text of texts) terms.add(termKey(taxonomy, text))
  }
  const names = await readTermNames(shop, [...terms])
  const attributes = kept(attributeOf)
  const slugs = kept((key) => titleSlug(attributes(key)))
  const plainLabels = kept((key) => cleanText(labels.get(attributes(key)) ?? attributes(key)))
  return {
    key({ key }, product) {
      // The shop's own attributes come before what a product calls its own.
      const isPlain = product === undefined || product.attributes.size === 0 || labels.has(attributes(key))
      const label = isPlain ? undefined : product.attributes.get(slugs(key))
      return label === undefined ? plainLabels(key) : cleanText(label)
    },
    value({ key }, text) {
      const name = taxonomyOf(key) === '' ? undefined : names.get(termKey(attributes(key), text))
      return name === undefined ? displayText(text) : cleanText(name)
    },
  }
}

/** The names a shop gave its attributes, by taxonomy: `pa_volum` is `Volum`. */
const readAttributeLabels = onceInSnapshot(async (shop): Promise<Map<string, string>> => {
  const rows = await shop.database.query(
    `SELECT attribute_name, attribute_label FROM ${tableName(shop, 'woocommerce_attribute_taxonomies')}`,
  )
  return new Map(rows.map(([name, label]) => [`pa_${name}`, label || String(name)]))
})

/** A term as lines name it, in one text: a slug has no space. */
const termKey = (taxonomy: string, text: string): string => `${taxonomy} ${titleSlug(text)}`

/** Names of terms by their key. */
const readTermNames = keptInSnapshot(async (shop, keys): Promise<Map<string, string>> => {
  const taxonomies = new Set<string>()
  const slugs = new Set<string>()
  for (const key of keys) {
    const space = key.lastIndexOf(' ')
    taxonomies.add(key.slice(0, space))
    slugs.add(key.slice(space + 1))
  }
  const rows = await shop.database.query(
    `SELECT tt.taxonomy, t.slug, t.name FROM ${tableName(shop, 'terms')} t
     JOIN ${tableName(shop, 'term_taxonomy')} tt ON tt.term_id = t.term_id
     WHERE t.slug IN ? AND tt.taxonomy IN ?`,
    [[...slugs], [...taxonomies]],
  )
  const names = new Map<string, string>()
  for (const [taxonomy, slug, name] of rows) {
    if (name) names.set(termKey(taxonomy ?? '', slug ?? ''), name)
  }
  return names
})

/** Attributes of products and of their variations, with names of terms as their options. */
import { decodeHTML } from 'entities'
import type { SqlShop } from '../reader.ts'
import { tableName } from '../tables.ts'
import { rawUrlDecode, titleSlug } from '../wordpress-text.ts'
import { arrayMembers } from './metas.ts'
import type { Term } from './object-terms.ts'
import { isYes, positive } from './values.ts'

/** An attribute of the shop, whose options are terms of the taxonomy `pa_<name>`. */
export interface AttributeTaxonomy {
  id: number
  label: string
  orderBy: string
}

export type AttributeTaxonomies = ReadonlyMap<string, AttributeTaxonomy>

export async function readAttributeTaxonomies(shop: SqlShop): Promise<AttributeTaxonomies> {
  const rows = await shop.database.query(`
    SELECT attribute_id, attribute_name, attribute_label, attribute_orderby
    FROM ${tableName(shop, 'woocommerce_attribute_taxonomies')}`)
  return new Map(
    rows.map(([id, name, label, orderBy]) => [
      `pa_${name}`,
      { id: Number(id), label: label ?? '', orderBy: orderBy ?? '' },
    ]),
  )
}

/** An attribute as a product's meta holds it, in the order of the positions. */
export interface ProductAttribute {
  /** How a variation's metas name it: `pa_volum`, `ambalaj`. */
  key: string
  /** `pa_volum`, `Ambalaj`. */
  name: string
  taxonomy: AttributeTaxonomy | null
  position: number
  isVisible: boolean
  isVariation: boolean
  /** Options of an attribute without a taxonomy, parted by `|`. */
  value: string
}

/** @param text the meta `_product_attributes`; what is malformed has no attributes */
export function productAttributes(
  text: string | undefined,
  taxonomies: AttributeTaxonomies,
): ProductAttribute[] {
  const attributes: ProductAttribute[] = []
  for (const [index, member] of arrayMembers(text)) {
    const kept = (member !== null && typeof member === 'object' ? member : {}) as Record<string, unknown>
    const name = textOf(kept.name)
    const taxonomy = isTrue(kept.is_taxonomy) ? taxonomies.get(name) : null
    // The attribute itself was deleted.
    if (taxonomy === undefined) continue
    attributes.push({
      key: taxonomy ? name : keyOf(index, name),
      name,
      taxonomy,
      position: positive(textOf(kept.position)),
      isVisible: isYes(kept.is_visible),
      isVariation: isYes(kept.is_variation),
      value: textOf(kept.value),
    })
  }
  return attributes.sort((a, b) => a.position - b.position)
}

/** What PHP takes for true. */
function isTrue(value: unknown): boolean {
  return Boolean(value) && value !== '0'
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** WooCommerce keeps attributes under their sanitised names; importers number them. */
function keyOf(index: string, name: string): string {
  return /^\d+$/.test(index) ? titleSlug(name) : index
}

/** The label of the attribute with a key; the key without `pa_` where the product has no such attribute. */
export function attributeLabel(key: string, attributes: readonly ProductAttribute[]): string {
  const stem = key.replace(/^pa_/, '')
  const found =
    attributes.find((attribute) => attribute.key === `pa_${stem}`) ??
    attributes.find((attribute) => attribute.key === stem)
  if (found === undefined) return stem
  return found.taxonomy ? found.taxonomy.label : found.name
}

/** What REST shows as `attributes` of a product. */
export function shownAttributes(
  attributes: readonly ProductAttribute[],
  termsOf: (taxonomy: string) => readonly Term[],
  places: ReadonlyMap<number, number>,
): Record<string, unknown>[] {
  return attributes.map((attribute) => ({
    id: attribute.taxonomy?.id ?? 0,
    name: attributeLabel(attribute.key, attributes),
    slug: attribute.name,
    position: attribute.position,
    visible: attribute.isVisible,
    variation: attribute.isVariation,
    options: attribute.taxonomy
      ? inOrder(termsOf(attribute.name), attribute.taxonomy.orderBy, places).map((term) => term.name)
      : textOptions(attribute.value),
  }))
}

function textOptions(value: string): string[] {
  const options = decodeHTML(value)
    .split('|')
    .map((option) => option.trim())
    .filter((option) => option !== '')
  return options.length > 0 ? options : ['']
}

/** @param terms by their names; stay so where the attribute's order says nothing else */
function inOrder(
  terms: readonly Term[],
  orderBy: string,
  places: ReadonlyMap<number, number>,
): readonly Term[] {
  if (orderBy === 'name_num') return terms.toSorted((a, b) => leading(a.name) - leading(b.name))
  if (orderBy !== 'menu_order') return terms
  return terms.toSorted((a, b) => comparePlaces(places.get(a.id), places.get(b.id)))
}

/** Terms without a place come first, as NULL does in the shop's own statement. */
function comparePlaces(a: number | undefined, b: number | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined)
  return a - b
}

function leading(name: string): number {
  return Number.parseFloat(name) || 0
}

/** What REST shows as `default_attributes`. @param text the meta `_default_attributes` */
export function defaultAttributes(
  text: string | undefined,
  attributes: readonly ProductAttribute[],
  taxonomies: AttributeTaxonomies,
): Record<string, unknown>[] {
  return arrayMembers(text)
    .map(([key, option]) => [key, textOf(option)] as const)
    .filter(([, option]) => option !== '')
    .map(([key, option]) => ({
      id: taxonomies.get(key)?.id ?? 0,
      name: attributeLabel(key, attributes),
      option,
    }))
}

/** Which option of an attribute a variation stands for: a term's slug, or the text; '' for any. */
export interface Choice {
  key: string
  value: string
}

/** A variation's choices among its parent's attributes, in their order in the parent's meta. */
export function choicesOf(
  attributes: readonly ProductAttribute[],
  meta: (key: string) => string | undefined,
): Choice[] {
  return attributes
    .filter((attribute) => attribute.isVariation)
    .map(({ key }) => ({ key, value: meta(`attribute_${key}`) ?? '' }))
}

/** What REST shows as `attributes` of a variation. */
export function shownChoices(
  choices: readonly Choice[],
  parentAttributes: readonly ProductAttribute[],
  taxonomies: AttributeTaxonomies,
  termName: (taxonomy: string, slug: string) => string | undefined,
): Record<string, unknown>[] {
  return choices
    .filter(({ value }) => value !== '')
    .map(({ key, value }) => {
      const isTaxonomy = key.startsWith('pa_')
      return {
        id: isTaxonomy ? (taxonomies.get(key)?.id ?? 0) : 0,
        name: attributeLabel(key, parentAttributes),
        slug: isTaxonomy ? rawUrlDecode(key) : key,
        option: isTaxonomy ? rawUrlDecode(termName(key, value) ?? value) : value,
      }
    })
}

/** A variation's name in REST: its options. */
export function choicesText(
  choices: readonly Choice[],
  termName: (taxonomy: string, slug: string) => string | undefined,
): string {
  return choices
    .filter(({ value }) => value !== '')
    .map(({ key, value }) => rawUrlDecode(termName(key, value) ?? value))
    .join(', ')
}

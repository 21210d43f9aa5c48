/** What a line shows of its product as it is today: REST looks it up at each request, and so does this. */
import { keptInSnapshot } from '../kept.ts'
import { metaValue } from '../php.ts'
import { type Image, readImages } from '../products/images.ts'
import type { SqlShop } from '../reader.ts'
import { idCondition } from '../rows.ts'
import { tableName } from '../tables.ts'
import { titleSlug } from '../wordpress-text.ts'

export interface LineProduct {
  kind: 'product' | 'product_variation'
  sku: string
  globalUniqueId: string
  image: { id: number | string; src: string | false }
  /** Of a variation; null for products. */
  parentName: string | null
  /** What the shop calls the attributes of this product (of the parent, for a variation), by their slug. */
  attributes: ReadonlyMap<string, string>
}

interface Post {
  kind: string
  parent: string
  title: string
  metas: Map<string, string>
}

const KEYS = ['_sku', '_global_unique_id', '_thumbnail_id', '_product_attributes'] as const
const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map()

/** Products and variations by id, of every status; deleted ones are not there. The same few stand in most orders. */
export const readLineProducts = keptInSnapshot(readProducts)

async function readProducts(shop: SqlShop, ids: readonly string[]): Promise<Map<string, LineProduct>> {
  const products = new Map<string, LineProduct>()
  if (ids.length === 0) return products
  const posts = await readPosts(shop, ids)
  const parents = new Set<string>()
  for (const post of posts.values()) {
    if (post.kind === 'product_variation' && !posts.has(post.parent)) parents.add(post.parent)
  }
  if (parents.size > 0) for (const [id, post] of await readPosts(shop, [...parents])) posts.set(id, post)
  await readPostMetas(shop, posts)
  const images = await readImages(shop, thumbnailsOf(posts))
  for (const [id, post] of posts) {
    const { kind } = post
    if (kind === 'product' || kind === 'product_variation') {
      products.set(id, productOf(post, kind, posts.get(post.parent), images))
    }
  }
  return products
}

function productOf(
  post: Post,
  kind: LineProduct['kind'],
  parent: Post | undefined,
  images: ReadonlyMap<number, Image>,
): LineProduct {
  const own = (key: string) => post.metas.get(key) ?? ''
  // PHP answers false for the address of a picture that is gone.
  const image = (id: number | string) => ({
    id,
    src: isNone(id) ? ('' as const) : (images.get(Number(id))?.src ?? (false as const)),
  })
  const thumbnail = own('_thumbnail_id')
  if (kind === 'product') {
    return {
      kind,
      sku: own('_sku'),
      globalUniqueId: own('_global_unique_id'),
      // A number in quotes, and empty quotes where there is none; a parent's is a number.
      image: image(thumbnail),
      parentName: null,
      attributes: attributesOf(post),
    }
  }
  return {
    kind,
    sku: own('_sku') || (parent?.metas.get('_sku') ?? ''),
    globalUniqueId: own('_global_unique_id'),
    image: image(isNone(thumbnail) ? Number(parent?.metas.get('_thumbnail_id')) || 0 : thumbnail),
    parentName: parent?.title ?? '',
    attributes: parent ? attributesOf(parent) : NO_ATTRIBUTES,
  }
}

/** What PHP takes for nothing. */
const isNone = (value: number | string): boolean => value === '' || Number(value) === 0

function attributesOf(post: Post): ReadonlyMap<string, string> {
  const text = post.metas.get('_product_attributes')
  if (text === undefined) return NO_ATTRIBUTES
  let names = attributeNames.get(text)
  if (names === undefined) {
    if (attributeNames.size >= MOST_KEPT) attributeNames.clear()
    names = namesIn(text)
    attributeNames.set(text, names)
  }
  return names
}

/** By the serialised text, so that nothing kept is ever out of date: the same products come with every read. */
const attributeNames = new Map<string, ReadonlyMap<string, string>>()
const MOST_KEPT = 2000

function namesIn(text: string): ReadonlyMap<string, string> {
  const value = metaValue(text)
  if (value === null || typeof value !== 'object') return NO_ATTRIBUTES
  const names = new Map<string, string>()
  for (const attribute of Object.values(value)) {
    const name = attribute !== null && typeof attribute === 'object' ? attribute.name : undefined
    if (typeof name === 'string') names.set(titleSlug(name), name)
  }
  return names
}

async function readPosts(shop: SqlShop, ids: readonly string[]): Promise<Map<string, Post>> {
  const { sql, values } = idCondition('ID', ids)
  const rows = await shop.database.query(
    `SELECT ID, post_type, post_parent, post_title FROM ${tableName(shop, 'posts')} WHERE ${sql}`,
    values,
  )
  const posts = new Map<string, Post>()
  for (const [id, kind, parent, title] of rows) {
    posts.set(id as string, { kind: kind ?? '', parent: parent ?? '0', title: title ?? '', metas: new Map() })
  }
  return posts
}

async function readPostMetas(shop: SqlShop, posts: ReadonlyMap<string, Post>): Promise<void> {
  const ids = [...posts].filter(([, { kind }]) => kind.startsWith('product')).map(([id]) => id)
  if (ids.length === 0) return
  const { sql, values } = idCondition('post_id', ids)
  const rows = await shop.database.query(
    `SELECT post_id, meta_key, meta_value FROM ${tableName(shop, 'postmeta')}
     WHERE ${sql} AND meta_key IN ? ORDER BY post_id, meta_id`,
    [...values, KEYS],
  )
  for (const [id, key, value] of rows) {
    const metas = posts.get(id as string)?.metas
    // The first row of a key counts, as in WordPress.
    if (metas && key != null && !metas.has(key)) metas.set(key, value ?? '')
  }
}

function thumbnailsOf(posts: ReadonlyMap<string, Post>): Set<number> {
  const ids = new Set<number>()
  for (const { metas } of posts.values()) {
    const id = Number(metas.get('_thumbnail_id'))
    if (Number.isSafeInteger(id) && id > 0) ids.add(id)
  }
  return ids
}

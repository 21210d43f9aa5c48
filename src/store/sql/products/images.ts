/** Images of products and categories: attachments of WordPress, with the address they are served at. */
import type { Cell } from '../database.ts'
import type { SqlShop } from '../reader.ts'
import { dateText, gmtCellMoment, idCondition, wantedRows } from '../rows.ts'
import { tableName } from '../tables.ts'
import { readMetas } from './metas.ts'
import { positive } from './values.ts'

export interface Image {
  id: number
  /** Dates as the database holds them. */
  created: Cell
  createdGmt: Cell
  modified: Cell
  modifiedGmt: Cell
  src: string
  name: string
  alt: string
}

/** Images by id; an attachment that is gone, or is no image, is not in the map. */
export async function readImages(
  shop: SqlShop,
  ids: ReadonlySet<number>,
): Promise<ReadonlyMap<number, Image>> {
  const images = new Map<number, Image>()
  if (ids.size === 0) return images
  const wanted = [...ids].map(String)
  const condition = idCondition('ID', wanted)
  const rows = await shop.database.query(
    `
    SELECT ID, post_title, post_date, post_date_gmt, post_modified, post_modified_gmt, post_mime_type, guid
    FROM ${tableName(shop, 'posts')}
    WHERE ${condition.sql} AND post_type = 'attachment'`,
    condition.values,
  )
  const found = wantedRows(rows, wanted)
  const metas = await readMetas(shop, [...found.keys()], ['_wp_attached_file', '_wp_attachment_image_alt'])
  const base = await uploadsAddress(shop)
  for (const [id, [, title, created, createdGmt, modified, modifiedGmt, mime, guid]] of found) {
    const file = metas(id).text('_wp_attached_file')
    if (!mime?.startsWith('image/') && !IMAGE_FILE.test(file ?? '')) continue
    images.set(Number(id), {
      id: Number(id),
      created: created ?? null,
      createdGmt: createdGmt ?? null,
      modified: modified ?? null,
      modifiedGmt: modifiedGmt ?? null,
      src: file ? addressOf(file, base) : (guid ?? ''),
      name: (title ?? '').trim(),
      alt: metas(id).text('_wp_attachment_image_alt') ?? '',
    })
  }
  return images
}

const IMAGE_FILE = /\.(?:jpe?g|jpe|gif|png|webp|avif|heic)$/i

/** Where uploads are served: WordPress' settings, else its usual folder. */
async function uploadsAddress(shop: SqlShop): Promise<string> {
  const given = await shop.option('upload_url_path')
  if (given) return given.replace(/\/$/, '')
  const folder = (await shop.option('upload_path')) ?? ''
  const isUsual = folder === '' || folder.startsWith('/')
  return secure(shop, `${shop.siteUrl}/${isUsual ? 'wp-content/uploads' : folder.replace(/\/$/, '')}`)
}

/** A shop that is served by HTTPS shows its uploads so, whatever its older setting says. */
function secure(shop: SqlShop, address: string): string {
  return shop.homeUrl.startsWith('https:') ? address.replace(/^http:/, 'https:') : address
}

/** Old shops keep whole paths of their disk, with the folder of uploads within. */
function addressOf(file: string, base: string): string {
  const within = file.indexOf('wp-content/uploads/')
  return `${base}/${within < 0 ? file.replace(/^\//, '') : file.slice(within + 'wp-content/uploads/'.length)}`
}

/** The id of a product's main image; 0 where it has none. */
export function mainImage(thumbnail: string | undefined): number {
  return positive(thumbnail)
}

/** Ids of a gallery: `12,15`. */
export function galleryImages(gallery: string | undefined): number[] {
  return (gallery ?? '')
    .split(',')
    .map((id) => positive(id.trim()))
    .filter((id) => id > 0)
}

/**
 * An image as REST shows it within a product. WooCommerce takes the local dates for GMT and moves them into the
 * shop's zone once more: `date_created` is ahead by the zone's offset, and is made so here.
 */
export function productImage(image: Image, timezone: string): Record<string, unknown> {
  return {
    id: image.id,
    date_created: movedTwice(image.created, timezone),
    date_created_gmt: dateText(image.createdGmt),
    date_modified: movedTwice(image.modified, timezone),
    date_modified_gmt: dateText(image.modifiedGmt),
    src: image.src,
    name: image.name,
    alt: image.alt,
  }
}

/** An image as REST shows it within a category. */
export function categoryImage(image: Image): Record<string, unknown> {
  return {
    id: image.id,
    date_created: dateText(image.created),
    date_created_gmt: dateText(image.createdGmt),
    date_modified: dateText(image.modified),
    date_modified_gmt: dateText(image.modifiedGmt),
    src: image.src,
    name: image.name,
    alt: image.alt,
  }
}

function movedTwice(local: Cell, timezone: string): string | null {
  const moment = gmtCellMoment(local)
  return moment === null ? null : clockOf(timezone).format(moment).replace(' ', 'T')
}

const clocks = new Map<string, Intl.DateTimeFormat>()

/** Sweden writes dates as ISO does, with a space in between. */
function clockOf(timezone: string): Intl.DateTimeFormat {
  let clock = clocks.get(timezone)
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'medium' })
    clocks.set(timezone, clock)
  }
  return clock
}

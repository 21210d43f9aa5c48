/** Slugs as WordPress makes them from a name (`sanitize_title`), unique within a table. */
import type { Shop } from '../shop.ts'

export function slugOf(name: string): string {
  return name
    .replace(/<[^>]*>/g, '')
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase()
    .replace(/&\w+;/g, '')
    .replace(/[^a-z0-9\s_-]/g, '')
    .trim()
    .replace(/[\s-]+/g, '-')
}

/** The slug, with `-2`, `-3` … when another product has it. */
export function uniqueSlug(shop: Shop, name: string, id: number): string {
  const wanted = slugOf(name)
  const taken = new Set<unknown>()
  for (const row of shop.products.sorted('id')) {
    if (row.id !== id) taken.add(shop.products.body(row).slug)
  }
  let slug = wanted
  for (let n = 2; taken.has(slug); n++) slug = `${wanted}-${n}`
  return slug
}

/** The slug as a person reads it; what is not Latin is stored percent-encoded. */
export function decodedSlug(slug: string): string {
  return slug.includes('%') ? decodeURIComponent(slug) : slug
}

/** Categories and tags: how products name them, how many products they count, and their renaming. */
import { DemoError } from '../errors.ts'
import type { Shop } from '../shop.ts'
import type { Raw } from '../table.ts'
import type { Call } from './call.ts'

/** `{id, name, slug}` of each term in the request that there is. */
export function namedTerms(terms: readonly Raw[], given: unknown): Raw[] {
  if (!Array.isArray(given)) return []
  return (given as Raw[]).flatMap((each) => {
    const term = terms.find((one) => one.id === each.id)
    return term ? [{ id: term.id, name: term.name, slug: term.slug }] : []
  })
}

/** Counts a published product in or out of its tags, its categories and all above them (row 4a). */
export function countTerms(shop: Shop, product: Raw, by: 1 | -1): void {
  if (product.status !== 'publish') return
  const counted = new Set<number>()
  for (const category of product.categories as Raw[]) {
    let at = shop.small.categories.find((each) => each.id === category.id)
    while (at && !counted.has(at.id as number)) {
      counted.add(at.id as number)
      const above = at.parent
      at = above ? shop.small.categories.find((each) => each.id === above) : undefined
    }
  }
  shop.small.categories = shop.small.categories.map((each) =>
    counted.has(each.id as number) ? { ...each, count: Math.max(0, Number(each.count) + by) } : each,
  )
  const tags = (product.tags as Raw[]).map((tag) => tag.id)
  shop.small.tags = shop.small.tags.map((each) =>
    tags.includes(each.id) ? { ...each, count: Math.max(0, Number(each.count) + by) } : each,
  )
}

/** A category's new name. No product's date moves and nobody is told; its products show the name at once (row 4). */
export function updateCategory(call: Call, id: number, input: Raw): Raw {
  const { small } = call.shop
  const before = small.categories.find((each) => each.id === id)
  if (!before) throw new DemoError(404, 'woocommerce_rest_term_invalid', 'Resource does not exist.')
  const own = ['name', 'slug', 'parent', 'description', 'display', 'image', 'menu_order']
  const changes = Object.fromEntries(own.filter((key) => key in input).map((key) => [key, input[key]]))
  const after = { ...before, ...changes }
  small.categories = small.categories.map((each) => (each.id === id ? after : each))
  return after
}

/** Which products the demo shop has: the shelf of plain bottles first, then the special ones. */
import { DAY } from './clock.ts'
import { blank, type Product, stockOf } from './product.ts'
import { between, chance, createRandom, int, mix, pick, type Random, shuffled } from './random.ts'
import { SPECIALS, specialProducts } from './specials.ts'
import { categoryBySlug, tags } from './terms.ts'
import { KINDS, type Kind } from './vocabulary.ts'

/** `count` products with ids from `firstId` on; a product's variations follow it in the same sequence. */
export function createCatalog(seed: number, count: number, firstId: number, now: number): Product[] {
  const random = createRandom(mix(seed, count, 31))
  const wanted = Math.max(1, count - Math.min(Math.floor(count / 8) + 3, SPECIALS))
  const products = simpleProducts(random, wanted, now)
  products.push(...specialProducts(random, count - products.length, now))
  markStatuses(products, now)
  let id = firstId
  for (const product of products) {
    product.id = id++
    for (const variation of product.variations) variation.id = id++
  }
  const packages = products.filter((each) => each.type === 'simple' && each.status === 'publish').slice(0, 3)
  for (const product of products) {
    if (product.type === 'grouped') product.grouped = packages.map((each) => each.id)
  }
  return products
}

function simpleProducts(random: Random, count: number, now: number): Product[] {
  const whole = KINDS.reduce((sum, kind) => sum + kind.weight, 0)
  const products: Product[] = []
  let reached = 0
  for (const kind of KINDS) {
    reached += kind.weight
    // The share of each kind, rounded so that all of them add up to the count.
    const share = Math.round((reached / whole) * count) - products.length
    const names = shuffled(
      random,
      kind.brands.flatMap((brand) =>
        kind.styles.flatMap((style) => kind.volumes.map((v) => [brand, style, v])),
      ),
    )
    for (let at = 0; at < share; at++) {
      const [brand, style, volume] = names[at % names.length] as [string, string, string]
      const batch = Math.floor(at / names.length)
      const name = `${kind.prefix} ${brand} ${style}${batch === 0 ? '' : `, lot ${batch + 1}`}, ${volume}`
      products.push(simpleProduct(random, kind, name, volume, products.length, at + 1, now))
    }
  }
  return products
}

function simpleProduct(
  random: Random,
  kind: Kind,
  name: string,
  volume: string,
  index: number,
  number: number,
  now: number,
): Product {
  const [low, high] = kind.price
  const size = volume === '1 L' ? 1.35 : volume === '500 ml' || volume === '330 ml' ? 0.78 : 1
  // Most bottles are cheap ones; prices end in ,99 or ,50 or in anything.
  const lei = (low + (high - low) * random() ** 2) * size
  const regular = Math.floor(lei) * 100 + pick(random, [99, 99, 50, 0, between(random, 1, 98)])
  const onSale = chance(random, 0.14)
  const scheduled = onSale && chance(random, 0.6)
  const created = now - between(random, 400, 1400) * DAY - int(random, DAY)
  return {
    ...blank,
    name,
    sku: `${kind.code}-${String(number).padStart(3, '0')}`,
    gtin: chance(random, 0.75) ? gtin(index) : '',
    category: chance(random, 0.12)
      ? [categoryBySlug(kind.category).id, categoryBySlug('cadouri').id]
      : [categoryBySlug(kind.category).id],
    tags: shuffled(random, tags)
      .slice(0, int(random, 3))
      .map((tag) => tag.id),
    volume,
    country: pick(random, kind.countries),
    alcohol: pick(random, kind.alcohol),
    regular,
    sale: onSale ? Math.round((regular * pick(random, [80, 85, 90])) / 100) : null,
    saleFrom: scheduled ? now - between(random, 2, 20) * DAY : null,
    saleTo: scheduled ? now + between(random, 5, 25) * DAY : null,
    taxClass: kind.taxClass,
    stock: stockOf(random),
    lowStock: chance(random, 0.15) ? 12 : null,
    featured: chance(random, 0.05),
    weight: String(between(random, 400, 2100) / 1000),
    height: chance(random, 0.4) ? String(between(random, 20, 36)) : '',
    pack: kind.pack,
    appeal: (kind.weight / (1 + random() * 14)) * (kind.pack ? 1.4 : 1),
    totalSales: int(random, 160),
    created,
    modified: created + int(random, now - created),
  }
}

/** Some simple products are not (or no longer) for sale; which ones depends on the count only. */
function markStatuses(products: Product[], now: number) {
  const simple = products.filter((each) => each.type === 'simple')
  const statuses = ['draft', 'private', 'pending', 'trash', 'draft', 'future', 'private', 'trash'] as const
  const step = 17
  for (let at = step; at < simple.length; at += step) {
    const product = simple[at] as Product
    product.status = statuses[(at / step - 1) % statuses.length] as Product['status']
    product.hidden = product.status === 'draft'
    if (product.status === 'future') product.created = now + 30 * DAY
    // One draft was never saved with a date at all, as real shops have.
    if (at === 5 * step) Object.assign(product, { created: null, modified: null })
  }
}

/** A Romanian 13-digit code with its check digit. */
function gtin(index: number): string {
  const digits = `5940${String(2_000_000 + index * 791).padStart(8, '0')}`
  let sum = 0
  for (let at = 0; at < 12; at++) sum += Number(digits[at]) * (at % 2 === 0 ? 1 : 3)
  return `${digits}${(10 - (sum % 10)) % 10}`
}

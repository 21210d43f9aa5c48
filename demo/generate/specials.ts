/** The products that are not plain bottles: variable ones, an event with tickets, a bundle, an outside offer, accessories. */
import { DAY } from './clock.ts'
import { blank, type Product, stockOf, type Variation } from './product.ts'
import { between, chance, int, pick, type Random } from './random.ts'
import { categoryBySlug } from './terms.ts'
import { ACCESSORIES, VARIABLE } from './vocabulary.ts'

/** How many there are at most. */
export const SPECIALS = VARIABLE.length + ACCESSORIES.length + 3

/** The first `count` of them; the rarest kinds come first, so that a small shop has them too. */
export function specialProducts(random: Random, count: number, now: number): Product[] {
  const variable = VARIABLE.map((each, at) => () => variableProduct(random, each, at, now))
  const accessories = ACCESSORIES.map((each, at) => () => accessory(random, each, at, now))
  const makers = [
    () => eventProduct(random, now),
    ...variable.slice(0, 1),
    () => groupedProduct(now),
    () => externalProduct(now),
    ...accessories.slice(0, 1),
    ...variable.slice(1),
    ...accessories.slice(1),
  ]
  return makers.slice(0, count).map((make) => make())
}

function variableProduct(
  random: Random,
  [name, category, price]: readonly [string, string, number],
  index: number,
  now: number,
): Product {
  const created = now - between(random, 420, 900) * DAY - int(random, DAY)
  const modified = now - between(random, 1, 60) * DAY - int(random, DAY)
  const sku = `VAR-${String(index + 1).padStart(3, '0')}`
  const packaging = index % 3 === 0 ? ['Standard', 'Cutie cadou'] : ['']
  const sizes = [
    ['200 ml', 1],
    ['500 ml', 2.2],
    ['1 L', 3.9],
  ] as const
  const variations: Variation[] = []
  for (const [volume, size] of sizes) {
    for (const wrapping of packaging) {
      const regular = Math.round(price * size) * 100 + (wrapping === 'Cutie cadou' ? 1950 : 50)
      const attributes: Variation['attributes'] = [{ id: 1, name: 'Volum', slug: 'pa_volum', value: volume }]
      if (wrapping !== '') attributes.push({ id: 0, name: 'Ambalaj', slug: 'ambalaj', value: wrapping })
      variations.push({
        id: 0,
        sku: `${sku}-${variations.length + 1}`,
        status: index === 7 && volume === '1 L' ? 'private' : 'publish',
        attributes,
        regular,
        sale: chance(random, 0.15) ? Math.floor(regular / 1000) * 900 : null,
        stock: index % 4 === 1 && volume === '200 ml' ? 'parent' : stockOf(random),
        virtual: false,
        weight: String(0.3 + 0.4 * variations.length).slice(0, 3),
        created: created + variations.length,
        modified: modified - int(random, DAY),
      })
    }
  }
  const shared = variations.some((each) => each.stock === 'parent')
  return {
    ...blank,
    type: 'variable',
    name,
    sku,
    category: [categoryBySlug(category).id],
    stock: shared
      ? { managed: true, quantity: between(random, 60, 300), status: 'instock', backorders: 'no' }
      : { managed: false, quantity: null, status: 'instock', backorders: 'no' },
    pack: category === 'bere',
    appeal: 4 + random() * 6,
    totalSales: between(random, 20, 200),
    created,
    modified,
    variations,
  }
}

function eventProduct(random: Random, now: number): Product {
  const created = now - 500 * DAY
  const ticket = (value: string, sku: string, price: number, left: number): Variation => ({
    id: 0,
    sku,
    status: 'publish',
    attributes: [{ id: 3, name: 'Tip bilet', slug: 'pa_tip-bilet', value }],
    regular: price * 100,
    sale: null,
    stock: { managed: true, quantity: left, status: 'instock', backorders: 'no' },
    virtual: true,
    weight: '',
    created,
    modified: now - int(random, 5 * DAY),
  })
  return {
    ...blank,
    type: 'variable',
    name: 'Degustare „Serile Podgoriei”',
    sku: 'EVT-001',
    category: [categoryBySlug('evenimente').id],
    virtual: true,
    appeal: 9,
    totalSales: 386,
    created,
    modified: now - int(random, 3 * DAY),
    variations: [ticket('General', 'EVT-001-GEN', 150, 284), ticket('VIP', 'EVT-001-VIP', 420, 37)],
    event: true,
  }
}

function groupedProduct(now: number): Product {
  return {
    ...blank,
    type: 'grouped',
    name: 'Pachet „Seară românească”',
    sku: 'GRP-001',
    category: [categoryBySlug('cadouri').id],
    created: now - 410 * DAY,
    modified: now - 12 * DAY - 4321,
  }
}

function externalProduct(now: number): Product {
  return {
    ...blank,
    type: 'external',
    name: 'Pahare de cristal (magazin partener)',
    sku: 'EXT-001',
    category: [categoryBySlug('accesorii').id],
    regular: 12_000,
    externalUrl: 'https://example.test/pahare?a=1&b=2',
    created: now - 405 * DAY,
    modified: now - 40 * DAY - 1234,
  }
}

function accessory(
  random: Random,
  [name, price]: readonly [string, number],
  index: number,
  now: number,
): Product {
  const created = now - between(random, 420, 900) * DAY - int(random, DAY)
  return {
    ...blank,
    name,
    sku: `ACC-${String(index + 1).padStart(3, '0')}`,
    category: [categoryBySlug('accesorii').id],
    regular: price * 100,
    stock: stockOf(random),
    virtual: name.includes('PDF'),
    weight: name.includes('PDF') ? '' : pick(random, ['0.2', '0.6', '1.1']),
    appeal: 1.5,
    totalSales: int(random, 90),
    created,
    modified: created + int(random, now - created),
  }
}

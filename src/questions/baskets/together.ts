/** What is bought together: pairs of products in paid orders, with support, confidence and lift, and their counts. */
import { z } from 'zod'
import { WooSyncError } from '../../errors.ts'
import { PAID_STATUSES } from '../definitions.ts'
import { aggregateOf, type Fact, type FactBook, type Period } from '../facts.ts'
import { periodInput, resolvePeriod } from '../period.ts'
import { defineQuestion } from '../question.ts'
import { sqlZone } from '../zone.ts'
import { countPairs, findProduct, type PairRow } from './pairs.ts'

const DEFAULT_DAYS = 365
const SMALL_SAMPLE = 30

const definitions = {
  support: 'Orders with both products, of all paid orders with a known product, per cent.',
  confidence: 'Orders with both products, of those with the first one, per cent.',
  lift: 'How many times more often both are in one order than if they had nothing to do with each other; 1: nothing.',
} as const

const productSchema = z.object({
  product_id: z.int().describe('Id in the shop; variations count as their product.'),
  name: z.string().nullable().describe('Name in the shop.'),
  sku: z.string().nullable().describe('SKU; empty or null where it has none.'),
  orders: z.int().describe('Paid orders of the period with it.'),
  suggestible: z.boolean().describe('Whether it is published and in stock.'),
})

const pairSchema = z.object({
  a: productSchema.describe('The product asked about; without one, that of the lower id.'),
  b: productSchema.describe('The product bought with it.'),
  count: z.int().describe('Paid orders with both.'),
  support: z.number().describe(definitions.support),
  confidence: z.number().describe('Orders with both, of those with a, per cent.'),
  confidence_back: z.number().describe('Orders with both, of those with b, per cent.'),
  lift: z.number().describe(definitions.lift),
})

export const basketsTogether = defineQuestion({
  name: 'baskets.together',
  summary:
    'Products bought together in paid orders, all or with one product, with support, confidence, lift and numbers of orders.',
  http: 'GET /baskets/together',
  list: 'pairs',
  resources: ['orders', 'products', 'variations'],
  input: z.strictObject({
    ...periodInput(DEFAULT_DAYS),
    product_id: z
      .int()
      .positive()
      .optional()
      .describe('What goes with this product; a variation stands for its product.'),
    sku: z.string().min(1).max(200).optional().describe('Its SKU, case ignored, instead of the id.'),
    min_count: z.int().min(1).max(1_000_000).default(2).describe('Only pairs in at least so many orders.'),
    suggest: z
      .enum(['in-stock', 'all'])
      .default('in-stock')
      .describe(
        'in-stock: suggest only published products in stock (without a product asked about: both of the pair). all: whatever was bought.',
      ),
    sort: z
      .enum(['count', 'lift', 'confidence'])
      .default('count')
      .describe('The greatest first; confidence: the greater of both ways, with a product its own.'),
    limit: z.int().min(1).max(200).default(20).describe('Most pairs.'),
  }),
  output: z.object({
    product: productSchema
      .omit({ orders: true })
      .nullable()
      .describe('The product asked about; null: none was, or the shop has none such.'),
    paidOrders: z.int().describe('Paid orders of the period with at least one known product.'),
    smallSample: z.boolean().describe(`Fewer than ${SMALL_SAMPLE} paid orders: the figures say little.`),
    pairs: z.array(pairSchema).describe('The pairs.'),
    nextCursor: z.null().describe('Always null: pairs come on one page.'),
  }),
  async run({ store, now, facts, inSnapshot }, given) {
    if (given.product_id !== undefined && given.sku !== undefined) {
      throw new WooSyncError('input_invalid', { field: 'sku', problem: 'give sku or product_id, not both' })
    }
    const asked = given.product_id !== undefined || given.sku !== undefined
    const period = resolvePeriod(given, DEFAULT_DAYS, store, now)
    return inSnapshot(async (client) => {
      const product = asked ? await findProduct(client, store.id, given) : null
      const { paidOrders, rows } = await countPairs(client, {
        storeId: store.id,
        period,
        zone: sqlZone(store.timezone),
        // None has the id 0: nothing goes with a product that is not there.
        product: asked ? (product?.product_id ?? 0) : null,
        minCount: given.min_count,
        suggestibleOnly: given.suggest === 'in-stock',
        sort: given.sort,
        limit: given.limit,
      })
      const pairs = rows.map(showPair)
      const filter: Fact['filter'] = {
        status: [...PAID_STATUSES],
        min_count: given.min_count,
        suggest: given.suggest,
      }
      addFacts(facts, pairs, { period, filter, paidOrders })
      if (asked && !product) {
        facts.add({
          subject: { kind: 'product', id: given.product_id?.toString() ?? null, name: null },
          attribute: 'products',
          filter: { ...(given.sku !== undefined && { sku: given.sku }) },
          value: 0,
          type: 'count',
          unit: 'products',
          source: aggregateOf('products', 0),
        })
      }
      return { product, paidOrders, smallSample: paidOrders < SMALL_SAMPLE, pairs, nextCursor: null }
    })
  },
})

type Pair = z.input<typeof pairSchema>

function showPair(row: PairRow): Pair {
  const product = (side: 'a' | 'b') => ({
    product_id: row[`${side}_id`],
    name: row[`${side}_name`],
    sku: row[`${side}_sku`],
    orders: row[`${side}_orders`],
    suggestible: row[`${side}_suggestible`],
  })
  return {
    a: product('a'),
    b: product('b'),
    count: row.count,
    support: Number(row.support),
    confidence: Number(row.confidence),
    confidence_back: Number(row.confidence_back),
    lift: Number(row.lift),
  }
}

interface Of {
  period: Period
  filter: Fact['filter']
  paidOrders: number
}

function addFacts(facts: FactBook, pairs: readonly Pair[], { period, filter, paidOrders }: Of): void {
  facts.add({
    subject: { kind: 'basket', id: null, name: null },
    attribute: 'paid_orders',
    period,
    filter,
    value: paidOrders,
    type: 'count',
    unit: 'orders',
    source: aggregateOf('orders', paidOrders),
  })
  if (pairs.length === 0) {
    facts.add({
      subject: { kind: 'basket', id: null, name: null },
      attribute: 'pairs',
      period,
      filter,
      value: 0,
      type: 'count',
      unit: 'pairs',
      source: aggregateOf('order_lines', paidOrders),
    })
  }
  for (const { a, b, count, support, confidence, confidence_back, lift } of pairs) {
    const common = {
      subject: {
        kind: 'basket',
        id: `${a.product_id}+${b.product_id}`,
        name: [a.name, b.name].map((name) => (name ?? '').slice(0, 98)).join(' + '),
      },
      period,
      filter,
      source: aggregateOf('order_lines', count),
    } as const
    const percent = { ...common, type: 'percentage', unit: 'orders' } as const
    facts.add({ ...common, attribute: 'count', value: count, type: 'count', unit: 'orders' })
    facts.add({ ...percent, attribute: 'support', value: support, definition: definitions.support })
    facts.add({ ...percent, attribute: 'confidence', value: confidence, definition: definitions.confidence })
    facts.add({
      ...percent,
      attribute: 'confidence_back',
      value: confidence_back,
      definition: 'The same the other way round: of the orders with the second product.',
    })
    facts.add({ ...common, attribute: 'lift', value: lift, type: 'number', definition: definitions.lift })
  }
}

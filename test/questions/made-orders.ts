/** A shop with orders made for the purpose. */
import { generateShop } from '../../demo/generate/shop.ts'
import { LOCAL } from '../../src/access/caller.ts'
import { invoke } from '../../src/operations/invoke.ts'
import { operations } from '../../src/operations.ts'
import { order, seen, write } from '../mirror/records.ts'
import { mirroredShop } from '../shop.ts'
import { appOf } from './shop.ts'

const { stats, breakdown } = operations.sales

interface Made {
  status?: string
  currency?: string
  total?: string
  email?: string
  refunded?: string
}

/** A store without products, in this zone, with orders at these moments (UTC). */
export async function shopOf(timezone: string, orders: readonly (Made & { at: string })[], currency = 'RON') {
  const { context, database } = await mirroredShop({
    shop: generateShop({ seed: 1, products: 4, orders: 0 }),
  })
  const records = orders.map(({ at, email = 'ana@example.com', refunded, ...made }, index) =>
    order(index + 1, {
      ...made,
      date_created_gmt: at,
      billing: { email, country: 'RO' },
      refunds: refunded === undefined ? [] : [{ id: 9000 + index, total: `-${refunded}` }],
    }),
  )
  await write(
    database,
    'orders',
    records.map((raw) => seen('orders', raw, { seenAt: 1 })),
  )
  const app = appOf({ ...context, store: { ...context.store, timezone, currency } })
  return {
    database,
    stats: (input: object) => invoke(app, LOCAL, stats, input),
    breakdown: (input: object) => invoke(app, LOCAL, breakdown, input),
  }
}

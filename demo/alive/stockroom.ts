/** What the shop's own people do: new prices, and bottles put back on the shelf. */
import { amount, typed } from '../generate/money.ts'
import { between, chance, int, pick, type Random } from '../generate/random.ts'
import type { Shop } from '../shop.ts'
import type { Raw, Row, Table } from '../table.ts'
import type { Writes } from '../writes.ts'
import type { Happening } from './events.ts'

export interface Stockroom {
  reprice(): Happening
  refill(): Happening
}

/** A shelf is filled up when it holds less than this. */
const LOW = 15
const NOTHING: Happening = { what: 'nothing', id: 0 }

export function createStockroom(shop: Shop, writes: Writes, random: Random): Stockroom {
  function some(table: Table, count: number): Row[] {
    const rows = table.sorted('id')
    return rows.length === 0 ? [] : Array.from({ length: count }, () => pick(random, rows) as Row)
  }

  function reprice(): Happening {
    const row = some(shop.products, 20).find(
      (each) => each.status === 'publish' && hasPrice(shop.products.body(each)),
    )
    if (!row) return NOTHING
    const regular = Math.round(Number(shop.products.body(row).regular_price) * 100)
    const change = chance(random, 0.4)
      ? { sale_price: chance(random, 0.5) ? '' : amount(Math.round(regular * 0.9)) }
      : {
          regular_price: typed(Math.max(100, Math.round((regular * between(random, 96, 105)) / 100))),
          sale_price: '',
        }
    writes.updateProduct(row.id, change)
    return { what: 'price', id: row.id }
  }

  /** The emptiest of some shelves, a variation's now and then; a full shelf is left alone. */
  function refill(): Happening {
    const own = chance(random, 0.75)
    const table = own ? shop.products : shop.variations
    const rows = some(table, 40)
      .map((row) => ({ id: row.id, status: row.status, body: table.body(row) }))
      .filter(({ status, body }) => status === 'publish' && body.manage_stock === true)
      .sort((a, b) => left(a.body) - left(b.body))
    const emptiest = rows[0]
    if (!emptiest || left(emptiest.body) >= LOW) return NOTHING
    const input = { stock_quantity: left(emptiest.body) + 12 * (4 + int(random, 20)) }
    if (own) writes.updateProduct(emptiest.id, input)
    else writes.updateVariation(emptiest.id, input)
    return { what: 'restocked', id: emptiest.id }
  }

  return { reprice, refill }
}

function hasPrice(body: Raw): boolean {
  return body.type === 'simple' && body.regular_price !== ''
}

function left(body: Raw): number {
  return Number(body.stock_quantity ?? 0)
}

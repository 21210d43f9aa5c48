/** The rows of a breakdown, read and put together per currency. */
import type pg from 'pg'
import type { Period } from '../facts.ts'
import { addUp, toFigures } from './figures.ts'
import type { Chosen } from './filters.ts'
import { continuous, type Grouping, groupOf, keysOf, type Span } from './groups.ts'
import { type LineGroup, readLines, toLineFigures } from './lines.ts'
import type { Row } from './top.ts'
import { type Group, sumOrders } from './totals.ts'

export interface Read {
  currencies: (string | null)[]
  of(currency: string | null): { total: Row; rows: Row[] }
}

const common = { key: null, name: null }

export async function readOrderRows(
  client: pg.PoolClient,
  chosen: Chosen,
  by: Exclude<Grouping, 'product' | 'category'>,
  period: Period,
): Promise<Read> {
  const groups = await sumOrders(client, chosen.values, chosen.where, groupOf(by, chosen))
  const whole =
    by === 'coupon' ? await sumOrders(client, chosen.values, chosen.where, { by: 'NULL::text' }) : groups
  const names = by === 'payment_method' ? await methodNames(client, chosen) : new Map<string, string>()
  const known = continuous.has(by) ? keysOf(by, period) : new Map<string, Span | null>()
  return {
    currencies: groups.map(({ currency }) => currency),
    of(currency) {
      const found = Map.groupBy(ofCurrency(groups, currency), (group) => group.key)
      const keys = new Set<string | null>([...known.keys(), ...found.keys()])
      const rows = [...keys].map((name): Row => {
        const sums = addUp((found.get(name) ?? []).map((group) => group.sums))
        return {
          key: name,
          name: (name !== null && names.get(name)) || null,
          ...(name === null ? null : known.get(name)),
          figures: toFigures(sums, currency),
          sums,
        }
      })
      const sums = addUp(ofCurrency(whole, currency).map((group) => group.sums))
      return { total: { ...common, figures: toFigures(sums, currency), sums }, rows }
    },
  }
}

export async function readLineRows(
  client: pg.PoolClient,
  chosen: Chosen,
  by: 'product' | 'category',
): Promise<Read> {
  const { groups, whole } = await readLines(client, chosen, by)
  const rowOf = (group: LineGroup, currency: string | null): Row => ({
    key: group.key,
    name: group.name,
    // Thousands of products, of which a page is shown: figures are made of that.
    get figures() {
      return { orders: group.orders, ...toLineFigures([group], currency) }
    },
    sums: group,
  })
  return {
    currencies: whole.map(({ currency }) => currency),
    of(currency) {
      const all = ofCurrency(whole, currency)[0] ?? { ...NOTHING, currency }
      return {
        total: { ...rowOf(all, currency), ...common },
        rows: ofCurrency(groups, currency).map((group) => rowOf(group, currency)),
      }
    },
  }
}

const NOTHING = { ...common, orders: 0, sold: '0', given_back: '0', pieces: '0', pieces_back: '0' }

function ofCurrency<G extends Group | LineGroup>(groups: readonly G[], currency: string | null): G[] {
  return groups.filter((group) => group.currency === currency)
}

/** Titles of the payment methods that the shop has now. */
async function methodNames(client: pg.PoolClient, { values }: Chosen): Promise<Map<string, string>> {
  const { rows } = await client.query<{ id: string; title: string }>(
    `SELECT id, title FROM mirror.payment_gateways WHERE store_id = $1 AND deleted_at IS NULL AND title <> ''`,
    values.slice(0, 1),
  )
  return new Map(rows.map(({ id, title }) => [id, title]))
}

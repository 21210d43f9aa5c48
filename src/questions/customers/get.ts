/** One customer: what was ordered, paid and given back, and the favourite products. */
import type pg from 'pg'
import { z } from 'zod'
import { WooSyncError } from '../../errors.ts'
import type { Store } from '../../mirror/stores.ts'
import { aggregateOf, type FactBook } from '../facts.ts'
import { customerInput } from '../orders/filters.ts'
import { customerKey, isOrder, isPaid } from '../orders/paid.ts'
import { personal } from '../personal.ts'
import { defineQuestion } from '../question.ts'
import {
  addCustomerFacts,
  type CustomerShown,
  customerShape,
  customerSubject,
  describeCustomers,
  type Whom,
} from './fields.ts'

const FAVOURITES = 10

const customerSchema = z.object({
  ...customerShape,
  emailsOfAccount: z
    .int()
    .nullable()
    .describe(
      'Asked by customer_id: with how many e-mails the account ordered; each is a customer of its own.',
    ),
  statuses: z
    .array(
      z.object({
        status: z.string().nullable().describe('Status of orders; trash and drafts are among them.'),
        orders: z.int().describe('Orders in it.'),
      }),
    )
    .describe('Orders by status, most first.'),
  favourites: z
    .array(
      z.object({
        product_id: z.int().describe('Id of the product; variations count as their product.'),
        name: z.string().nullable().describe('Name in the shop, else as it was last sold.'),
        quantity: z.number().describe('Pieces in paid orders, refunded ones included.'),
        orders: z.int().describe('Paid orders with it.'),
      }),
    )
    .describe(`Up to ${FAVOURITES} products, by pieces.`),
})

export const getCustomer = defineQuestion({
  name: 'customers.get',
  summary: 'One customer by key, account id or e-mail: orders, net totals by currency, favourite products.',
  http: 'GET /customers/details',
  positional: ['key'],
  resources: ['orders', 'refunds', 'customers'],
  input: z.strictObject({
    key: customerInput.describe('The customer’s key, as lists show it.'),
    customer_id: z
      .int()
      .positive()
      .optional()
      .describe(
        'Id of the account: the customer of the e-mail it last ordered with, else of its own e-mail.',
      ),
    email: personal(z.string().min(1).max(320).describe('The billing e-mail, case ignored.')),
  }),
  output: z.object({
    customer: customerSchema.nullable().describe('The customer; null: the shop has none such.'),
  }),
  run: async ({ store, facts, personal: mayName, inSnapshot }, { key, customer_id, email }) => {
    if ([key, customer_id, email].filter((one) => one !== undefined).length !== 1) {
      throw new WooSyncError('input_invalid', {
        field: 'key',
        problem: 'give key, customer_id or email, one of them',
      })
    }
    return inSnapshot(async (client) => {
      const found =
        customer_id === undefined
          ? await findByKey(client, store, key ?? null, email)
          : await findByAccount(client, store, customer_id)
      if (!found) {
        facts.add({
          subject: { kind: 'customer', id: key ?? null, name: null },
          attribute: 'customers',
          filter: { ...(key !== undefined && { key }), ...(customer_id !== undefined && { customer_id }) },
          value: 0,
          type: 'count',
          unit: 'customers',
          source: aggregateOf('customers', 0),
        })
        return { customer: null }
      }
      const [shown] = (await describeCustomers(client, store, [found])) as [CustomerShown]
      addCustomerFacts(facts, shown, mayName)
      const statuses = await readStatuses(client, store, found.key)
      const favourites = await readFavourites(client, store, found.key)
      for (const { product_id, name, quantity, orders } of favourites) {
        facts.add({
          subject: { kind: 'product', id: String(product_id), name },
          attribute: 'quantity',
          filter: { customer: customerSubject(shown, false).id ?? '' },
          value: quantity,
          type: 'quantity',
          unit: 'pieces',
          source: aggregateOf('order_lines', orders),
        })
      }
      addStatusFacts(facts, shown, mayName, statuses)
      return { customer: { ...shown, emailsOfAccount: found.emails, statuses, favourites } }
    })
  },
})

interface Found extends Whom {
  emails: number | null
}

async function findByKey(
  client: pg.PoolClient,
  store: Store,
  key: string | null,
  email: string | undefined,
): Promise<Found | null> {
  const { rows } = await client.query<{ key: string; known: boolean }>(
    `SELECT k.key,
            EXISTS (SELECT 1 FROM mirror.orders o
                    WHERE o.store_id = $1 AND o.deleted_at IS NULL AND ${isOrder} AND ${customerKey} = k.key)
            OR EXISTS (SELECT 1 FROM mirror.customers c
                       WHERE c.store_id = $1 AND c.deleted_at IS NULL
                         AND mirror.customer_key(c.store_id, c.email) = k.key) AS known
     FROM (SELECT coalesce($2, mirror.customer_key($1, $3)) AS key) AS k`,
    [store.id, key, email ?? null],
  )
  const [row] = rows
  return row?.known ? { key: row.key, accountId: null, emails: null } : null
}

async function findByAccount(client: pg.PoolClient, store: Store, account: number): Promise<Found | null> {
  const { rows: ordered } = await client.query<{ key: string; emails: number }>(
    `SELECT ${customerKey} AS key, count(*) OVER () AS emails
     FROM mirror.orders o
     WHERE o.store_id = $1 AND o.deleted_at IS NULL AND ${isOrder} AND o.customer_id = $2 AND ${customerKey} IS NOT NULL
     GROUP BY 1
     ORDER BY max(coalesce(o.created_at, '-infinity')) DESC, max(o.id) DESC
     LIMIT 1`,
    [store.id, account],
  )
  const [latest] = ordered
  if (latest) return { key: latest.key, accountId: account, emails: latest.emails }
  const { rows } = await client.query<{ key: string | null }>(
    `SELECT mirror.customer_key(c.store_id, c.email) AS key FROM mirror.customers c
     WHERE c.store_id = $1 AND c.id = $2 AND c.deleted_at IS NULL`,
    [store.id, account],
  )
  const [known] = rows
  return known ? { key: known.key, accountId: account, emails: 0 } : null
}

interface StatusRow {
  status: string | null
  orders: number
}

async function readStatuses(client: pg.PoolClient, store: Store, key: string | null): Promise<StatusRow[]> {
  const { rows } = await client.query<StatusRow>(
    `SELECT o.status, count(*) AS orders FROM mirror.orders o
     WHERE o.store_id = $1 AND o.deleted_at IS NULL AND ${customerKey} = $2
     GROUP BY 1
     ORDER BY 2 DESC, 1`,
    [store.id, key],
  )
  return rows
}

async function readFavourites(client: pg.PoolClient, store: Store, key: string | null) {
  const { rows } = await client.query<{
    product_id: number
    name: string | null
    quantity: string
    orders: number
  }>(
    `SELECT l.product_id, coalesce(p.name, max(l.name)) AS name, sum(l.quantity) AS quantity,
            count(DISTINCT l.order_id) AS orders
     FROM mirror.orders o
     JOIN mirror.order_lines l ON l.store_id = o.store_id AND l.order_id = o.id AND l.product_id IS NOT NULL
     LEFT JOIN mirror.products p ON p.store_id = l.store_id AND p.id = l.product_id
     WHERE o.store_id = $1 AND o.deleted_at IS NULL AND ${isPaid} AND ${customerKey} = $2
     GROUP BY l.product_id, p.name
     ORDER BY 3 DESC, 4 DESC, 1
     LIMIT ${FAVOURITES}`,
    [store.id, key],
  )
  return rows.map((row) => ({ ...row, quantity: Number(row.quantity) }))
}

function addStatusFacts(
  facts: FactBook,
  customer: CustomerShown,
  mayName: boolean,
  statuses: readonly StatusRow[],
): void {
  for (const { status, orders } of statuses) {
    facts.add({
      subject: customerSubject(customer, mayName),
      attribute: 'orders',
      filter: { status: status ?? '' },
      value: orders,
      type: 'count',
      unit: 'orders',
      source: aggregateOf('orders', orders),
    })
  }
}

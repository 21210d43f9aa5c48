/** New and returning customers: by the billing e-mail, trimmed, case ignored, guests included. */
import type pg from 'pg'
import { PAID_STATUSES } from '../definitions.ts'
import { customerSums, readSummed, type Summed } from '../summed.ts'
import type { Chosen } from './filters.ts'

export type CustomerCounts = {
  new_customers: number
  returning_customers: number
  orders_without_email: number
}

const KEY = 'mirror.customer_key(o.store_id, o.billing_email)'

/** A condition: the customer of this key had a paid order before the period. By the index orders_customer_key. */
const boughtBefore = (key: string, { begins }: Chosen) => `EXISTS (
  SELECT FROM mirror.orders e
  WHERE e.store_id = $1 AND mirror.customer_key(e.store_id, e.billing_email) = ${key} AND e.created_at < ${begins}
    AND e.deleted_at IS NULL AND e.status IN (${PAID_STATUSES.map((status) => `'${status}'`).join(', ')}))`

export async function countCustomers(client: pg.PoolClient, chosen: Chosen): Promise<CustomerCounts> {
  const summed = chosen.plain ? await readSummed(client, Number(chosen.values[0])) : null
  return summed ? countFromSums(client, chosen, summed) : countFromOrders(client, chosen)
}

/**
 * By first and last paid orders. Whoever bought before and after the period is looked at: of a period up to now there is
 * nobody.
 */
async function countFromSums(client: pg.PoolClient, chosen: Chosen, summed: Summed): Promise<CustomerCounts> {
  const values = [...chosen.values]
  const sums = customerSums(summed, values)
  const { rows } = await client.query<CustomerCounts>(
    `WITH ${sums},
     buyers AS (
       SELECT key, min(first_paid_at) AS first, max(last_paid_at) AS last
       FROM customer_sums WHERE paid_orders > 0
       GROUP BY key
     )
     SELECT count(*) FILTER (WHERE first >= ${chosen.begins} AND first < ${chosen.ends}) AS new_customers,
            count(*) FILTER (WHERE first < ${chosen.begins} AND last >= ${chosen.begins} AND (last < ${chosen.ends} OR EXISTS (
              SELECT FROM mirror.orders o WHERE ${chosen.where} AND ${KEY} = buyers.key))) AS returning_customers,
            (SELECT count(*) FROM mirror.orders o WHERE ${chosen.where} AND ${KEY} IS NULL) AS orders_without_email
     FROM buyers`,
    values,
  )
  return rows[0] as CustomerCounts
}

async function countFromOrders(client: pg.PoolClient, chosen: Chosen): Promise<CustomerCounts> {
  const { rows } = await client.query<CustomerCounts & { customers: number }>(
    `WITH buyers AS MATERIALIZED (
       SELECT ${KEY} AS key, count(*) AS orders FROM mirror.orders o WHERE ${chosen.where} GROUP BY 1
     )
     SELECT (SELECT count(*) FROM buyers WHERE key IS NOT NULL) AS customers,
            (SELECT count(*) FROM buyers WHERE ${boughtBefore('buyers.key', chosen)}) AS returning_customers,
            (SELECT coalesce(sum(orders), 0)::bigint FROM buyers WHERE key IS NULL) AS orders_without_email`,
    chosen.values,
  )
  const { customers, returning_customers, orders_without_email } = rows[0] as (typeof rows)[number]
  return { new_customers: customers - returning_customers, returning_customers, orders_without_email }
}

/** The group of an order by its customer, and the table it takes. */
export function customerType(chosen: Chosen): { by: string; from: string } {
  return {
    by: `CASE WHEN ${KEY} IS NULL THEN 'no_email' WHEN known.key IS NULL THEN 'new' ELSE 'returning' END`,
    from: `LEFT JOIN (
      SELECT b.key FROM (SELECT DISTINCT ${KEY} AS key FROM mirror.orders o WHERE ${chosen.where}) AS b
      WHERE ${boughtBefore('b.key', chosen)}
    ) AS known ON known.key = ${KEY}`,
  }
}

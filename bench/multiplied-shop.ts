/**
 * A database of many orders made from the recorded ones: each round of copies has ids of its own, and the sums,
 * lines, addresses and meta of real orders.
 */
import type { Mariadb } from '../test/mariadb.ts'

export const MULTIPLIED = 'woocommerce_multiplied'
const RECORDED = 'woocommerce_small'

/** Tables of an order, the columns that are moved with it, and those MariaDB numbers by itself. */
const TABLES = [
  { name: 'wc_orders', moved: ['id'], own: [] },
  { name: 'wc_order_addresses', moved: ['order_id'], own: ['id'] },
  { name: 'wc_order_operational_data', moved: ['order_id'], own: ['id'] },
  { name: 'wc_orders_meta', moved: ['order_id'], own: ['id'] },
  { name: 'woocommerce_order_items', moved: ['order_item_id', 'order_id'], own: [] },
  { name: 'woocommerce_order_itemmeta', moved: ['order_item_id'], own: ['meta_id'] },
] as const

/** @returns how many orders the new database has: the recorded ones, copied until there are as many as wanted */
export async function multiplyShop(mariadb: Mariadb, orders: number): Promise<number> {
  const recorded = await ordersOf(mariadb)
  const rounds = Math.max(1, Math.round(orders / recorded))
  // As close as in a shop that grew: a copy's ids follow the ids before it.
  const steps = {
    order_id: await spanOf(mariadb, 'wc_orders', 'id'),
    order_item_id: await spanOf(mariadb, 'woocommerce_order_items', 'order_item_id'),
  }
  await mariadb.run(
    null,
    `DROP DATABASE IF EXISTS ${MULTIPLIED}; CREATE DATABASE ${MULTIPLIED}; GRANT SELECT ON ${MULTIPLIED}.* TO '${mariadb.reader.user}'@'%'`,
  )
  const tables = await mariadb.ask(RECORDED, 'SHOW TABLES')
  for (const table of tables) {
    const [name] = table as [string]
    const source = `${RECORDED}.\`${name}\``
    await mariadb.run(
      MULTIPLIED,
      `CREATE TABLE \`${name}\` LIKE ${source}; INSERT INTO \`${name}\` SELECT * FROM ${source}`,
    )
  }
  // Refunds belong to their own benchmark; of the orders every status stays.
  const keep = `SELECT id FROM ${RECORDED}.wp_wc_orders WHERE type = 'shop_order'`
  for (const { name, moved, own } of TABLES) {
    const columns = (await mariadb.ask(RECORDED, `SHOW COLUMNS FROM wp_${name}`))
      .map(([column]) => String(column))
      .filter((column) => !(own as readonly string[]).includes(column))
    const values = columns.map((column) => {
      const step = column === 'order_item_id' ? steps.order_item_id : steps.order_id
      return (moved as readonly string[]).includes(column)
        ? `t.\`${column}\` + r.seq * ${step}`
        : `t.\`${column}\``
    })
    const owned =
      name === 'wc_orders'
        ? `t.type = 'shop_order'`
        : name === 'woocommerce_order_itemmeta'
          ? `t.order_item_id IN (SELECT order_item_id FROM ${RECORDED}.wp_woocommerce_order_items WHERE order_id IN (${keep}))`
          : `t.order_id IN (${keep})`
    if (rounds > 1) {
      await mariadb.run(
        MULTIPLIED,
        `INSERT INTO wp_${name} (${columns.map((column) => `\`${column}\``).join(', ')})
         SELECT ${values.join(', ')} FROM seq_1_to_${rounds - 1} r STRAIGHT_JOIN ${RECORDED}.wp_${name} t
         WHERE ${owned}`,
      )
    }
    await mariadb.run(MULTIPLIED, `ANALYZE TABLE wp_${name}`)
  }
  return recorded * rounds
}

async function spanOf(mariadb: Mariadb, table: string, id: string): Promise<number> {
  const [row] = await mariadb.ask(RECORDED, `SELECT max(${id}) - min(${id}) + 1 FROM wp_${table}`)
  return Number(row?.[0])
}

async function ordersOf(mariadb: Mariadb): Promise<number> {
  const [row] = await mariadb.ask(
    RECORDED,
    `SELECT count(*) FROM wp_wc_orders WHERE type = 'shop_order' AND status <> 'auto-draft'`,
  )
  return Number(row?.[0])
}

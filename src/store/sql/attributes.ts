/** The shop's attributes of products, as REST shows them. */
import type { SqlReader } from './reader.ts'
import { idCondition, wantedRows } from './rows.ts'
import { tableName } from './tables.ts'

export const attributeReader: SqlReader = {
  async list(shop, after, limit) {
    const rows = await shop.database.query(
      `
      SELECT attribute_id
      FROM ${tableName(shop, 'woocommerce_attribute_taxonomies')}
      WHERE attribute_id > ?
      ORDER BY attribute_id
      LIMIT ?`,
      [Number(after ?? 0), limit],
    )
    return rows.map(([id]) => ({ id: id as string, modifiedAt: null }))
  },
  async read(shop, ids) {
    const wanted = idCondition('attribute_id', ids)
    const rows = await shop.database.query(
      `
      SELECT attribute_id, attribute_name, attribute_label, attribute_type, attribute_orderby, attribute_public
      FROM ${tableName(shop, 'woocommerce_attribute_taxonomies')}
      WHERE ${wanted.sql}`,
      wanted.values,
    )
    return [...wantedRows(rows, ids).values()].map(([id, name, label, type, orderBy, isPublic]) => ({
      id: Number(id),
      // As REST names those without a label.
      name: label || (name ?? ''),
      slug: `pa_${name}`,
      type: type ?? 'select',
      order_by: orderBy ?? 'menu_order',
      has_archives: isPublic === '1',
    }))
  },
}

/**
 * What an order says of products that were deleted for good: the line stays, but no longer knows its product
 * (rows 7 and 12). WooCommerce looks this up at each reading, so it is done here when a body is read; a sweep
 * over a million orders made on demand would have to make them all.
 */
import type { Raw, Row, Table } from './table.ts'

/** The same table, but for the lines of its bodies whose product or variation is among the deleted. */
export function forgettingDeleted(table: Table, deleted: ReadonlySet<number>, products: Table): Table {
  const read = table.body
  table.body = (row: Row) => (deleted.size === 0 ? read(row) : strike(read(row), deleted, products))
  return table
}

function strike(body: Raw, deleted: ReadonlySet<number>, products: Table): Raw {
  const lines = body.line_items as Raw[] | undefined
  if (!lines?.some((line) => names(line, deleted))) return body
  return {
    ...body,
    line_items: lines.map((line) => (names(line, deleted) ? strikeLine(line, deleted, products) : line)),
  }
}

function names(line: Raw, deleted: ReadonlySet<number>): boolean {
  return deleted.has(line.product_id as number) || deleted.has(line.variation_id as number)
}

function strikeLine(line: Raw, deleted: ReadonlySet<number>, products: Table): Raw {
  if (deleted.has(line.product_id as number)) {
    const image = { id: 0, src: '' }
    const nothing = { sku: null, global_unique_id: null, parent_name: null, image }
    return { ...line, product_id: 0, variation_id: 0, ...nothing }
  }
  const row = products.get(line.product_id as number)
  const parent = row && products.body(row)
  return {
    ...line,
    variation_id: 0,
    sku: parent?.sku ?? null,
    global_unique_id: parent?.global_unique_id ?? null,
    image: { id: '', src: '' },
    parent_name: null,
  }
}

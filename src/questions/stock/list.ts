/** A page of units, whatever chose them. */
import { z } from 'zod'
import { aggregateOf, type Fact } from '../facts.ts'
import { type KeysetRow, keyset, nextCursor, type Sorts, toPage } from '../page.ts'
import type { Asked } from '../question.ts'
import { addStockFacts, COUNTED, toUnit, type UnitColumns, unitColumns, unitRow, units } from './units.ts'

export const definitionField = z.string().describe('What is in the list, in words.')

export const unitList = {
  products: z.array(unitRow).describe('The products and variations of this page.'),
  total: z.int().describe('How many there are in all pages.'),
  definition: definitionField,
  nextCursor,
}

interface Choice {
  /** What is counted, as a fact names it: `products_low`. */
  attribute: string
  definition: string
  /** What is counted, where that is not what the list is about. */
  counts?: string
  filter: Fact['filter']
  period?: Fact['period']
  /** A condition on `u`, a unit. */
  where: string
  values: unknown[]
  sorts: Sorts
  /** SQL of a threshold instead of everybody's own. */
  threshold?: string | null
  /** More CTEs, behind that of the units. */
  ctes?: string
  /** Joined to `units u`, where the condition, the sort or further columns need it. */
  join?: string
  /** Further columns, of `u` and what was joined. */
  columns?: string
  /** Further columns, of `u` alone, read for the rows of the page only. */
  shown?: string
}

interface Given {
  limit: number
  cursor?: string | undefined
  sort: string
}

/**
 * @returns the rows with whatever further columns were asked for beside the units themselves
 * @throws cursor_invalid
 */
export async function listUnits<More extends object>(asked: Asked, choice: Choice, given: Given) {
  const { db, store, facts } = asked
  const {
    attribute,
    filter,
    period = null,
    where,
    values,
    threshold = null,
    ctes,
    join = '',
    columns,
    shown: late,
  } = choice
  const page = keyset(choice.sorts, 'u.unit_id', given, values)
  const { rows } = await db.query<{ total: number } & Partial<UnitColumns & KeysetRow & More>>(
    `WITH ${units(threshold)}${ctes ? `, ${ctes}` : ''},
     chosen AS MATERIALIZED (
       SELECT ${unitColumns}, u.unit_id, u.created_at, ${page.columns}, ${page.where} AS ahead,
              row_number() OVER (ORDER BY ${page.orderBy}) AS place
              ${columns === undefined ? '' : `, ${columns}`}
       FROM units u ${join}
       WHERE ${where}
     )
     SELECT counted.total, page.*
     FROM (SELECT count(*)::int AS total FROM chosen) counted
     LEFT JOIN (
       SELECT u.*${late === undefined ? '' : `, ${late}`}
       FROM (SELECT * FROM chosen WHERE ahead ORDER BY place LIMIT ${page.limit}) u
     ) page ON true
     ORDER BY page.place`,
    values,
  )
  const total = rows[0]?.total ?? 0
  const found = rows.filter((row): row is typeof row & UnitColumns & KeysetRow & More => {
    return typeof row.product_id === 'number'
  })
  const { rows: shown, nextCursor } = toPage(found, given)
  const definition = `${choice.definition} ${COUNTED}`
  facts.add({
    subject: { kind: 'stock', id: null, name: null },
    attribute,
    period,
    filter,
    definition: choice.counts === undefined ? definition : `${choice.counts} ${COUNTED}`,
    value: total,
    type: 'count',
    unit: 'products and variations',
    source: aggregateOf('product_stock', total),
  })
  const list = shown.map((row) => {
    const unit = toUnit(row, store)
    addStockFacts(facts, unit)
    return { row, unit }
  })
  return { list, total, definition, nextCursor }
}

/** The same for lists that show the units alone. */
export async function plainUnits(asked: Asked, choice: Choice, given: Given) {
  const { list, ...rest } = await listUnits(asked, choice, given)
  return { products: list.map(({ unit }) => unit), ...rest }
}

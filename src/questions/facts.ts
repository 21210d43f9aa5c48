/**
 * Facts: each value of an answer with what it is about, its period, filter, unit, and the rows it came from. Whoever
 * repeats a value, a template or a model, repeats a fact.
 */
import { z } from 'zod'

const subject = z.object({
  kind: z
    .enum([
      'product',
      'variation',
      'category',
      'order',
      'refund',
      'customer',
      'coupon',
      'sales',
      'stock',
      'basket',
      'segment',
      'forecast',
      'store',
    ])
    .describe('What kind of thing the value is about; sales: all sales that the filter leaves.'),
  id: z.string().nullable().describe('Its id in the shop; null for an aggregate.'),
  name: z
    .string()
    .nullable()
    .describe('Its name in the shop, at most 200 characters; null where it has none.'),
})

const period = z.object({
  from: z.iso.date().describe('First day, the shop’s own.'),
  to: z.iso.date().describe('Last day, included.'),
  timezone: z.string().describe('The shop’s time zone, in which the days are meant.'),
})

const source = z.object({
  table: z.string().describe('Table or view of the mirror, such as mirror.orders.'),
  ids: z
    .array(z.string())
    .nullable()
    .describe('Ids of the rows, where they are few; null for an aggregate: its filter and count say which.'),
  rows: z.int().min(0).describe('How many rows the value came from.'),
})

/** Kinds of values; each says how a value is written for a person. */
export const valueTypes = [
  'money',
  'quantity',
  'count',
  'number',
  'percentage',
  'date',
  'moment',
  'duration',
  'text',
  'state',
  'direction',
  'rank',
  'quantifier',
  'parameter',
] as const

export const factSchema = z.object({
  id: z.string().describe('Unique in this answer: f1, f2, …'),
  subject: subject.describe('What the value is about.'),
  attribute: z.string().describe('What of it: stock_quantity, price, net_sales …'),
  period: period.nullable().describe('The period the value is of; null: it is as the mirror stands.'),
  filter: z
    .record(
      z.string().describe('Field.'),
      z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).describe('Value, or values.'),
    )
    .describe('What else the rows were chosen by; empty: nothing.'),
  value: z
    .union([z.string(), z.number(), z.boolean()])
    .nullable()
    .describe('The value. Money is a decimal text; a percentage is of 100; null: the shop says none.'),
  type: z.enum(valueTypes).describe('Kind of the value.'),
  unit: z
    .string()
    .nullable()
    .describe('Currency code of money; pieces, days, orders …; null where it has none.'),
  definition: z
    .string()
    .nullable()
    .describe('What the value means, in words, where its name does not say all.'),
  source: source.describe('The rows it came from.'),
})

export type Fact = z.output<typeof factSchema>
export type Subject = z.output<typeof subject>
export type Period = z.output<typeof period>
export type Source = z.output<typeof source>

/** A fact before it has its number; what is left out has no period, no filter, no unit, no definition. */
export type NewFact = Pick<Fact, 'subject' | 'attribute' | 'value' | 'type' | 'source'> &
  Partial<Pick<Fact, 'period' | 'unit' | 'definition'>> & { filter?: Filter }

/** What rows were chosen by; a field that was not given says nothing. */
export type Filter = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

export interface FactBook {
  /** @returns the fact's id */
  add(fact: NewFact): string
  all(): Fact[]
}

const LONGEST_NAME = 200

export function createFactBook(): FactBook {
  const facts: Fact[] = []
  return {
    add(fact) {
      const id = `f${facts.length + 1}`
      const { name } = fact.subject
      const named = { ...fact.subject, name: name === null ? null : name.slice(0, LONGEST_NAME) }
      facts.push({
        id,
        subject: named,
        attribute: fact.attribute,
        period: fact.period ?? null,
        filter: fact.filter ? given(fact.filter) : {},
        value: fact.value,
        type: fact.type,
        unit: fact.unit ?? null,
        definition: fact.definition ?? null,
        source: fact.source,
      })
      return id
    },
    all: () => facts,
  }
}

function given(filter: Filter): Fact['filter'] {
  return Object.fromEntries(
    Object.entries(filter).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, isList(value) ? [...value] : value]],
    ),
  )
}

const isList = (value: unknown): value is readonly string[] => Array.isArray(value)

/** For callers who asked for none: nothing is kept. */
export const noFacts: FactBook = { add: () => '', all: () => [] }

/** A few rows of a table by their ids. */
export function rowsOf(table: string, ids: readonly (string | number)[]): Source {
  return { table: `mirror.${table}`, ids: ids.map(String), rows: ids.length }
}

/** An aggregate over rows that the fact's period and filter choose. */
export function aggregateOf(table: string, rows: number): Source {
  return { table: `mirror.${table}`, ids: null, rows }
}

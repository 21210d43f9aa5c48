/** Figures of sales as facts, each with its definition. */
import { definitions, type MetricName } from '../definitions.ts'
import { aggregateOf, type Fact, type FactBook, type Period, type Subject } from '../facts.ts'

/** Whose figures they are. */
export interface About {
  subject: Subject
  period: Period
  filter: Fact['filter']
  currency: string | null
  /** Orders the figures come from. */
  rows: number
}

export const ALL_SALES: Subject = { kind: 'sales', id: null, name: null }

/** One fact for each of the figures that has a definition. */
export function addFigures(facts: FactBook, about: About, figures: Readonly<Record<string, unknown>>): void {
  const { subject, period, currency, rows } = about
  const filter = currency === null ? about.filter : { ...about.filter, currency }
  for (const [name, value] of Object.entries(figures)) {
    if (!isMetric(name) || !isValue(value)) continue
    const { definition, type, unit } = definitions[name]
    const inUnit = type === 'money' ? currency : unit
    const source = aggregateOf('orders', rows)
    facts.add({ subject, attribute: name, period, filter, value, type, unit: inUnit, definition, source })
  }
}

function isMetric(name: string): name is MetricName {
  return name in definitions
}

function isValue(value: unknown): value is string | number | null {
  return value === null || typeof value === 'string' || typeof value === 'number'
}

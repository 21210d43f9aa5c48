/** Figures of sales as facts, each with its definition. */
import { definitions, type MetricName } from '../definitions.ts'
import { aggregateOf, type Fact, type FactBook, type Period, type Source, type Subject } from '../facts.ts'

/** Whose figures they are. */
export interface About {
  subject: Subject
  period: Period
  filter: Fact['filter']
  currency: string | null
  /** Orders the figures come from. */
  rows: number
  /** Refunds of those; null: they were not counted. */
  refundRows: number | null
}

const OF_REFUNDS: ReadonlySet<string> = new Set<MetricName>(['refunds', 'refunded_tax', 'refunded_items'])

/** The rows a figure comes from: its refunds, where it is of them alone. */
export function sourceOf(
  metric: MetricName,
  { rows, refundRows }: Pick<About, 'rows' | 'refundRows'>,
): Source {
  return refundRows !== null && OF_REFUNDS.has(metric)
    ? aggregateOf('refunds', refundRows)
    : aggregateOf('orders', rows)
}

export const ALL_SALES: Subject = { kind: 'sales', id: null, name: null }

/** One fact for each of the figures that has a definition. */
export function addFigures(facts: FactBook, about: About, figures: Readonly<Record<string, unknown>>): void {
  const { subject, period, currency } = about
  const filter = currency === null ? about.filter : { ...about.filter, currency }
  for (const [name, value] of Object.entries(figures)) {
    if (!isMetric(name) || !isValue(value)) continue
    const { definition, type, unit } = definitions[name]
    const inUnit = type === 'money' ? currency : unit
    const source = sourceOf(name, about)
    facts.add({ subject, attribute: name, period, filter, value, type, unit: inUnit, definition, source })
  }
}

function isMetric(name: string): name is MetricName {
  return name in definitions
}

function isValue(value: unknown): value is string | number | null {
  return value === null || typeof value === 'string' || typeof value === 'number'
}

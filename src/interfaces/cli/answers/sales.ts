/** Sales: a table of figures for each currency, beside earlier periods, or by groups. */
import { priceText } from '../price.ts'
import { renderTable } from '../table.ts'
import { cleanLine, cut, width, wrapped } from '../terminal.ts'
import { type Look, labelOf, NONE, pairs, valueText } from '../values.ts'
import type { AnswerTo, Operations } from './answer-to.ts'

type Stats = AnswerTo<Operations['sales']['stats']>
type Breakdown = AnswerTo<Operations['sales']['breakdown']>

const right = { align: 'right' as const }

export function salesText(answer: Stats, look: Look): string {
  const parts = [`Sales from ${answer.from} to ${answer.to}, days of ${answer.timezone}`]
  for (const { currency, statuses, comparisons, ...figures } of answer.sales) {
    const rows = Object.entries(figures).map(([name, value]) => [
      labelOf(name),
      valueText(name, value, currency, look),
      ...comparisons.flatMap(({ figures: then, changes }) => [
        valueText(name, then[name as keyof typeof then], currency, look),
        changeText(changes.find(({ metric }) => metric === name)?.percentage),
      ]),
    ])
    const earlier = comparisons.flatMap(({ from, to }) => [
      { title: `${from} … ${to}`, ...right },
      { title: 'change', ...right },
    ])
    const title = currency ?? 'no currency'
    parts.push(
      renderTable([{ title }, { title: earlier.length > 0 ? 'now' : '', ...right }, ...earlier], rows),
    )
    for (const { from, to, first_order_day: first } of comparisons) {
      if (first === null || from >= first) continue
      const words = `The first order is of ${first}: ${from} … ${to} begins before it, and nothing is compared with it in per cent.`
      parts.push(wrapped(words, look.columns).join('\n'))
    }
    if (statuses.length === 0) continue
    const inStatus = statuses.map(
      ({ status, orders, total }) => `${cleanLine(status ?? NONE)} ${orders} (${priceText(total, currency)})`,
    )
    parts.push(wrapped(`Every status: ${inStatus.join(', ')}`, look.columns).join('\n'))
  }
  if (answer.sales.length === 0) parts.push('No orders.')
  if (answer.customers) {
    parts.push(
      pairs(
        Object.entries(answer.customers).map(([name, count]) => [labelOf(name), String(count)]),
        look.columns,
      ),
    )
  }
  parts.push('What each figure means: woosync sales definitions')
  return parts.join('\n\n')
}

function changeText(percentage: number | null | undefined): string {
  if (percentage === null || percentage === undefined) return NONE
  return `${percentage > 0 ? '+' : ''}${percentage.toFixed(1)} %`
}

export function breakdownText(answer: Breakdown, look: Look): string {
  const parts = [
    `Sales by ${labelOf(answer.by)} from ${answer.from} to ${answer.to}, days of ${answer.timezone}`,
  ]
  for (const { currency, rows, others, total, left_out: left } of answer.sales) {
    const names = COLUMNS.filter((name) => rows.some((row) => row[name] !== undefined))
    const groups = [...rows, ...(others ? [others] : []), total]
    const cells = groups.map((group) => names.map((name) => valueText(name, group[name], currency, look)))
    const heads = names.map((name) => ({ title: labelOf(name), ...right }))
    const taken = heads.map(({ title }, at) =>
      Math.max(title.length, ...cells.map((row) => width(row[at] ?? ''))),
    )
    const room = look.columns - taken.reduce((sum, one) => sum + one + 2, 0)
    const labels = [
      ...rows.map((row) => cleanLine(row.name ?? row.key ?? '') || NONE),
      ...(others ? [`${left} more`] : []),
      'all together',
    ]
    const lines = cells.map((row, at) => [cut(labels[at] ?? '', Math.max(16, room)), ...row])
    parts.push(renderTable([{ title: labelOf(answer.by) }, ...heads], lines))
  }
  if (answer.sales.length === 0) parts.push('No orders.')
  if (answer.overlapping)
    parts.push('An order may count in several groups: they add up to more than all together.')
  parts.push('What each figure means: woosync sales definitions')
  return parts.join('\n\n')
}

/** Those that are there, the most telling first. */
const COLUMNS = [
  'orders',
  'net_sales',
  'gross_sales',
  'refunds',
  'items',
  'net_product_sales',
  'product_refunds',
  'product_items',
] as const

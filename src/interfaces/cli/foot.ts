/** What stands beneath an answer: how old it is, how it goes on, and its facts. */
import type { Operation } from '../../operations/define.ts'
import type { Fact } from '../../questions/facts.ts'
import { ageText } from './progress.ts'
import { renderTable } from './table.ts'
import { cleanLine, cut, wrapped } from './terminal.ts'
import { isMoment, type Look, valueText } from './values.ts'

interface AsOf {
  at: string | null
  state: string
}

interface Wanted {
  facts: boolean
  /** Columns that no table had room for. */
  left: number
}

export function footOf(
  operation: Operation,
  answer: Readonly<Record<string, unknown>>,
  look: Look,
  { facts, left }: Wanted,
): string[] {
  const lines: string[] = []
  if (facts && Array.isArray(answer.facts)) lines.push('', factsTable(answer.facts as Fact[], look))
  const notes = [
    asOfText(answer.asOf, look),
    holdsMoment(withoutFoot(answer)) ? `Times: ${look.timezone ?? 'UTC'}.` : '',
    left > 0 ? `${left} more ${left === 1 ? 'column' : 'columns'}: ${formsOf(operation)}.` : '',
  ].filter(Boolean)
  if (notes.length > 0) lines.push('', ...wrapped(notes.join(' '), look.columns))
  if (typeof answer.nextCursor === 'string') lines.push(`Next page: --cursor ${cleanLine(answer.nextCursor)}`)
  return lines
}

const formsOf = ({ list }: Operation) => (list === undefined ? '--json' : '--csv or --json')

/** `Data: products, variations 12 s old, complete.` */
function asOfText(asOf: unknown, { now }: Look): string {
  if (typeof asOf !== 'object' || asOf === null) return ''
  const groups = new Map<string, string[]>()
  for (const [resource, one] of Object.entries(asOf as Record<string, AsOf>)) {
    const age = one.at === null ? '' : `${ageText(Math.max(0, now - Date.parse(one.at)) / 1000)} old, `
    const said = `${age}${one.state}`
    groups.set(said, [...(groups.get(said) ?? []), resource.replaceAll('_', ' ')])
  }
  if (groups.size === 0) return ''
  return `Data: ${[...groups].map(([said, names]) => `${names.join(', ')} ${said}`).join('; ')}.`
}

function withoutFoot({ asOf: _age, facts: _facts, ...rest }: Readonly<Record<string, unknown>>): unknown {
  return rest
}

function holdsMoment(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(holdsMoment)
  return isMoment(value)
}

function factsTable(facts: readonly Fact[], look: Look): string {
  if (facts.length === 0) return 'No facts.'
  return renderTable(
    [{ title: 'fact' }, { title: 'of' }, { title: 'what' }, { title: 'value' }, { title: 'from' }],
    facts.map((fact) => {
      const { kind, id, name } = fact.subject
      const of = [kind, id, name].filter((part) => part !== null).join(' ')
      const unit = fact.unit === null ? '' : ` ${fact.unit}`
      const period = fact.period === null ? '' : ` ${fact.period.from}…${fact.period.to}`
      return [
        fact.id,
        cut(cleanLine(of), 36),
        cut(cleanLine(`${fact.attribute}${period}`), 40),
        cut(`${valueText('', fact.value, null, look)}${unit}`, 24),
        fromText(fact.source),
      ]
    }),
  )
}

function fromText({ table, ids, rows }: Fact['source']): string {
  const which = ids !== null && ids.length <= 3 ? ids.join(', ') : `${rows} ${rows === 1 ? 'row' : 'rows'}`
  return cleanLine(`${table} ${which}`)
}

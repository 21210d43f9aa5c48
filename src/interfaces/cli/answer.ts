/** The answer of any operation as text for a person; what it holds follows from its schema. */
import { z } from 'zod'
import type { Operation } from '../../operations/define.ts'
import { bareType } from '../coerce.ts'
import { footOf } from './foot.ts'
import { ownAnswers } from './own-answers.ts'
import { renderRows } from './rows.ts'
import { TELLING } from './telling.ts'
import { cleanText, wrapped } from './terminal.ts'
import { amountsText, currencyOf, type Look, labelOf, NONE, pairs, valueText } from './values.ts'

/** Fields that stand beneath the answer. */
const BENEATH = new Set(['asOf', 'facts', 'nextCursor'])

type Answer = Readonly<Record<string, unknown>>

interface Body {
  text: string
  /** Columns that no table had room for. */
  left: number
}

/** Whole: the answer, how old it is, how it goes on, and the facts where they are wanted. */
export function renderAnswer(operation: Operation, answer: Answer, look: Look, facts: boolean): string {
  const { text, left } = bodyOf(operation, answer, look)
  return [text, ...footOf(operation, answer, look, { facts, left })].join('\n')
}

function bodyOf(operation: Operation, answer: Answer, look: Look): Body {
  const own = ownAnswers[operation.name]?.(answer as never, look) ?? null
  if (own !== null) return { text: own, left: 0 }
  if (typeof answer.markdown === 'string') return { text: cleanText(answer.markdown).trimEnd(), left: 0 }
  const shape = operation.output.shape as Record<string, z.core.$ZodType>
  const fields = Object.entries(shape).filter(([name]) => !BENEATH.has(name))
  const found = fields.filter(([name]) => !isNothing(answer[name]))
  const [first] = fields
  if (found.length === 0 && first) {
    const [name, type] = first
    return { text: Array.isArray(answer[name]) ? 'Nothing found.' : absence(type, name), left: 0 }
  }
  const [only, another] = found
  const top = { look, telling: TELLING[operation.name], list: operation.list, outer: null }
  if (only && !another) {
    const [name, type] = only
    const bare = bareType(type)
    const value = answer[name]
    if (bare instanceof z.ZodObject && isRecord(value)) return objectOf(bare, value, { look, outer: null })
  }
  const whole = z.object(Object.fromEntries(found) as z.ZodRawShape)
  const body = objectOf(whole, answer, top)
  const isEmpty = operation.list !== undefined && isNothing(answer[operation.list])
  return isEmpty ? { ...body, text: `Nothing found.\n\n${body.text}` } : body
}

const isNothing = (value: unknown) =>
  value === null || value === undefined || (Array.isArray(value) && value.length === 0)

/** What an object stands in. */
interface Place {
  look: Look
  /** Currency of what it stands in. */
  outer: string | null
  telling?: readonly string[] | undefined
  /** The field whose rows go on page by page. */
  list?: string | undefined
}

/** Values beside their names, then what is nested, each under its title. */
function objectOf(type: z.ZodObject, value: Answer, { look, outer, telling, list }: Place): Body {
  const currency = currencyOf(value, null) ?? currencyWithin(value) ?? outer
  const inner = { look: { ...look, columns: look.columns - 2 }, outer: currency }
  const lines: [string, string][] = []
  const parts: Body[] = []
  for (const [name, field] of Object.entries(type.shape as Record<string, z.core.$ZodType>)) {
    const member = value[name]
    if (member === undefined) continue
    const bare = bareType(field)
    if (bare instanceof z.ZodObject && isRecord(member)) {
      const { text, left } = objectOf(bare, member, inner)
      parts.push({ text: `${titleOf(name)}\n${indented(text)}`, left })
    } else if (bare instanceof z.ZodArray && isRows(member) && amountsText(member) === null) {
      if (member.length === 0) continue
      const element = bareType(bare.element)
      if (
        element instanceof z.ZodObject &&
        name !== list &&
        isNested(member) &&
        member.length <= MOST_BLOCKS
      ) {
        const bodies = member.map((row) => objectOf(element, row, inner))
        parts.push({ text: titleOf(name), left: 0 })
        parts.push(...bodies.map(({ text, left }) => ({ text: indented(text), left })))
        continue
      }
      const { text, left } = renderRows(bare.element, member, { ...look, telling }, currency)
      const alone = parts.length + lines.length === 0
      parts.push({ text: alone ? text : `${titleOf(name)}\n${text}`, left })
    } else if (typeof member === 'string' && member.length > look.columns) {
      const text = cleanText(member)
        .split('\n')
        .flatMap((line) => wrapped(line, look.columns - 2))
      parts.push({ text: `${titleOf(name)}\n${indented(text.join('\n'))}`, left: 0 })
    } else lines.push([labelOf(name), valueText(name, member, currency, look)])
  }
  const block = pairs(withoutEmpty(lines), look.columns)
  return {
    text: [...(block === '' ? [] : [block]), ...parts.map(({ text }) => text)].join('\n\n'),
    left: parts.reduce((sum, { left }) => sum + left, 0),
  }
}

/** What a null means, as the field's own description says it. */
function absence(type: z.core.$ZodType, name: string): string {
  const described = /null: ([^;]+?)\.?$/.exec((type as z.ZodType).description ?? '')?.[1]
  if (described === undefined) return `No ${labelOf(name)}.`
  return `${described[0]?.toUpperCase()}${described.slice(1)}.`
}

/** Many empty values are one line, at the end. */
function withoutEmpty(lines: readonly [string, string][]): [string, string][] {
  const empty = lines.filter(([, value]) => value === NONE).map(([label]) => label)
  if (empty.length < 4) return [...lines]
  return [...lines.filter(([, value]) => value !== NONE), ['not set', empty.join(', ')]]
}

/** More of them are easier to look over in a table. */
const MOST_BLOCKS = 24

/** Rows that hold rows of their own: each is shown as a thing of its own. */
function isNested(rows: readonly Answer[]): boolean {
  return rows.some((row) =>
    Object.values(row).some(
      (member) => Array.isArray(member) && member.some(isRecord) && amountsText(member) === null,
    ),
  )
}

/** `order` beside its `items` says in what currency they are. */
function currencyWithin(value: Answer): string | null {
  const found = Object.values(value).flatMap(
    (member) => currencyOf(isRecord(member) ? member : null, null) ?? [],
  )
  return found.length === 1 ? (found[0] ?? null) : null
}

const titleOf = (name: string): string => {
  const label = labelOf(name)
  return `${label[0]?.toUpperCase() ?? ''}${label.slice(1)}`
}

const indented = (text: string): string => text.replace(/^(?=.)/gm, '  ')

const isRecord = (value: unknown): value is Answer =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isRows = (value: unknown): value is Answer[] =>
  Array.isArray(value) && (value.length === 0 || value.some(isRecord))

/**
 * Values put into a statement here, in our process, so that every way to a database gets the same text. It holds
 * for sessions without NO_BACKSLASH_ESCAPES in utf8mb4, which `session.ts` sees to.
 */
import type { SqlValue } from './database.ts'

/** A text, a name in backticks, a comment, or the sign a value stands for. */
const parts = /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|`[^`]*`|--\s[^\n]*|\/\*[\s\S]*?\*\/|\?/g

const special = /[\0\t\n\r"'\\]/g
const escapes: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '"': '\\"',
  "'": "\\'",
  '\\': '\\\\',
}

/**
 * The statement with its values in the places of the `?`; those inside texts and names stay.
 * @throws Error when there are more or fewer values than places, or a value cannot be written
 */
export function formatStatement(statement: string, values: readonly SqlValue[] = []): string {
  let used = 0
  const sql = statement.replace(parts, (part) => {
    if (part !== '?') return part
    const value = values[used]
    used += 1
    if (value === undefined) throw new Error(`the statement has more places than the ${values.length} values`)
    return written(value)
  })
  if (used !== values.length) throw new Error(`the statement has ${used} places for ${values.length} values`)
  return sql
}

function written(value: SqlValue): string {
  if (typeof value === 'string') return textLiteral(value)
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return String(value)
    throw new Error('a number in a statement is not finite')
  }
  if (value.length === 0) throw new Error('a list in a statement is empty')
  return `(${value.map(written).join(',')})`
}

/** A text between quotation marks, in one line. */
export function textLiteral(text: string): string {
  return `'${text.replace(special, (sign) => escapes[sign] ?? sign)}'`
}

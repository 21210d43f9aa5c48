/**
 * The client prints NULL and the text 'NULL' alike. So each SELECT is given one more column, a sign for each of
 * its own: 1 where it is NULL. Nothing else of the statement changes: names, order and groups stay.
 */

/** What may follow the list of a SELECT; inside brackets these words mean something else and are not seen. */
const after = /^(?:FROM|WHERE|GROUP|HAVING|ORDER|LIMIT|UNION|FOR|PROCEDURE)$/i
const modifier = /^(?:DISTINCT|DISTINCTROW|ALL|STRAIGHT_JOIN|HIGH_PRIORITY|SQL_\w+)$/i
/** Words after which no name of a column's own can stand. */
const operator =
  /^(?:AND|OR|XOR|NOT|IS|IN|LIKE|REGEXP|RLIKE|BETWEEN|DIV|MOD|BINARY|COLLATE|ESCAPE|THEN|ELSE|WHEN|CASE|END)$/i
const value = /^(?:NULL|TRUE|FALSE|UNKNOWN|END)$/i

/** With all its parts, a name is one token: t.`order`, t.*. */
const token =
  /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|--\s[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/|(?:[\w$@]+|`(?:[^`]|``)*`)(?:\.(?:[\w$@]+|`(?:[^`]|``)*`|\*))*|\s+|[\s\S]/g
const blank = /^(?:\s|--\s|#|\/\*)/

interface Token {
  text: string
  at: number
  end: number
}

/**
 * @returns the statement to ask, and whether its rows end with the signs: only those of SELECT do
 * @throws Error for a list with `*`, whose columns cannot be named here
 */
export function withNullMarks(sql: string): { statement: string; marked: boolean } {
  if (!/^\s*(?:SELECT|WITH)\b/i.test(sql)) return { statement: sql, marked: false }
  const tokens = outerTokens(sql)
  let statement = ''
  let done = 0
  for (const [at, { text }] of tokens.entries()) {
    if (!/^SELECT$/i.test(text)) continue
    const items = listAfter(tokens, at)
    const end = items.at(-1)?.at(-1)?.end
    if (end === undefined) throw new Error('a SELECT has no columns')
    const marks = items.map((item) => `ISNULL(${withoutName(item, sql)})`)
    statement += `${sql.slice(done, end)}, CONCAT(${marks.join(',')})`
    done = end
  }
  return { statement: statement + sql.slice(done), marked: true }
}

/** The tokens outside all brackets; a pair of brackets with all in it is one. */
function outerTokens(sql: string): Token[] {
  const tokens: Token[] = []
  let depth = 0
  for (const { 0: text, index } of sql.matchAll(token)) {
    const end = index + text.length
    if (text === ')') depth -= 1
    if (depth === 0 && !blank.test(text)) {
      if (text === ')') (tokens.at(-1) as Token).end = end
      else tokens.push({ text, at: index, end })
    }
    if (text === '(') depth += 1
  }
  return tokens
}

function listAfter(tokens: readonly Token[], select: number): Token[][] {
  const items: Token[][] = [[]]
  let from = select + 1
  while (modifier.test(tokens[from]?.text ?? '')) from += 1
  for (const part of tokens.slice(from)) {
    if (after.test(part.text)) break
    if (part.text === ',') items.push([])
    else items.at(-1)?.push(part)
  }
  return items
}

/** A column's expression as it is written, without `AS name` or just `name`. */
function withoutName(item: readonly Token[], sql: string): string {
  const final = item.at(-1)
  const before = item.at(-2)
  const first = item[0]
  if (!first || !final) throw new Error('a column of a SELECT is empty')
  if (/(?:^|\.)\*$/.test(final.text)) throw new Error('a statement names its columns')
  let last = final
  if (before && /^AS$/i.test(before.text)) last = item.at(-3) ?? first
  else if (before && isName(final.text) && isOperand(before.text)) last = before
  return sql.slice(first.at, last.end)
}

const isName = (text: string) => /^(?:`(?:[^`]|``)*`|[A-Za-z_][\w$]*)$/.test(text) && !value.test(text)
const isOperand = (text: string) => /^END$/i.test(text) || (/^[\w$@.`'"(]/.test(text) && !operator.test(text))

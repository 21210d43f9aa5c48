/** What the client prints with --batch: a line for each row, tabs between cells, four signs escaped. */
import type { Cell } from './database.ts'

const escaped = /\\([0nt\\])/g
const signs: Readonly<Record<string, string>> = { '0': '\0', n: '\n', t: '\t', '\\': '\\' }

/**
 * @param marked the last cell of each row tells which of the others are NULL (see `withNullMarks`); without
 *   it every cell that says NULL is taken for one
 */
export function rowsOf(text: string, marked: boolean): Cell[][] {
  if (text === '') return []
  const lines = text.split('\n')
  lines.pop()
  return lines.map((line) => {
    const cells: Cell[] = line.split('\t')
    const nulls = marked ? (cells.pop() ?? '') : null
    const plain = !line.includes('\\')
    // Most rows have neither: nothing is looked at cell by cell.
    if (plain && nulls !== null && !nulls.includes('1')) return cells
    for (let at = 0; at < cells.length; at++) {
      const cell = cells[at] as string
      if (cell === 'NULL') {
        if (nulls === null || nulls[at] === '1') cells[at] = null
      } else if (!plain && cell.includes('\\')) {
        cells[at] = cell.replace(escaped, (_, sign: string) => signs[sign] ?? sign)
      }
    }
    return cells
  })
}

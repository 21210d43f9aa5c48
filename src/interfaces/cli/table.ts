/** Plain tables for a terminal: columns as wide as their widest cell, numbers to the right. */
import { width } from './terminal.ts'

export interface TableColumn {
  title: string
  align?: 'right'
}

export function renderTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, at) =>
    Math.max(width(column.title), ...rows.map((row) => width(row[at] ?? ''))),
  )
  const line = (cells: readonly string[]) =>
    columns
      .map((column, at) => {
        const cell = cells[at] ?? ''
        const space = ' '.repeat((widths[at] ?? 0) - width(cell))
        return column.align === 'right' ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd()
  return [line(columns.map((column) => column.title)), ...rows.map(line)].join('\n')
}

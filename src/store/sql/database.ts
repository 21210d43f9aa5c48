/**
 * A shop's own database as its readers see it, whichever way leads there: statements in, rows of text out.
 */

/** A value in a statement; a list stands for `(a, b, c)` and is never empty. */
export type SqlValue = string | number | readonly (string | number)[]

/** As text in UTF-8, whatever the column's type and character set: the same by every way. */
export type Cell = string | null

export type TakeRow = (row: readonly Cell[]) => void

export interface ShopDatabase {
  /** tunnel: through SSH; exec: the host's own `mysql`, run over SSH. */
  readonly way: 'direct' | 'tunnel' | 'exec'
  /**
   * Runs one reading statement; `?` stands for a value, which is escaped here.
   * @returns rows as lists, in the order of the columns asked for
   * @throws sql_… for what the server or the way to it does wrong
   */
  query(statement: string, values?: readonly SqlValue[]): Promise<Cell[][]>
  /**
   * The same for many rows: each is handed over as it comes, and none is held here.
   * @param take must not keep the row itself; what it throws ends the reading
   */
  each(statement: string, values: readonly SqlValue[], take: TakeRow): Promise<void>
  close(): Promise<void>
}

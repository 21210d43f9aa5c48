/** A signed-in connection to a server, by whichever way; `session.ts` makes a database of it. */
import type { Cell, TakeRow } from './database.ts'

export interface SqlLink {
  /**
   * One whole statement at a time.
   * @returns the rows; none for a statement that has none to give
   * @throws ServerRefusal, LinkLost
   */
  run(sql: string): Promise<Cell[][]>
  /** As `run`, but for its rows, which are handed over one by one; what `take` throws comes out of it. */
  each(sql: string, take: TakeRow): Promise<void>
  /** In good order. */
  close(): Promise<void>
  /** At once; what runs fails with LinkLost. */
  destroy(): void
}

/** The server answered a statement, or the sign-in, with an error. Its text may hold data: it is not shown. */
export class ServerRefusal extends Error {
  readonly number: number
  readonly state: string

  constructor(number: number, state: string, text: string) {
    super(text)
    this.name = 'ServerRefusal'
    this.number = number
    this.state = state
  }
}

/** The connection is gone; `message` says how, and holds no data. */
export class LinkLost extends Error {
  override readonly name = 'LinkLost'
}

import type { Logger as Pino } from 'pino'

/** What the database's ground needs of a logger; a pino logger is one. */
export type Logger = Pick<Pino, 'debug' | 'info' | 'warn' | 'error'>

/** Structured logs on standard error, one JSON object a line. */
import { type Logger, pino } from 'pino'

export interface LoggerOptions {
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

/** Fields that may hold a secret are cut out wherever they stand, should one ever be logged by mistake. */
const SECRET_FIELDS = ['consumerKey', 'consumerSecret', 'secret', 'password', 'authorization', 'key', 'token']

export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS.flatMap((name) => [name, `*.${name}`]), censor: '[cut]' },
    },
    pino.destination({ dest: 2, sync: true }),
  )
}

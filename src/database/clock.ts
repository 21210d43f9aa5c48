import type pg from 'pg'
import type { Logger } from './logger.ts'

/** After this long the offset is measured again, when somebody asks for the time. */
const measureEveryMs = 60_000
/** What two clocks may drift apart between measurements; taken off so that the answer is never late. */
const drift = 0.0005

export interface DatabaseClock {
  /** See `Database.clock`. */
  now(): number
  measure(): Promise<void>
}

/**
 * The database's clock as this process can know it without asking each time. The server read its clock
 * before its answer arrived, so its time then plus what passed here since is never later than its true time.
 * What passed is taken from the monotonic clock: setting this machine's clock changes nothing.
 */
export function createClock(pool: pg.Pool, logger: Logger): DatabaseClock {
  let measuredAt = Number.NEGATIVE_INFINITY
  let offset = 0
  let measuring: Promise<void> | undefined

  const estimate = (local: number) => local + offset - (local - measuredAt) * drift

  async function measure(): Promise<void> {
    const sent = performance.now()
    const { rows } = await pool.query<{ now: number }>(
      'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now',
    )
    const received = performance.now()
    const server = rows[0]?.now ?? 0
    const latest = server + (received - sent)
    const known = estimate(received)
    // A slow answer knows less than we do; but when the server's clock was set, the new one counts.
    const best = known >= server && known <= latest ? known : server
    offset = best - received
    measuredAt = received
  }

  return {
    measure,
    now() {
      const local = performance.now()
      if (local - measuredAt > measureEveryMs && !measuring) {
        measuring = measure()
          .catch((thrown) => logger.debug({ err: thrown }, 'the clock of Postgres could not be read'))
          .finally(() => {
            measuring = undefined
          })
      }
      return Math.floor(estimate(local))
    },
  }
}

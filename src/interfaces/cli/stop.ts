/** `woosync stop`: for the private Postgres whose last user was killed and could not stop it. */
import { stopPrivatePostgres } from '../../database/private-postgres.ts'
import { createLogger } from '../../logger.ts'
import type { Settings } from '../../settings.ts'
import { EXIT } from './process.ts'

export async function stopPostgres(settings: Settings): Promise<number> {
  const { DATABASE_URL, WOOSYNC_DATA: folder, WOOSYNC_POSTGRES_BIN: binFolder } = settings
  const say = (text: string) => process.stdout.write(`${text}\n`)
  if (DATABASE_URL !== undefined) {
    say('DATABASE_URL names a Postgres server; it is not ours to stop.')
    return EXIT.well
  }
  const logger = createLogger({ level: settings.LOG_LEVEL ?? 'error' })
  const outcome = await stopPrivatePostgres(folder, { binFolder, logger })
  if (outcome === 'in_use') {
    process.stderr.write(`✗ The Postgres of ${folder} is in use.\n  End the woosync that uses it first.\n`)
    return EXIT.unwell
  }
  say(
    outcome === 'stopped'
      ? `The Postgres of ${folder} is stopped.`
      : `No Postgres was running for ${folder}.`,
  )
  return EXIT.well
}

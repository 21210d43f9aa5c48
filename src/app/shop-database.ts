/** The way to the shop's own database, where the settings name one. */
import type { Logger as Pino } from 'pino'
import type { Database } from '../database/open.ts'
import type { Settings } from '../settings.ts'
import { shopDatabaseAccess } from '../store/sql/access.ts'
import type { HostKeys } from '../store/sql/host-key.ts'
import { createShopDatabaseSource } from '../store/sql/open.ts'
import { sqlReaders } from '../store/sql/readers.ts'
import { createSqlSource, type SqlSource } from '../store/sql/source.ts'
import type { Step } from '../store/sql/way.ts'

export interface ShopDatabaseParts {
  settings: Settings
  database: Database
  logger: Pino
  signal?: AbortSignal
  onStep?: (step: Step) => void
  patience?: 'person' | 'program'
}

/**
 * @returns null where the settings name no database of the shop
 * @throws ssh_…, sql_…
 */
export async function openShopDatabase(parts: ShopDatabaseParts): Promise<SqlSource | null> {
  const { settings, database, logger, signal, onStep, patience } = parts
  const access = shopDatabaseAccess(settings, process.env.SSH_AUTH_SOCK)
  if (access === null) return null
  const databases = createShopDatabaseSource({
    ...access,
    hostKeys: hostKeysIn(database),
    logger,
    ...(signal && { signal }),
    ...(onStep && { onStep }),
    ...(patience && { patience }),
  })
  return createSqlSource({
    databases,
    readers: sqlReaders,
    ...(settings.MYSQL_PREFIX !== undefined && { prefix: settings.MYSQL_PREFIX }),
  })
}

function hostKeysIn({ pool }: Database): HostKeys {
  return {
    async known(host) {
      const { rows } = await pool.query<{ fingerprint: string }>(
        `SELECT fingerprint FROM sync.host_keys WHERE host = $1`,
        [host],
      )
      return rows[0]?.fingerprint ?? null
    },
    async pin(host, fingerprint) {
      await pool.query(
        `INSERT INTO sync.host_keys (host, fingerprint) VALUES ($1, $2) ON CONFLICT (host) DO NOTHING`,
        [host, fingerprint],
      )
    },
  }
}

/** What a person should look at, kept until it is over. */
import type pg from 'pg'
import type { Reader } from '../database/asking.ts'
import type { WooSyncError } from '../errors.ts'

type Client = pg.Pool | pg.ClientBase

/** @param subject a resource, a webhook's topic, or '' */
export async function raiseAlert(
  client: Client,
  storeId: number,
  fault: WooSyncError,
  subject: string,
): Promise<void> {
  await client.query(
    `INSERT INTO sync.alerts (store_id, code, subject, data) VALUES ($1, $2, $3, $4)
     ON CONFLICT (store_id, code, subject) DO UPDATE
     SET data = excluded.data, last_at = now(), times = alerts.times + 1`,
    [
      storeId,
      fault.code,
      subject,
      JSON.stringify({ ...fault.data, message: fault.message, wayOut: fault.wayOut }),
    ],
  )
}

export async function settleAlert(
  client: Client,
  storeId: number,
  code: string,
  subject: string,
): Promise<void> {
  await client.query(`DELETE FROM sync.alerts WHERE store_id = $1 AND code = $2 AND subject = $3`, [
    storeId,
    code,
    subject,
  ])
}

export interface Alert {
  code: string
  subject: string
  data: Record<string, unknown>
  since: Date
  lastAt: Date
  times: number
}

export async function listAlerts(client: Reader, storeId: number): Promise<Alert[]> {
  const { rows } = await client.query<Alert>(
    `SELECT code, subject, data, since, last_at AS "lastAt", times FROM sync.alerts
     WHERE store_id = $1 ORDER BY since`,
    [storeId],
  )
  return rows
}

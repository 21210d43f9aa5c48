/** Sessions whose time is over and whose people did not sign out: better-auth takes one away only when its cookie comes back. */
import type pg from 'pg'

export async function pruneSessions(pool: pg.Pool): Promise<void> {
  await pool.query(`DELETE FROM auth."session" WHERE "expiresAt" < now()`)
}

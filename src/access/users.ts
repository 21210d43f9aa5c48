/** People who may sign in, in better-auth's own tables. */
import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { sqlState } from '../database/faults.ts'
import type { Database } from '../database/open.ts'
import { WooSyncError } from '../errors.ts'
import type { Role } from './roles.ts'

export interface User {
  id: string
  email: string
  name: string
  role: Role
  /** May see names, addresses, e-mails of the shop's customers. */
  personal: boolean
  /** Ids of the stores they may ask about; null: all. */
  stores: number[] | null
  disabled: boolean
  createdAt: Date
}

export interface NewUser {
  /** Compared without case. */
  email: string
  name: string
  role: Role
  personal: boolean
  stores: readonly number[] | null
  password: string
}

const COLUMNS = `id, email, name, role, personal, stores, coalesce(banned, false) AS disabled,
  "createdAt"`

/** A password that nobody guesses and everybody can type. */
export function newPassword(): string {
  return randomBytes(15).toString('base64url')
}

/** @throws user_exists */
export async function createUser(database: Pick<Database, 'transaction'>, given: NewUser): Promise<User> {
  const hash = await hashOf(given.password)
  const id = randomBytes(16).toString('hex')
  try {
    return await database.transaction(async (client) => {
      const { rows } = await client.query<User>(
        `INSERT INTO auth."user" (id, name, email, "emailVerified", role, personal, stores)
         VALUES ($1, $2, $3, true, $4, $5, $6)
         RETURNING ${COLUMNS}`,
        [id, given.name, given.email.toLowerCase(), given.role, given.personal, given.stores],
      )
      await client.query(
        `INSERT INTO auth."account" (id, "accountId", "providerId", "userId", password, "updatedAt")
         VALUES ($1, $2, 'credential', $2, $3, now())`,
        [randomBytes(16).toString('hex'), id, hash],
      )
      return rows[0] as User
    })
  } catch (thrown) {
    // 23505: unique, here the e-mail.
    if (sqlState(thrown) === '23505') throw new WooSyncError('user_exists')
    throw thrown
  }
}

/** Newest first, at most 1000. */
export async function listUsers(pool: pg.Pool): Promise<User[]> {
  const { rows } = await pool.query<User>(
    `SELECT ${COLUMNS} FROM auth."user" ORDER BY "createdAt" DESC, id LIMIT 1000`,
  )
  return rows
}

export async function findUser(pool: pg.Pool, id: string): Promise<User | null> {
  const { rows } = await pool.query<User>(`SELECT ${COLUMNS} FROM auth."user" WHERE id = $1`, [id])
  return rows[0] ?? null
}

/** Shuts somebody out: no new sign-in, and every session is over. @returns null when there is no such user */
export async function disableUser(database: Pick<Database, 'transaction'>, id: string): Promise<User | null> {
  return database.transaction(async (client) => {
    const { rows } = await client.query<User>(
      `UPDATE auth."user" SET banned = true, "updatedAt" = now() WHERE id = $1 RETURNING ${COLUMNS}`,
      [id],
    )
    await client.query(`DELETE FROM auth."session" WHERE "userId" = $1`, [id])
    return rows[0] ?? null
  })
}

/**
 * A new password for somebody who forgot theirs: every session is over, and whoever was shut out may come in again.
 * @returns null when there is no such user
 */
export async function resetUser(
  database: Pick<Database, 'transaction'>,
  id: string,
  password: string,
): Promise<User | null> {
  const hash = await hashOf(password)
  return database.transaction(async (client) => {
    const { rows } = await client.query<User>(
      `UPDATE auth."user" SET banned = false, "updatedAt" = now() WHERE id = $1 RETURNING ${COLUMNS}`,
      [id],
    )
    await client.query(
      `UPDATE auth."account" SET password = $2, "updatedAt" = now() WHERE "userId" = $1 AND "providerId" = 'credential'`,
      [id, hash],
    )
    await client.query(`DELETE FROM auth."session" WHERE "userId" = $1`, [id])
    return rows[0] ?? null
  })
}

/** The form that better-auth checks. Loaded at the first need: most processes know no passwords. */
async function hashOf(password: string): Promise<string> {
  const { hashPassword } = await import('better-auth/crypto')
  return hashPassword(password)
}

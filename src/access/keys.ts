/**
 * API keys: made once, shown once, kept as their SHA-256 alone. 256 random bits need no slow hash: nobody guesses
 * them, and a look-up by hash tells nothing by its time.
 */
import { createHash, randomBytes } from 'node:crypto'
import type pg from 'pg'
import { type Access, type Caller, LOCAL } from './caller.ts'

/** A key as it is kept: everything but the key. */
export interface KeyRecord {
  id: number
  name: string
  /** `woo_` and its first six characters, to tell it from others. */
  beginning: string
  access: Access
  /** May see names, addresses, e-mails. */
  personal: boolean
  /** Ids of the stores it may ask about; null: all. */
  stores: number[] | null
  createdAt: Date
  /** Name of the caller who made it: `local`, `key 3`. */
  createdBy: string
  expiresAt: Date | null
  revokedAt: Date | null
  /** To the minute. */
  lastUsedAt: Date | null
}

export interface NewKey {
  name: string
  access: Access
  personal: boolean
  stores: readonly number[] | null
  expiresAt: Date | null
  /** Default: the command line. */
  createdBy?: string
}

const FORM = /^woo_[A-Za-z0-9_-]{43}$/
const SHOWN = 10

const COLUMNS = `id, name, beginning, access, personal, stores, created_at AS "createdAt",
  created_by AS "createdBy", expires_at AS "expiresAt", revoked_at AS "revokedAt", last_used_at AS "lastUsedAt"`

/** @returns the key, which cannot be had again, and what is kept of it */
export async function createKey(pool: pg.Pool, given: NewKey): Promise<{ key: string; record: KeyRecord }> {
  const key = `woo_${randomBytes(32).toString('base64url')}`
  const { rows } = await pool.query<KeyRecord>(
    `INSERT INTO access.api_keys (name, hash, beginning, access, personal, stores, expires_at, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     RETURNING ${COLUMNS}`,
    [
      given.name,
      hashOf(key),
      key.slice(0, SHOWN),
      given.access,
      given.personal,
      given.stores,
      given.expiresAt,
      given.createdBy ?? LOCAL.name,
    ],
  )
  return { key, record: rows[0] as KeyRecord }
}

/** Newest first, those that no longer work included; at most 1000. */
export async function listKeys(pool: pg.Pool): Promise<KeyRecord[]> {
  const { rows } = await pool.query<KeyRecord>(
    `SELECT ${COLUMNS} FROM access.api_keys ORDER BY id DESC LIMIT 1000`,
  )
  return rows
}

export async function findKey(pool: pg.Pool, id: number): Promise<KeyRecord | null> {
  const { rows } = await pool.query<KeyRecord>(`SELECT ${COLUMNS} FROM access.api_keys WHERE id = $1`, [id])
  return rows[0] ?? null
}

/**
 * In this process it stops at once, in others within a second.
 * @returns the key as it is now; null when there is none. Revoking again changes nothing.
 */
export async function revokeKey(pool: pg.Pool, id: number): Promise<KeyRecord | null> {
  const { rows } = await pool.query<KeyRecord>(
    `UPDATE access.api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING ${COLUMNS}`,
    [id],
  )
  remembered.delete(pool)
  return rows[0] ?? null
}

/** Whether there is any key that works. */
export async function hasKeys(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ any: boolean }>(
    `SELECT EXISTS (SELECT FROM access.api_keys WHERE ${WORKS}) AS any`,
  )
  return rows[0]?.any === true
}

const WORKS = 'revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())'

const KEPT_MS = 1000
/** More are not remembered: the oldest go. */
const KEPT_KEYS = 1000

interface Remembered {
  until: number
  caller: Promise<Caller | null>
}

const remembered = new WeakMap<pg.Pool, Map<string, Remembered>>()

/**
 * Who a key stands for, remembered for a second.
 * @returns null when the key is unknown, expired or revoked: which of them, nobody is told
 */
export async function findCaller(pool: pg.Pool, key: string): Promise<Caller | null> {
  if (!FORM.test(key)) return null
  const known = remembered.get(pool) ?? new Map<string, Remembered>()
  remembered.set(pool, known)
  const hash = hashOf(key)
  const name = hash.toString('base64')
  const now = performance.now()
  const before = known.get(name)
  if (before && now < before.until) return before.caller
  const caller = lookUp(pool, hash)
  known.delete(name)
  known.set(name, { until: now + KEPT_MS, caller })
  for (const oldest of known.keys()) {
    if (known.size <= KEPT_KEYS) break
    known.delete(oldest)
  }
  // One that was just made, or a database that is back, is not missed.
  const forget = () => known.delete(name)
  caller.then((found) => found ?? forget(), forget)
  return caller
}

async function lookUp(pool: pg.Pool, hash: Buffer): Promise<Caller | null> {
  const { rows } = await pool.query<
    Pick<KeyRecord, 'id' | 'access' | 'personal' | 'stores'> & { usedLongAgo: boolean }
  >(
    `SELECT id, access, personal, stores,
            coalesce(last_used_at < now() - interval '1 minute', true) AS "usedLongAgo"
     FROM access.api_keys
     WHERE hash = $1 AND ${WORKS}`,
    [hash],
  )
  const [found] = rows
  if (!found) return null
  if (found.usedLongAgo) await noteUse(pool, found.id)
  const { id, access, personal, stores } = found
  return { name: `key ${id}`, access, personal, stores }
}

async function noteUse(pool: pg.Pool, id: number): Promise<void> {
  await pool
    .query(
      `UPDATE access.api_keys SET last_used_at = now()
       WHERE id = $1 AND coalesce(last_used_at < now() - interval '1 minute', true)`,
      [id],
    )
    // A database that takes no writes now still answers questions.
    .catch(() => undefined)
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

/** What is needed to come to a shop's database, and what is told on the way. */
import type { Logger as Pino } from 'pino'
import type { CheckedAddress } from '../../addresses.ts'
import type { ShopDatabase } from './database.ts'
import type { HostKeys } from './host-key.ts'

export interface MysqlAccess {
  /** As the machine that connects knows it: with SSH, usually `localhost`. */
  host: string
  port: number
  user: string
  password: string
  database: string
  /** null: not encrypted. `ca`: PEM text of the one authority that is trusted; null: the usual ones. */
  tls: { ca: string | null } | null
}

export interface SshAccess {
  host: string
  port: number
  user: string
  password: string | null
  /** A private key as its file holds it. */
  privateKey: string | null
  passphrase: string | null
  /** Socket of an agent; asked where there is neither key nor password. */
  agent: string | null
  /** The one fingerprint accepted, `SHA256:…`; null: the one first seen. */
  fingerprint: string | null
}

/** What was reached, in this order; a person who tries the connection sees each as a line. */
export type Step =
  | { step: 'host-key'; host: string; fingerprint: string; type: string; known: boolean }
  | { step: 'ssh-sign-in'; host: string; user: string }
  | { step: 'way'; way: ShopDatabase['way'] }
  | { step: 'sql-sign-in'; host: string; user: string; database: string; version: string }

export interface ShopDatabaseOptions {
  mysql: MysqlAccess
  /** null: MySQL is reached directly. */
  ssh: SshAccess | null
  /** Where fingerprints seen before are kept. */
  hostKeys: HostKeys
  /** For each step of the way: reaching, the handshake, signing in. Default 20 s. */
  connectTimeoutMs?: number
  /** The longest that one statement may take, in ms. */
  statementTimeoutMs: number
  /** The address comes from the operator's environment (row 36). */
  trustedAddress: boolean
  allowPrivateAddresses: boolean
  logger?: Pick<Pino, 'debug' | 'info' | 'warn'>
  /** Ends the connection; what runs fails with sync_cancelled. */
  signal?: AbortSignal
  onStep?: (step: Step) => void
  /** How names become addresses. Default: this machine's name service. */
  resolve?: (host: string) => Promise<CheckedAddress[]>
}

export const connectTimeoutOf = ({ connectTimeoutMs }: Pick<ShopDatabaseOptions, 'connectTimeoutMs'>) =>
  connectTimeoutMs ?? 20_000

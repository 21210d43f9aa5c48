/** Whether an SSH server is the one it was before (44): its key by its fingerprint, pinned on first use. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { WooSyncError } from '../../errors.ts'

/** Fingerprints seen before, kept by the caller; a host is written as in known_hosts, `host` or `[host]:2222`. */
export interface HostKeys {
  known(host: string): Promise<string | null>
  pin(host: string, fingerprint: string): Promise<void>
}

/** `SHA256:…`, as ssh-keygen prints it. */
export function fingerprintOf(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** `ssh-ed25519`: the name a public key begins with. */
export function keyTypeOf(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0
  const name = key.subarray(4, 4 + length).toString('latin1')
  return /^[\w@.-]{1,64}$/.test(name) ? name : 'unknown'
}

export const hostName = (host: string, port: number): string => (port === 22 ? host : `[${host}]:${port}`)

export interface HostKeyCheck {
  host: string
  port: number
  /** From the settings: wins over what was pinned. */
  expected: string | null
  hostKeys: HostKeys
}

export interface JudgedKey {
  /** Of the host, as {@link HostKeys} knows it. */
  name: string
  fingerprint: string
  type: string
  known: boolean
}

/**
 * Judges a server's key before anything is sent to it.
 * @throws ssh_fingerprint_mismatch, ssh_host_key_changed
 */
export async function checkHostKey(
  key: Buffer,
  { host, port, expected, hostKeys }: HostKeyCheck,
): Promise<JudgedKey> {
  const fingerprint = fingerprintOf(key)
  const type = keyTypeOf(key)
  const name = hostName(host, port)
  if (expected !== null) {
    if (same(expected, fingerprint)) return { name, fingerprint, type, known: true }
    throw new WooSyncError('ssh_fingerprint_mismatch', {
      host: name,
      type,
      found: fingerprint,
      known: expected,
    })
  }
  const known = await hostKeys.known(name)
  if (known === null) return { name, fingerprint, type, known: false }
  if (same(known, fingerprint)) return { name, fingerprint, type, known: true }
  throw new WooSyncError('ssh_host_key_changed', { host: name, type, found: fingerprint, known })
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

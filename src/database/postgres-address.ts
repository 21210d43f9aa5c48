import { createHash } from 'node:crypto'
import { chmod, chown, lstat, mkdir, mkdtemp, readFile, rm, rmdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isPassable } from './postgres-account.ts'
import type { Transport } from './postgres-cluster.ts'
import type { Place } from './postgres-place.ts'
import { isServerOf, type Postmaster } from './postmaster.ts'

/** Where a server is to listen. */
export type Address = { socketFolder: string; port: number } | { host: string; port: number }

const socketPort = 5432
/** `sockaddr_un` holds 104 bytes on macOS, 108 on Linux, with the closing zero. */
const longestSocketPath = 103

function socketFolderName(cluster: string): string {
  return `woosync-${createHash('sha256').update(cluster).digest('hex').slice(0, 12)}`
}

/** The system's folder for temporary files, or /tmp where that one is too deep or closed to the account. */
async function socketParent(place: Place): Promise<string> {
  const preferred = tmpdir()
  const longest = join(preferred, `${socketFolderName(place.cluster)}-123456`, `.s.PGSQL.${socketPort}`)
  const fits = Buffer.byteLength(longest) <= longestSocketPath
  const reachable = place.account === undefined || (await isPassable(preferred, place.account))
  return fits && reachable ? preferred : '/tmp'
}

/** Whether the folder is one only the server's user can put a socket into. */
export async function isOwnSocketFolder(folder: string, place: Place): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined)
  const uid = place.account?.uid ?? process.getuid?.()
  return found?.isDirectory() === true && found.uid === uid && (found.mode & 0o077) === 0
}

async function giveTo(place: Place, path: string): Promise<void> {
  if (place.account) await chown(path, place.account.uid, place.account.gid)
}

/**
 * A closed folder for the socket. Its name follows from the cluster's path; where that name is taken by
 * something else, or its socket by another server (`avoid`), a fresh name: others find it in `postmaster.pid`.
 */
async function socketFolder(
  place: Place,
  avoid: ReadonlySet<string>,
  previous: Postmaster | undefined,
): Promise<string> {
  const parent = await socketParent(place)
  const usual = join(parent, socketFolderName(place.cluster))
  const made = await mkdir(usual, { mode: 0o700 }).then(
    () => true,
    () => false,
  )
  if (made) {
    await chmod(usual, 0o700)
    await giveTo(place, usual)
  }
  for (const folder of [previous?.socketFolder || usual, usual]) {
    if (avoid.has(folder) || !(await isOwnSocketFolder(folder, place))) continue
    await removeStaleLock(place, folder)
    return folder
  }
  const fresh = await mkdtemp(`${usual}-`)
  await giveTo(place, fresh)
  return fresh
}

/**
 * Takes away the socket's lock that a killed server of this cluster left. Postgres does so too, but not
 * while the killed process, though dead, still has its entry among the processes.
 */
async function removeStaleLock(place: Place, folder: string): Promise<void> {
  const lock = join(folder, `.s.PGSQL.${socketPort}.lock`)
  const [pid, cluster] = (await readFile(lock, 'utf8').catch(() => '')).split('\n')
  if (cluster !== place.cluster || (await isServerOf(place.cluster, Number(pid)))) return
  await rm(lock, { force: true })
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', resolve)
  })
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address ? address.port : socketPort
}

/**
 * Chooses where the server is to listen. Where it crashed (`previous`, from its pid file) it comes back
 * at the same address, to which others still try to connect. `avoid` holds folders and ports that turned
 * out to be taken.
 */
export async function chooseAddress(
  place: Place,
  transport: Transport,
  avoid: ReadonlySet<string>,
  previous: Postmaster | undefined,
): Promise<Address> {
  if (transport === 'socket') {
    return { socketFolder: await socketFolder(place, avoid, previous), port: socketPort }
  }
  const known = previous?.port || undefined
  const port = known === undefined || avoid.has(String(known)) ? await freePort() : known
  return { host: '127.0.0.1', port }
}

/** Takes the folder of a socket away again, unless another server's socket is in it. */
export async function removeSocketFolder(address: Address): Promise<void> {
  if ('socketFolder' in address) await rmdir(address.socketFolder).catch(() => undefined)
}

import { createHash } from 'node:crypto'
import { access, constants, lstat, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { WooSyncError } from '../errors.ts'
import { type Account, hasName, isPassable, isRoot, makeOpenFolder, nobody } from './postgres-account.ts'

/** Where the files of one private Postgres lie, and whose they are. */
export interface Place {
  /** The data directory of this program, links resolved. */
  dataDirectory: string
  /** Holds the cluster, and the drafts of it while it is made. */
  folder: string
  /** What Postgres calls its data directory. */
  cluster: string
  log: string
  /** Whom Postgres runs as; undefined: as the user of this process. */
  account: Account | undefined
}

/** Survives a reboot and may be passed by every user; root alone writes here. */
export const defaultReachableFolder = '/var/lib/woosync'

const pointerName = 'postgres-folder.txt'

function unusable(cause: string, thrown?: unknown): WooSyncError {
  return new WooSyncError('data_directory_unusable', { cause }, { cause: thrown })
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

async function existing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined
    throw unusable(messageOf(thrown), thrown)
  }
}

async function readPointer(dataDirectory: string): Promise<string | undefined> {
  const text = await existing(readFile(join(dataDirectory, pointerName), 'utf8'))
  const folder = text?.trim()
  if (folder === undefined) return undefined
  if (!isAbsolute(folder)) throw unusable(`${pointerName} in ${dataDirectory} names no folder`)
  return folder
}

async function writePointer(dataDirectory: string, folder: string): Promise<void> {
  const draft = join(dataDirectory, `${pointerName}.${process.pid}`)
  await writeFile(draft, `${folder}\n`)
  await rename(draft, join(dataDirectory, pointerName)).catch(async (thrown) => {
    await rm(draft, { force: true })
    throw thrown
  })
}

function placeIn(dataDirectory: string, folder: string, account: Account | undefined): Place {
  return {
    dataDirectory,
    folder,
    cluster: join(folder, 'postgres'),
    log: join(dataDirectory, 'postgres.log'),
    account,
  }
}

/**
 * The place of a private Postgres that was started here before; undefined where there is none.
 * Changes nothing on the disk.
 */
export async function findPlace(dataDirectory: string): Promise<Place | undefined> {
  const real = await existing(realpath(dataDirectory))
  if (real === undefined) return undefined
  const folder = (await readPointer(real)) ?? real
  const found = await existing(lstat(join(folder, 'postgres')))
  if (!found) return undefined
  const account = isRoot() && found.uid !== 0 ? { uid: found.uid, gid: found.gid } : undefined
  return placeIn(real, folder, account)
}

/**
 * Makes the data directory and decides where the cluster lives: in it, but for one case. A process of root
 * must run Postgres as another user (the data directory's owner, or nobody), and in a closed home
 * that user cannot reach the data directory. Then the cluster lives in
 * `reachableFolder/<hash of the data directory's path>`, and the data directory keeps a file that names it.
 *
 * Throws `data_directory_unusable` and `database_disk_full`.
 */
export async function makePlace(dataDirectory: string, reachableFolder: string): Promise<Place> {
  const real = await makeDataDirectory(dataDirectory)
  const known = await findPlace(real)
  if (known) {
    await checkKnown(known)
    return known
  }
  if (!isRoot()) return placeIn(real, (await readPointer(real)) ?? real, undefined)
  const owner = await stat(real)
  const serves = owner.uid !== 0 && (await hasName(owner.uid))
  const account = serves ? { uid: owner.uid, gid: owner.gid } : nobody
  const pointed = await readPointer(real)
  if (pointed === undefined && (await isPassable(real, account))) return placeIn(real, real, account)
  const hash = createHash('sha256').update(real).digest('hex').slice(0, 12)
  const folder = pointed ?? join(reachableFolder, hash)
  try {
    await makeOpenFolder(folder)
    await writePointer(real, folder)
  } catch (thrown) {
    throw unusable(
      `user ${account.uid}, as whom root must run Postgres, cannot reach it, and no place beside it could be made (${messageOf(thrown)})`,
      thrown,
    )
  }
  if (!(await isPassable(folder, account))) {
    throw unusable(`user ${account.uid}, as whom root must run Postgres, cannot reach ${folder}`)
  }
  return placeIn(real, folder, account)
}

async function makeDataDirectory(dataDirectory: string): Promise<string> {
  try {
    await makeOpenFolder(dataDirectory)
    const real = await realpath(dataDirectory)
    await access(real, constants.W_OK | constants.X_OK)
    return real
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC') {
      throw new WooSyncError('database_disk_full', {}, { cause: thrown })
    }
    throw unusable(messageOf(thrown), thrown)
  }
}

/** A cluster can be run by its owner alone, and by root on the owner's behalf. */
async function checkKnown(place: Place): Promise<void> {
  const { uid } = await stat(place.cluster).catch((thrown) => {
    throw unusable(messageOf(thrown), thrown)
  })
  const own = process.getuid?.()
  if (own === undefined) return
  if (uid !== own && own !== 0) {
    throw unusable(`the database in ${place.cluster} belongs to user ${uid}, and this is user ${own}`)
  }
  if (own !== 0) return
  if (!place.account) throw unusable(`${place.cluster} belongs to root, as whom Postgres refuses to run`)
  if (!(await isPassable(place.folder, place.account))) {
    throw unusable(`user ${uid}, who owns the database in ${place.cluster}, cannot pass the folders above it`)
  }
}

import { randomBytes } from 'node:crypto'
import { chown, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { WooSyncError } from '../errors.ts'
import type { Logger } from './logger.ts'
import { runProgram } from './postgres-account.ts'
import type { Place } from './postgres-place.ts'
import { type Programs, programIn } from './postgres-programs.ts'

/** How clients reach the server: a Unix socket in a closed folder, or a loopback port with a password. */
export type Transport = 'socket' | 'loopback'

/** The one user of a private Postgres, and its one database. */
export const owner = 'woosync'

const passwordFile = 'woosync-password'
const draftPrefix = 'postgres-draft-'

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined)
}

/** The major version of the data in the cluster; undefined where there is no cluster yet. */
export async function clusterMajor(cluster: string): Promise<number | undefined> {
  const text = await readIfThere(join(cluster, 'PG_VERSION'))
  return text === undefined ? undefined : Number.parseInt(text, 10)
}

/** The password of a cluster reached over the loopback; undefined for one reached over its socket. */
export async function clusterPassword(cluster: string): Promise<string | undefined> {
  return (await readIfThere(join(cluster, passwordFile)))?.trim()
}

/**
 * Makes the cluster where there is none. It is made in a draft folder that is then renamed, so a killed
 * start leaves no half cluster; where two were made at once one wins and the other is thrown away.
 * Throws `postgres_data_of_other_version`, `data_directory_unusable`, `database_disk_full` and
 * `postgres_start_failed`.
 */
export async function ensureCluster(
  place: Place,
  programs: Programs,
  transport: Transport,
  logger: Logger,
): Promise<void> {
  const found = await clusterMajor(place.cluster)
  if (found !== undefined) {
    if (found === programs.major) return
    throw new WooSyncError('postgres_data_of_other_version', { found, own: programs.major })
  }
  await sweepDrafts(place.folder)
  const started = Date.now()
  const draft = await mkdtemp(join(place.folder, `${draftPrefix}${process.pid}-`)).catch((thrown) => {
    throw failure(String(thrown.message), place.folder)
  })
  try {
    if (await wasMadeByAnother(place, draft)) return
    await initialise(draft, place, programs, transport)
    await rename(draft, place.cluster).catch(async (thrown) => {
      if ((await clusterMajor(place.cluster)) !== undefined) return
      throw new WooSyncError('data_directory_unusable', { cause: String(thrown.message) }, { cause: thrown })
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  logger.info(
    { folder: place.cluster, version: programs.version, ms: Date.now() - started },
    'made a database',
  )
}

async function initialise(
  draft: string,
  place: Place,
  programs: Programs,
  transport: Transport,
): Promise<void> {
  if (place.account) await chown(draft, place.account.uid, place.account.gid)
  const args = ['-D', draft, `--username=${owner}`, '--encoding=UTF8', '--no-instructions']
  const password = randomBytes(24).toString('base64url')
  const passwordDraft = `${draft}.password`
  if (transport === 'loopback') {
    await writeFile(passwordDraft, password, { mode: 0o600 })
    if (place.account) await chown(passwordDraft, place.account.uid, place.account.gid)
    args.push('--auth=scram-sha-256', `--pwfile=${passwordDraft}`)
  } else {
    args.push('--auth-local=trust', '--auth-host=reject')
  }
  try {
    await initialiseWithLocale(args, programs, place)
  } finally {
    await rm(passwordDraft, { force: true })
  }
  if (transport === 'loopback') {
    const kept = join(draft, passwordFile)
    await writeFile(kept, password, { mode: 0o600 })
    if (place.account) await chown(kept, place.account.uid, place.account.gid)
  }
}

/**
 * Text is ordered and folded by Unicode's own rules whatever the machine's locale is: Postgres 17 and newer
 * bring C.UTF-8 themselves, older ones take the system's where it has it.
 */
async function initialiseWithLocale(args: string[], programs: Programs, place: Place): Promise<void> {
  const locales =
    programs.major >= 17
      ? [['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']]
      : [['--locale=C.UTF-8', '--lc-messages=C'], ['--locale=C']]
  let errors = ''
  for (const locale of locales) {
    const outcome = await runProgram(
      programIn(programs.folder, 'initdb'),
      [...args, ...locale],
      place.account,
    )
    if (outcome.code === 0) return
    errors = outcome.errors
    if (!/invalid locale/.test(errors)) break
  }
  throw failure(errors, place.folder)
}

function failure(errors: string, folder: string): WooSyncError {
  if (/No space left on device|ENOSPC/.test(errors)) return new WooSyncError('database_disk_full')
  const cause = errors.trim().split('\n').at(-1) || 'initdb gave no reason'
  return /Permission denied|could not access directory|EACCES|EROFS|Read-only/.test(errors)
    ? new WooSyncError('data_directory_unusable', { cause: `${cause} (in ${folder})` })
    : new WooSyncError('postgres_start_failed', { cause })
}

/**
 * Throws away drafts whose maker was killed: those of a process that is gone, or older than an hour. One in
 * which the maker's initdb still writes comes off another time.
 */
async function sweepDrafts(folder: string): Promise<void> {
  for (const draft of await draftsIn(folder)) {
    const age = await stat(draft.path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    )
    if (age <= 3_600_000 && isAlive(draft.maker)) continue
    await rm(draft.path, { recursive: true, force: true }).catch(() => undefined)
  }
}

interface Draft {
  path: string
  maker: number
}

async function draftsIn(folder: string): Promise<Draft[]> {
  const names = await readdir(folder).catch((): string[] => [])
  return names
    .filter((name) => name.startsWith(draftPrefix))
    .map((name) => ({ path: join(folder, name), maker: Number.parseInt(name.slice(draftPrefix.length), 10) }))
}

/**
 * Lets others go first who are at it already, or came with us and have the lower process id: of several
 * that start at once one does the work. True when the cluster is there.
 */
async function wasMadeByAnother(place: Place, own: string): Promise<boolean> {
  const maker = process.pid
  for (;;) {
    if ((await clusterMajor(place.cluster)) !== undefined) return true
    let ahead = false
    for (const draft of await draftsIn(place.folder)) {
      if (draft.path === own || !isAlive(draft.maker)) continue
      const begun = (await readdir(draft.path).catch(() => [])).length > 0
      ahead ||= begun || draft.maker < maker || (draft.maker === maker && draft.path < own)
    }
    if (!ahead) return false
    await sleep(25)
  }
}

/** Whether a process with this id exists, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM'
  }
}

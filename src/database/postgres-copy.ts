import {
  chmod,
  copyFile,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { makeOpenFolder } from './postgres-account.ts'

/**
 * Makes the links to shared libraries that the package's install script makes, where it was not run
 * (`npm ci --ignore-scripts`, or an npm that asks for scripts to be approved). `native` is the folder that
 * holds `bin`, `lib` and `pg-symlinks.json`; where it cannot be written nothing happens.
 */
export async function mendLinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links = JSON.parse(list) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const at = join(dirname(native), target)
    const to = relative(dirname(at), join(dirname(native), source))
    await symlink(to, at).catch(() => undefined)
  }
}

/**
 * A copy of the programs that any user may read and start, made once and used again: hard links where the
 * file is open to all and lies on the same disk, else copies. `target` appears only when it is complete, so
 * several processes may do this at once. Undefined when it cannot be made or does not run.
 */
export async function reachableCopy(
  native: string,
  target: string,
  runs: (copy: string) => Promise<boolean>,
): Promise<string | undefined> {
  if (await runs(target)) return target
  let draft: string | undefined
  try {
    await makeOpenFolder(dirname(target))
    draft = await mkdtemp(`${target}-draft-`)
    const complete = join(draft, basename(native))
    await copyTree(native, complete)
    await mendLinks(complete)
    await rename(complete, target).catch(async () => {
      // Another process put its copy there first; only one that does not run is replaced.
      if (await runs(target)) return
      await rm(target, { recursive: true, force: true })
      await rename(complete, target)
    })
  } catch {
    // No space, no right, or another was faster: the look below tells.
  } finally {
    if (draft !== undefined) await rm(draft, { recursive: true, force: true })
  }
  return (await runs(target)) ? target : undefined
}

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to)
  await chmod(to, 0o755)
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name)
    const copy = join(to, entry.name)
    if (entry.isDirectory()) await copyTree(source, copy)
    else if (entry.isFile()) await shareFile(source, copy)
  }
}

async function shareFile(source: string, copy: string): Promise<void> {
  const { mode } = await stat(source)
  const executable = (mode & 0o100) !== 0
  const open = executable ? 0o005 : 0o004
  if ((mode & open) === open) {
    const linked = await link(source, copy).then(
      () => true,
      () => false,
    )
    if (linked) return
  }
  await copyFile(source, copy)
  await chmod(copy, executable ? 0o755 : 0o644)
}

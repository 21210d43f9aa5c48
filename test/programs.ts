/**
 * Programs npm cannot bring, installed with apt where that is possible. Where it is not, the tests that need them
 * are skipped with a loud line; in CI they never are.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/sbin']

/** Where a program lies, or null. */
export function findProgram(name: string): string | null {
  for (const folder of FOLDERS) {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return join(folder, name)
    } catch {
      // Not in this one.
    }
  }
  return null
}

/**
 * Installs what is missing. For `test(name, { skip })`: false, or a line that says why.
 * @param programs their names, and the Debian packages that bring them
 */
export function installPrograms(programs: Readonly<Record<string, string>>): string | false {
  const missing = Object.keys(programs).filter((name) => findProgram(name) === null)
  if (missing.length > 0) install([...new Set(missing.map((name) => programs[name] as string))])
  const still = missing.filter((name) => findProgram(name) === null)
  if (still.length === 0) return false
  const line = `${still.join(', ').toUpperCase()} COULD NOT BE INSTALLED: these tests are skipped`
  if (process.env.CI === 'true') throw new Error(line)
  console.warn(`\n*** ${line} ***\n`)
  return line
}

function install(packages: readonly string[]): void {
  const root = process.getuid?.() === 0
  // Several test files may come here at once: apt waits for the other to end.
  const patience = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'APT::Get::Lock::Timeout=300']
  const apt = (words: readonly string[]) =>
    spawnSync(root ? 'apt-get' : 'sudo', [...(root ? [] : ['-n', 'apt-get']), ...patience, ...words], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: 'ignore',
      timeout: 600_000,
    }).status === 0
  const wanted = ['install', '-y', '--no-install-recommends', ...packages]
  if (!apt(wanted) && apt(['update'])) apt(wanted)
}

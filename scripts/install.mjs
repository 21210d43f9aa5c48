// Installs the packages of package-lock.json when they are missing or belong to another lock file.
// Plain JavaScript for any Node from 20 on: it runs before Node 24 (the npm package `node`) is there.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stamp = join(root, 'node_modules', '.woosync-installed')
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .update(`${process.platform}-${process.arch}`)
  .digest('hex')
const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

/** What npm scripts find before the machine's own Node. */
const linked = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')

const installed = () =>
  existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(node) && existsSync(linked)

function npm(args, stderr) {
  const own = process.env.npm_execpath
  const options = { cwd: root, stdio: ['ignore', 2, stderr] }
  return own
    ? spawnSync(process.execPath, [own, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
}

if (!installed()) {
  console.error('Installing what is missing (once; this takes a minute) …')
  // No install script runs: none is needed but Node's own, and native parts built under another Node fail to load.
  const options = ['--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts']
  // `npm ci` wants every platform's packages of the lock file; a registry that lacks one of them is no reason to stop.
  const exact = npm(['ci', ...options], 'pipe')
  const run = exact.status === 0 ? exact : npm(['install', '--no-save', ...options], 2)
  if (run.status !== 0) {
    console.error(
      'npm could not install the packages. Check the network and the disk, then run the command again.',
    )
    process.exit(run.status ?? 1)
  }
  if (!existsSync(node)) {
    // This one brings Node 24.
    const bring = spawnSync(process.execPath, ['installArchSpecificPackage'], {
      cwd: join(root, 'node_modules', 'node'),
      stdio: ['ignore', 2, 2],
      env: { ...process.env, npm_config_global: 'false' },
    })
    if (bring.status !== 0 || !existsSync(node)) {
      console.error('Node 24 could not be brought in. Run `npm rebuild node`, then the command again.')
      process.exit(1)
    }
  }
  if (!existsSync(linked)) npm(['rebuild', 'node', ...options], 'pipe')
  if (!existsSync(linked)) {
    console.error('npm did not link Node 24. Run `npm rebuild node`, then the command again.')
    process.exit(1)
  }
  writeFileSync(stamp, wanted)
}

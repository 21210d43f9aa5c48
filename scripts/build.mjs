// Makes dist/ for the npm package: JavaScript and declarations, as Node strips no types inside node_modules.
import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')

rmSync(dist, { recursive: true, force: true })
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const run = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
if (run.status !== 0) process.exit(run.status ?? 1)

const migrations = join('src', 'database', 'migrations')
cpSync(join(root, migrations), join(dist, migrations), { recursive: true })
// For `version.ts`, which looks one folder above its own.
const { name, version, type } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
writeFileSync(
  join(dist, 'package.json'),
  `${JSON.stringify({ name, version, type, private: true }, null, 2)}\n`,
)

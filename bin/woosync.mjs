#!/usr/bin/env node
// Runs `woosync` on Node 24, whichever Node started this: the npm package `node` brings it along.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
// A clone runs its source, whatever was built there before; the package has only what was built.
const source = join(root, 'src', 'main.ts')
const program = existsSync(source) ? source : join(root, 'dist', 'src', 'main.js')

function node24() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  const require = createRequire(import.meta.url)
  const folder = dirname(require.resolve('node/package.json'))
  return join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
}

const child = spawn(node24(), [program, ...process.argv.slice(2)], { stdio: 'inherit' })
// The terminal's Ctrl-C reaches the child too; a signal to this process alone is passed on.
process.on('SIGINT', () => undefined)
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))

/** The packed package, installed into an empty project: its types hold, and the examples of docs/library.md run. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { newFolder, stopAtEnd } from '../database/private-folder.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(join(root, 'docs', 'library.md'), 'utf8')
const examples = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code as string)

/** Runs a program to its end; it must end well. */
function run(folder: string, program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const ended = spawnSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    shell: process.platform === 'win32',
  })
  assert.equal(ended.status, 0, `${program} ${args.join(' ')}\n${ended.stdout}\n${ended.stderr}`)
  return ended.stdout
}

test('the package', async (t) => {
  const folder = await newFolder(t)
  const source = join(folder, 'source')
  mkdirSync(source)
  // What is built is built beside the packages that are there, and leaves the clone as it is.
  for (const part of [
    'src',
    'demo',
    'bin',
    'scripts',
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'README.md',
    'LICENSE',
  ]) {
    cpSync(join(root, part), join(source, part), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(source, 'node_modules'), 'junction')
  const [packed] = JSON.parse(run(source, 'npm', ['pack', '--json', '--silent'])) as [
    { filename: string; files: { path: string }[] },
  ]

  await t.test('holds JavaScript, declarations and migrations, and no source', () => {
    const paths = packed.files.map(({ path }) => path)
    assert.ok(paths.includes('dist/src/index.js') && paths.includes('dist/src/index.d.ts'))
    assert.ok(paths.includes('dist/src/database/migrations/0001-mirror.sql'))
    assert.ok(paths.includes('dist/demo/main.js') && paths.includes('bin/woosync.mjs'))
    assert.deepEqual(
      paths.filter((path) => /(?<!\.d)\.ts$/.test(path) || path.startsWith('test/')),
      [],
    )
  })

  const project = join(folder, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }')
  run(project, 'npm', [
    'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--loglevel=error',
    join(source, packed.filename),
  ])
  examples.forEach((code, at) => {
    writeFileSync(join(project, `example-${at + 1}.ts`), code)
  })

  await t.test('its types hold for whoever checks everything', () => {
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node']
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    run(project, process.execPath, [tsc, ...options, ...examples.map((_, at) => `example-${at + 1}.ts`)])
  })

  const data = join(project, 'data')
  const env = { WOOSYNC_DATA: data, DEMO_PORT: '0' }
  stopAtEnd(t, data)
  for (const at of examples.keys()) {
    await t.test(`example ${at + 1} of the page runs`, () => {
      const said = run(project, process.execPath, [`example-${at + 1}.ts`], env)
      assert.ok(said.trim().length > 0)
      assert.doesNotMatch(said, /undefined|NaN|\[object/)
    })
  }

  await t.test('its command runs', () => {
    const command = join('node_modules', 'woo-sync-engine', 'bin', 'woosync.mjs')
    const said = run(project, process.execPath, [command, 'mirror', 'verification', '--json'], env)
    assert.ok(JSON.parse(said).resources.length > 10)
  })
})

// Runs the tests: all of them, or the files and node:test options given (`npm test -- test/some.test.ts`).
// Plain JavaScript for any Node from 20 on: started by an older one it goes on with the Node 24 of npm.
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const given = process.argv.slice(2)

if (Number(process.versions.node.split('.')[0]) < 24) {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const node24 = join(root, 'node_modules', 'node', 'bin', name)
  if (!existsSync(node24)) {
    console.error('Node 24 is not installed yet: run `npm install`, or `npm test`, which does it first.')
    process.exit(1)
  }
  const run = spawnSync(node24, [fileURLToPath(import.meta.url), ...given], { stdio: 'inherit' })
  process.exit(run.status ?? 1)
}

/** Options of node:test whose value may stand in an argument of its own. */
const withValue = /^--test-(name-pattern|skip-pattern|concurrency|timeout|shard)$/

const options = []
const files = []
for (let at = 0; at < given.length; at++) {
  const argument = given[at]
  if (!argument.startsWith('-')) files.push(argument)
  else if (withValue.test(argument) && at + 1 < given.length) options.push(`${argument}=${given[++at]}`)
  else options.push(argument)
}

// Open to all, as Postgres runs as another user where root runs the tests; what is in it is not.
const data = mkdtempSync(join(tmpdir(), 'woosync-test-'))
chmodSync(data, 0o755)
const countsFile = join(data, 'counts.json')

const child = spawn(
  process.execPath,
  [
    '--test',
    '--test-concurrency=2',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${new URL('./counts-reporter.mjs', import.meta.url)}`,
    `--test-reporter-destination=${countsFile}`,
    ...options,
    ...(files.length > 0 ? files : ['test/**/*.test.ts']),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, WOOSYNC_TEST_DATA: data } },
)
// Ctrl-C reaches the tests as well: they end, and then what was started for them is cleared away here.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))

const code = await new Promise((resolve) => {
  child.once('error', () => resolve(1))
  child.once('exit', (status) => resolve(status ?? 1))
})

const result = existsSync(countsFile) ? readFileSync(countsFile, 'utf8') : ''
await clearAway()
report(result)
process.exitCode = code

async function clearAway() {
  const { stopPrivatePostgres } = await import('../src/database/private-postgres.ts')
  const quiet = () => undefined
  const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet }
  const outcome = await stopPrivatePostgres(data, { logger }).catch((thrown) => thrown.message)
  if (outcome !== 'stopped' && outcome !== 'not_running') {
    console.error(`The Postgres of the tests could not be stopped (${outcome}).`)
  }
  rmSync(data, { recursive: true, force: true })
}

function report(text) {
  if (text === '') {
    console.log('The run ended before it could count.')
    return
  }
  const { counts, skipped } = JSON.parse(text)
  if (skipped.length > 0) {
    const loud = process.env.CI === 'true' ? '!!! SKIPPED IN CI' : 'SKIPPED'
    for (const { name, file, reason } of skipped) {
      const where = file ? ` (${relative(root, file)})` : ''
      console.log(`${loud}: ${name}${where}${reason ? `: ${reason}` : ''}`)
    }
  }
  const failed = counts.failed + counts.cancelled
  console.log(`${counts.passed} passed, ${failed} failed, ${counts.skipped + counts.todo} skipped`)
}

/** Imports run one way (docs/architecture.md); the demo shop knows nothing of the program. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What each part may import besides itself and the ground. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  store: [],
  mirror: ['store'],
  sync: ['store', 'mirror'],
  questions: ['store', 'mirror'],
  operations: ['questions', 'sync', 'store', 'mirror', 'app'],
  interfaces: ['operations', 'questions', 'sync', 'store', 'mirror', 'app', 'metrics'],
  index: ['interfaces'],
  app: ['sync', 'store', 'mirror'],
  main: ['interfaces'],
  metrics: ['store', 'mirror', 'sync'],
}
/** Below all parts; they import one another and nothing above. */
const GROUND = new Set([
  'within',
  'settings',
  'version',
  'errors',
  'logger',
  'money',
  'database',
  'access',
  'addresses',
  'demo-shop',
])

const partOf = (path: string) => (path.split('/')[1] ?? '').replace(/\.ts$/, '')

interface Import {
  from: string
  to: string
}

function importsOf(folder: string): Import[] {
  return globSync(`${folder}/**/*.ts`, { cwd: root }).flatMap((file) => {
    const from = file.split(sep).join('/')
    const text = readFileSync(join(root, file), 'utf8')
    const found = text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)
    return [...found].map((match) => ({
      from,
      to: normalize(join(dirname(file), match[1] as string))
        .split(sep)
        .join('/'),
    }))
  })
}

test('imports run one way', () => {
  const imports = importsOf('src')
  assert.ok(imports.length > 100, 'the imports were found')
  const wrong = imports.filter(({ from, to }) => {
    const part = partOf(from)
    const target = partOf(to)
    if (part === target) return false
    if (GROUND.has(part)) return !GROUND.has(target)
    return !GROUND.has(target) && !(MAY_IMPORT[part] ?? []).includes(target)
  })
  assert.deepEqual(wrong, [])
})

test('only main.ts reads the arguments of the process', () => {
  const readers = globSync('src/**/*.ts', { cwd: root }).filter((file) =>
    readFileSync(join(root, file), 'utf8').includes('process.argv'),
  )
  assert.deepEqual(readers, [join('src', 'main.ts')])
})

test('the demo shop imports nothing of the program', () => {
  const imports = importsOf('demo')
  assert.ok(imports.length > 50, 'the imports were found')
  assert.deepEqual(
    imports.filter(({ to }) => !to.startsWith('demo/')),
    [],
  )
})

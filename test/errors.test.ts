/** The table of errors, held to what is thrown and to what is tested: no code without a cause, none without a test. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { errorKinds } from '../src/errors.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const codes = Object.keys(errorKinds)

/** What the pattern's group takes out of the files. */
function wordsOf(files: string, pattern: RegExp): string[] {
  const texts = globSync(files, { cwd: root }).map((name) => readFileSync(`${root}${name}`, 'utf8'))
  return texts.flatMap((text) => [...text.matchAll(pattern)].map(([, word]) => word ?? ''))
}

function assertNone(found: string[], problem: string): void {
  assert.equal(found.length, 0, `${problem}: ${found.join(', ')}`)
}

test('every code of the table is given to somebody', () => {
  // A code that is only compared with is none that anybody meets.
  const given = new Set(wordsOf('src/**/*.ts', /(?<![=!]== ?)['"`](\w+)['"`]/g))
  assertNone(
    codes.filter((code) => !given.has(code)),
    'take these out of src/errors.ts, nothing in src/ uses them',
  )
})

test('every code that is thrown is in the table', () => {
  const thrown = wordsOf('src/**/*.ts', /new WooSyncError\(\s*['"`](\w+)['"`]/g)
  assert.ok(thrown.length > 50)
  assertNone(
    thrown.filter((code) => !codes.includes(code)),
    'add these to src/errors.ts',
  )
})

test('every code is provoked by a test', () => {
  // Expected as a text or as the beginning of one; a test that makes the error by itself provokes nothing.
  const expected = new Set(wordsOf('test/**/*.test.ts', /(?<!new WooSyncError\()(?:['"`]|\/\^|\\\()(\w+)/g))
  assertNone(
    codes.filter((code) => !expected.has(code)),
    'write a test that makes the program say these',
  )
})

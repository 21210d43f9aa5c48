import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson } from '../../src/store/canonical-json.ts'

const runs = process.env.CI === 'true' ? 20_000 : 3_000

/** The plain way: a copy with its keys in code-unit order, then the language's own JSON. */
function naive(value: unknown): string {
  return JSON.stringify(sorted(value))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const keys = Object.keys(value).sort()
  return withRawKeys(keys, value as Record<string, unknown>)
}

/** Objects put keys that look like numbers first, so each is marked, and the text is unmarked. */
function withRawKeys(keys: readonly string[], value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(keys.map((key) => [`\u2603${key}`, sorted(value[key])]))
}

const unmarked = (text: string) => text.replaceAll('\u2603', '')

const awkward = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.stringMatching(/^[ab\n\r"\\\0\u2028]{0,4}$/),
  fc.constantFrom(
    '',
    '\n',
    'a\nb',
    '__proto__',
    'toJSON',
    '10',
    '9',
    '\u0000',
    '\ud800',
    '\u{1F377}',
    '\uffff',
  ),
)
const noSnowman = awkward.filter((text) => !text.includes('\u2603'))
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double(),
    noSnowman,
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(noSnowman, tie('value')), { selector: ([key]) => key, maxLength: 5 })
      .map((entries) => Object.fromEntries(entries)),
  ),
})).value

test('is the same text as sorting the keys and writing JSON', () => {
  fc.assert(
    fc.property(json, (value) => {
      assert.equal(canonicalJson(value), unmarked(naive(value)))
    }),
    { numRuns: runs },
  )
})

test('tells keys with line breaks from several keys', () => {
  const shapes: Record<string, number>[] = [
    { 'b\na': 1 },
    { b: 1, a: 2 },
    { 'c\nb\na': 1 },
    { 'c\nb': 1, a: 2 },
    { c: 1, 'b\na': 2 },
    { c: 1, b: 2, a: 3 },
    {},
    { '': 1 },
  ]
  for (const round of [shapes, shapes.toReversed()]) {
    for (const shape of round) assert.equal(canonicalJson(shape), unmarked(naive(shape)))
  }
})

test('goes on rightly when more shapes and keys came than are remembered', () => {
  for (let at = 0; at < 6000; at++) {
    const shape = { [`z${at}`]: 1, [`a${at}`]: 2 }
    assert.equal(canonicalJson(shape), `{"a${at}":2,"z${at}":1}`)
  }
})

test('leaves out members that are undefined, as JSON does', () => {
  assert.equal(canonicalJson({ b: undefined, a: [undefined, Number.NaN] }), '{"a":[null,null]}')
})

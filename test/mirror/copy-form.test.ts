import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { from as copyFrom } from 'pg-copy-streams'
import { createCopyForm, NotInCopyForm } from '../../src/mirror/copy-form.ts'
import type { ColumnType, ColumnValue } from '../../src/mirror/tables/column.ts'
import { testDatabase } from '../database.ts'

const database = await testDatabase()

/** What Postgres reads of values that came by COPY, as text, beside what it reads of their texts. */
async function bothWays(type: ColumnType, values: readonly ColumnValue[], texts: readonly (string | null)[]) {
  const form = createCopyForm()
  values.forEach((value, at) => {
    form.row(2)
    form.value('integer', at)
    form.value(type, value)
  })
  return database.transaction(async (client) => {
    await client.query(`CREATE TEMPORARY TABLE taken (at integer, value ${type}) ON COMMIT DROP`)
    const copy = client.query(copyFrom('COPY taken FROM STDIN (FORMAT binary)'))
    await pipeline(Readable.from(form.end()), copy)
    const taken = await client.query('SELECT value::text FROM taken ORDER BY at')
    const read = await client.query(
      `SELECT value::${type}::text FROM unnest($1::text[]) WITH ORDINALITY AS t(value, at) ORDER BY at`,
      [texts],
    )
    return { taken: taken.rows.map((row) => row.value), read: read.rows.map((row) => row.value) }
  })
}

async function assertReadAlike(
  type: ColumnType,
  values: readonly ColumnValue[],
  texts = values.map((value) => (value === null ? null : String(value))),
) {
  const { taken, read } = await bothWays(type, values, texts)
  assert.equal(taken.length, values.length)
  assert.deepEqual(taken, read)
}

describe('COPY’s binary form is read as the text is', () => {
  test('numbers, with their zeros and exponents', async () => {
    await assertReadAlike('numeric', [
      ...['0', '-0', '+7', '00012.50', '12.', '.5', '-.00010', '0.0000', '10000', '9999.9999', '100000000'],
      ...['1e3', '-1e-7', '1.50e1', '1.5E-10', '.5e+2', '12.e0', '0e5', '123456789012345678901234.5678'],
      null,
    ])
  })

  test('any number', async () => {
    const digits = fc.stringMatching(/^\d{1,40}$/)
    const number = fc
      .tuple(
        fc.constantFrom('', '-', '+'),
        digits,
        fc.option(digits),
        fc.option(fc.integer({ min: -60, max: 60 })),
      )
      .map(([sign, whole, rest, exponent]) =>
        [sign, whole, rest === null ? '' : `.${rest}`, exponent === null ? '' : `e${exponent}`].join(''),
      )
    await fc.assert(
      fc.asyncProperty(fc.array(number, { minLength: 50, maxLength: 200 }), (values) =>
        assertReadAlike('numeric', values),
      ),
      { numRuns: 20 },
    )
  })

  test('whole numbers up to the largest', async () => {
    const { MAX_SAFE_INTEGER: most } = Number
    await assertReadAlike('bigint', [
      0,
      1,
      -1,
      2 ** 31,
      -(2 ** 31),
      2 ** 32,
      2 ** 32 - 1,
      -(2 ** 32),
      most,
      -most,
      null,
    ])
    await assertReadAlike('integer', [0, 1, -1, 255, -256, 2 ** 31 - 1, -(2 ** 31) + 1, null])
  })

  test('lists of ids', async () => {
    const lists = [[], [1], [2 ** 40, -5, 0]]
    await assertReadAlike(
      'bigint[]',
      lists,
      lists.map((list) => `{${list.join(',')}}`),
    )
  })

  test('moments', async () => {
    const moments = [
      0,
      1,
      -1,
      946_684_800_000,
      1_764_000_000_123,
      Date.UTC(1720, 0, 1),
      Date.UTC(2280, 11, 31),
    ]
    await assertReadAlike(
      'timestamptz',
      moments,
      moments.map((moment) => new Date(moment).toISOString()),
    )
  })

  test('truth', () => assertReadAlike('boolean', [true, false, null]))

  test('texts, short and longer than a piece, of one to four bytes a character', async () => {
    const texts = ['', 'a', '\\N', 'țuică', '🍷', 'a\tb\nc\\', 'x'.repeat(40), `${'x'.repeat(39)}ă`]
    await assertReadAlike('text', [...texts, ...texts.map((text) => text.repeat(20_000)), null])
  })

  test('JSON', async () => {
    const values = [{ a: 'ț"\\\n', b: [1, null] }, [], 'word', 0, false]
    await assertReadAlike(
      'jsonb',
      values,
      values.map((value) => JSON.stringify(value)),
    )
  })
})

describe('left for Postgres to judge as text', () => {
  const cases: Record<string, [ColumnType, ColumnValue]> = {
    'an integer that is too large': ['integer', 2 ** 31],
    'an integer that is too small': ['integer', -(2 ** 31) - 1],
    'a number of more digits than a shop has': ['numeric', '1'.repeat(300)],
    'a number with a huge exponent': ['numeric', '1e400'],
    'the year 0': ['timestamptz', Date.parse('0000-01-01T00:00:00Z')],
    'the year 9999': ['timestamptz', Date.parse('9999-12-31T00:00:00Z')],
  }
  for (const [name, [type, value]] of Object.entries(cases)) {
    test(name, () => {
      assert.throws(() => createCopyForm().value(type, value), NotInCopyForm)
    })
  }
})

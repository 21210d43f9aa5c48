import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  cleanDecimal,
  decimalText,
  minorText,
  minorUnits,
  plainNumber,
} from '../../../src/store/sql/decimal.ts'

test('money is rounded on its digits, halves away from zero', () => {
  for (const [text, decimals, expected] of [
    ['1.575', 2, '1.58'],
    ['-1.575', 2, '-1.58'],
    ['1.005', 2, '1.01'],
    ['98.876033', 2, '98.88'],
    ['199.99000000', 2, '199.99'],
    ['9.995', 2, '10.00'],
    ['0', 2, '0.00'],
    ['-0.001', 2, '0.00'],
    ['-0.005', 2, '-0.01'],
    ['7', 2, '7.00'],
    ['7.5', 0, '8'],
    ['1234.4', 0, '1234'],
    ['0.12345', 3, '0.123'],
    ['', 2, '0.00'],
    [null, 2, '0.00'],
    [undefined, 2, '0.00'],
    ['abc', 2, '0.00'],
    ['12,50', 2, '12.50'],
    ['1.5e2', 2, '150.00'],
    [' 5 ', 2, '5.00'],
    ['1 234,56 lei', 2, '1234.56'],
  ] as const) {
    assert.equal(decimalText(text, decimals), expected, String(text))
  }
  assert.doesNotThrow(() => decimalText('9'.repeat(5000), 2))
  assert.doesNotThrow(() => decimalText('1e999', 2))
  assert.match(decimalText('123456789012345678.50', 2), /^1234567890123456\d\d\.\d\d$/)
})

test('a tax that is exactly a half goes down where prices include tax', () => {
  assert.equal(minorUnits('1.575', 2, 'down'), 157)
  assert.equal(minorUnits('1.5750', 2, 'down'), 157)
  assert.equal(minorUnits('1.5751', 2, 'down'), 158)
  assert.equal(minorUnits('-1.575', 2, 'down'), -157)
  assert.equal(minorUnits('-1.576', 2, 'down'), -158)
  assert.equal(minorUnits('1.575', 2, 'up'), 158)
  assert.equal(minorText(-5, 2), '-0.05')
  assert.equal(minorText(120, 0), '120')
})

test('a text of a person becomes a number without its decorations', () => {
  assert.equal(cleanDecimal('1.234.567,89'), '1234567.89')
  assert.equal(cleanDecimal('-3.50'), '-3.50')
  assert.equal(cleanDecimal(''), '')
  assert.equal(cleanDecimal(null), '')
  assert.equal(plainNumber(2.9148), '2.9148')
  assert.equal(plainNumber(0.1 + 0.2), '0.3')
  assert.equal(plainNumber(5), '5')
  assert.equal(plainNumber(Number.NaN), '0')
})

test('every plain number is rounded as on paper', () => {
  const digits = (most: number) => fc.stringMatching(new RegExp(`^\\d{1,${most}}$`))
  const plain = fc.tuple(fc.constantFrom('', '-'), digits(8), fc.option(digits(9), { nil: null }))
  fc.assert(
    fc.property(plain, fc.nat(5), fc.constantFrom('up', 'down'), ([sign, whole, part], decimals, half) => {
      const text = `${sign}${whole}${part === null ? '' : `.${part}`}`
      const fine = BigInt(whole + (part ?? '').padEnd(9, '0'))
      const unit = 10n ** BigInt(9 - decimals)
      const rest = (fine % unit) * 2n
      const up = rest > unit || (rest === unit && half === 'up')
      const units = Number(fine / unit) + (up ? 1 : 0)
      const expected = units === 0 ? 0 : sign === '-' ? -units : units
      assert.equal(minorUnits(text, decimals, half), expected, text)
      if (half === 'up') {
        assert.equal(decimalText(text, decimals), minorText(expected, decimals), text)
        assert.equal(Number(decimalText(text, decimals)), expected / 10 ** decimals, text)
        assert.match(
          decimalText(text, decimals),
          decimals === 0 ? /^-?(0|[1-9]\d*)$/ : new RegExp(`^-?(0|[1-9]\\d*)\\.\\d{${decimals}}$`),
        )
      }
    }),
    { numRuns: process.env.CI === 'true' ? 20_000 : 3_000 },
  )
})

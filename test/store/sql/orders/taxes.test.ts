import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainTaxes, productTaxes } from '../../../../src/store/sql/orders/taxes.ts'

const rounding = { decimals: 2, half: 'down', atSubtotal: false } as const
const php = (entries: string) => `a:${entries.split(';').length >> 1}:{${entries}}`

test('the taxes of a line, in the order PHP holds them', () => {
  const data =
    'a:2:{s:5:"total";a:2:{i:2;s:5:"1.575";i:1;s:9:"20.763967";}s:8:"subtotal";a:2:{i:2;s:5:"1.575";i:1;s:9:"24.235041";}}'
  assert.deepEqual(productTaxes(data, rounding), {
    taxes: [
      { id: 2, total: '1.58', subtotal: '1.58' },
      { id: 1, total: '20.76', subtotal: '24.24' },
    ],
    // Each rate's tax is rounded for the sum, a half down, though shown rounded up (12b).
    totalTax: '22.33',
    subtotalTax: '25.81',
  })
  assert.equal(productTaxes(data, { ...rounding, atSubtotal: true }).totalTax, '22.34')
})

test('a subtotal is never less than the total', () => {
  const { taxes, subtotalTax } = productTaxes(
    'a:2:{s:5:"total";a:1:{i:1;s:1:"5";}s:8:"subtotal";a:1:{i:1;s:1:"4";}}',
    rounding,
  )
  assert.deepEqual(taxes, [{ id: 1, total: '5.00', subtotal: '5.00' }])
  assert.equal(subtotalTax, '5.00')
})

test('shapes of other versions and of plugins', () => {
  // Shipping of old versions: the rates without a frame.
  assert.deepEqual(plainTaxes('a:1:{i:1;s:4:"2.91";}', rounding).taxes, [
    { id: 1, total: '2.91', subtotal: '' },
  ])
  assert.equal(plainTaxes('a:1:{s:5:"total";a:1:{i:1;d:2.9148000000000001;}}', rounding).totalTax, '2.91')
  assert.equal(plainTaxes('a:1:{s:5:"total";a:1:{i:7;i:3;}}', rounding).totalTax, '3.00')
  assert.deepEqual(plainTaxes('a:1:{s:5:"total";a:1:{s:4:"zone";s:4:"1,50";}}', rounding).taxes, [
    { id: 'zone', total: '1.50', subtotal: '' },
  ])
  assert.deepEqual(plainTaxes('a:1:{s:5:"total";a:0:{}}', rounding).taxes, [])
})

test('what is malformed counts as no taxes', () => {
  for (const text of [
    '',
    null,
    undefined,
    'a:2:{s:5:"total";a:1:{i:1;s:9:"20.7',
    'a:',
    'a:1:{',
    'N;',
    's:3:"abc";',
    'O:8:"stdClass":0:{}',
    'plain text',
    php('i:1;O:8:"stdClass":0:{}'),
  ]) {
    assert.deepEqual(productTaxes(text, rounding), { taxes: [], totalTax: '0.00', subtotalTax: '0.00' })
  }
})

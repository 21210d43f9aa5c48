/** Answers as text for a person: tables that fit, money, moments, ages, and nothing a terminal would obey. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { renderAnswer } from '../../src/interfaces/cli/answer.ts'
import { cleanLine, cleanText, cut, jsonText, width } from '../../src/interfaces/cli/terminal.ts'
import { type Look, momentText, valueText } from '../../src/interfaces/cli/values.ts'
import { asOfSchema } from '../../src/operations/as-of.ts'
import { defineOperation, type Operation } from '../../src/operations/define.ts'
import { inputOf } from '../../src/operations/input.ts'
import { createFactBook, factSchema, rowsOf } from '../../src/questions/facts.ts'

const NOW = Date.parse('2026-11-22T12:00:00Z')
const look = (columns = 100): Look => ({ columns, timezone: 'Europe/Bucharest', now: NOW })
const asOf = {
  products: { at: '2026-11-22T11:59:48Z', state: 'complete' },
  variations: { at: '2026-11-22T11:59:48Z', state: 'complete' },
  orders: { at: null, state: 'never copied' },
}

function operationOf(shape: z.ZodRawShape, list?: string): Operation {
  return defineOperation({
    name: 'shelf.look',
    summary: 'Looks.',
    access: 'read',
    http: 'GET /shelf',
    effect: 'none',
    ...(list !== undefined && { list }),
    input: inputOf({}),
    output: z.object({ ...shape, asOf: asOfSchema, facts: z.array(factSchema) }),
    run: async () => ({ asOf: {}, facts: [] }),
  }) as unknown as Operation
}

const row = z.object({
  id: z.int(),
  slug: z.string(),
  name: z.string().nullable(),
  sku: z.string().nullable(),
  price: z.string().nullable(),
  currency: z.string(),
  stock_quantity: z.number().nullable(),
  on_sale: z.boolean(),
  created_at: z.iso.datetime().nullable(),
  totals: z.object({ net: z.string(), orders: z.number() }),
  tags: z.array(z.string()),
  images: z.array(z.object({ src: z.string() })),
  gtin: z.string().nullable(),
})

const product = (over: Partial<z.input<typeof row>> = {}): z.input<typeof row> => ({
  id: 7,
  slug: 'tuica',
  name: 'Țuică de prune',
  sku: '00123',
  price: '24.5',
  currency: 'RON',
  stock_quantity: 12,
  on_sale: false,
  created_at: '2026-11-22T10:05:00Z',
  totals: { net: '120.00', orders: 5 },
  tags: ['new', 'plum'],
  images: [{ src: 'https://example.com/a.jpg' }],
  gtin: null,
  ...over,
})

describe('a list', () => {
  const list = operationOf({ products: z.array(row), nextCursor: z.string().nullable() }, 'products')

  it('is a table with age, zone and the next page beneath it', () => {
    const products = [product(), product({ id: 12, name: 'Vin', sku: null, price: null, stock_quantity: -3 })]
    const text = renderAnswer(list, { products, nextCursor: 'abc', asOf, facts: [] }, look(), false)
    assert.equal(
      text,
      [
        'id  name            sku        price  stock quantity  created at        totals net  totals orders',
        ' 7  Țuică de prune  00123  24.50 RON              12  2026-11-22 12:05  120.00 RON              5',
        '12  Vin             –              –              -3  2026-11-22 12:05  120.00 RON              5',
        '',
        'Data: products, variations 12 s old, complete; orders never copied. Times: Europe/Bucharest. 4 more',
        'columns: --csv or --json.',
        'Next page: --cursor abc',
      ].join('\n'),
    )
  })

  it('fits the terminal, whatever the rows hold', () => {
    const text = fc.string({ unit: 'binary', maxLength: 70 })
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: text, sku: text, slug: text, tags: fc.array(text, { maxLength: 3 }) }), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.integer({ min: 40, max: 160 }),
        (rows, columns) => {
          const products = rows.map((one) => product(one))
          const shown = renderAnswer(list, { products, nextCursor: null }, look(columns), false)
          const lines = shown.split('\n').slice(0, products.length + 1)
          for (const line of lines) assert.ok(width(line) <= columns, line)
          // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
          assert.doesNotMatch(shown, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('without rows says so', () => {
    const text = renderAnswer(list, { products: [], nextCursor: null, asOf: {}, facts: [] }, look(), false)
    assert.equal(text, 'Nothing found.')
  })

  it('shows the currency of each row, and none twice', () => {
    const products = [product(), product({ currency: 'CLP', price: '14990.00' })]
    const text = renderAnswer(list, { products, nextCursor: null }, look(), false)
    assert.match(text, / 24\.50 RON /)
    assert.match(text, / 14990 CLP /)
    assert.doesNotMatch(text, /currency/)
  })
})

describe('one thing', () => {
  const one = operationOf({
    product: row.nullable().describe('The product; null: the shop has no such product.'),
  })

  it('is a line for each value', () => {
    const text = renderAnswer(one, { product: product(), asOf: {}, facts: [] }, look(), false)
    assert.match(text, /^id {14}7\nslug {12}tuica\nname {12}Țuică de prune\n/)
    assert.match(text, /\nprice {11}24\.50 RON\n/)
    assert.match(text, /\ntags {12}new, plum\n/)
    assert.match(text, /\nTotals\n {2}net {5}120\.00 RON\n {2}orders {2}5\n/)
  })

  it('that is not there is said in the words of its description', () => {
    const text = renderAnswer(one, { product: null, asOf, facts: [] }, look(), false)
    assert.match(text, /^The shop has no such product\.\n\nData: /)
  })

  it('written as Markdown is printed as it is', () => {
    const written = operationOf({ id: z.int(), markdown: z.string() })
    const answer = { id: 7, markdown: '# Țuică\n\n| a | b |\n\u001b[31mred\u009b2J', asOf: {}, facts: [] }
    assert.equal(renderAnswer(written, answer, look(), false), '# Țuică\n\n| a | b |\nred')
  })

  it('shows its facts where they are wanted', () => {
    const book = createFactBook()
    const subject = { kind: 'product', id: '7', name: 'Țuică' } as const
    book.add({
      subject,
      attribute: 'stock_quantity',
      value: 12,
      type: 'quantity',
      unit: 'pieces',
      source: rowsOf('products', [7]),
    })
    const answer = { product: null, asOf: {}, facts: book.all() }
    const text = renderAnswer(one, answer, look(), true)
    assert.match(text, /\nf1 {4}product 7 Țuică {2}stock_quantity {2}12 pieces {2}mirror\.products 7$/)
    assert.doesNotMatch(renderAnswer(one, answer, look(), false), /f1/)
  })
})

describe('values', () => {
  it('money, moments, none, lists', () => {
    const text = (name: string, value: unknown) => valueText(name, value, 'RON', look())
    assert.equal(text('price', '5'), '5.00 RON')
    assert.equal(text('price', 'free'), 'free')
    assert.equal(text('sku', '0012'), '0012')
    assert.equal(text('number', '10482'), '10482')
    assert.equal(text('net', null), '–')
    assert.equal(text('sold', false), 'no')
    assert.equal(text('tags', []), '–')
    assert.equal(text('at', '2026-07-01T22:30:00.000Z'), '2026-07-02 01:30')
    assert.equal(text('day', '2026-07-01'), '2026-07-01')
    assert.equal(text('meta', { a_b: 1, c: null }), 'a b 1, c –')
    assert.equal(momentText('2026-07-01T22:30:00Z', null), '2026-07-01 22:30')
    assert.equal(momentText('2026-07-01T22:30:00Z', '+02:00'), '2026-07-02 00:30')
  })
})

describe('what a terminal would obey', () => {
  it('does not reach it, and JSON stays the same document', () => {
    assert.equal(cleanLine('a\u001b]0;owned\u0007b\u001b[2Jc\u009b31md\u202ee\r\nf\tg'), 'abcde f g')
    assert.equal(cleanText('a\r\nb\u0000\nc'), 'a\nb\nc')
    const value = { name: 'x\u001b[31m\u009b2J\u007f\u202e', list: ['ț'] }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    assert.doesNotMatch(jsonText(value), /[\u0000-\u001f\u007f-\u009f\u202e]/)
    assert.deepEqual(JSON.parse(jsonText(value)), value)
  })

  it('widths are those of a terminal', () => {
    assert.equal(width('Țuică'), 5)
    assert.equal(width('e\u0301'), 1)
    assert.equal(width('日本'), 4)
    assert.equal(width('🍷'), 2)
    assert.equal(cut('Țuică de prune', 6), 'Țuică…')
    assert.equal(cut('日本語', 5), '日本…')
    assert.equal(cut('short', 5), 'short')
  })
})

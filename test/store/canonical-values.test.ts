import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { WooSyncError } from '../../src/errors.ts'
import { canonicalize, type Fields, gmtMoment } from '../../src/store/canonical.ts'
import { resources } from '../../src/store/resources.ts'
import { order } from '../mirror/records.ts'

const stored = (text: string): Fields => JSON.parse(text)

describe('names and characters', () => {
  test('names of terms are decoded, names of products are not (12b)', () => {
    const raw = { id: 1, name: 'Whisky &amp; Whiskey &#8211; &quot;10 ani&quot;' }
    for (const resource of ['categories', 'tags', 'shipping_classes', 'attribute_terms'] as const) {
      const { fields } = canonicalize(resources[resource], raw, '1')
      assert.equal(fields.name, 'Whisky & Whiskey – "10 ani"', resource)
    }
    for (const resource of ['products', 'variations', 'attributes'] as const) {
      assert.equal(canonicalize(resources[resource], raw).fields.name, raw.name, resource)
    }
  })

  test('a name encoded without end is refused, not worked on', () => {
    const name = `&${'amp;'.repeat(50)}lt;`
    assert.throws(() => canonicalize(resources.tags, { id: 1, name }), unreadable('encoded'))
  })

  test('NUL and lone surrogates are replaced and noted (12)', () => {
    const raw = { id: 1, name: 'a\u0000b\ud83d', 'k\u0000': [{ deep: '\udc00' }], total_sales: '\u0000' }
    const made = canonicalize(resources.products, raw)
    assert.equal(made.repaired, true)
    assert.deepEqual(made.fields, { id: 1, name: 'a\uFFFDb\uFFFD', 'k\uFFFD': [{ deep: '\uFFFD' }] })
    assert.deepEqual(made.volatile, { total_sales: '\uFFFD' })
    assert.deepEqual(stored(made.json), made.fields)
  })

  test('also where only a computed field has one', () => {
    const made = canonicalize(resources.products, { id: 1, name: 'x', price_html: 'a\u0000' })
    assert.deepEqual([made.repaired, made.volatile], [true, { price_html: 'a\uFFFD' }])
  })

  test('text that only looks like an escape is left alone, and emoji are whole characters', () => {
    for (const name of ['\\u0000', '\\\\ud800', '🍷', '"\\"', 'a\tb\nc']) {
      const made = canonicalize(resources.products, { id: 1, name })
      assert.equal(made.repaired, false, name)
      assert.equal(stored(made.json).name, name)
    }
  })
})

describe('dates (3)', () => {
  test('a local date goes where its GMT twin is, and stays where it is alone', () => {
    const { fields } = canonicalize(resources.orders, {
      id: 1,
      date_paid: '2026-10-25T03:30:00',
      date_paid_gmt: '2026-10-25T00:30:00',
      date_completed: null,
      date_completed_gmt: null,
      date_of_its_own: '2026-10-25T03:30:00',
    })
    assert.deepEqual(fields, {
      id: 1,
      date_paid_gmt: '2026-10-25T00:30:00',
      date_completed_gmt: null,
      date_of_its_own: '2026-10-25T03:30:00',
    })
  })

  test('the date of the change is read as UTC; what is no date is none', () => {
    const at = (value: unknown) =>
      canonicalize(resources.orders, { id: 1, date_modified_gmt: value }).modifiedAt
    assert.equal(at('2026-05-01T09:00:01'), Date.UTC(2026, 4, 1, 9, 0, 1))
    for (const none of [null, '', '0000-00-00T00:00:00', '-001-11-30T00:00:00', 'soon', 7, undefined]) {
      assert.equal(at(none), null, String(none))
    }
    assert.equal(gmtMoment('2026-05-01T09:00:01Z'), null)
    const refund = canonicalize(resources.refunds, { id: 1, date_created_gmt: '2026-05-01T09:00:00' })
    assert.equal(refund.modifiedAt, Date.UTC(2026, 4, 1, 9))
  })
})

describe('ids', () => {
  test('are text; a setting’s holds its group, a tax class has its slug', () => {
    assert.equal(canonicalize(resources.orders, order(12)).id, '12')
    assert.equal(canonicalize(resources.shipping_zones, { id: 0 }).id, '0')
    assert.equal(canonicalize(resources.settings, { id: 'a_b' }, 'general').id, 'general/a_b')
    assert.equal(canonicalize(resources.tax_classes, { slug: 'zero-rate', name: 'x' }).id, 'zero-rate')
    assert.equal(canonicalize(resources.payment_gateways, { id: 'cod' }).id, 'cod')
  })

  test('what has none, or is no record, is refused with the way to find it', () => {
    for (const raw of [
      null,
      7,
      'x',
      [],
      [{ id: 1 }],
      {},
      { id: '1' },
      { id: 1.5 },
      { id: -1 },
      { id: 2 ** 60 },
    ]) {
      assert.throws(() => canonicalize(resources.orders, raw), unreadable())
    }
    assert.throws(() => canonicalize(resources.tax_classes, { name: 'x' }), unreadable('no id'))
    assert.throws(() => canonicalize(resources.payment_gateways, { id: '' }), unreadable('no id'))
  })

  test('a record’s parent is put in where the shop leaves it out, and never replaced', () => {
    const fields = (raw: Fields, parent?: string) => canonicalize(resources.refunds, raw, parent).fields
    assert.equal(fields({ id: 1 }, '9').parent_id, 9)
    assert.equal(fields({ id: 1, parent_id: 8 }, '9').parent_id, 8)
    assert.ok(!('parent_id' in fields({ id: 1 })))
  })
})

describe('hostile records', () => {
  test('are refused when they are nested too deeply', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}1${']'.repeat(100_000)}`)
    assert.throws(() => canonicalize(resources.orders, { id: 1, deep }), unreadable('nested'))
  })

  test('cannot change what our own objects are', () => {
    const raw = JSON.parse('{"id": 1, "__proto__": {"status": "planted"}, "constructor": 1}')
    const { fields } = canonicalize(resources.orders, raw)
    assert.equal(Object.getPrototypeOf(fields), Object.prototype)
    assert.equal(fields.status, undefined)
    assert.equal(fields.constructor, 1)
  })
})

function unreadable(cause = ''): (thrown: unknown) => boolean {
  return (thrown) =>
    thrown instanceof WooSyncError &&
    thrown.code === 'store_record_unreadable' &&
    String(thrown.data.cause).includes(cause)
}

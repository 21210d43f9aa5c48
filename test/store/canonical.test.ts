import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { generateShop } from '../../demo/generate/shop.ts'
import { canonicalize, type Fields } from '../../src/store/canonical.ts'
import { type ResourceName, resourceNames, resources } from '../../src/store/resources.ts'
import { type Given, recordedRecords, recordsOf } from '../mirror/records.ts'
import { skipWithoutRecordings } from '../recordings.ts'

const NOW = Date.UTC(2026, 4, 1)
const made = recordsOf(generateShop({ seed: 3, products: 40, orders: 300, days: 60, now: NOW }))

const form = ({ resource, raw, parent }: Given) => canonicalize(resources[resource], raw, parent)
const hashOf = (resource: ResourceName, raw: unknown) => canonicalize(resources[resource], raw).hash

/** What the mirror stores of a record and reads again. */
const stored = (text: string): Fields => JSON.parse(text)

function assertMadeAgainFromItself(given: readonly Given[]) {
  for (const one of given) {
    const first = form(one)
    const again = canonicalize(resources[one.resource], {
      ...stored(first.volatileJson),
      ...stored(first.json),
    })
    const { resource } = one
    assert.equal(again.json, first.json, `${resource} ${first.id}`)
    assert.equal(again.volatileJson, first.volatileJson, `${resource} ${first.id}`)
    assert.equal(again.hash, first.hash)
    assert.equal(again.id, first.id)
    assert.equal(again.modifiedAt, first.modifiedAt)
  }
}

/** The same value with the keys of every object turned round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, turned(member)]),
  )
}

describe('the form made again from itself changes nothing', () => {
  test('for every record of every recorded list', { skip: skipWithoutRecordings }, () => {
    const recorded = recordedRecords()
    assert.ok(recorded.length > 1500, `only ${recorded.length} records were found`)
    const names = new Set(recorded.map((one) => one.resource))
    const missing = resourceNames.filter((name) => !names.has(name))
    assert.deepEqual(missing, ['shipping_classes', 'tickets'], 'the recorded shop lists none of these')
    assertMadeAgainFromItself(recorded)
  })

  test('for every record of a generated shop', () => {
    assert.ok(made.length > 1000, `only ${made.length} records were made`)
    assertMadeAgainFromItself(made)
  })

  test('for names that were encoded several times, and broken characters in them', () => {
    for (const name of [
      'A &amp;amp;amp;amp;lt; B',
      '&#38;amp;',
      'x\u0000&amp;\ud800',
      '&#0;',
      '&copy',
      '&&amp;',
    ]) {
      assertMadeAgainFromItself([{ resource: 'tags', raw: { id: 1, name } }])
    }
  })
})

describe('what does not matter', () => {
  test('the order of keys, at any depth', () => {
    for (const one of made)
      assert.equal(form({ ...one, raw: turned(one.raw) as Fields }).hash, form(one).hash)
  })

  test('the order of meta data with different keys, of records and of their lines', () => {
    const entry = (key: string, value: unknown) => ({ id: 5, key, value })
    const meta = [entry('_b', 1), entry('_a', 2), entry('_c', 3)]
    const line = (list: unknown) => ({ id: 1, meta_data: list })
    for (const resource of ['orders', 'products', 'variations', 'coupons', 'refunds'] as const) {
      assert.equal(
        hashOf(resource, { id: 1, meta_data: meta, line_items: [line(meta)] }),
        hashOf(resource, { id: 1, meta_data: meta.toReversed(), line_items: [line(meta.toReversed())] }),
      )
    }
  })

  test('whether meta data came as a list or as an object (12)', () => {
    const one = { id: 1, key: 'a', value: 'x' }
    const two = { id: 2, key: 'b', value: 'y' }
    const raw = (meta: unknown) => ({ id: 1, meta_data: meta, line_items: [{ id: 3, meta_data: meta }] })
    assert.equal(hashOf('orders', raw({ 0: one, 2: two })), hashOf('orders', raw([one, two])))
    const { fields } = canonicalize(resources.products, raw({ 4: one }))
    assert.deepEqual(fields.meta_data, [one])
    assert.deepEqual(fields.line_items, [{ id: 3, meta_data: [one] }])
  })

  test('ids of meta data of orders and refunds (4a); those of products and of lines stay', () => {
    const raw = (metaId: number) => ({ id: 1, meta_data: [{ id: metaId, key: 'a', value: 1 }] })
    for (const resource of ['orders', 'refunds'] as const) {
      assert.equal(hashOf(resource, raw(1)), hashOf(resource, raw(2)))
    }
    assert.notEqual(hashOf('products', raw(1)), hashOf('products', raw(2)))
    const lines = (metaId: number) => ({ id: 1, line_items: [raw(metaId)] })
    assert.notEqual(hashOf('orders', lines(1)), hashOf('orders', lines(2)))
  })
})

describe('what does matter', () => {
  test('the order of meta data with the same key', () => {
    const meta = [
      { id: 1, key: 'a', value: 1 },
      { id: 2, key: 'a', value: 2 },
    ]
    assert.notEqual(
      hashOf('orders', { id: 1, meta_data: meta }),
      hashOf('orders', { id: 1, meta_data: meta.toReversed() }),
    )
  })

  test('each other field of each record', () => {
    const dropped = new Set(['_links', 'related_ids', 'is_editable', 'needs_payment', 'needs_processing'])
    for (const field of ['order_key', 'payment_url', 'post_password']) dropped.add(field)
    for (const field of ['customer_ip_address', 'customer_user_agent']) dropped.add(field)
    let compared = 0
    for (const resource of ['orders', 'products', 'variations', 'customers', 'refunds'] as const) {
      const one = made.find((each) => each.resource === resource)
      assert.ok(one)
      const before = form(one).hash
      const outside = volatileFields.filter(([name]) => name === resource).flatMap(([, fields]) => fields)
      for (const field of Object.keys(one.raw)) {
        if (
          ['id', 'meta_data', 'avatar_url', ...dropped, ...outside].includes(field) ||
          `${field}_gmt` in one.raw
        )
          continue
        const after = form({ ...one, raw: { ...one.raw, [field]: 'something else' } }).hash
        assert.notEqual(after, before, `${resource}.${field}`)
        compared++
      }
    }
    assert.ok(compared > 100)
  })

  test('sizes of an image that code makes are dropped, the image stays', () => {
    const made = { srcset: 'a 100w', sizes: '100vw', thumbnail: 'https://shop.example/a-100x100.jpg' }
    const image = { id: 7, src: 'https://shop.example/a.jpg', alt: '' }
    for (const raw of [
      { id: 1, images: [{ ...image, ...made }] },
      { id: 1, images: [image] },
    ]) {
      assert.deepEqual(canonicalize(resources.products, raw).fields.images, [image])
    }
    assert.deepEqual(
      canonicalize(resources.variations, { id: 1, image: { ...image, ...made } }).fields.image,
      image,
    )
    assert.equal(canonicalize(resources.variations, { id: 1, image: null }).fields.image, null)
  })

  test('fields nobody knows are kept', () => {
    const { fields, hash } = canonicalize(resources.orders, { id: 1, from_a_plugin: { a: [1] } })
    assert.deepEqual(fields.from_a_plugin, { a: [1] })
    assert.notEqual(hash, hashOf('orders', { id: 1 }))
  })
})

const volatileFields: readonly [ResourceName, readonly string[]][] = [
  ['orders', ['currency_symbol']],
  ['products', ['total_sales', 'average_rating', 'rating_count', 'price_html', 'permalink']],
  ['products', ['permalink_template', 'generated_slug']],
  ['variations', ['permalink', 'description']],
  ['coupons', ['usage_count', 'used_by']],
  ['categories', ['count']],
  ['tags', ['count']],
  ['attribute_terms', ['count']],
  ['shipping_classes', ['count']],
  ['reviews', ['product_name', 'product_permalink']],
  ['settings', ['label', 'description', 'type', 'default', 'tip', 'options', 'placeholder']],
  ['shipping_methods', ['method_title', 'method_description']],
  ['payment_gateways', ['method_title', 'method_description', 'method_supports', 'needs_setup']],
  ['payment_gateways', ['setup_help_text', 'required_settings_keys']],
]

describe('counters and what is computed (4a)', () => {
  for (const [resource, fields] of volatileFields) {
    for (const field of fields) {
      test(`${resource}.${field} is kept and does not move the hash`, () => {
        const id = resources[resource].key === 'number' ? 1 : 'x'
        const raw = { id, name: 'x', [field]: 1 }
        const one = canonicalize(resources[resource], raw)
        const other = canonicalize(resources[resource], { ...raw, [field]: 2 })
        assert.equal(one.hash, other.hash)
        assert.deepEqual(one.volatile, { [field]: 1 })
        assert.deepEqual(other.volatile, { [field]: 2 })
        assert.ok(!(field in one.fields))
      })
    }
  }

  test('of a shipping method’s settings the values are hashed; the form around them is kept beside', () => {
    const method = (label: string, cost: string | null) => ({
      id: 1,
      method_id: 'flat_rate',
      settings: {
        title: { id: 'title', label, value: 'Curier' },
        cost: { id: 'cost', label, value: cost },
        class_costs: { id: 'class_costs', label, type: 'title', value: null },
      },
    })
    const one = canonicalize(resources.shipping_methods, method('Cost', '5'))
    assert.equal(one.hash, hashOf('shipping_methods', method('Preț', '5')))
    assert.notEqual(one.hash, hashOf('shipping_methods', method('Cost', '6')))
    assert.deepEqual(one.fields.settings, { cost: { value: '5' } })
    assert.deepEqual((one.volatile.settings_form as Fields).cost, { id: 'cost', label: 'Cost' })
    assertMadeAgainFromItself([{ resource: 'shipping_methods', raw: method('Cost', null) }])
  })

  test('what is no data is dropped', () => {
    const names = ['_links', 'related_ids', 'is_editable', 'needs_payment', 'needs_processing', 'avatar_url']
    for (const name of [...names, 'reviewer_avatar_urls']) {
      const one = canonicalize(resources.orders, { id: 1, [name]: [1] })
      assert.deepEqual([one.fields, one.volatile], [{ id: 1 }, {}], name)
    }
  })

  test('a customer’s last visit is dropped from the meta data', () => {
    const visit = (value: string) => ({ id: 1, meta_data: [{ id: 8, key: 'wc_last_active', value }] })
    assert.equal(hashOf('customers', visit('1')), hashOf('customers', visit('2')))
    assert.deepEqual(canonicalize(resources.customers, visit('1')).fields.meta_data, [])
  })
})

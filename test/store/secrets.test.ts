import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { canonicalize, type Fields, rawText } from '../../src/store/canonical.ts'
import { type ResourceName, resourceNames, resources } from '../../src/store/resources.ts'

const secretFields = [
  'order_key',
  'payment_url',
  'post_password',
  'customer_ip_address',
  'customer_user_agent',
] as const

/** Of a record with a secret in each of the given places, whatever is kept of it, as text. */
function keptOf(resource: ResourceName, raw: Fields, parent?: string): string {
  const { json, volatileJson } = canonicalize(resources[resource], raw, parent)
  return json + volatileJson
}

describe('secrets are never kept (37)', () => {
  const planted = 'planted-secret'

  for (const field of secretFields) {
    test(`${field}, whichever record has it`, () => {
      for (const resource of resourceNames) {
        const id = resources[resource].key === 'number' ? 1 : 'x'
        const kept = keptOf(resource, { id, slug: 'x', other: 'kept', [field]: planted }, 'general')
        assert.ok(!kept.includes(planted) && kept.includes('kept'), resource)
      }
    })
  }

  test('the files of downloads, whether they are a list or an object', () => {
    const file = { id: 'a', name: 'kept', file: planted }
    for (const downloads of [[file], { 3: file }]) {
      for (const resource of ['products', 'variations'] as const) {
        const kept = keptOf(resource, { id: 1, downloads })
        assert.ok(!kept.includes(planted) && kept.includes('kept'))
      }
    }
  })

  test('a gateway’s settings and addresses', () => {
    for (const field of ['settings', 'settings_url', 'connection_url', 'post_install_scripts']) {
      const kept = keptOf('payment_gateways', { id: 'x', title: 'kept', [field]: { a: [planted] } })
      assert.ok(!kept.includes(planted) && kept.includes('kept'), field)
    }
  })

  test('fields of type password, in a shipping method’s settings and in the shop’s own', () => {
    const field = { type: 'password', value: planted, default: planted }
    const settings = { api_key: field, cost: { type: 'text', value: 'kept' } }
    const method = keptOf('shipping_methods', { id: 1, settings }, '1')
    assert.ok(!method.includes(planted) && method.includes('kept'))
    const setting = keptOf('settings', { id: 'license', label: 'kept', ...field }, 'general')
    assert.ok(!setting.includes(planted) && setting.includes('kept'))
  })

  test('what signs a customer in, among the meta data that an administrator’s key is shown', () => {
    const keys = [
      'session_tokens',
      '_application_passwords',
      '_two_factor_totp_key',
      'x_api_key',
      'reset_token',
    ]
    for (const key of keys) {
      const kept = keptOf('customers', {
        id: 1,
        meta_data: [
          { id: 1, key, value: planted },
          { id: 2, key: 'newsletter', value: 'kept' },
        ],
      })
      assert.ok(!kept.includes(planted) && kept.includes('kept'), key)
    }
  })

  test('in what cannot be read and goes into quarantine, at any depth', () => {
    const raw = Object.fromEntries(secretFields.map((field) => [field, planted]))
    const password = { type: 'password', value: planted, default: planted }
    const texts = [
      rawText({ id: 'x', why: 'kept', ...raw, downloads: [{ file: planted }] }),
      rawText([{ why: 'kept', list: [raw, password, { settings: planted, connection_url: planted }] }]),
    ]
    for (const text of texts) assert.ok(!text.includes(planted) && text.includes('kept'), text)
  })

  test('what goes into quarantine is cut, can be stored, and may be nested as deep as it likes', () => {
    assert.equal(rawText('x'.repeat(1_000_000)).length, 100_000)
    assert.equal(rawText('a\u0000\ud800'), '"a\uFFFD\uFFFD"')
    assert.equal(typeof rawText(JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)), 'string')
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { canonicalize, type Fields } from '../../../src/store/canonical.ts'
import { type ResourceName, resources } from '../../../src/store/resources.ts'
import { paymentGatewayReader } from '../../../src/store/sql/gateways.ts'
import type { SqlReader, SqlShop } from '../../../src/store/sql/reader.ts'
import { settingReader } from '../../../src/store/sql/settings.ts'
import { shippingMethodReader, shippingZoneReader } from '../../../src/store/sql/shipping.ts'
import { taxClassReader, taxRateReader } from '../../../src/store/sql/taxes.ts'
import { testDatabase } from '../../database.ts'
import { skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { seen, write } from '../../mirror/records.ts'
import { skipWithoutRecordings } from '../../recordings.ts'
import { changedShop, type Test } from './changed-shop.ts'
import { listAll } from './reading.ts'

const skip = skipWithoutMariadb || skipWithoutRecordings

/** Only used by tests that are not skipped. */
const mariadb = skip ? (undefined as never) : await startMariadb()

const shopWith = (t: Test, statements: string) => changedShop(mariadb, t, TABLES, statements)

const TABLES = [
  'options',
  'term_taxonomy',
  'wc_tax_rate_classes',
  'woocommerce_tax_rates',
  'woocommerce_tax_rate_locations',
  'woocommerce_shipping_zones',
  'woocommerce_shipping_zone_methods',
]

async function one(shop: SqlShop, reader: SqlReader, id: string): Promise<Fields> {
  const found = await reader.read(shop, [id])
  assert.equal(found.length, 1, id)
  return found[0] as Fields
}

test('tax rates with their places, and classes', { skip }, async (t) => {
  const shop = await shopWith(
    t,
    `INSERT INTO wp_woocommerce_tax_rate_locations (location_code, tax_rate_id, location_type) VALUES
       ('010*', 1, 'postcode'), ('CLUJ', 1, 'city'), ('020001...020009', 1, 'postcode');
     INSERT INTO wp_wc_tax_rate_classes (name, slug) VALUES ('Accize', 'accize')`,
  )
  const rate = await one(shop, taxRateReader, '1')
  assert.deepEqual(rate.postcodes, ['010*', '020001...020009'])
  assert.deepEqual([rate.postcode, rate.city, rate.cities], ['020001...020009', 'CLUJ', ['CLUJ']])
  assert.deepEqual(await one(shop, taxClassReader, 'accize'), { slug: 'accize', name: 'Accize' })
})

describe('shipping', { skip }, () => {
  const seven = `INSERT INTO wp_woocommerce_shipping_zone_methods (instance_id, zone_id, method_id, method_order, is_enabled)
    VALUES (7, 0, 'flat_rate', 1, 0), (8, 99, 'flat_rate', 1, 1), (9, 1, 'carrier', 2, 1);`

  test('a method never saved has the defaults; one of a deleted zone is not listed', async (t) => {
    const shop = await shopWith(t, seven)
    assert.deepEqual(
      (await listAll(shippingMethodReader, shop, 2)).map(({ id }) => id),
      ['1', '2', '3', '7', '9'],
    )
    assert.deepEqual(await one(shop, shippingMethodReader, '7'), {
      id: 7,
      instance_id: 7,
      zone_id: 0,
      title: 'Flat rate',
      order: 1,
      enabled: false,
      method_id: 'flat_rate',
      settings: { tax_status: { value: 'taxable' }, cost: { value: '' } },
    })
  })

  test('in another language what only code says is left out, not made up', async (t) => {
    const shop = await shopWith(
      t,
      `${seven} INSERT INTO wp_options (option_name, option_value) VALUES ('WPLANG', 'ro_RO')
         ON DUPLICATE KEY UPDATE option_value = 'ro_RO'`,
    )
    assert.ok(!('title' in (await one(shop, shippingMethodReader, '7'))))
    assert.deepEqual(await one(shop, shippingZoneReader, '0'), { id: 0, order: 0 })
    assert.deepEqual(await one(shop, taxClassReader, 'standard'), { slug: 'standard' })
    const cheque = await one(shop, paymentGatewayReader, 'cheque')
    assert.ok(!('title' in cheque || 'description' in cheque))
    assert.equal((await one(shop, paymentGatewayReader, 'bacs')).title, 'Transfer bancar')

    // What REST brought stays, and nothing counts as a change.
    const mirror = await testDatabase(t)
    const overRest: [ResourceName, Fields, Fields][] = [
      ['payment_gateways', cheque, { title: 'Cec', description: 'Trimiteți un cec.' }],
      ['shipping_zones', await one(shop, shippingZoneReader, '0'), { name: 'Alte locuri' }],
      ['tax_classes', await one(shop, taxClassReader, 'standard'), { name: 'Cotă standard' }],
      ['shipping_methods', await one(shop, shippingMethodReader, '7'), { title: 'Tarif fix' }],
    ]
    for (const [resource, raw, shown] of overRest) {
      await write(mirror, resource, [seen(resource, { ...raw, ...shown }, { seenAt: 1_000_000 })])
      const written = await write(mirror, resource, [seen(resource, raw, { seenAt: 2_000_000 })])
      assert.deepEqual([written.updated, written.unchanged], [0, 1], resource)
      const { rows } = await mirror.pool.query(`SELECT record FROM mirror.${resource}`)
      for (const [field, value] of Object.entries(shown)) assert.equal(rows[0].record[field], value)
    }
  })

  test('costs of shipping classes that exist; nothing of a plugin’s method but its title', async (t) => {
    const settings = (values: Record<string, string>) => {
      const parts = Object.entries(values).map(([k, v]) => `s:${k.length}:"${k}";s:${v.length}:"${v}";`)
      return `a:${parts.length}:{${parts.join('')}}`
    }
    const flat = settings({ title: 'x', cost: '5', class_cost_901: '9', class_cost_902: '8', type: 'order' })
    const carrier = settings({ title: 'Fast', api_user: 'planted', cost: '7' })
    const shop = await shopWith(
      t,
      `${seven}
       INSERT INTO wp_term_taxonomy (term_id, taxonomy, description) VALUES (901, 'product_shipping_class', '');
       UPDATE wp_options SET option_value = '${flat}' WHERE option_name = 'woocommerce_flat_rate_1_settings';
       INSERT INTO wp_options (option_name, option_value) VALUES ('woocommerce_carrier_9_settings', '${carrier}')`,
    )
    assert.deepEqual((await one(shop, shippingMethodReader, '1')).settings, {
      cost: { value: '5' },
      class_cost_901: { value: '9' },
      type: { value: 'order' },
    })
    const ofPlugin = await one(shop, shippingMethodReader, '9')
    assert.equal(ofPlugin.title, 'Fast')
    assert.deepEqual(ofPlugin.settings, {})
    // Over REST the same method's hash is the same, whatever else its form shows.
    const form = (value: string) => ({ id: 'x', type: 'text', label: 'X', value })
    const overRest = {
      ...ofPlugin,
      settings: { title: form('Fast'), cost: form('7'), api_user: form('someone') },
    }
    const rest = canonicalize(resources.shipping_methods, overRest)
    assert.equal(canonicalize(resources.shipping_methods, ofPlugin).hash, rest.hash)
    assert.deepEqual((rest.volatile.settings_form as Fields).cost, form('7'))
  })
})

test('gateways: a plugin’s counts when the shop has put it in order; keys stay where they are', {
  skip,
}, async (t) => {
  const stripe = 'a:3:{s:7:"enabled";s:3:"yes";s:5:"title";s:4:"Card";s:10:"secret_key";s:7:"planted";}'
  const shop = await shopWith(
    t,
    `INSERT INTO wp_options (option_name, option_value) VALUES ('woocommerce_stripe_settings', '${stripe}'),
       ('woocommerce_gateway_order', 'a:3:{s:6:"stripe";i:0;s:4:"bacs";i:1;s:4:"gone";i:2;}')
       ON DUPLICATE KEY UPDATE option_value = VALUES(option_value);
     UPDATE wp_options SET option_value = REPLACE(option_value, '"_should_load";s:2:"no"', '"_should_load";s:3:"yes"')
       WHERE option_name = 'woocommerce_paypal_settings'`,
  )
  const listed = (await paymentGatewayReader.list(shop, null, 100)).map(({ id }) => id)
  assert.deepEqual(listed.sort(), ['bacs', 'cheque', 'cod', 'paypal', 'stripe'])
  assert.deepEqual(await one(shop, paymentGatewayReader, 'stripe'), {
    id: 'stripe',
    title: 'Card',
    order: 0,
    enabled: true,
  })
})

test('settings: defaults of what was never saved, slashes of PHP, lists', { skip }, async (t) => {
  const shop = await shopWith(
    t,
    `DELETE FROM wp_options WHERE option_name IN ('woocommerce_currency_pos', 'woocommerce_stock_email_recipient',
       'woocommerce_downloads_deliver_inline', 'woocommerce_notify_backorder');
     UPDATE wp_options SET option_value = 'D\\\\\\'Arc' WHERE option_name = 'woocommerce_store_city';
     UPDATE wp_options SET option_value = 'a:2:{i:0;s:2:"RO";i:1;s:2:"MD";}'
       WHERE option_name = 'woocommerce_specific_allowed_countries'`,
  )
  const value = async (id: string) => (await one(shop, settingReader, id)).value
  assert.equal(await value('general/woocommerce_currency_pos'), 'left')
  assert.equal(await value('products/woocommerce_stock_email_recipient'), 'admin@example.test')
  assert.equal(await value('products/woocommerce_downloads_deliver_inline'), false)
  assert.equal(await value('general/woocommerce_store_city'), "D'Arc")
  assert.deepEqual(await value('general/woocommerce_specific_allowed_countries'), ['RO', 'MD'])
  const missing = await settingReader.read(shop, ['products/woocommerce_notify_backorder'])
  assert.deepEqual(missing, [], 'an older WooCommerce does not know it')
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { canonicalize, type Fields } from '../../../src/store/canonical.ts'
import { resources } from '../../../src/store/resources.ts'
import { couponReader } from '../../../src/store/sql/coupons.ts'
import { customerReader } from '../../../src/store/sql/customers.ts'
import type { SqlReader, SqlShop } from '../../../src/store/sql/reader.ts'
import { skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { skipWithoutRecordings } from '../../recordings.ts'
import { changedShop, type Test } from './changed-shop.ts'
import { listAll } from './reading.ts'

const skip = skipWithoutMariadb || skipWithoutRecordings

/** Only used by tests that are not skipped. */
const mariadb = skip ? (undefined as never) : await startMariadb()

const shopWith = (t: Test, statements: string) => changedShop(mariadb, t, TABLES, statements)

const TABLES = ['options', 'users', 'usermeta', 'posts', 'postmeta']

async function one(shop: SqlShop, reader: SqlReader, id: string): Promise<Fields> {
  const found = await reader.read(shop, [id])
  assert.equal(found.length, 1, id)
  return found[0] as Fields
}

const kept = (raw: Fields) => {
  const { json, volatileJson } = canonicalize(resources.customers, raw)
  return json + volatileJson
}

describe('customers', { skip }, () => {
  test('of what signs a user in nothing is asked for or kept', async (t) => {
    const secrets = [
      'session_tokens',
      '_application_passwords',
      '_two_factor_totp_key',
      'wp_2fa_backup_codes',
      'wp_capabilities_x',
      'reset_password_token',
      'plugin_api_key',
      '_woocommerce_persistent_cart_1',
    ]
    const shop = await shopWith(
      t,
      secrets
        .map(
          (key) => `INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (6, '${key}', 'planted');`,
        )
        .join('\n'),
    )
    const customer = await one(shop, customerReader, '6')
    assert.deepEqual(
      (customer.meta_data as Fields[]).map((meta) => meta.key),
      ['newsletter'],
    )
    assert.ok(!JSON.stringify(customer).includes('planted'))
    // REST shows some of these to an administrator's key.
    const overRest = { ...customer, meta_data: secrets.map((key, id) => ({ id, key, value: 'planted' })) }
    for (const { key, value } of overRest.meta_data)
      if (!['wp_capabilities_x', '_woocommerce_persistent_cart_1'].includes(key))
        assert.ok(!kept({ ...customer, meta_data: [{ id: 1, key, value }] }).includes('planted'), key)
  })

  test('roles, meta data of every kind, dates that are none', async (t) => {
    const shop = await shopWith(
      t,
      `UPDATE wp_usermeta SET meta_value = 'a:2:{s:12:"shop_manager";b:1;s:8:"customer";b:1;}'
         WHERE user_id = 6 AND meta_key = 'wp_capabilities';
       UPDATE wp_usermeta SET meta_value = 'a:1:{s:9:"no_a_role";b:1;}' WHERE user_id = 7 AND meta_key = 'wp_capabilities';
       DELETE FROM wp_usermeta WHERE user_id = 8;
       UPDATE wp_users SET user_registered = '0000-00-00 00:00:00' WHERE ID = 8;
       UPDATE wp_usermeta SET meta_value = 'soon' WHERE user_id = 9 AND meta_key = 'last_update';
       INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES
         (6, 'list', 'a:2:{i:0;s:1:"a";i:1;i:5;}'), (6, 'broken', 'a:2:{i:0;'), (6, 'nothing', NULL),
         (6, 'wc_last_active', '1795344245')`,
    )
    const customer = await one(shop, customerReader, '6')
    assert.equal(customer.role, 'shop_manager')
    const metas = canonicalize(resources.customers, customer).fields.meta_data as Fields[]
    assert.deepEqual(
      metas.map(({ key, value }) => [key, value]),
      [
        ['broken', 'a:2:{i:0;'],
        ['list', ['a', 5]],
        ['newsletter', 'yes'],
        ['nothing', null],
      ],
    )
    assert.equal((await one(shop, customerReader, '7')).role, 'customer')
    const bare = await one(shop, customerReader, '8')
    assert.deepEqual([bare.role, bare.date_created_gmt, bare.date_modified_gmt], ['customer', null, null])
    assert.equal((await one(shop, customerReader, '9')).date_modified_gmt, null)
    const listed = await listAll(customerReader, shop)
    assert.equal(listed.find(({ id }) => id === '9')?.modifiedAt, null)
  })
})

describe('coupons', { skip }, () => {
  test('what changed since: by date, then by id', async (t) => {
    const shop = await shopWith(
      t,
      `UPDATE wp_posts SET post_modified_gmt = '2026-11-22 11:00:00' WHERE ID IN (227, 229, 231);
       UPDATE wp_posts SET post_modified_gmt = '2026-11-22 12:00:00' WHERE ID = 228;
       UPDATE wp_posts SET post_status = 'auto-draft' WHERE ID = 232`,
    )
    const eleven = Date.UTC(2026, 10, 22, 11)
    const ids = async (since: number, after: string, limit = 10) =>
      (await couponReader.changed?.(shop, since, after, limit))?.map(({ id }) => id)
    assert.deepEqual(await ids(eleven, '0'), ['227', '229', '231', '228'])
    assert.deepEqual(await ids(eleven, '229'), ['231', '228'])
    assert.deepEqual(await ids(eleven, '227', 2), ['229', '231'])
    assert.deepEqual(await ids(eleven + 1000, '0'), ['228'])
    assert.equal((await listAll(couponReader, shop, 2)).length, 5, 'an auto-draft is none')
  })

  test('as plugins and older versions keep them', async (t) => {
    const meta = (key: string, value: string) =>
      `DELETE FROM wp_postmeta WHERE post_id = 227 AND meta_key = '${key}';
       INSERT INTO wp_postmeta (post_id, meta_key, meta_value) VALUES (227, '${key}', '${value}');`
    const shop = await shopWith(
      t,
      [
        meta('coupon_amount', '12.345'),
        meta('product_ids', '5,7,,7,0'),
        meta('exclude_product_ids', 'a:2:{i:0;s:1:"8";i:1;i:9;}'),
        meta('product_categories', 'a:1:{i:0;i:16;}'),
        meta('limit_usage_to_x_items', '3'),
        meta('customer_email', 'a:1:{i:0;s:13:"A@example.TEST";}'),
        meta('minimum_amount', 'a lot'),
        meta('free_shipping', 'yes'),
        meta('a_plugin', 'a:1:{s:1:"k";s:1:"v";}'),
        `DELETE FROM wp_postmeta WHERE post_id = 227 AND meta_key = 'date_expires';`,
        meta('expiry_date', '2026-07-01'),
        `UPDATE wp_posts SET post_title = 'ȘI &amp; Co' WHERE ID = 227;`,
      ].join('\n'),
    )
    const coupon = await one(shop, couponReader, '227')
    assert.equal(coupon.code, 'și & co')
    assert.equal(coupon.amount, '12.35')
    assert.deepEqual(coupon.product_ids, [5, 7])
    assert.deepEqual(coupon.excluded_product_ids, [8, 9])
    assert.deepEqual(coupon.product_categories, [16])
    assert.equal(coupon.limit_usage_to_x_items, 3)
    assert.equal(coupon.minimum_amount, '0.00')
    assert.equal(coupon.free_shipping, true)
    // A local date: midnight in Bucharest, in summer time.
    assert.equal(coupon.date_expires_gmt, '2026-06-30T21:00:00')
    assert.deepEqual(
      (coupon.meta_data as Fields[]).map(({ key, value }) => [key, value]),
      [['a_plugin', { k: 'v' }]],
    )
  })
})

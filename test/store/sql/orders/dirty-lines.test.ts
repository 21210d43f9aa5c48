/** Lines, coupons and numbers as older versions and plugins wrote them. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Fields } from '../../../../src/store/canonical.ts'
import type { SqlShop } from '../../../../src/store/sql/reader.ts'
import { skipWithoutMariadb, startMariadb } from '../../../mariadb.ts'
import { skipWithoutRecordings } from '../../../recordings.ts'
import { copyWithChanges, readOne } from './changed-shop.ts'

const skip = skipWithoutRecordings || skipWithoutMariadb

/** Only used by tests that are not skipped. */
const mariadb = skip ? (undefined as never) : await startMariadb()
const changedShop = (changes: string) => copyWithChanges(mariadb, 'woocommerce_small', changes)

describe('lines of other times', { skip }, () => {
  test('coupons as old versions kept them: whole, and with dates that are objects of PHP', async (t) => {
    const { shop, close } = await changedShop(
      `DELETE FROM wp_woocommerce_order_itemmeta WHERE order_item_id = 286 AND meta_key = 'coupon_info';
       INSERT INTO wp_woocommerce_order_itemmeta (order_item_id, meta_key, meta_value) VALUES (286, 'coupon_data',
         'a:3:{s:6:"amount";s:4:"12.5";s:13:"discount_type";s:7:"percent";s:13:"free_shipping";b:1;}');
       INSERT INTO wp_woocommerce_order_items VALUES (90001, 'OLD', 'coupon', 282);
       INSERT INTO wp_woocommerce_order_itemmeta (order_item_id, meta_key, meta_value) VALUES (90001, 'coupon_data',
         'a:4:{s:6:"amount";s:2:"15";s:12:"date_expires";O:11:"WC_DateTime":0:{}s:13:"discount_type";s:13:"fixed_product";s:13:"free_shipping";b:0;}');`,
    )
    t.after(close)
    const coupons = (await readOne(shop, '282')).coupon_lines as Fields[]
    const terms = coupons.map(({ code, discount_type, nominal_amount, free_shipping }) => [
      code,
      discount_type,
      nominal_amount,
      free_shipping,
    ])
    assert.deepEqual(terms, [
      ['minus20', 'percent', 12.5, true],
      ['old', 'fixed_product', 15, false],
    ])
  })

  test('numbers of a plugin count while it is switched on', async (t) => {
    const metas = `INSERT INTO wp_wc_orders_meta (order_id, meta_key, meta_value)
      VALUES (235, '_order_number', '17'), (235, '_order_number_formatted', 'RO-17'), (288, '_order_number', '18');`
    const { shop, close } = await changedShop(metas)
    t.after(close)
    assert.equal((await readOne(shop, '235')).number, '235')
    const plugins =
      'a:1:{i:0;s:83:"woocommerce-sequential-order-numbers/woocommerce-sequential-order-numbers.php";}'
    const on: SqlShop = {
      ...shop,
      option: async (name) => (name === 'active_plugins' ? plugins : shop.option(name)),
    }
    assert.equal((await readOne(on, '235')).number, 'RO-17')
    assert.equal((await readOne(on, '288')).number, '18')
    assert.equal((await readOne(on, '244')).number, '244')
  })

  test('metas of lines: decoded, labelled by the product, by the shop, by a term', async (t) => {
    const { shop, close } = await changedShop(
      `INSERT INTO wp_woocommerce_order_itemmeta (order_item_id, meta_key, meta_value) VALUES
         (284, 'attribute_pa_volum', '500-ml'), (284, 'caf%C3%A9', '50%25'), (284, 'number', 'i:5;'),
         (284, 'pa_gone', 'x'), (284, 'note', 'Tom & Jerry\n<b>both</b>');`,
    )
    t.after(close)
    const [line] = (await readOne(shop, '282')).line_items as Fields[]
    const shown = ((line?.meta_data ?? []) as Fields[]).map(({ key, value, display_key, display_value }) => ({
      [String(key)]: [value, display_key, display_value],
    }))
    assert.deepEqual(Object.assign({}, ...shown), {
      attribute_pa_volum: ['500-ml', 'Volum', '500 ml'],
      café: ['50%', 'café', '50%'],
      number: ['5', 'number', '5'],
      pa_gone: ['x', 'pa_gone', 'x'],
      note: ['Tom & Jerry\n<b>both</b>', 'note', 'Tom &amp; Jerry both'],
    })
  })
})

/** Orders as plugins, imports and time leave them: read as well as can be, and never at the cost of the others. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { loadRecordings } from '../../../../demo/recordings.ts'
import { canonicalize, type Fields } from '../../../../src/store/canonical.ts'
import { resources } from '../../../../src/store/resources.ts'
import { orderReader, refundReader } from '../../../../src/store/sql/orders/reader.ts'
import { type RecordedDatabase, skipWithoutMariadb, startMariadb } from '../../../mariadb.ts'
import { recordings, skipWithoutRecordings } from '../../../recordings.ts'
import { copyWithChanges, HPOS_TABLES, readOne } from './changed-shop.ts'

const skip = skipWithoutRecordings || skipWithoutMariadb

/** Only used by tests that are not skipped. */
const mariadb = skip ? (undefined as never) : await startMariadb()
const changedShop = (source: RecordedDatabase, changes: string) => copyWithChanges(mariadb, source, changes)

describe('HPOS', { skip }, () => {
  test('columns of a plugin, in front and behind, change nothing', async (t) => {
    const added = HPOS_TABLES.map(
      (table) =>
        `ALTER TABLE wp_${table} ADD COLUMN plugin_a VARCHAR(20) DEFAULT 'x' FIRST, ADD COLUMN plugin_b INT DEFAULT 7;`,
    )
    const { shop, close } = await changedShop('woocommerce_small', added.join('\n'))
    t.after(close)
    const expected = loadRecordings(recordings as string).orders.sorted('id')
    const read = await orderReader.read(
      shop,
      expected.map(({ id }) => String(id)),
    )
    const found = new Map(read.map((raw) => [raw.id, canonicalize(resources.orders, raw).json]))
    for (const { id, body } of expected) {
      assert.equal(found.get(id), canonicalize(resources.orders, body).json)
    }
  })

  test('an order of which nearly nothing is there', async (t) => {
    const { shop, close } = await changedShop(
      'woocommerce_small',
      `INSERT INTO wp_wc_orders (id, type, status) VALUES (5001, 'shop_order', 'wc-processing');
       INSERT INTO wp_wc_orders (id, type, status) VALUES (5002, 'shop_order', 'auto-draft');
       INSERT INTO wp_wc_orders (id, type, status) VALUES (5003, 'shop_order', NULL);
       INSERT INTO wp_wc_orders (id, type, status) VALUES (5004, 'shop_subscription', 'wc-active');
       INSERT INTO wp_wc_orders (id, type, status, parent_order_id) VALUES (5005, 'shop_order_refund', 'wc-completed', 5001);
       INSERT INTO wp_wc_orders_meta (order_id, meta_key, meta_value) VALUES (5001, NULL, 'x'), (5001, 'empty', NULL);`,
    )
    t.after(close)
    const record = await readOne(shop, '5001')
    assert.equal(record.status, 'processing')
    assert.equal(record.total, '0.00')
    assert.equal(record.total_tax, '0.00')
    assert.equal(record.customer_id, 0)
    assert.equal(record.date_created_gmt, null)
    assert.deepEqual(record.line_items, [])
    assert.deepEqual(record.meta_data, [{ key: 'empty', value: null }])
    assert.equal((record.billing as Fields).email, '')
    assert.deepEqual(record.refunds, [{ id: 5005, reason: '', total: '-0.00', total_tax: '0.00' }])
    const [refund] = await refundReader.read(shop, ['5005'])
    assert.equal(refund?.parent_id, 5001)
    assert.equal(refund?.amount, '0.00')
    assert.equal(canonicalize(resources.refunds, refund).modifiedAt, null)
    const listed = await orderReader.list(shop, '5000', 10)
    assert.deepEqual(listed, [{ id: '5001', modifiedAt: null }])
    assert.deepEqual(await orderReader.read(shop, ['5002', '5003', '5004', '5005', '77777', 'x', '-1']), [])
  })

  test('dates of zeros, lines without an order, and lines of a plugin', async (t) => {
    const { shop, close } = await changedShop(
      'woocommerce_small',
      `UPDATE wp_wc_orders SET date_created_gmt = '0000-00-00 00:00:00', date_updated_gmt = '0000-00-00 00:00:00' WHERE id = 235;
       UPDATE wp_wc_order_operational_data SET date_paid_gmt = '0000-00-00 00:00:00' WHERE order_id = 235;
       INSERT INTO wp_woocommerce_order_items VALUES (90001, 'lost', 'line_item', 99999), (90002, 'bundle', 'plugin_line', 235);
       INSERT INTO wp_woocommerce_order_items VALUES (90003, 'bare', 'line_item', 235), (90004, 'bare', 'coupon', 235);
       INSERT INTO wp_woocommerce_order_items VALUES (90005, '__proto__', 'constructor', 235), (90006, '', 'tax', 235);
       INSERT INTO wp_woocommerce_order_itemmeta (order_item_id, meta_key, meta_value) VALUES (95555, '_qty', '1'), (90003, NULL, NULL);`,
    )
    t.after(close)
    const record = await readOne(shop, '235')
    assert.equal(record.date_created_gmt, null)
    assert.equal(record.date_modified_gmt, null)
    assert.equal(record.date_paid_gmt, null)
    assert.equal((await orderReader.list(shop, '234', 1))[0]?.modifiedAt, null)
    const lines = record.line_items as Fields[]
    const recorded = loadRecordings(recordings as string).orders.get(235)?.body as Fields
    assert.equal(lines.length, (recorded.line_items as Fields[]).length + 1)
    const { price, quantity, taxes, total, product_id, sku } = lines.at(-1) as Fields
    assert.deepEqual(
      { price, quantity, taxes, total, product_id, sku },
      { price: 0, quantity: 0, taxes: [], total: '0.00', product_id: 0, sku: null },
    )
    const coupon = (record.coupon_lines as Fields[]).at(-1)
    assert.equal(coupon?.discount_type, 'fixed_cart')
    assert.equal(coupon?.nominal_amount, 0)
    assert.equal((record.tax_lines as Fields[]).at(-1)?.rate_percent, 0)
  })

  test('malformed taxes and metas; of a key that stands twice the first counts', async (t) => {
    const { shop, close } = await changedShop(
      'woocommerce_small',
      `UPDATE wp_woocommerce_order_itemmeta m JOIN wp_woocommerce_order_items i USING (order_item_id)
         SET meta_value = LEFT(meta_value, 40)
         WHERE i.order_id = 282 AND m.meta_key IN ('_line_tax_data', 'taxes');
       INSERT INTO wp_woocommerce_order_itemmeta (order_item_id, meta_key, meta_value)
         VALUES (284, '_qty', '77'), (284, 'broken', 'a:1:{s:3:"x'), (284, 'hostile', 'O:8:"stdClass":0:{}'),
           (284, 'WP_hidden', 'x'), (286, 'coupon_info', 'later');
       UPDATE wp_wc_orders_meta SET meta_value = 'a:9:{' WHERE order_id = 282 AND meta_key = 'factura';
       UPDATE wp_wc_orders SET total_amount = 999999999999999999, tax_amount = -0.001 WHERE id = 282;`,
    )
    t.after(close)
    const record = await readOne(shop, '282')
    const [line] = record.line_items as Fields[]
    assert.deepEqual(line?.taxes, [])
    assert.equal(line?.total_tax, '0.00')
    assert.equal(line?.total, '98.88')
    assert.equal(line?.quantity, 2)
    const shown = ((line?.meta_data ?? []) as Fields[]).map(({ key, value }) => [key, value])
    assert.deepEqual(shown, [
      ['broken', 'a:1:{s:3:"x'],
      ['hostile', 'O:8:"stdClass":0:{}'],
    ])
    assert.equal((record.coupon_lines as Fields[])[0]?.nominal_amount, 20)
    const factura = (record.meta_data as Fields[]).find(({ key }) => key === 'factura')
    assert.equal(factura?.value, 'a:9:{')
    assert.equal(record.total_tax, '0.00')
    assert.match(String(record.total), /^\d{18}\.\d\d$|^\d{19}\.\d\d$/)
    // The neighbours are what they were.
    const recorded = loadRecordings(recordings as string).orders.get(288)
    const [neighbour] = (await orderReader.read(shop, ['282', '288'])).filter(({ id }) => id === 288)
    assert.equal(
      canonicalize(resources.orders, neighbour).json,
      canonicalize(resources.orders, recorded?.body).json,
    )
  })

  test('a table in latin1 comes as UTF-8', async (t) => {
    const { shop, close } = await changedShop(
      'woocommerce_small',
      `ALTER TABLE wp_wc_order_addresses CONVERT TO CHARACTER SET latin1;
       UPDATE wp_wc_order_addresses SET city = 'Orléans' WHERE order_id = 235;`,
    )
    t.after(close)
    assert.equal(((await readOne(shop, '235')).billing as Fields).city, 'Orléans')
  })
})

describe('classic storage', { skip }, () => {
  test('an order without metas, dates as old versions kept them, refunds in the trash', async (t) => {
    const { shop, close } = await changedShop(
      'woocommerce_small_legacy',
      `INSERT INTO wp_posts (ID, post_type, post_status, post_content, post_title, post_excerpt, to_ping, pinged, post_content_filtered)
         VALUES (5001, 'shop_order', 'wc-processing', '', '', '', '', '', ''),
           (5002, 'shop_order', 'auto-draft', '', '', '', '', '', '');
       DELETE FROM wp_postmeta WHERE post_id = 235 AND meta_key IN ('_date_paid', '_prices_include_tax');
       UPDATE wp_postmeta SET meta_value = 'soon' WHERE post_id = 235 AND meta_key = '_date_completed';
       UPDATE wp_postmeta SET meta_value = '0000-00-00 00:00:00' WHERE post_id = 235 AND meta_key = '_completed_date';
       UPDATE wp_posts SET post_status = 'trash' WHERE ID = 236;
       INSERT INTO wp_postmeta (post_id, meta_key, meta_value) VALUES (235, '_order_total', '1'), (235, NULL, NULL);`,
    )
    t.after(close)
    const empty = await readOne(shop, '5001')
    assert.equal(empty.total, '0.00')
    assert.equal(empty.date_created_gmt, null)
    assert.deepEqual(empty.meta_data, [])
    const order = await readOne(shop, '235')
    // 11:55:24 in Bucharest.
    assert.equal(order.date_paid_gmt, '2026-10-21T08:55:24')
    assert.equal(order.date_completed_gmt, null)
    assert.equal(order.total, '1190.94')
    assert.equal(order.prices_include_tax, true)
    assert.deepEqual(
      (order.refunds as Fields[]).map(({ id }) => id),
      [237],
    )
    assert.deepEqual(await refundReader.read(shop, ['236']), [])
    assert.equal((await refundReader.list(shop, null, 1000)).length, 73)
    assert.deepEqual(
      (await orderReader.list(shop, '5000', 10)).map(({ id }) => id),
      ['5001'],
    )
  })

  test('the HPOS tables beside it, stale or not there at all, are never read', async (t) => {
    // The copy has none of them: to ask for one would be an error.
    const { shop, close } = await changedShop('woocommerce_small_legacy', '')
    t.after(close)
    const ids = (await orderReader.list(shop, null, 1000)).map(({ id }) => id)
    assert.equal((await orderReader.read(shop, ids)).length, 798)
  })
})

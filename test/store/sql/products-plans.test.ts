/** No statement walks a table that grows with the shop: looked at in a shop with more of everything. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attributeReader } from '../../../src/store/sql/attributes.ts'
import { productReader } from '../../../src/store/sql/products/products.ts'
import { variationReader } from '../../../src/store/sql/products/variations.ts'
import { reviewReader } from '../../../src/store/sql/reviews.ts'
import {
  attributeTermReader,
  categoryReader,
  shippingClassReader,
  tagReader,
} from '../../../src/store/sql/terms.ts'
import { skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { skipWithoutRecordings } from '../../recordings.ts'
import { assertNoFullScan } from './reading.ts'
import { recordedSqlShop } from './recorded.ts'

const skip = skipWithoutMariadb || skipWithoutRecordings

/** Settings of the shop: a handful of rows, however much it sells. */
const SMALL = ['wp_woocommerce_attribute_taxonomies', 'wp_wc_tax_rate_classes']

/** 2,000 products and 4,000 variations among 20,000 other posts, each with metas, terms and comments. */
const MORE = `
  INSERT INTO wp_posts
    (ID, post_type, post_status, post_parent, post_modified_gmt, post_title, post_content, post_excerpt,
      to_ping, pinged, post_content_filtered)
    SELECT seq + 100000, ELT(1 + seq % 13, 'product', 'product_variation', 'product_variation', 'shop_order'),
      'publish', IF(seq % 13 IN (1, 2), seq - seq % 13 + 100000, 0), NOW() - INTERVAL seq MINUTE, 'x',
      REPEAT('x', 200), '', '', '', ''
    FROM seq_1_to_26000;
  UPDATE wp_posts SET post_type = 'shop_order' WHERE post_type = '' OR post_type IS NULL;
  INSERT INTO wp_postmeta (post_id, meta_key, meta_value)
    SELECT p.ID, ELT(s.seq, '_price', '_sku', '_children', '_thumbnail_id', '_stock'), s.seq
    FROM wp_posts p JOIN seq_1_to_5 s WHERE p.ID > 100000;
  INSERT INTO wp_terms (term_id, name, slug)
    SELECT seq + 10000, CONCAT('Termen ', seq), CONCAT('termen-', seq) FROM seq_1_to_4000;
  INSERT INTO wp_term_taxonomy (term_taxonomy_id, term_id, taxonomy, description)
    SELECT seq + 10000, seq + 10000,
      ELT(1 + seq % 8, 'post_tag', 'product_tag', 'product_cat', 'pa_volum', 'category', 'nav_menu', 'pa_alt',
        'product_shipping_class'), ''
    FROM seq_1_to_4000;
  INSERT INTO wp_termmeta (term_id, meta_key, meta_value)
    SELECT seq + 10000, 'order', seq FROM seq_1_to_4000;
  INSERT INTO wp_termmeta (term_id, meta_key, meta_value)
    SELECT seq + 20000, 'plugin', seq FROM seq_1_to_40000;
  INSERT INTO wp_term_relationships (object_id, term_taxonomy_id)
    SELECT seq + 100000, 10001 + (seq * 7) % 4000 FROM seq_1_to_26000;
  INSERT INTO wp_term_relationships (object_id, term_taxonomy_id)
    SELECT p.ID, x.term_taxonomy_id FROM wp_posts p
    JOIN wp_term_taxonomy x ON x.taxonomy = 'product_type'
    JOIN wp_terms t ON t.term_id = x.term_id AND t.name = IF(p.ID % 2 = 0, 'variable', 'grouped')
    WHERE p.ID > 100000 AND p.post_type = 'product';
  INSERT INTO wp_comments (comment_ID, comment_post_ID, comment_author, comment_content, comment_type, comment_date_gmt)
    SELECT seq + 100000, IF(seq % 20 = 0, 10, 235), '', '', IF(seq % 20 = 0, 'review', 'order_note'), NOW()
    FROM seq_1_to_20000;
  INSERT INTO wp_commentmeta (comment_id, meta_key, meta_value)
    SELECT seq + 100000, 'rating', 5 FROM seq_1_to_20000;
  ANALYZE TABLE wp_posts, wp_postmeta, wp_terms, wp_term_taxonomy, wp_termmeta, wp_term_relationships,
    wp_comments, wp_commentmeta`

const readers = {
  productReader,
  variationReader,
  reviewReader,
  categoryReader,
  tagReader,
  attributeReader,
  attributeTermReader,
  shippingClassReader,
}

const mariadb = skip ? (undefined as never) : await startMariadb()
if (!skip) await mariadb.run('woocommerce_small', MORE)

for (const [name, reader] of Object.entries(readers)) {
  test(`${name}: every statement has its index`, { skip }, async (t) => {
    const shop = await recordedSqlShop(mariadb, 'woocommerce_small')
    t.after(() => shop.database.close())
    const first = await reader.list(shop, null, 1000)
    assert.ok(first.length > 2)
    const next = await reader.list(shop, first[first.length >> 1]?.id ?? null, 1000)
    assert.ok(next.length > 0)
    await reader.changed?.(shop, Date.now() - 86_400_000, '0', 1000)
    const ids = first.map((row) => row.id)
    assert.equal((await reader.read(shop, ids)).length, ids.length)
    // Far from each other: a list of ids, not a range.
    await reader.read(shop, [ids[0] as string, ids.at(-1) as string])
    await reader.read(shop, ids.slice(0, 900))
    await assertNoFullScan(shop.database, SMALL)
    for (const statement of shop.database.statements.filter((text) =>
      text.trimStart().startsWith('SELECT'),
    )) {
      const plan = await shop.database.query(`EXPLAIN ${statement}`)
      // Nor a whole index.
      assert.ok(
        plan.every(([, , , type]) => type !== 'index'),
        statement.slice(0, 200),
      )
    }
  })
}

test('a batch of a thousand takes a dozen statements', { skip }, async (t) => {
  const shop = await recordedSqlShop(mariadb, 'woocommerce_small')
  t.after(() => shop.database.close())
  for (const reader of [productReader, variationReader]) {
    const ids = (await reader.list(shop, '100000', 1000)).map((row) => row.id)
    assert.equal(ids.length, 1000)
    await reader.read(shop, ids.slice(0, 1))
    const before = shop.database.statements.length
    await reader.read(shop, ids)
    assert.ok(shop.database.statements.length - before <= 16, `${shop.database.statements.length - before}`)
  }
})

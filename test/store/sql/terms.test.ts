import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadRecordings } from '../../../demo/recordings.ts'
import type { Shop } from '../../../demo/shop.ts'
import type { ResourceName } from '../../../src/store/resources.ts'
import { attributeReader } from '../../../src/store/sql/attributes.ts'
import type { SqlReader } from '../../../src/store/sql/reader.ts'
import { reviewReader } from '../../../src/store/sql/reviews.ts'
import {
  attributeTermReader,
  categoryReader,
  shippingClassReader,
  tagReader,
} from '../../../src/store/sql/terms.ts'
import { skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { recordings, skipWithoutRecordings } from '../../recordings.ts'
import { assertEqualRecords, readAll } from './equality.ts'
import { recordedSqlShop } from './recorded.ts'

const skip = skipWithoutMariadb || skipWithoutRecordings
/** Only used by tests that are not skipped. */
const mariadb = skip ? (undefined as never) : await startMariadb()
const recorded = recordings === null ? (undefined as never) : loadRecordings(recordings)

type Recorded = readonly (readonly [raw: unknown, parent?: number])[]

const cases: [ResourceName, SqlReader, (small: Shop['small']) => Recorded][] = [
  ['categories', categoryReader, ({ categories }) => categories.map((raw) => [raw])],
  ['tags', tagReader, ({ tags }) => tags.map((raw) => [raw])],
  ['shipping_classes', shippingClassReader, ({ shippingClasses }) => shippingClasses.map((raw) => [raw])],
  ['attributes', attributeReader, ({ attributes }) => attributes.map((raw) => [raw])],
  [
    'attribute_terms',
    attributeTermReader,
    ({ terms }) => [...terms].flatMap(([attribute, list]) => list.map((raw) => [raw, attribute] as const)),
  ],
  ['reviews', reviewReader, ({ reviews }) => reviews.map((raw) => [raw])],
]

for (const database of ['woocommerce_small', 'woocommerce_small_legacy'] as const) {
  test(`terms, attributes and reviews of ${database} are those of REST`, { skip }, async (t) => {
    const shop = await recordedSqlShop(mariadb, database)
    t.after(() => shop.database.close())
    for (const [name, reader, rest] of cases) {
      assertEqualRecords(name, rest(recorded.small), await readAll(shop, name, reader, 4))
    }
  })
}

test('shipping classes, pictures and places of terms', { skip }, async (t) => {
  await mariadb.run(
    'woocommerce_small',
    `
    INSERT INTO wp_terms (term_id, name, slug) VALUES (9001, 'Fragil &amp; greu', 'fragil');
    INSERT INTO wp_term_taxonomy VALUES (9001, 9001, 'product_shipping_class', 'Sticlă', 0, 3);
    INSERT INTO wp_termmeta (term_id, meta_key, meta_value) VALUES
      (17, 'order', '4'), (17, 'thumbnail_id', '4'), (17, 'display_type', 'both'),
      (18, 'order', NULL), (18, 'thumbnail_id', '99999'), (18, 'display_type', '')`,
  )
  const shop = await recordedSqlShop(mariadb, 'woocommerce_small')
  t.after(() => shop.database.close())
  assert.deepEqual(await shippingClassReader.list(shop, null, 10), [{ id: '9001', modifiedAt: null }])
  assert.deepEqual(await shippingClassReader.read(shop, ['9001']), [
    { id: 9001, name: 'Fragil &amp; greu', slug: 'fragil', description: 'Sticlă', count: 3 },
  ])
  const [vodka, gin] = (await categoryReader.read(shop, ['17', '18'])).sort(
    (a, b) => Number(a.id) - Number(b.id),
  )
  assert.deepEqual(
    [vodka?.menu_order, vodka?.display, vodka?.image],
    [
      4,
      'both',
      {
        id: 4,
        date_created: '2026-11-22T12:39:17',
        date_created_gmt: '2026-11-22T10:39:17',
        date_modified: '2026-11-22T12:39:17',
        date_modified_gmt: '2026-11-22T10:39:17',
        src: 'https://127.0.0.1:8443/wp-content/uploads/woocommerce-placeholder.webp',
        name: 'woocommerce-placeholder',
        alt: '',
      },
    ],
  )
  assert.deepEqual([gin?.menu_order, gin?.display, gin?.image], [0, 'default', null])
})

test('reviews in spam or the trash, and comments that are none, are not listed', { skip }, async (t) => {
  await mariadb.run(
    'woocommerce_small',
    `
    INSERT INTO wp_comments
      (comment_ID, comment_post_ID, comment_author, comment_content, comment_type, comment_approved, comment_date_gmt)
    VALUES (90001, 10, 'a', 'x', 'review', 'spam', NOW()), (90002, 10, 'a', 'x', 'review', 'trash', NOW()),
      (90003, 10, 'a', 'x', 'comment', '1', NOW()), (90004, 1, 'a', 'x', 'review', '1', NOW()),
      (90005, 10, '', '', 'review', '0', '0000-00-00 00:00:00');
    INSERT INTO wp_commentmeta (comment_id, meta_key, meta_value) VALUES
      (90005, 'rating', NULL), (90005, 'verified', '1'), (90005, NULL, NULL)`,
  )
  const shop = await recordedSqlShop(mariadb, 'woocommerce_small')
  t.after(() => shop.database.close())
  assert.deepEqual(await reviewReader.list(shop, '90000', 10), [{ id: '90005', modifiedAt: null }])
  assert.deepEqual(await reviewReader.read(shop, ['90001', '90002', '90003', '90004', '90005']), [
    {
      id: 90005,
      date_created_gmt: null,
      product_id: 10,
      product_name: 'Vodcă Absolut Clasică, 1 L',
      status: 'hold',
      reviewer: '',
      reviewer_email: '',
      review: '',
      rating: 0,
      verified: true,
    },
  ])
})

/** Products as life leaves them: plugins, imports and people have been at the database. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalize, type Fields } from '../../../src/store/canonical.ts'
import { resources } from '../../../src/store/resources.ts'
import { productReader } from '../../../src/store/sql/products/products.ts'
import { variationReader } from '../../../src/store/sql/products/variations.ts'
import { skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { skipWithoutRecordings } from '../../recordings.ts'
import { readAll } from './equality.ts'
import { recordedSqlShop } from './recorded.ts'

const skip = skipWithoutMariadb || skipWithoutRecordings
/** Only used by tests that are not skipped. */
const mariadb = skip ? (undefined as never) : await startMariadb()

async function openShop(t: { after(end: () => Promise<void>): void }) {
  const shop = await recordedSqlShop(mariadb, 'woocommerce_small')
  t.after(() => shop.database.close())
  return shop
}

/** Puts metas in the place of those a product has. */
function put(post: number, metas: Record<string, string | null>): string {
  return Object.entries(metas)
    .map(
      ([key, value]) => `
        DELETE FROM wp_postmeta WHERE post_id = ${post} AND meta_key = '${key}';
        INSERT INTO wp_postmeta (post_id, meta_key, meta_value)
          VALUES (${post}, '${key}', ${value === null ? 'NULL' : `'${value.replaceAll("'", "''")}'`});`,
    )
    .join('')
}

/** A serialised list of texts. */
const list = (...texts: string[]) =>
  `a:${texts.length}:{${texts.map((text, n) => `i:${n};s:${Buffer.byteLength(text)}:"${text}";`).join('')}}`

/** A serialised array with texts as keys. */
const map = (members: Record<string, string>) =>
  `a:${Object.keys(members).length}:{${Object.entries(members)
    .map(([key, value]) => `s:${Buffer.byteLength(key)}:"${key}";${value}`)
    .join('')}}`

const text = (value: string) => `s:${Buffer.byteLength(value)}:"${value}";`

test('what is malformed costs its field, no record and no neighbour', { skip }, async (t) => {
  const shop = await openShop(t)
  const before = await readAll(shop, 'products', productReader)
  const variationsBefore = await readAll(shop, 'variations', variationReader)
  await mariadb.run(
    'woocommerce_small',
    `
    ${put(10, {
      _product_attributes: 'a:2:{s:8:"pa_volum";a:6:{',
      _upsell_ids: 'a:1:{i:0;i:5',
      _crosssell_ids: list('12', 'x', '0', '-13'),
      _downloadable_files: 'O:8:"stdClass":0:{}',
      _wc_rating_count: 'a:1:{i:5;R:1;}',
      _stock: '12.7500',
      _low_stock_amount: 'abc',
      _regular_price: '1.234,50 lei',
      _sale_price_dates_to: '99999999999999999999',
      _sale_price_dates_from: 'tomorrow',
      _thumbnail_id: '88888',
      _product_image_gallery: ',4,x,,4',
      _tax_class: 'no-such-class',
      _tax_status: 'whatever',
      _download_limit: '',
      plugin_object: 'O:3:"Foo":1:{s:1:"a";i:1;}',
      plugin_broken: 'a:1:{s:3:"șș";i:1;}',
      plugin_null: 'N;',
      plugin_nothing: null,
      wp_internal: 'x',
    })}
    ${put(158, { _default_attributes: 'b:0;', _product_attributes: 'i:5;', _price: null })}
    INSERT INTO wp_postmeta (post_id, meta_key, meta_value) VALUES (11, NULL, 'x'), (11, NULL, NULL);
    INSERT INTO wp_term_relationships VALUES (11, 888888, 0);
    DELETE FROM wp_wc_product_meta_lookup;
    UPDATE wp_posts SET post_date_gmt = 0, post_modified_gmt = 0, menu_order = -2147483648 WHERE ID = 12;
    ALTER TABLE wp_posts ADD COLUMN plugin_column INT NOT NULL DEFAULT 7 FIRST;
    ALTER TABLE wp_postmeta ADD COLUMN plugin_column INT NOT NULL DEFAULT 7 AFTER post_id`,
  )
  const after = await readAll(shop, 'products', productReader)
  assert.equal(after.size, before.size)
  for (const [id, record] of before) {
    if (!['10', '12', '158'].includes(id)) assert.equal(after.get(id)?.json, record.json)
  }
  const odd = after.get('10')?.fields as Fields
  assert.deepEqual(
    {
      attributes: odd.attributes,
      upsells: odd.upsell_ids,
      crossSells: odd.cross_sell_ids,
      downloads: odd.downloads,
      stock: odd.stock_quantity,
      low: odd.low_stock_amount,
      regular: odd.regular_price,
      from: odd.date_on_sale_from_gmt,
      to: odd.date_on_sale_to_gmt,
      images: (odd.images as Fields[]).map((image) => image.id),
      taxClass: odd.tax_class,
      taxStatus: odd.tax_status,
      limit: odd.download_limit,
    },
    {
      attributes: [],
      upsells: [],
      crossSells: [12, 13],
      downloads: [],
      stock: 12,
      low: 0,
      regular: '1234.50',
      from: null,
      to: null,
      images: [4, 4],
      taxClass: '',
      taxStatus: 'taxable',
      limit: -1,
    },
  )
  const metas = Object.fromEntries((odd.meta_data as Fields[]).map(({ key, value }) => [key, value]))
  assert.equal(metas.plugin_object, 'O:3:"Foo":1:{s:1:"a";i:1;}')
  assert.equal(metas.plugin_broken, 'a:1:{s:3:"șș";i:1;}')
  assert.deepEqual(Object.keys(metas).sort(), [
    '_furnizor_cod',
    'garantie_sgr',
    'plugin_broken',
    'plugin_object',
  ])
  assert.equal(after.get('12')?.modifiedAt, null)
  assert.equal(after.get('12')?.fields.date_created_gmt, null)
  assert.deepEqual(after.get('158')?.fields.attributes, [])
  assert.deepEqual([after.get('158')?.fields.price, after.get('158')?.fields.purchasable], ['', false])

  const variations = await readAll(shop, 'variations', variationReader)
  assert.equal(variations.size, variationsBefore.size)
  // Their product has no attributes left to choose from.
  assert.deepEqual(variations.get('159')?.fields.attributes, [])
  assert.equal(variations.get('159')?.fields.name, '')
})

test('variations whose product is gone are still read', { skip }, async (t) => {
  const shop = await openShop(t)
  await mariadb.run(
    'woocommerce_small',
    `UPDATE wp_posts SET post_parent = 777777 WHERE ID = 225;
     UPDATE wp_posts SET post_parent = 235 WHERE ID = 226;
     DELETE FROM wp_postmeta WHERE post_id = 226`,
  )
  const [orphan, bare] = (await variationReader.read(shop, ['225', '226'])).sort(
    (a, b) => Number(a.id) - Number(b.id),
  )
  assert.equal(orphan?.parent_id, 0)
  assert.equal(orphan?.sku, 'EVT-2025-GEN')
  assert.deepEqual(bare && [bare.price, bare.sku, bare.purchasable, bare.tax_class, bare.stock_quantity], [
    '',
    '',
    false,
    'parent',
    null,
  ])
  assert.doesNotThrow(() => canonicalize(resources.variations, bare))
})

test('files of downloads are never read out', { skip }, async (t) => {
  const shop = await openShop(t)
  const file = (name: string, address: string) =>
    map({ id: text('ab-1'), name: text(name), file: text(address) })
  await mariadb.run(
    'woocommerce_small',
    put(15, {
      _downloadable: 'yes',
      _downloadable_files: map({
        'ab-1': file('Manual', 'https://shop.test/secret-1.pdf'),
        'ab-2': file('', 'https://shop.test/secret-2.pdf?key=1'),
        'ab-3': 'i:5;',
      }),
    }),
  )
  const [record] = await productReader.read(shop, ['15'])
  assert.deepEqual(record?.downloads, [
    { id: 'ab-1', name: 'Manual' },
    { id: 'ab-2', name: 'secret-2.pdf' },
  ])
  assert.ok(!JSON.stringify(record).includes('shop.test'))
})

test('attributes: deleted ones, numbered ones, places of terms, entities, equal names', {
  skip,
}, async (t) => {
  const shop = await openShop(t)
  const attribute = (name: string, isTaxonomy: 0 | 1, value: string, position: number) =>
    map({
      name: text(name),
      value: text(value),
      position: `i:${position};`,
      is_visible: 's:1:"1";',
      is_variation: 'i:0;',
      is_taxonomy: `i:${isTaxonomy};`,
    })
  await mariadb.run(
    'woocommerce_small',
    `
    ${put(16, {
      _product_attributes: `a:4:{i:0;${attribute('Mărime și formă', 0, 'Mic &amp; rotund | | Mare', 3)}${text('pa_tara')}${attribute('pa_tara', 1, '', 0)}${text('pa_sters')}${attribute('pa_sters', 1, '', 1)}${text('volum')}${attribute('Volum', 0, '', 2)}}`,
    })}
    DELETE r FROM wp_term_relationships r JOIN wp_term_taxonomy x USING (term_taxonomy_id)
      WHERE r.object_id = 16 AND x.taxonomy = 'pa_tara';
    INSERT INTO wp_term_relationships (object_id, term_taxonomy_id)
      SELECT 16, x.term_taxonomy_id FROM wp_term_taxonomy x JOIN wp_terms t USING (term_id)
      WHERE x.taxonomy = 'pa_tara' AND t.slug IN ('cuba', 'franta', 'italia');
    INSERT INTO wp_termmeta (term_id, meta_key, meta_value)
      SELECT term_id, 'order', IF(slug = 'cuba', 2, 1) FROM wp_terms WHERE slug IN ('cuba', 'italia')`,
  )
  const [record] = await productReader.read(shop, ['16'])
  assert.deepEqual(
    ((record?.attributes ?? []) as Fields[]).map(({ id, name, slug, options }) => ({
      id,
      name,
      slug,
      options,
    })),
    [
      // One without a place comes first.
      { id: 2, name: 'Țara de origine', slug: 'pa_tara', options: ['Franța', 'Italia', 'Cuba'] },
      { id: 0, name: 'Volum', slug: 'Volum', options: [''] },
      { id: 0, name: 'Mărime și formă', slug: 'Mărime și formă', options: ['Mic & rotund', 'Mare'] },
    ],
  )
})

test('images have the address they are served at', { skip }, async (t) => {
  const shop = await openShop(t)
  await mariadb.run(
    'woocommerce_small',
    `
    ${put(17, { _thumbnail_id: '4', _product_image_gallery: '99001,99002,99003' })}
    INSERT INTO wp_posts (ID, post_type, post_status, post_mime_type, post_title, post_date, post_date_gmt, guid,
      post_content, post_excerpt, to_ping, pinged, post_content_filtered)
    VALUES
      (99001, 'attachment', 'inherit', 'image/jpeg', ' Sticlă ', '2026-07-01 10:00:00', '2026-07-01 07:00:00',
        'http://old.test/a.jpg', '', '', '', '', ''),
      (99002, 'attachment', 'inherit', 'application/pdf', 'Fișă', 0, 0, '', '', '', '', '', ''),
      (99003, 'attachment', 'inherit', '', 'x', 0, 0, '', '', '', '', '', '');
    ${put(99001, { _wp_attachment_image_alt: 'O sticlă' })}
    ${put(99003, { _wp_attached_file: '/var/www/wp-content/uploads/2020/01/ț.PNG' })}`,
  )
  const [record] = await productReader.read(shop, ['17'])
  const images = record?.images as Fields[]
  assert.deepEqual(
    images.map(({ id, src }) => [id, src]),
    [
      [4, 'https://127.0.0.1:8443/wp-content/uploads/woocommerce-placeholder.webp'],
      [99001, 'http://old.test/a.jpg'],
      [99003, 'https://127.0.0.1:8443/wp-content/uploads/2020/01/ț.PNG'],
    ],
  )
  const { name, alt, date_created, date_created_gmt, date_modified_gmt } = images[1] as Fields
  assert.deepEqual([name, alt], ['Sticlă', 'O sticlă'])
  // WooCommerce adds the zone's offset twice.
  assert.deepEqual(
    [date_created, date_created_gmt, date_modified_gmt],
    ['2026-07-01T13:00:00', '2026-07-01T07:00:00', null],
  )
})

test('costs of goods are there where the shop keeps them', { skip }, async (t) => {
  const shop = await openShop(t)
  await mariadb.run(
    'woocommerce_small',
    `
    ${put(18, { _cogs_total_value: '12.5' })}
    ${put(165, { _cogs_total_value: '10' })}
    ${put(166, { _cogs_total_value: '2.5', _cogs_value_is_additive: 'yes' })}
    ${put(167, { _cogs_total_value: '3' })}`,
  )
  const costs = async () =>
    [
      ...(await productReader.read(shop, ['18', '19'])),
      ...(await variationReader.read(shop, ['166', '167', '168'])),
    ]
      .sort((a, b) => Number(a.id) - Number(b.id))
      .map((record) => record.cost_of_goods_sold as Fields | undefined)
  assert.deepEqual(await costs(), [undefined, undefined, undefined, undefined, undefined])
  await mariadb.run(
    'woocommerce_small',
    `UPDATE wp_options SET option_value = 'yes'
     WHERE option_name = 'woocommerce_feature_cost_of_goods_sold_enabled'`,
  )
  const withCosts = await openShop(t)
  Object.assign(shop, withCosts)
  assert.deepEqual(
    (await costs()).map((cost) => cost?.total_value),
    [12.5, 0, 12.5, 3, 10],
  )
})

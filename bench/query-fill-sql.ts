/** The statements that fill the mirror of the benchmark of questions; `:name` stands for a number. */

/** The store, and `bench.chance(n, salt)`: the same number from 0 to 1 each time, without a seed to be kept. */
export const STORE = `
  CREATE SCHEMA bench;
  CREATE FUNCTION bench.chance(n bigint, salt bigint) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (hashint8extended(n, salt) & 1073741823) / 1073741824.0;
  INSERT INTO mirror.stores (url, identity, name, timezone, currency, currency_symbol, woocommerce, sign_in, probed_at)
  VALUES ('https://shop.example', 'bench', 'Shop of the benchmark', 'Europe/Bucharest', 'RON', 'lei', '10.8.0', 'basic',
          now());`

const KINDS = `ARRAY['Vodcă','Whisky','Țuică','Vin roșu','Vin alb','Rom','Gin','Coniac','Lichior','Bere','Pălincă','Tequila']`
const BRANDS = `ARRAY['Absolut','Carpatin','Bran','Davino','Jidvei','Insula','Scandic','Bătrână','Recaș','Alexandrion',
  'Zaraza','Murfatlar','Cotnari','Zetea','Ground Zero','Nordic','Highland','Milcov','Stalinskaya','Unicum']`
const TASTES = `ARRAY['Clasic','Lămâie','Nefiltrată','Învechită','Rezervă','Aur','Argint','Special','Tămâioasă','Fetească']`
const SIZES = `ARRAY['200 ml','500 ml','700 ml','750 ml','1 L','1,5 L']`

const word = (list: string, salt: number) =>
  `(${list})[1 + floor(bench.chance(n, ${salt}) * cardinality(${list}))::int]`

const seen = `now(), 'bench'`

/** Categories in two levels, products of which each 20th is variable, customers, coupons, gateways. */
export const CATALOGUE: readonly string[] = [
  `INSERT INTO mirror.categories (store_id, id, name, slug, parent_id, count, seen_at, content_hash, record)
   SELECT 1, n, 'Categoria ' || n, 'categoria-' || n, CASE WHEN n > 12 THEN 1 + n % 12 END, 0, ${seen},
          jsonb_build_object('id', n, 'name', 'Categoria ' || n, 'slug', 'categoria-' || n)
   FROM generate_series(1, 72) AS n`,
  `INSERT INTO mirror.products (store_id, id, name, slug, type, status, sku, gtin, price, regular_price, on_sale,
     manage_stock, stock_quantity, stock_status, backorders, catalog_visibility, featured, tax_status, tax_class,
     category_ids, tag_ids, total_sales, average_rating, rating_count, permalink, created_at, modified_at, seen_at,
     content_hash, record)
   SELECT 1, id, name, 'produs-' || n, CASE WHEN n % 20 = 0 THEN 'variable' ELSE 'simple' END,
          CASE WHEN n % 33 = 0 THEN 'draft' ELSE 'publish' END, sku, '594' || lpad(n::text, 10, '0'),
          price, price, false, n % 10 > 0, stock, CASE WHEN stock > 0 THEN 'instock' ELSE 'outofstock' END, 'no',
          'visible', false, 'taxable', '', categories, '{}', 0, 0, 0, 'https://shop.example/produs/' || n,
          now() - interval '1500 days', now() - interval '1 day', ${seen},
          jsonb_build_object('id', id, 'name', name, 'type', 'simple', 'sku', sku, 'price', price::text,
            'description', repeat('O băutură bună, făcută cu răbdare. ', 20), 'short_description', name,
            'categories', (SELECT jsonb_agg(jsonb_build_object('id', c)) FROM unnest(categories) AS c),
            'attributes', jsonb_build_array(jsonb_build_object('id', 1, 'name', 'Culoare', 'slug', 'pa_culoare',
              'options', jsonb_build_array((ARRAY['Roșu','Alb','Roze','Auriu','Negru'])[1 + n % 5]))),
            'images', '[]'::jsonb, 'tags', '[]'::jsonb, 'meta_data', '[]'::jsonb)
   FROM (
     SELECT n, 100 + n AS id, concat_ws(' ', ${word(KINDS, 1)}, ${word(BRANDS, 2)}, ${word(TASTES, 3)} || ',',
              ${word(SIZES, 4)}) AS name,
            'SKU-' || lpad(n::text, 5, '0') AS sku, round((8 + 240 * power(bench.chance(n, 5), 2))::numeric, 2) AS price,
            greatest(0, floor(bench.chance(n, 6) * 90) - 6)::numeric AS stock,
            ARRAY[1 + n % 12, 13 + n % 60]::bigint[] AS categories
     FROM generate_series(1, :products) AS n
   ) AS made`,
  `INSERT INTO mirror.variations (store_id, id, product_id, name, status, sku, price, regular_price, on_sale,
     manage_stock, stock_quantity, stock_status, backorders, attributes, modified_at, seen_at, content_hash, record)
   SELECT 1, 100000 + p.id * 3 + k, p.id, 'Mărimea ' || k, 'publish', p.sku || '-' || k, p.price, p.price, false,
          'true', 10 * k, 'instock', 'no', '[]', now(), ${seen},
          jsonb_build_object('id', 100000 + p.id * 3 + k, 'sku', p.sku || '-' || k, 'price', p.price::text)
   FROM mirror.products p, generate_series(0, 2) AS k
   WHERE p.type = 'variable'`,
  `INSERT INTO mirror.customers (store_id, id, email, username, first_name, last_name, role, is_paying_customer,
     billing_country, billing_city, created_at, modified_at, seen_at, content_hash, record)
   SELECT 1, n, 'person' || n || '@example.com', 'person' || n, 'Ion', 'Popescu ' || n, 'customer', true, 'RO', 'Cluj',
          now() - interval '1500 days', now(), ${seen},
          jsonb_build_object('id', n, 'email', 'person' || n || '@example.com', 'first_name', 'Ion', 'last_name',
            'Popescu ' || n, 'billing', jsonb_build_object('city', 'Cluj', 'country', 'RO'))
   FROM generate_series(2, :customers, 2) AS n`,
  `INSERT INTO mirror.coupons (store_id, id, code, status, discount_type, amount, usage_count, modified_at, seen_at,
     content_hash, record)
   SELECT 1, n, 'zece' || n, 'publish', 'percent', 10, 0, now(), ${seen}, jsonb_build_object('id', n, 'code', 'zece' || n)
   FROM generate_series(1, 40) AS n`,
  `INSERT INTO mirror.payment_gateways (store_id, id, title, enabled, seen_at, content_hash, record)
   SELECT 1, id, id, true, ${seen}, jsonb_build_object('id', id) FROM unnest(ARRAY['cod', 'bacs', 'stripe']) AS id`,
]

/**
 * Orders :from to :to. The older two thirds lie evenly in the three years before the last one.
 * The record holds what WooCommerce's does, a little shorter.
 */
export const ORDERS = `
  WITH chosen AS MATERIALIZED (
    SELECT n, 200000 + n::bigint AS id, bench.chance(n, 10) AS luck, bench.chance(n, 11) AS lines,
           bench.chance(n, 12) < 0.09 AS has_coupon, bench.chance(n, 13) < 0.05 AS has_fee,
           CASE WHEN bench.chance(n, 14) < 0.01 THEN 'EUR' ELSE 'RON' END AS currency,
           1 + floor(:customers * power(bench.chance(n, 15), 1.4))::bigint AS person,
           now() - CASE WHEN n > :orders * 2 / 3
             THEN (:orders - n + bench.chance(n, 16)) / (:orders / 3.0) * interval '365 days'
             ELSE interval '365 days' + (:orders * 2 / 3.0 - n + bench.chance(n, 16)) / (:orders * 2 / 3.0) * interval '1095 days'
           END AS created_at
    FROM generate_series(:from, :to) AS n
  ), orders AS MATERIALIZED (
    SELECT c.*, 'person' || person || CASE WHEN n % 7 = 0 THEN '@Example.com' ELSE '@example.com' END AS email,
           CASE WHEN person % 2 = 0 THEN person END AS customer_id,
           CASE WHEN luck < 0.80 THEN 'completed' WHEN luck < 0.83 THEN 'refunded' WHEN luck < 0.86 THEN 'processing'
                WHEN luck < 0.93 THEN 'cancelled' WHEN luck < 0.96 THEN 'failed' WHEN luck < 0.97 THEN 'pending'
                WHEN luck < 0.985 THEN 'on-hold' WHEN luck < 0.99 THEN 'trash' ELSE 'checkout-draft' END AS status,
           CASE WHEN n % 9 = 0 THEN 'MD' WHEN n % 23 = 0 THEN 'DE' ELSE 'RO' END AS country,
           (ARRAY['cod', 'cod', 'stripe', 'bacs'])[1 + n % 4] AS payment,
           CASE WHEN has_fee THEN 5 ELSE 0 END::numeric AS fee, 15::numeric AS shipping
    FROM chosen c
  ), lines AS MATERIALIZED (
    SELECT o.id AS order_id, o.id * 10 + k AS line_id, p.id AS product_id, v.id AS variation_id, p.name,
           coalesce(v.sku, p.sku) AS sku, quantity, p.price * quantity AS subtotal,
           CASE WHEN o.has_coupon THEN round(p.price * quantity * 0.9, 2) ELSE p.price * quantity END AS total
    FROM orders o
    CROSS JOIN LATERAL generate_series(1, CASE WHEN lines < 0.35 THEN 1 WHEN lines < 0.65 THEN 2 WHEN lines < 0.85 THEN 3
                                               WHEN lines < 0.95 THEN 4 ELSE 5 END) AS k
    CROSS JOIN LATERAL (
      SELECT 101 + floor(:products * power(bench.chance(n * 8 + k, 20), 2))::bigint AS product_id,
             (1 + floor(4 * power(bench.chance(n * 8 + k, 21), 3)))::numeric AS quantity
    ) AS drawn
    JOIN mirror.products p ON p.store_id = 1 AND p.id = drawn.product_id
    LEFT JOIN mirror.variations v ON v.store_id = 1 AND v.id = 100000 + p.id * 3 + n % 3 AND p.type = 'variable'
  ), kept_lines AS (
    INSERT INTO mirror.order_lines (store_id, order_id, line_id, name, product_id, variation_id, sku, quantity, subtotal,
      subtotal_tax, total, total_tax, tax_class)
    SELECT 1, order_id, line_id, name, product_id, variation_id, sku, quantity, subtotal, round(subtotal * 0.21, 2), total,
           round(total * 0.21, 2), '' FROM lines
  ), baskets AS (
    SELECT order_id, sum(quantity) AS item_count, sum(total) AS net, sum(round(total * 0.21, 2)) AS tax,
           sum(subtotal - total) AS discount,
           jsonb_agg(jsonb_build_object('id', line_id, 'name', name, 'product_id', product_id, 'variation_id',
             coalesce(variation_id, 0), 'quantity', quantity, 'subtotal', subtotal::text, 'total', total::text,
             'total_tax', round(total * 0.21, 2)::text, 'sku', sku, 'meta_data', '[]'::jsonb)) AS list
    FROM lines GROUP BY order_id
  )
  INSERT INTO mirror.orders (store_id, id, number, status, currency, total, total_tax, shipping_total, shipping_tax,
    discount_total, discount_tax, fee_total, item_count, refunded_total, customer_id, billing_email, billing_name,
    billing_country, shipping_country, payment_method, payment_method_title, created_via, created_at, paid_at,
    completed_at, modified_at, seen_at, deleted_at, content_hash, record)
  SELECT 1, id, id::text, status, currency, net + tax + shipping * 1.21 + fee * 1.21, tax + shipping * 0.21 + fee * 0.21,
         shipping, shipping * 0.21, discount, round(discount * 0.21, 2), nullif(fee, 0), item_count, 0, customer_id, email,
         'Ion Popescu ' || person, country, country, payment, payment, 'checkout', created_at, created_at, created_at,
         created_at, now(), CASE WHEN n % 1000 = 0 THEN now() END, 'bench',
         jsonb_build_object('id', id, 'number', id::text, 'status', status, 'currency', currency,
           'total', (net + tax + shipping * 1.21 + fee * 1.21)::text, 'customer_id', coalesce(customer_id, 0),
           'date_created_gmt', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS'),
           'billing', jsonb_build_object('first_name', 'Ion', 'last_name', 'Popescu ' || person, 'email', email,
             'address_1', 'Strada Lungă ' || n % 300, 'city', 'Cluj-Napoca', 'postcode', '400001', 'country', country,
             'phone', '0700' || n),
           'shipping', jsonb_build_object('first_name', 'Ion', 'last_name', 'Popescu ' || person, 'address_1',
             'Strada Lungă ' || n % 300, 'city', 'Cluj-Napoca', 'postcode', '400001', 'country', country),
           'line_items', list,
           'shipping_lines', jsonb_build_array(jsonb_build_object('id', id * 10 + 7, 'method_id', 'flat_rate',
             'method_title', 'Curier rapid', 'total', shipping::text, 'total_tax', (shipping * 0.21)::text)),
           'fee_lines', CASE WHEN has_fee THEN jsonb_build_array(jsonb_build_object('id', id * 10 + 8, 'name', 'Ambalaj',
             'total', fee::text, 'total_tax', (fee * 0.21)::text)) ELSE '[]' END,
           'coupon_lines', CASE WHEN has_coupon THEN jsonb_build_array(jsonb_build_object('id', id * 10 + 9, 'code',
             'zece' || 1 + n % 40, 'discount', discount::text, 'discount_tax', round(discount * 0.21, 2)::text)) ELSE '[]' END,
           'tax_lines', jsonb_build_array(jsonb_build_object('rate_id', 1, 'label', 'TVA', 'tax_total', tax::text)),
           'refunds', '[]'::jsonb, 'meta_data', '[]'::jsonb)
  FROM orders JOIN baskets ON order_id = id`

/** All of the orders that are refunded, and the first line of each 27th completed one: together 6 %. */
export const REFUNDS: readonly string[] = [
  `INSERT INTO mirror.refunds (store_id, id, order_id, amount, total_tax, item_count, reason, created_at, modified_at, seen_at,
     content_hash, record)
   SELECT 1, 5000000 + id, id, amount, tax, pieces, 'Client răzgândit', at, at, ${seen},
          jsonb_build_object('id', 5000000 + id, 'parent_id', id, 'amount', amount::text)
   FROM (
     SELECT o.id, least(o.created_at + interval '5 days', now()) AS at,
            CASE WHEN o.status = 'refunded' THEN o.total ELSE l.total + l.total_tax END AS amount,
            CASE WHEN o.status = 'refunded' THEN o.total_tax ELSE l.total_tax END AS tax,
            CASE WHEN o.status = 'refunded' THEN o.item_count ELSE l.quantity END AS pieces
     FROM mirror.orders o JOIN mirror.order_lines l ON l.store_id = 1 AND l.order_id = o.id AND l.line_id = o.id * 10 + 1
     WHERE o.status = 'refunded' OR (o.status = 'completed' AND o.id % 27 = 0)
   ) AS due`,
  `INSERT INTO mirror.refund_lines (store_id, refund_id, line_id, order_id, order_line_id, name, product_id,
     variation_id, sku, quantity, total, total_tax)
   SELECT 1, r.id, l.line_id + 100000000, l.order_id, l.line_id, l.name, l.product_id, l.variation_id, l.sku, -l.quantity,
          -l.total, -l.total_tax
   FROM mirror.refunds r JOIN mirror.order_lines l ON l.store_id = 1 AND l.order_id = r.order_id
   JOIN mirror.orders o ON o.store_id = 1 AND o.id = r.order_id
   WHERE o.status = 'refunded' OR l.line_id = o.id * 10 + 1`,
  `UPDATE mirror.orders o
   SET refunded_total = r.amount,
       record = jsonb_set(o.record, '{refunds}', jsonb_build_array(jsonb_build_object('id', r.id, 'total', '-' || r.amount)))
   FROM mirror.refunds r WHERE r.store_id = 1 AND o.store_id = 1 AND o.id = r.order_id`,
]

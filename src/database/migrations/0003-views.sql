-- Views for everyday questions. Rows marked as deleted are left out; trash and drafts are not: filter by status.

-- One row for each product line of each order, with what one wants to know of its order.
CREATE VIEW mirror.order_items AS
SELECT l.store_id, l.order_id, o.number AS order_number, o.status AS order_status, o.created_at AS ordered_at,
       o.currency, o.customer_id, o.billing_email,
       l.line_id, l.name, l.sku, l.product_id, l.variation_id,
       l.quantity, l.subtotal, l.total, l.total_tax,
       coalesce(r.quantity, 0) AS refunded_quantity,
       coalesce(r.total, 0) AS refunded_total,
       l.quantity - coalesce(r.quantity, 0) AS net_quantity,
       l.total - coalesce(r.total, 0) AS net_total
FROM mirror.order_lines l
JOIN mirror.orders o ON o.store_id = l.store_id AND o.id = l.order_id AND o.deleted_at IS NULL
LEFT JOIN LATERAL (
  -- Refund lines are negative in WooCommerce; here they count as what was given back.
  SELECT -sum(rl.quantity) AS quantity, -sum(rl.total) AS total
  FROM mirror.refund_lines rl
  JOIN mirror.refunds rf ON rf.store_id = rl.store_id AND rf.id = rl.refund_id AND rf.deleted_at IS NULL
  WHERE rl.store_id = l.store_id AND rl.order_id = l.order_id AND rl.order_line_id = l.line_id
) r ON true;

-- Stock of everything that can be sold: simple products and variations. A variation whose stock is its product's
-- says so in managed_by.
CREATE VIEW mirror.product_stock AS
SELECT p.store_id, p.id AS product_id, NULL::bigint AS variation_id, p.name, p.sku, p.status, p.price,
       CASE WHEN p.manage_stock THEN 'product' END AS managed_by,
       CASE WHEN p.manage_stock THEN p.stock_quantity END AS stock_quantity,
       p.stock_status, p.backorders, p.low_stock_amount
FROM mirror.products p
WHERE p.deleted_at IS NULL AND p.type NOT LIKE '%variable%'
UNION ALL
SELECT v.store_id, v.product_id, v.id, concat_ws(' – ', p.name, nullif(v.name, '')), v.sku, v.status, v.price,
       CASE WHEN v.manage_stock = 'true' THEN 'variation' WHEN v.manage_stock = 'parent' THEN 'product' END,
       CASE WHEN v.manage_stock = 'true' THEN v.stock_quantity
            WHEN v.manage_stock = 'parent' THEN p.stock_quantity END,
       v.stock_status, v.backorders, coalesce(v.low_stock_amount, p.low_stock_amount)
FROM mirror.variations v
LEFT JOIN mirror.products p ON p.store_id = v.store_id AND p.id = v.product_id
WHERE v.deleted_at IS NULL AND p.deleted_at IS NULL;

-- Everyone who has an account or has ordered. Guests are known by the e-mail of their orders, case ignored.
CREATE VIEW mirror.customers_and_guests AS
SELECT c.store_id, c.id AS customer_id, lower(trim(c.email)) AS email, c.first_name, c.last_name,
       false AS is_guest, c.created_at AS since
FROM mirror.customers c
WHERE c.deleted_at IS NULL
UNION ALL
SELECT g.store_id, NULL, g.email, g.first_name, g.last_name, true, g.since
FROM (
  SELECT DISTINCT ON (o.store_id, lower(trim(o.billing_email)))
         o.store_id, lower(trim(o.billing_email)) AS email,
         o.record #>> '{billing,first_name}' AS first_name, o.record #>> '{billing,last_name}' AS last_name,
         min(o.created_at) OVER (PARTITION BY o.store_id, lower(trim(o.billing_email))) AS since
  FROM mirror.orders o
  WHERE o.deleted_at IS NULL AND o.customer_id IS NULL AND trim(o.billing_email) <> ''
  ORDER BY o.store_id, lower(trim(o.billing_email)), o.created_at DESC
) g
WHERE NOT EXISTS (
  SELECT 1 FROM mirror.customers c
  WHERE c.store_id = g.store_id AND c.deleted_at IS NULL AND lower(trim(c.email)) = g.email
);

-- What plugins write into records is not always what it should be: a view leaves it out instead of failing.
CREATE FUNCTION mirror.json_list(value jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(value) = 'array' THEN value ELSE '[]'::jsonb END;

CREATE FUNCTION mirror.json_number(value text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value ~ '^[+-]?[0-9]{1,30}(\.[0-9]{0,30})?$' THEN value::numeric END;

-- The other lines of orders, from their records.
CREATE VIEW mirror.order_shipping AS
SELECT o.store_id, o.id AS order_id, mirror.json_number(line->>'id')::bigint AS line_id, line->>'method_id' AS method,
       line->>'method_title' AS title, mirror.json_number(line->>'total') AS total,
       mirror.json_number(line->>'total_tax') AS total_tax
FROM mirror.orders o, jsonb_array_elements(mirror.json_list(o.record->'shipping_lines')) AS line
WHERE o.deleted_at IS NULL;

CREATE VIEW mirror.order_fees AS
SELECT o.store_id, o.id AS order_id, mirror.json_number(line->>'id')::bigint AS line_id, line->>'name' AS name,
       mirror.json_number(line->>'total') AS total, mirror.json_number(line->>'total_tax') AS total_tax
FROM mirror.orders o, jsonb_array_elements(mirror.json_list(o.record->'fee_lines')) AS line
WHERE o.deleted_at IS NULL;

CREATE VIEW mirror.order_taxes AS
SELECT o.store_id, o.id AS order_id, mirror.json_number(line->>'id')::bigint AS line_id, line->>'label' AS label,
       line->>'rate_code' AS rate_code, mirror.json_number(line->>'rate_percent') AS rate_percent,
       mirror.json_number(line->>'tax_total') AS tax_total,
       mirror.json_number(line->>'shipping_tax_total') AS shipping_tax_total
FROM mirror.orders o, jsonb_array_elements(mirror.json_list(o.record->'tax_lines')) AS line
WHERE o.deleted_at IS NULL;

CREATE VIEW mirror.order_coupons AS
SELECT o.store_id, o.id AS order_id, mirror.json_number(line->>'id')::bigint AS line_id, line->>'code' AS code,
       mirror.json_number(line->>'discount') AS discount, mirror.json_number(line->>'discount_tax') AS discount_tax
FROM mirror.orders o, jsonb_array_elements(mirror.json_list(o.record->'coupon_lines')) AS line
WHERE o.deleted_at IS NULL;

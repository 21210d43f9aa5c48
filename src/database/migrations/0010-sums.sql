-- What questions over years need: sums kept beside the rows, order lines without their table, attributes as words.

-- The key of a customer with a secret of this database in it: without that, whoever holds a key could try out whose it is.
-- The secret is in the function's text, for an index takes no table; a dump brings it along. Eight bytes, as before.
DO $$ BEGIN
  EXECUTE format($make$
    CREATE OR REPLACE FUNCTION mirror.customer_key(store_id integer, email text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN btrim(email) <> '' THEN
      encode(substr(sha256(decode(replace(%L || store_id::text || ':' || lower(btrim(email)), '\', '\\'), 'escape')), 1, 8), 'hex')
    END
  $make$, replace(gen_random_uuid()::text, '-', '') || ':');
END $$;
REINDEX INDEX mirror.orders_customer_key;
REINDEX INDEX mirror.customers_key;

-- Sums by customer, and by product and month, brought up to date in the background (mirror/sums.ts). Whatever was written
-- since leaves a mark in the same transaction, and a question sums what is marked from the rows: an answer never depends on
-- how far the sums have come. A migration that rewrites orders disables these triggers and empties sums.stores.
CREATE SCHEMA sums;

CREATE TABLE sums.stores (
  store_id integer PRIMARY KEY,                       -- while it stands here changes leave marks; not during the first copy
  since    xid8,                                      -- every transaction from this one on has left its marks
  until    date                                       -- months before this one are summed, customers too; null: nothing is yet
);

CREATE TABLE sums.marks (
  store_id integer NOT NULL,
  order_id bigint NOT NULL,                           -- its customer and its month, as they are now
  key      text,                                      -- the customer it had before the change
  month    date                                       -- the month it was in before the change
);

CREATE TABLE sums.customers (
  store_id       integer NOT NULL,
  key            text NOT NULL,                       -- mirror.customer_key
  currency       text NOT NULL,                       -- empty where the orders name none
  first_order_id bigint NOT NULL,                     -- the smallest id
  orders         bigint NOT NULL,                     -- neither trash nor drafts
  paid_orders    bigint NOT NULL,
  first_at       timestamptz,
  last_at        timestamptz,
  first_paid_at  timestamptz,
  last_paid_at   timestamptz,
  total          numeric NOT NULL,                    -- of paid orders
  refunded       numeric NOT NULL,                    -- of paid orders, as a positive amount
  PRIMARY KEY (store_id, key, currency)
);

-- Paid orders by the month of their creation in UTC: whatever zone a shop's days are in, only what a period holds of its
-- first and last month has to be read from the rows. The month that is running is not summed.
CREATE TABLE sums.months (
  store_id      integer NOT NULL,
  month         date NOT NULL,
  currency      text NOT NULL,                        -- empty where the orders name none
  with_lines    bigint NOT NULL,                      -- orders with a line
  with_products bigint NOT NULL,                      -- orders with a line of a known product
  PRIMARY KEY (store_id, month, currency)
);

CREATE TABLE sums.products (
  store_id    integer NOT NULL,
  month       date NOT NULL,
  currency    text NOT NULL,
  product_id  bigint NOT NULL,                        -- 0: lines of a product that no longer exists
  orders      bigint NOT NULL,
  sold        numeric NOT NULL,                       -- as their lines say, without tax
  pieces      numeric NOT NULL,
  given_back  numeric NOT NULL,                       -- lines of refunds of these orders, as positive amounts
  pieces_back numeric NOT NULL,
  PRIMARY KEY (store_id, month, currency, product_id)
);

CREATE FUNCTION sums.month_of(moment timestamptz) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN date_trunc('month', moment AT TIME ZONE 'UTC')::date;

CREATE FUNCTION sums.mark_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO sums.marks (store_id, order_id) SELECT s.store_id, NEW.id FROM sums.stores s WHERE s.store_id = NEW.store_id;
  ELSE
    INSERT INTO sums.marks (store_id, order_id, key, month)
    SELECT s.store_id, OLD.id, mirror.customer_key(OLD.store_id, OLD.billing_email), sums.month_of(OLD.created_at)
    FROM sums.stores s WHERE s.store_id = OLD.store_id;
  END IF;
  RETURN NULL;
END $$;

-- Refunds and lines may come before their order: the mark names the order, wherever that belongs by then.
CREATE FUNCTION sums.mark_parts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO sums.marks (store_id, order_id)
    SELECT DISTINCT w.store_id, w.order_id FROM old_rows w JOIN sums.stores s USING (store_id) WHERE w.order_id IS NOT NULL;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO sums.marks (store_id, order_id)
    SELECT DISTINCT w.store_id, w.order_id FROM new_rows w JOIN sums.stores s USING (store_id) WHERE w.order_id IS NOT NULL;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION sums.forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM sums.stores;
  RETURN NULL;
END $$;

CREATE TRIGGER sums_written AFTER INSERT OR DELETE ON mirror.orders FOR EACH ROW EXECUTE FUNCTION sums.mark_order();
CREATE TRIGGER sums_changed AFTER UPDATE ON mirror.orders FOR EACH ROW
  WHEN ((OLD.status, OLD.currency, OLD.total, OLD.created_at, OLD.billing_email, OLD.deleted_at IS NULL, OLD.refunded_total <> 0)
        IS DISTINCT FROM
        (NEW.status, NEW.currency, NEW.total, NEW.created_at, NEW.billing_email, NEW.deleted_at IS NULL, NEW.refunded_total <> 0))
  EXECUTE FUNCTION sums.mark_order();

DO $$
DECLARE
  part text;
BEGIN
  FOREACH part IN ARRAY ARRAY['order_lines', 'refunds', 'refund_lines'] LOOP
    EXECUTE format('CREATE TRIGGER sums_inserted AFTER INSERT ON mirror.%I REFERENCING NEW TABLE AS new_rows
      FOR EACH STATEMENT EXECUTE FUNCTION sums.mark_parts()', part);
    EXECUTE format('CREATE TRIGGER sums_updated AFTER UPDATE ON mirror.%I REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
      FOR EACH STATEMENT EXECUTE FUNCTION sums.mark_parts()', part);
    EXECUTE format('CREATE TRIGGER sums_deleted AFTER DELETE ON mirror.%I REFERENCING OLD TABLE AS old_rows
      FOR EACH STATEMENT EXECUTE FUNCTION sums.mark_parts()', part);
  END LOOP;
  FOREACH part IN ARRAY ARRAY['orders', 'order_lines', 'refunds', 'refund_lines'] LOOP
    EXECUTE format('CREATE TRIGGER sums_emptied AFTER TRUNCATE ON mirror.%I FOR EACH STATEMENT EXECUTE FUNCTION sums.forget()', part);
  END LOOP;
END $$;

-- Accounts without orders are found by their key: made once, not with each question.
ALTER TABLE mirror.customers
  ADD COLUMN key text GENERATED ALWAYS AS (mirror.customer_key(store_id, email)) STORED;

-- What lines add up to, without their table, and in order of the order: its lines lie together.
DROP INDEX mirror.order_lines_pairs;
CREATE INDEX order_lines_sold ON mirror.order_lines (store_id, order_id, product_id) INCLUDE (quantity, total);

-- Attributes as words to be found by: each name and slug, alone and with each of its values. Longer ones than can be
-- asked for are left out: an index takes no more than 2,700 bytes.
CREATE FUNCTION mirror.attribute_words(attributes jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
  SELECT array_agg(DISTINCT lower(n.name) || coalesce(E'\u0001' || lower(v.value), ''))
  FROM jsonb_array_elements(mirror.json_list(attributes)) AS a (attribute)
  CROSS JOIN LATERAL unnest(ARRAY[a.attribute->>'name', a.attribute->>'slug']) AS n (name)
  CROSS JOIN LATERAL (
    SELECT NULL::text AS value
    UNION ALL SELECT a.attribute->>'option'
    UNION ALL SELECT o.value FROM jsonb_array_elements_text(mirror.json_list(a.attribute->'options')) AS o (value)
  ) AS v
  WHERE length(n.name) <= 200 AND (v.value IS NULL OR length(v.value) <= 200)
);

ALTER TABLE mirror.products
  ADD COLUMN attribute_words text[] GENERATED ALWAYS AS (mirror.attribute_words(record->'attributes')) STORED;
ALTER TABLE mirror.variations
  ADD COLUMN attribute_words text[] GENERATED ALWAYS AS (mirror.attribute_words(attributes)) STORED;
CREATE INDEX products_attributes ON mirror.products USING gin (attribute_words);
CREATE INDEX variations_attributes ON mirror.variations USING gin (attribute_words);

-- What questions about orders, customers and baskets need.

-- A customer is a billing e-mail, trimmed, case ignored; this key names one without telling who it is. Null without
-- an e-mail. decode() stands for convert_to(), which may not be in an index; a backslash would begin an escape.
CREATE FUNCTION mirror.customer_key(store_id integer, email text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN btrim(email) <> '' THEN
  left(encode(sha256(decode(replace(store_id::text || ':' || lower(btrim(email)), '\', '\\'), 'escape')), 'hex'), 16)
END;

-- The words of a name and an e-mail without case and diacritics, to be searched by how they begin.
CREATE FUNCTION mirror.people_words(person text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_remove(
  regexp_split_to_array(
    lower(regexp_replace(normalize(left(coalesce(person, ''), 500), NFKD), '[\u0300-\u036f]', '', 'g')),
    '[[:space:][:punct:]]+'
  ),
  ''
);

-- All of these words, each a beginning; null where there is no word.
CREATE FUNCTION mirror.people_query(person text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
  SELECT string_agg('''' || replace(word, '\', '\\') || ''':*', ' & ')::tsquery
  FROM unnest(mirror.people_words(person)) AS word
);

-- One index gives a customer's orders by the key, and, without the table, the sums of all customers in order of it.
-- Where an expression is filtered by, the index is on all rows: the planner takes no figures from a partial one.
CREATE INDEX orders_customer_key ON mirror.orders (store_id, mirror.customer_key(store_id, billing_email), created_at)
  INCLUDE (id, status, currency, total, customer_id, billing_email, deleted_at);
CREATE INDEX customers_key ON mirror.customers (store_id, mirror.customer_key(store_id, email)) WHERE deleted_at IS NULL;

-- The orders a list can stand in. Drafts may have no dates. The first holds what lists are filtered by: a filter that
-- few orders pass is then answered without the table.
CREATE INDEX orders_recent ON mirror.orders (store_id, coalesce(created_at, '-infinity'), id)
  INCLUDE (created_at, status, currency, total, payment_method, deleted_at);
CREATE INDEX orders_latest ON mirror.orders (store_id, coalesce(modified_at, '-infinity'), id) WHERE deleted_at IS NULL;
CREATE INDEX orders_total ON mirror.orders (store_id, coalesce(total, 0), id) WHERE deleted_at IS NULL;
CREATE INDEX orders_status ON mirror.orders (store_id, status, coalesce(created_at, '-infinity'), id)
  WHERE deleted_at IS NULL;
CREATE INDEX orders_account ON mirror.orders (store_id, customer_id, coalesce(created_at, '-infinity'), id)
  WHERE deleted_at IS NULL AND customer_id IS NOT NULL;
CREATE INDEX orders_number ON mirror.orders (store_id, number) WHERE deleted_at IS NULL;
CREATE INDEX orders_people ON mirror.orders
  USING gin (array_to_tsvector(mirror.people_words(coalesce(billing_name, '') || ' ' || coalesce(billing_email, ''))));
CREATE INDEX refunds_recent ON mirror.refunds (store_id, coalesce(created_at, '-infinity'), id) WHERE deleted_at IS NULL;

-- Pairs of products in orders, without the table.
CREATE INDEX order_lines_pairs ON mirror.order_lines (store_id, order_id, product_id) WHERE product_id IS NOT NULL;

-- Its place is taken by orders_customer_key.
DROP INDEX mirror.orders_customer;

-- Sales statistics: what they add up, in columns, so that no record has to be opened for it, and indexes that hold all
-- of it for the orders of a period.
ALTER TABLE mirror.orders
  ADD COLUMN item_count numeric,                      -- pieces in all product lines
  ADD COLUMN fee_total numeric;                       -- without tax; null where there are none: a sum passes over it
ALTER TABLE mirror.refunds
  ADD COLUMN item_count numeric,                      -- pieces, as a positive number
  ADD COLUMN total_tax numeric;                       -- that on shipping too, as a positive amount

CREATE FUNCTION mirror.json_sum(list jsonb, field text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
  SELECT coalesce(sum(mirror.json_number(line->>field)), 0) FROM jsonb_array_elements(mirror.json_list(list)) AS line
);

UPDATE mirror.orders
SET item_count = mirror.json_sum(record->'line_items', 'quantity'),
    fee_total = nullif(mirror.json_sum(record->'fee_lines', 'total'), 0);
UPDATE mirror.refunds
SET item_count = -mirror.json_sum(record->'line_items', 'quantity'),
    total_tax = -mirror.json_sum(record->'tax_lines', 'tax_total')
                - mirror.json_sum(record->'tax_lines', 'shipping_tax_total');

DROP INDEX mirror.orders_created;
CREATE INDEX orders_created ON mirror.orders (store_id, created_at)
  INCLUDE (id, status, currency, total, total_tax, shipping_total, discount_total, fee_total, item_count)
  WHERE deleted_at IS NULL;
CREATE INDEX orders_refunded ON mirror.orders (store_id, created_at) INCLUDE (id, status, currency)
  WHERE deleted_at IS NULL AND refunded_total <> 0;
DROP INDEX mirror.refunds_order;
CREATE INDEX refunds_order ON mirror.refunds (store_id, order_id) INCLUDE (amount, total_tax, item_count)
  WHERE deleted_at IS NULL;

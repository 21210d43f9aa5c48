-- The copy of the shops. Each table holds one resource, in columns for what people ask for and, in `record`,
-- the whole canonical record. What moves by itself (counters, what WooCommerce computes for display) is in
-- `volatile`: kept, but outside the hash that decides whether a record changed.
--
-- In every table: modified_at is the shop's own date of the last change (may be null); seen_at is when the read
-- that brought the row was sent, on this database's clock; deleted_at marks a tombstone, deleted_evidence says
-- how the deletion was established. Moments are UTC. Money is numeric, in the currency of its row or shop.

CREATE SCHEMA IF NOT EXISTS mirror;

CREATE TABLE mirror.stores (
  store_id        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  url             text NOT NULL UNIQUE,
  identity        text UNIQUE,                        -- environment.store_id of the shop; null when not readable
  name            text,
  timezone        text NOT NULL DEFAULT 'UTC',        -- IANA name, or an offset such as +02:00
  currency        text,
  currency_symbol text,
  woocommerce     text,                               -- version
  capabilities    jsonb NOT NULL DEFAULT '{}',        -- what the probe found: filters, statuses, global lists
  sign_in         text,                               -- how the shop accepts the keys; never the keys
  clock_offset_ms bigint NOT NULL DEFAULT 0,          -- the shop's clock minus this database's
  probed_at       timestamptz,
  created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE mirror.orders (
  store_id             integer NOT NULL,
  id                   bigint NOT NULL,
  number               text,
  status               text,
  currency             text,
  total                numeric,
  total_tax            numeric,
  shipping_total       numeric,
  shipping_tax         numeric,
  discount_total       numeric,
  discount_tax         numeric,
  refunded_total       numeric,                       -- what was refunded, as a positive amount
  customer_id          bigint,                        -- null for guests
  billing_email        text,
  billing_name         text,
  billing_country      text,
  shipping_country     text,
  payment_method       text,
  payment_method_title text,
  created_via          text,
  created_at           timestamptz,
  paid_at              timestamptz,
  completed_at         timestamptz,
  modified_at          timestamptz,
  seen_at              timestamptz NOT NULL,
  deleted_at           timestamptz,
  deleted_evidence     text,
  content_hash         text NOT NULL,
  record               jsonb NOT NULL,
  volatile             jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);
CREATE INDEX orders_present ON mirror.orders (store_id, id) INCLUDE (status) WHERE deleted_at IS NULL;
CREATE INDEX orders_created ON mirror.orders (store_id, created_at);
CREATE INDEX orders_modified ON mirror.orders (store_id, modified_at);
CREATE INDEX orders_customer ON mirror.orders (store_id, lower(billing_email));

-- The product lines of orders. Shipping, fee, tax and coupon lines are views on the records (below).
CREATE TABLE mirror.order_lines (
  store_id     integer NOT NULL,
  order_id     bigint NOT NULL,
  line_id      bigint NOT NULL,
  name         text,
  product_id   bigint,                                -- null when the product no longer exists
  variation_id bigint,                                -- null when the line is not of a variation
  sku          text,
  quantity     numeric,
  subtotal     numeric,                               -- before discounts, without tax
  subtotal_tax numeric,
  total        numeric,                               -- after discounts, without tax
  total_tax    numeric,
  tax_class    text,
  PRIMARY KEY (store_id, order_id, line_id)
);
CREATE INDEX order_lines_product ON mirror.order_lines (store_id, product_id);

CREATE TABLE mirror.refunds (
  store_id         integer NOT NULL,
  id               bigint NOT NULL,
  order_id         bigint,
  amount           numeric,                           -- positive
  reason           text,
  refunded_by      bigint,
  created_at       timestamptz,
  modified_at      timestamptz,
  seen_at          timestamptz NOT NULL,
  deleted_at       timestamptz,
  deleted_evidence text,
  content_hash     text NOT NULL,
  record           jsonb NOT NULL,
  volatile         jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);
CREATE INDEX refunds_order ON mirror.refunds (store_id, order_id);

CREATE TABLE mirror.refund_lines (
  store_id      integer NOT NULL,
  refund_id     bigint NOT NULL,
  line_id       bigint NOT NULL,
  order_id      bigint,
  order_line_id bigint,                               -- the line of the order that was refunded
  name          text,
  product_id    bigint,
  variation_id  bigint,
  sku           text,
  quantity      numeric,                              -- negative, as WooCommerce has it
  total         numeric,
  total_tax     numeric,
  PRIMARY KEY (store_id, refund_id, line_id)
);
CREATE INDEX refund_lines_order ON mirror.refund_lines (store_id, order_id);

CREATE TABLE mirror.products (
  store_id           integer NOT NULL,
  id                 bigint NOT NULL,
  name               text,
  slug               text,
  type               text,
  status             text,
  sku                text,
  gtin               text,
  price              numeric,
  regular_price      numeric,
  sale_price         numeric,
  on_sale            boolean,
  sale_from          timestamptz,
  sale_to            timestamptz,
  manage_stock       boolean,
  stock_quantity     numeric,
  stock_status       text,
  backorders         text,
  low_stock_amount   numeric,
  catalog_visibility text,
  featured           boolean,
  tax_status         text,
  tax_class          text,
  weight             numeric,
  category_ids       bigint[],
  tag_ids            bigint[],
  total_sales        numeric,
  average_rating     numeric,
  rating_count       integer,
  permalink          text,
  created_at         timestamptz,
  modified_at        timestamptz,
  seen_at            timestamptz NOT NULL,
  deleted_at         timestamptz,
  deleted_evidence   text,
  content_hash       text NOT NULL,
  record             jsonb NOT NULL,
  volatile           jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);
CREATE INDEX products_sku ON mirror.products (store_id, sku);

CREATE TABLE mirror.variations (
  store_id         integer NOT NULL,
  id               bigint NOT NULL,
  product_id       bigint,
  name             text,
  status           text,
  sku              text,
  gtin             text,
  price            numeric,
  regular_price    numeric,
  sale_price       numeric,
  on_sale          boolean,
  sale_from        timestamptz,
  sale_to          timestamptz,
  manage_stock     text,                              -- true, false, or parent: the product's own stock counts
  stock_quantity   numeric,
  stock_status     text,
  backorders       text,
  low_stock_amount numeric,
  tax_class        text,
  weight           numeric,
  attributes       jsonb,
  permalink        text,
  created_at       timestamptz,
  modified_at      timestamptz,
  seen_at          timestamptz NOT NULL,
  deleted_at       timestamptz,
  deleted_evidence text,
  content_hash     text NOT NULL,
  record           jsonb NOT NULL,
  volatile         jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);
CREATE INDEX variations_product ON mirror.variations (store_id, product_id);
CREATE INDEX variations_sku ON mirror.variations (store_id, sku);

CREATE TABLE mirror.customers (
  store_id           integer NOT NULL,
  id                 bigint NOT NULL,
  email              text,
  username           text,
  first_name         text,
  last_name          text,
  role               text,
  is_paying_customer boolean,
  billing_country    text,
  billing_city       text,
  created_at         timestamptz,
  modified_at        timestamptz,
  seen_at            timestamptz NOT NULL,
  deleted_at         timestamptz,
  deleted_evidence   text,
  content_hash       text NOT NULL,
  record             jsonb NOT NULL,
  volatile           jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);
CREATE INDEX customers_email ON mirror.customers (store_id, lower(email));

CREATE TABLE mirror.coupons (
  store_id         integer NOT NULL,
  id               bigint NOT NULL,
  code             text,
  status           text,
  discount_type    text,
  amount           numeric,
  description      text,
  expires_at       timestamptz,
  minimum_amount   numeric,
  maximum_amount   numeric,
  usage_limit      integer,
  usage_count      integer,
  free_shipping    boolean,
  created_at       timestamptz,
  modified_at      timestamptz,
  seen_at          timestamptz NOT NULL,
  deleted_at       timestamptz,
  deleted_evidence text,
  content_hash     text NOT NULL,
  record           jsonb NOT NULL,
  volatile         jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);

CREATE TABLE mirror.reviews (
  store_id         integer NOT NULL,
  id               bigint NOT NULL,
  product_id       bigint,
  status           text,
  rating           integer,
  verified         boolean,
  reviewer         text,
  reviewer_email   text,
  review           text,
  created_at       timestamptz,
  modified_at      timestamptz,
  seen_at          timestamptz NOT NULL,
  deleted_at       timestamptz,
  deleted_evidence text,
  content_hash     text NOT NULL,
  record           jsonb NOT NULL,
  volatile         jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);
CREATE INDEX reviews_product ON mirror.reviews (store_id, product_id);

CREATE TABLE mirror.categories (
  store_id         integer NOT NULL,
  id               bigint NOT NULL,
  name             text,
  slug             text,
  parent_id        bigint,
  description      text,
  menu_order       integer,
  count            integer,
  modified_at      timestamptz,
  seen_at          timestamptz NOT NULL,
  deleted_at       timestamptz,
  deleted_evidence text,
  content_hash     text NOT NULL,
  record           jsonb NOT NULL,
  volatile         jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);

CREATE TABLE mirror.tags (
  store_id         integer NOT NULL,
  id               bigint NOT NULL,
  name             text,
  slug             text,
  description      text,
  count            integer,
  modified_at      timestamptz,
  seen_at          timestamptz NOT NULL,
  deleted_at       timestamptz,
  deleted_evidence text,
  content_hash     text NOT NULL,
  record           jsonb NOT NULL,
  volatile         jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);

CREATE TABLE mirror.attributes (
  store_id         integer NOT NULL,
  id               bigint NOT NULL,
  name             text,
  slug             text,
  type             text,
  order_by         text,
  modified_at      timestamptz,
  seen_at          timestamptz NOT NULL,
  deleted_at       timestamptz,
  deleted_evidence text,
  content_hash     text NOT NULL,
  record           jsonb NOT NULL,
  volatile         jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);

CREATE TABLE mirror.attribute_terms (
  store_id         integer NOT NULL,
  id               bigint NOT NULL,
  attribute_id     bigint,
  name             text,
  slug             text,
  menu_order       integer,
  count            integer,
  modified_at      timestamptz,
  seen_at          timestamptz NOT NULL,
  deleted_at       timestamptz,
  deleted_evidence text,
  content_hash     text NOT NULL,
  record           jsonb NOT NULL,
  volatile         jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);

CREATE TABLE mirror.shipping_classes (
  store_id         integer NOT NULL,
  id               bigint NOT NULL,
  name             text,
  slug             text,
  description      text,
  count            integer,
  modified_at      timestamptz,
  seen_at          timestamptz NOT NULL,
  deleted_at       timestamptz,
  deleted_evidence text,
  content_hash     text NOT NULL,
  record           jsonb NOT NULL,
  volatile         jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);

CREATE TABLE mirror.tax_rates (
  store_id         integer NOT NULL,
  id               bigint NOT NULL,
  name             text,
  country          text,
  state            text,
  rate             numeric,                           -- per cent
  class            text,
  priority         integer,
  compound         boolean,
  shipping         boolean,
  modified_at      timestamptz,
  seen_at          timestamptz NOT NULL,
  deleted_at       timestamptz,
  deleted_evidence text,
  content_hash     text NOT NULL,
  record           jsonb NOT NULL,
  volatile         jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);

CREATE TABLE mirror.tax_classes (
  store_id         integer NOT NULL,
  id               text NOT NULL,                     -- slug
  name             text,
  modified_at      timestamptz,
  seen_at          timestamptz NOT NULL,
  deleted_at       timestamptz,
  deleted_evidence text,
  content_hash     text NOT NULL,
  record           jsonb NOT NULL,
  volatile         jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);

CREATE TABLE mirror.shipping_zones (
  store_id         integer NOT NULL,
  id               bigint NOT NULL,                   -- 0 is the zone of all places that no other zone covers
  name             text,
  position         integer,
  modified_at      timestamptz,
  seen_at          timestamptz NOT NULL,
  deleted_at       timestamptz,
  deleted_evidence text,
  content_hash     text NOT NULL,
  record           jsonb NOT NULL,
  volatile         jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);

CREATE TABLE mirror.shipping_methods (
  store_id         integer NOT NULL,
  id               bigint NOT NULL,
  zone_id          bigint,
  method           text,                              -- flat_rate, free_shipping, local_pickup …
  title            text,
  enabled          boolean,
  cost             text,                              -- may be a formula such as 10.00 * [qty]
  minimum_amount   numeric,                           -- of the basket, for free shipping
  modified_at      timestamptz,
  seen_at          timestamptz NOT NULL,
  deleted_at       timestamptz,
  deleted_evidence text,
  content_hash     text NOT NULL,
  record           jsonb NOT NULL,
  volatile         jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);

CREATE TABLE mirror.payment_gateways (
  store_id         integer NOT NULL,
  id               text NOT NULL,
  title            text,
  description      text,
  enabled          boolean,
  method_title     text,
  modified_at      timestamptz,
  seen_at          timestamptz NOT NULL,
  deleted_at       timestamptz,
  deleted_evidence text,
  content_hash     text NOT NULL,
  record           jsonb NOT NULL,
  volatile         jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);

CREATE TABLE mirror.settings (
  store_id         integer NOT NULL,
  id               text NOT NULL,                     -- group/option
  group_id         text,
  option           text,
  label            text,
  value            jsonb,
  modified_at      timestamptz,
  seen_at          timestamptz NOT NULL,
  deleted_at       timestamptz,
  deleted_evidence text,
  content_hash     text NOT NULL,
  record           jsonb NOT NULL,
  volatile         jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);

-- Notes have no list over REST: they are here for the orders that somebody asked for, as of seen_at.
CREATE TABLE mirror.order_notes (
  store_id         integer NOT NULL,
  id               bigint NOT NULL,
  order_id         bigint,
  author           text,
  note             text,
  customer_note    boolean,                           -- true: the customer was sent it
  created_at       timestamptz,
  modified_at      timestamptz,
  seen_at          timestamptz NOT NULL,
  deleted_at       timestamptz,
  deleted_evidence text,
  content_hash     text NOT NULL,
  record           jsonb NOT NULL,
  volatile         jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);
CREATE INDEX order_notes_order ON mirror.order_notes (store_id, order_id);

-- The feed of what changed. Transactions commit out of order, so a reader takes entries whose xid is below
-- pg_snapshot_xmin(pg_current_snapshot()), in the order (xid, seq), and remembers the last pair it took.
CREATE TABLE mirror.changes (
  store_id    integer NOT NULL,
  xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
  seq         bigint GENERATED ALWAYS AS IDENTITY,
  resource    text NOT NULL,
  id          text NOT NULL,
  change      text NOT NULL CHECK (change IN ('created', 'updated', 'deleted', 'restored')),
  way         text NOT NULL,                          -- backfill, follow, delivery, reconcile, scrub, fetch …
  note        text,                                   -- went_back: the shop's date is older than the one before
  modified_at timestamptz,                            -- the shop's date of the change
  at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (store_id, xid, seq)
);
CREATE INDEX changes_at ON mirror.changes (at);

-- Records known to differ in the shop and not yet fetched: what verification calls stale.
CREATE TABLE mirror.stale (
  store_id integer NOT NULL,
  resource text NOT NULL,
  id       text NOT NULL,
  parent   text,                                      -- of a variation or refund, where it is known
  reason   text NOT NULL,
  since    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (store_id, resource, id)
);

-- Records that cannot be stored, kept with their raw text until the shop sends them in a readable form.
CREATE TABLE mirror.quarantine (
  store_id integer NOT NULL,
  resource text NOT NULL,
  id       text NOT NULL,
  raw      text NOT NULL,
  code     text NOT NULL,
  problem  text NOT NULL,
  since    timestamptz NOT NULL DEFAULT now(),
  seen_at  timestamptz NOT NULL,
  PRIMARY KEY (store_id, resource, id)
);

-- Tickets of events, as the plugin FooEvents keeps them. No REST list has them: only the shop's own database.

CREATE TABLE mirror.tickets (
  store_id             integer NOT NULL,
  id                   bigint NOT NULL,
  ticket_id            text,                          -- the number on the ticket
  status               text,                          -- as stored: Not Checked In, Checked In, Canceled, Unpaid
  post_status          text,                          -- publish, trash …
  ticket_type          text,
  product_id           bigint,
  variation_id         bigint,                        -- null when the ticket is not of a variation
  order_id             bigint,
  customer_id          bigint,                        -- null for guests
  first_name           text,                          -- of who attends, as stored: blanks and all
  last_name            text,
  email                text,
  telephone            text,
  company              text,
  purchaser_first_name text,
  purchaser_last_name  text,
  purchaser_email      text,
  purchaser_telephone  text,
  questions            jsonb,                         -- [{key, label, value}]: what was asked when it was bought
  check_ins            jsonb,                         -- [{id, day, status, checkin}]: of events over several days
  created_at           timestamptz,
  modified_at          timestamptz,                   -- of the post, or the last check-in
  seen_at              timestamptz NOT NULL,
  deleted_at           timestamptz,
  deleted_evidence     text,
  content_hash         text NOT NULL,
  record               jsonb NOT NULL,
  volatile             jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store_id, id)
);
CREATE INDEX tickets_order ON mirror.tickets (store_id, order_id);
CREATE INDEX tickets_product ON mirror.tickets (store_id, product_id);

-- PHP writes a list with holes, or one that begins with 1, as an object.
CREATE FUNCTION mirror.json_members(value jsonb) RETURNS TABLE (name text, member jsonb)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT e.key, e.value
  FROM jsonb_each(CASE WHEN jsonb_typeof($1) = 'object' THEN $1 ELSE '{}' END) AS e
  UNION ALL
  SELECT a.position::text, a.element
  FROM jsonb_array_elements(mirror.json_list($1)) WITH ORDINALITY AS a (element, position);
END;

-- One row for each ticket: from mirror.tickets, or, for a store that has none there, as bought, from its orders.
-- As in the other views, trash is not left out: post_status and order_status tell.
CREATE VIEW mirror.event_tickets AS
SELECT t.store_id, 'ticket'::text AS source, t.id AS ticket_post_id, t.ticket_id, t.order_id,
       NULL::text AS order_position, o.status AS order_status, t.post_status, t.status, t.ticket_type, t.product_id, t.variation_id, t.customer_id,
       t.first_name, t.last_name, t.email, t.telephone, t.company,
       t.purchaser_first_name, t.purchaser_last_name, t.purchaser_email, t.purchaser_telephone,
       t.questions, t.check_ins, t.created_at
FROM mirror.tickets t
LEFT JOIN mirror.orders o ON o.store_id = t.store_id AND o.id = t.order_id AND o.deleted_at IS NULL
WHERE t.deleted_at IS NULL
UNION ALL
SELECT o.store_id, 'order', NULL, NULL, o.id,
       bought.name || '/' || ticket.name, o.status, NULL,
       ticket.member->>'WooCommerceEventsStatus',
       ticket.member->>'WooCommerceEventsTicketType',
       nullif(mirror.json_number(ticket.member->>'WooCommerceEventsProductID'), 0)::bigint,
       nullif(mirror.json_number(ticket.member->>'WooCommerceEventsVariationID'), 0)::bigint,
       nullif(mirror.json_number(ticket.member->>'WooCommerceEventsCustomerID'), 0)::bigint,
       ticket.member->>'WooCommerceEventsAttendeeName',
       ticket.member->>'WooCommerceEventsAttendeeLastName',
       ticket.member->>'WooCommerceEventsAttendeeEmail',
       ticket.member->>'WooCommerceEventsAttendeeTelephone',
       ticket.member->>'WooCommerceEventsAttendeeCompany',
       ticket.member->>'WooCommerceEventsPurchaserFirstName',
       ticket.member->>'WooCommerceEventsPurchaserLastName',
       ticket.member->>'WooCommerceEventsPurchaserEmail',
       ticket.member->>'WooCommerceEventsPurchaserPhone',
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                 'key', regexp_replace(answer.name, '^fooevents_custom_', ''), 'label', NULL, 'value', answer.member
               ) ORDER BY answer.name), '[]')
        FROM mirror.json_members(ticket.member->'WooCommerceEventsCustomAttendeeFields') AS answer),
       '[]'::jsonb,
       o.created_at
FROM mirror.orders o
CROSS JOIN LATERAL jsonb_array_elements(mirror.json_list(o.record->'meta_data')) AS meta
CROSS JOIN LATERAL mirror.json_members(meta->'value') AS bought
CROSS JOIN LATERAL mirror.json_members(bought.member) AS ticket
WHERE o.deleted_at IS NULL
  AND meta->>'key' = 'WooCommerceEventsOrderTickets'
  AND jsonb_typeof(ticket.member) = 'object'
  AND NOT EXISTS (SELECT 1 FROM mirror.tickets k WHERE k.store_id = o.store_id);

COMMENT ON VIEW mirror.event_tickets IS
  'Tickets of FooEvents. From the ticket posts where the shop''s database is read, else as bought, from the orders.';
COMMENT ON COLUMN mirror.event_tickets.source IS
  'ticket: the ticket itself, as it stands. order: what was ordered; its status is that of the purchase, and tickets of failed or cancelled orders are among them.';
COMMENT ON COLUMN mirror.event_tickets.ticket_post_id IS 'Id in mirror.tickets; null where source is order.';
COMMENT ON COLUMN mirror.event_tickets.ticket_id IS 'The number on the ticket; null where source is order.';
COMMENT ON COLUMN mirror.event_tickets.order_id IS 'Id in mirror.orders.';
COMMENT ON COLUMN mirror.event_tickets.order_position IS
  'Which of the order''s tickets: group/number; null where source is ticket.';
COMMENT ON COLUMN mirror.event_tickets.order_status IS 'Of the order now; null where the copy does not have it.';
COMMENT ON COLUMN mirror.event_tickets.post_status IS
  'publish, trash …: of the ticket''s post; null where source is order.';
COMMENT ON COLUMN mirror.event_tickets.status IS
  'As stored: Unpaid, Not Checked In, Checked In, Canceled. With source order it stays what it was when bought.';
COMMENT ON COLUMN mirror.event_tickets.ticket_type IS 'As the event names its tiers; may be empty.';
COMMENT ON COLUMN mirror.event_tickets.product_id IS 'The event: id in mirror.products.';
COMMENT ON COLUMN mirror.event_tickets.variation_id IS 'The tier: id in mirror.variations; null where it has none.';
COMMENT ON COLUMN mirror.event_tickets.customer_id IS 'Who bought it, with an account; null for guests.';
COMMENT ON COLUMN mirror.event_tickets.first_name IS 'Of who attends, as typed: blanks are not trimmed, may be empty.';
COMMENT ON COLUMN mirror.event_tickets.last_name IS 'Of who attends, as typed.';
COMMENT ON COLUMN mirror.event_tickets.email IS 'Of who attends, as typed; may be empty.';
COMMENT ON COLUMN mirror.event_tickets.telephone IS 'Of who attends, as typed.';
COMMENT ON COLUMN mirror.event_tickets.company IS 'Of who attends, as typed.';
COMMENT ON COLUMN mirror.event_tickets.purchaser_first_name IS 'Of who bought it.';
COMMENT ON COLUMN mirror.event_tickets.purchaser_last_name IS 'Of who bought it.';
COMMENT ON COLUMN mirror.event_tickets.purchaser_email IS 'Of who bought it.';
COMMENT ON COLUMN mirror.event_tickets.purchaser_telephone IS 'Of who bought it.';
COMMENT ON COLUMN mirror.event_tickets.questions IS
  'What was asked: [{key, label, value}]. The label is null where source is order.';
COMMENT ON COLUMN mirror.event_tickets.check_ins IS
  'Check-ins by day: [{id, day, status, checkin}], checkin in seconds as stored; empty where source is order.';
COMMENT ON COLUMN mirror.event_tickets.created_at IS 'When the ticket was made; of the order where source is order.';

-- The machinery that keeps the copy: where each resource stands, what runs, what was proved.

CREATE SCHEMA IF NOT EXISTS sync;

-- One row per store and resource. Cursors move only in the transaction of the rows they speak for.
CREATE TABLE sync.resources (
  store_id            integer NOT NULL,
  resource            text NOT NULL,
  owner               uuid,                -- the run that may write here: a run that lost its lock finds another
  follow_cursor       timestamptz,         -- shop's clock
  backfill_started_at timestamptz,         -- shop's clock; null: never begun
  backfilled_at       timestamptz,
  followed_at         timestamptz,         -- last follow that ended well
  changed_at          timestamptz,         -- last page that changed rows: a count before it no longer speaks
  counted_at          timestamptz,
  listed_at           timestamptz,
  scrub_position      bigint NOT NULL DEFAULT 0,
  scrub_last_id       bigint,
  scrub_started_at    timestamptz,
  scrubbed_at         timestamptz,         -- last page of the scrub
  scrub_finished_at   timestamptz,         -- last whole round
  deletions_accepted  boolean NOT NULL DEFAULT false,
  problem             text,                -- error code of the last run, null after a good one
  problem_data        jsonb,
  problem_at          timestamptz,
  failures            integer NOT NULL DEFAULT 0,   -- runs in a row that ended with a problem
  PRIMARY KEY (store_id, resource)
);

-- A backfill's ranges of creation dates. Walked side by side; a restart goes on at each cursor.
CREATE TABLE sync.segments (
  store_id  integer NOT NULL,
  resource  text NOT NULL,
  segment   integer NOT NULL,
  after     timestamptz,                   -- exclusive; null: from the beginning
  before    timestamptz,                   -- exclusive; null: no end
  cursor    timestamptz,
  position  bigint NOT NULL DEFAULT 0,     -- of a walk by id
  last_id   bigint,
  total     bigint,
  done      bigint NOT NULL DEFAULT 0,
  finished  boolean NOT NULL DEFAULT false,
  PRIMARY KEY (store_id, resource, segment)
);

CREATE TABLE sync.runs (
  run_id      uuid PRIMARY KEY,
  store_id    integer NOT NULL,
  resource    text NOT NULL,
  kind        text NOT NULL,               -- backfill, follow, reconcile, scrub, deliveries …
  started_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  requests    integer NOT NULL DEFAULT 0,
  counts      jsonb NOT NULL DEFAULT '{}',
  error_code  text,
  error       text
);
CREATE INDEX runs_finished ON sync.runs (store_id, finished_at);
CREATE INDEX runs_started ON sync.runs (started_at);

-- What was proved about a resource, when, and at what cost.
CREATE TABLE sync.proofs (
  store_id    integer NOT NULL,
  resource    text NOT NULL,
  strength    text NOT NULL CHECK (strength IN ('counted', 'listed', 'read')),
  at          timestamptz NOT NULL DEFAULT now(),
  requests    integer NOT NULL,
  in_store    bigint NOT NULL,
  in_mirror   bigint NOT NULL,
  missing     bigint NOT NULL,
  surplus     bigint NOT NULL,
  share       numeric,                     -- of a round of reading, 0 to 1
  PRIMARY KEY (store_id, resource, strength)
);

-- Webhook deliveries as they came, until they are worked off.
CREATE TABLE sync.deliveries (
  delivery    bigint GENERATED ALWAYS AS IDENTITY,
  store_id    integer NOT NULL,
  topic       text NOT NULL,
  body        text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  attempts    integer NOT NULL DEFAULT 0,
  not_before  timestamptz NOT NULL DEFAULT now(),
  error_code  text,
  PRIMARY KEY (store_id, delivery)
);

-- What a person should look at, until it is over.
CREATE TABLE sync.alerts (
  store_id   integer NOT NULL,
  code       text NOT NULL,
  subject    text NOT NULL,                -- a resource, a topic, or ''
  data       jsonb NOT NULL DEFAULT '{}',
  since      timestamptz NOT NULL DEFAULT now(),
  last_at    timestamptz NOT NULL DEFAULT now(),
  times      integer NOT NULL DEFAULT 1,
  PRIMARY KEY (store_id, code, subject)
);

-- The form in which every record is held; another one than the program's: they are made anew at its start.
CREATE TABLE sync.record_form (
  form    text PRIMARY KEY DEFAULT 'record',
  version integer NOT NULL
);

-- Keys that SSH servers showed when they were first met; another one later is refused. A fingerprint is no secret.
CREATE TABLE sync.host_keys (
  host        text PRIMARY KEY,          -- as in known_hosts: host, or [host]:2222
  fingerprint text NOT NULL,             -- SHA256:…
  pinned_at   timestamptz NOT NULL DEFAULT now()
);

-- A range of ids of a copy from the shop's own database: after last_id, up to and with this one; null: no end.
ALTER TABLE sync.segments ADD COLUMN until_id bigint;

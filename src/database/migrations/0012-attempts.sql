-- Wrong passwords and keys, counted for all processes that work with this database. Unlogged: a crash of the server
-- forgets them, and nothing is written to its log. A hash stands for who it was: addresses and e-mails are not kept.
CREATE UNLOGGED TABLE access.attempts (
  who        bytea PRIMARY KEY,
  count      integer NOT NULL,
  ends_at    timestamptz NOT NULL          -- when they are forgotten
);

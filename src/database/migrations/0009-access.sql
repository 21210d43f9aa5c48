-- Who may use the interfaces: keys of programs, and people with a password.

CREATE SCHEMA access;

CREATE TABLE access.api_keys (
  id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name         text NOT NULL,
  hash         bytea NOT NULL UNIQUE,      -- SHA-256; the key itself is kept nowhere
  beginning    text NOT NULL,              -- of the key, to tell it from others
  access       text NOT NULL CHECK (access IN ('read', 'operate', 'admin')),
  personal     boolean NOT NULL,           -- may see names, addresses, e-mails
  stores       integer[],                  -- null: all
  created_at   timestamptz NOT NULL DEFAULT now(),
  created_by   text NOT NULL,              -- local, key 3, user 8f…
  expires_at   timestamptz,
  revoked_at   timestamptz,
  last_used_at timestamptz                 -- to the minute
);

-- What signs the cookies of sessions, made at the first need, the same for all processes.
CREATE TABLE access.secrets (
  name       text PRIMARY KEY,
  value      text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- The tables of better-auth, in its own names.
CREATE SCHEMA auth;

CREATE TABLE auth."user" (
  "id"            text PRIMARY KEY,
  "name"          text NOT NULL,
  "email"         text NOT NULL UNIQUE,
  "emailVerified" boolean NOT NULL,
  "image"         text,
  "createdAt"     timestamptz NOT NULL DEFAULT now(),
  "updatedAt"     timestamptz NOT NULL DEFAULT now(),
  "role"          text,
  "banned"        boolean,
  "banReason"     text,
  "banExpires"    timestamptz,
  "personal"      boolean NOT NULL DEFAULT true,  -- ours: may see names, addresses, e-mails of the shop
  "stores"        integer[]                       -- ours: null: all
);

CREATE TABLE auth."session" (
  "id"             text PRIMARY KEY,
  "expiresAt"      timestamptz NOT NULL,
  "token"          text NOT NULL UNIQUE,
  "createdAt"      timestamptz NOT NULL DEFAULT now(),
  "updatedAt"      timestamptz NOT NULL,
  "ipAddress"      text,
  "userAgent"      text,
  "userId"         text NOT NULL REFERENCES auth."user" ("id") ON DELETE CASCADE,
  "impersonatedBy" text
);
CREATE INDEX "session_userId_idx" ON auth."session" ("userId");

CREATE TABLE auth."account" (
  "id"                    text PRIMARY KEY,
  "accountId"             text NOT NULL,
  "providerId"            text NOT NULL,
  "userId"                text NOT NULL REFERENCES auth."user" ("id") ON DELETE CASCADE,
  "accessToken"           text,
  "refreshToken"          text,
  "idToken"               text,
  "accessTokenExpiresAt"  timestamptz,
  "refreshTokenExpiresAt" timestamptz,
  "scope"                 text,
  "password"              text,                   -- its scrypt hash
  "createdAt"             timestamptz NOT NULL DEFAULT now(),
  "updatedAt"             timestamptz NOT NULL
);
CREATE INDEX "account_userId_idx" ON auth."account" ("userId");

CREATE TABLE auth."verification" (
  "id"         text PRIMARY KEY,
  "identifier" text NOT NULL,
  "value"      text NOT NULL,
  "expiresAt"  timestamptz NOT NULL,
  "createdAt"  timestamptz NOT NULL DEFAULT now(),
  "updatedAt"  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX "verification_identifier_idx" ON auth."verification" ("identifier");

/**
 * Environment and .env in one typed, checked object. The environment wins over .env. An empty value counts as
 * not set. A wrong or missing setting gives one sentence that names it. docs/settings.md lists them all.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import { checkAuthority, checkTogether, invalid } from './settings/checks.ts'
import {
  choice,
  fingerprint,
  flag,
  hostName,
  line,
  listenAddress,
  number,
  origins,
  ownKey,
  path,
  postgresAddress,
  storeKey,
  tablePrefix,
  takesOf,
  webAddress,
  whole,
} from './settings/forms.ts'
import { misspelt } from './settings/misspelt.ts'

/** Every setting: its form, its default, and what it is for. `scripts/docs.ts` makes the documentation of it. */
const groups = {
  'The shop': {
    WOOCOMMERCE_URL: webAddress
      .optional()
      .describe('The shop’s home address. Without it a demo shop is started.'),
    WOOCOMMERCE_KEY: storeKey('ck_')
      .optional()
      .describe('Consumer key, from WooCommerce → Settings → Advanced → REST API.'),
    WOOCOMMERCE_SECRET: storeKey('cs_').optional().describe('Consumer secret that belongs to the key.'),
    WOOCOMMERCE_CA_FILE: path
      .optional()
      .describe('File with the certificate of the authority that signed the shop’s (PEM).'),
    WOOCOMMERCE_KEYS_IN_URL: flag
      .default(false)
      .describe(
        'Send the keys in the address where a host removes headers and refuses signatures. They may end up in its logs.',
      ),
    PACE: choice(['full', 'gentle'])
      .optional()
      .describe(
        'How hard the shop is asked: full (as fast as it answers well) or gentle (one connection, half of the time). When not set: full for the first copy, gentle afterwards.',
      ),
    ALLOW_PRIVATE_ADDRESSES: flag
      .default(false)
      .describe('Allow addresses inside private networks that others than the operator name.'),
    ALLOW_PLAIN_HTTP: flag
      .default(false)
      .describe('Allow a shop over plain HTTP that is not on this machine.'),
    STORE_TIMEOUT_SECONDS: number(1, 600)
      .default(60)
      .describe('How long one answer of the shop may take, in seconds.'),
    STORE_CONNECTIONS: whole(1, 16).default(4).describe('Most connections to the shop at a time.'),
  },
  'The shop’s database': {
    SSH_HOST: hostName
      .optional()
      .describe('The shop’s host for SSH, where its MySQL cannot be reached directly.'),
    SSH_PORT: whole(1, 65535).default(22).describe('Port of the SSH server.'),
    SSH_USER: line.optional().describe('User for SSH.'),
    SSH_PASSWORD: line.optional().describe('Password of that user, where it signs in without a key.'),
    SSH_KEY_FILE: path
      .optional()
      .describe(
        'File with the private key to sign in with. Without it and a password the agent of SSH_AUTH_SOCK is asked.',
      ),
    SSH_KEY_PASSPHRASE: line.optional().describe('Passphrase of the private key.'),
    SSH_HOST_FINGERPRINT: fingerprint
      .optional()
      .describe('The one key the SSH server may show. When not set: the one it shows first is remembered.'),
    MYSQL_HOST: hostName
      .optional()
      .describe(
        'The MySQL or MariaDB server, as the SSH server knows it. When not set: localhost, with SSH.',
      ),
    MYSQL_PORT: whole(1, 65535).default(3306).describe('Port of the MySQL server.'),
    MYSQL_USER: line.optional().describe('A user that may only read (docs/database.md has the statements).'),
    MYSQL_PASSWORD: line.optional().describe('Password of that user.'),
    MYSQL_DATABASE: line.optional().describe('The shop’s database: DB_NAME in wp-config.php.'),
    MYSQL_PREFIX: tablePrefix
      .optional()
      .describe(
        'What the tables’ names begin with: $table_prefix in wp-config.php. When not set: looked up.',
      ),
    MYSQL_TLS: flag
      .optional()
      .describe(
        'Encrypt the connection to MySQL and check its certificate. When not set: with MYSQL_CA_FILE.',
      ),
    MYSQL_CA_FILE: path
      .optional()
      .describe('File with the certificate of the authority that signed the MySQL server’s (PEM).'),
    MYSQL_TIMEOUT_SECONDS: number(0.1, 600)
      .default(60)
      .describe('How long one statement may take in the shop’s database, in seconds.'),
  },
  'The database': {
    DATABASE_URL: postgresAddress
      .optional()
      .describe('A Postgres server. Without it a private one runs in the data directory.'),
    DATABASE_READ_URL: postgresAddress.optional().describe('A replica for questions.'),
    QUESTION_TIME_LIMIT_SECONDS: number(0.1, 3600)
      .default(30)
      .describe(
        'How long the database may work on one question, in seconds; of lists that are exported, on each page of them.',
      ),
    DATABASE_DIRECT_URL: postgresAddress
      .optional()
      .describe('The server itself, where DATABASE_URL leads to a pooler: for locks and notifications.'),
    WOOSYNC_DATA: path
      .default('./data')
      .describe('Data directory: the private Postgres, the demo shop’s state.'),
    WOOSYNC_POSTGRES_BIN: path
      .optional()
      .describe('Folder with Postgres programs (initdb, postgres) to use instead of those that come along.'),
  },
  'The server': {
    HOST: listenAddress.default('127.0.0.1').describe('Address the HTTP server listens on.'),
    PORT: whole(0, 65535).default(3000).describe('Port of the HTTP server; 0 takes a free one.'),
    PUBLIC_URL: webAddress
      .optional()
      .describe(
        'Address under which the shop reaches this server. With it, webhooks are registered by themselves.',
      ),
    METRICS_KEY: ownKey
      .optional()
      .describe('Key for /metrics from other machines; from this one it needs none.'),
    WOOSYNC_API_KEY: ownKey
      .optional()
      .describe(
        'Key that `woosync mcp` works with, and its rights. When not set: it only reads, without personal data.',
      ),
    RATE_LIMIT_PER_MINUTE: whole(0, 10_000_000)
      .default(600)
      .describe(
        'How many requests each key, and each person signed in, may make in a minute; 0: any number.',
      ),
    CORS_ORIGINS: origins
      .optional()
      .describe(
        'Web pages of other addresses that may call /api/v1 from a browser, with a key. When not set: none.',
      ),
  },
  'What is shown': {
    LOG_LEVEL: choice(['debug', 'info', 'warn', 'error', 'silent'])
      .optional()
      .describe(
        'What is logged. When not set: info for start, serve and worker; only errors for the other commands, and in a terminal.',
      ),
    WOOSYNC_LANGUAGE: choice(['ro', 'es', 'en'])
      .optional()
      .describe(
        'Language of test-connection: Romanian, Spanish or English. When not set: that of LC_ALL, LC_MESSAGES or LANG, else English.',
      ),
  },
  'The demo shop': {
    DEMO_PORT: whole(0, 65535).default(3080).describe('Port of the demo shop; 0 takes a free one.'),
  },
  'How often, how long': {
    FOLLOW_SECONDS: number(1, 86_400)
      .default(60)
      .describe('Pause between two looks for changed orders and products.'),
    FOLLOW_SELDOM_SECONDS: number(1, 604_800)
      .default(3600)
      .describe('The same for what changes seldom: categories, coupons, customers, settings …'),
    RECONCILE_SECONDS: number(1, 86_400)
      .default(900)
      .describe('Pause between two counts of orders and products.'),
    RECONCILE_SELDOM_SECONDS: number(1, 604_800).default(3600).describe('The same for the rest.'),
    LIST_SECONDS: number(60, 604_800).default(86_400).describe('Pause between two comparisons of every id.'),
    SCRUB_DAYS: number(0.01, 365).default(7).describe('Time in which every record is read again, in days.'),
    SETTLING_SECONDS: number(0, 3600)
      .default(120)
      .describe('How long after a change the shop may still show it late.'),
    CHANGES_KEPT_DAYS: number(1, 3650).default(30).describe('How long the feed of changes is kept, in days.'),
  },
} as const

const schema = z.object({
  ...groups['The shop'],
  ...groups['The shop’s database'],
  ...groups['The database'],
  ...groups['The server'],
  ...groups['What is shown'],
  ...groups['The demo shop'],
  ...groups['How often, how long'],
})

export type Settings = z.output<typeof schema>

/** Names from earlier programs that still work. */
export const OLDER_NAMES = {
  WC_URL: 'WOOCOMMERCE_URL',
  WC_CONSUMER_KEY: 'WOOCOMMERCE_KEY',
  WC_CONSUMER_SECRET: 'WOOCOMMERCE_SECRET',
} as const

const PATHS = [
  'WOOSYNC_DATA',
  'WOOCOMMERCE_CA_FILE',
  'WOOSYNC_POSTGRES_BIN',
  'SSH_KEY_FILE',
  'MYSQL_CA_FILE',
] as const

export interface SettingDoc {
  group: string
  name: string
  meaning: string
  /** `a whole number from 0 to 65535` */
  takes: string
  fallback: string | null
}

/** Every setting with its form, meaning and default, for the documentation. */
export const settingDocs: readonly SettingDoc[] = Object.entries(groups).flatMap(([group, settings]) =>
  Object.entries<z.ZodType>(settings).map(([name, type]) => {
    const fallback = type.safeParse(undefined)
    return {
      group,
      name,
      meaning: type.description ?? '',
      takes: takesOf(type),
      fallback: fallback.success && fallback.data !== undefined ? String(fallback.data) : null,
    }
  }),
)

/**
 * Reads the settings.
 * @param environment usually `process.env`
 * @param folder where `.env` may lie, and where paths that are not absolute begin
 * @throws setting_invalid, setting_missing
 */
export function readSettings(environment: NodeJS.ProcessEnv = process.env, folder = process.cwd()): Settings {
  const given: Record<string, string> = {}
  const sources = [parseEnv(readEnvFile(folder)), environment]
  for (const source of sources) Object.assign(given, known(source))
  checkSpelling(sources.flatMap(Object.keys), given)
  const parsed = schema.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw invalid(String(issue?.path[0]), issue?.message ?? 'it cannot be read')
  }
  const settings = parsed.data
  for (const name of PATHS) {
    const value = settings[name]
    if (value !== undefined) settings[name] = resolve(folder, value)
  }
  checkTogether(settings)
  checkAuthority('WOOCOMMERCE_CA_FILE', settings)
  checkAuthority('MYSQL_CA_FILE', settings)
  return settings
}

/** @throws setting_invalid for a name that is nearly one of a setting not given */
function checkSpelling(names: readonly string[], given: Readonly<Record<string, string>>): void {
  const older = Object.entries(OLDER_NAMES).filter(([, name]) => given[name] === undefined)
  const open = Object.keys(schema.shape).filter((name) => given[name] === undefined)
  const found = misspelt(names, [...open, ...older.map(([name]) => name)])
  if (found) throw invalid(found.given, `there is none of this name; ${found.meant} is probably meant`)
}

/** The settings among a source's names, the older names under their new ones, without what is empty. */
function known(source: NodeJS.Dict<string>): Record<string, string> {
  const found: Record<string, string> = {}
  const take = (name: string, value: string | undefined) => {
    // Docker's --env-file hands quotation marks on as they stand.
    const bare = value?.trim().replace(/^(["'])(.*)\1$/, '$2')
    if (bare) found[name] = bare
  }
  for (const [older, name] of Object.entries(OLDER_NAMES)) take(name, source[older])
  for (const name of Object.keys(schema.shape)) take(name, source[name])
  return found
}

/** The text of `.env`, empty where there is none. Windows writes it with a mark in front, or in UTF-16. */
function readEnvFile(folder: string): string {
  try {
    const bytes = readFileSync(resolve(folder, '.env'))
    const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8'
    return new TextDecoder(encoding).decode(bytes)
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return ''
    throw invalid('.env', `the file cannot be read (${code})`)
  }
}

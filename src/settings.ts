/**
 * Environment and .env in one typed, checked object. The environment wins over .env. An empty value counts as
 * not set. A wrong or missing setting gives one sentence that names it. docs/settings.md lists them all.
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import { WooSyncError } from './errors.ts'

const flag = z
  .enum(['true', 'false', '1', '0', 'yes', 'no'], { error: 'it takes true or false' })
  .transform((value) => value === 'true' || value === '1' || value === 'yes')

const number = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'it takes a number')
    .transform(Number)
    .refine((value) => value >= least && value <= most, `it takes a number from ${least} to ${most}`)

const whole = (least: number, most: number) =>
  number(least, most).refine(Number.isInteger, 'it takes a whole number')

const webAddress = z
  .string()
  .refine(
    (value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
    'it takes an address that begins with https:// or http://',
  )
  .refine((value) => new URL(value).username === '', 'it takes an address without user or password')
  .transform((value) => value.replace(/\/+$/, ''))

const postgresAddress = z
  .string()
  .refine((value) => /^postgres(ql)?:\/\//.test(value), 'it takes an address that begins with postgres://')

/** Every setting: its form, its default, and what it is for (the comment becomes docs/settings.md). */
const schema = z.object({
  WOOCOMMERCE_URL: webAddress
    .optional()
    .describe('The shop’s home address. Without it a demo shop is started.'),
  WOOCOMMERCE_KEY: z
    .string()
    .optional()
    .describe('Consumer key, from WooCommerce → Settings → Advanced → REST API.'),
  WOOCOMMERCE_SECRET: z.string().optional().describe('Consumer secret that belongs to the key.'),
  WOOCOMMERCE_CA_FILE: z
    .string()
    .optional()
    .describe('File with the certificate of the authority that signed the shop’s (PEM).'),
  WOOCOMMERCE_KEYS_IN_URL: flag
    .default(false)
    .describe(
      'Send the keys in the address where a host removes headers and refuses signatures. They may end up in its logs.',
    ),
  PACE: z
    .enum(['full', 'gentle'], { error: 'it takes full or gentle' })
    .optional()
    .describe(
      'How hard the shop is asked: full (as fast as it answers well) or gentle (one connection, half of the time). Default: full for the first copy, gentle afterwards.',
    ),
  ALLOW_PRIVATE_ADDRESSES: flag
    .default(false)
    .describe('Allow addresses inside private networks that others than the operator name.'),
  ALLOW_PLAIN_HTTP: flag.default(false).describe('Allow a shop over plain HTTP that is not on this machine.'),
  STORE_TIMEOUT_SECONDS: number(1, 600).default(60).describe('How long one answer of the shop may take.'),
  STORE_CONNECTIONS: whole(1, 16).default(4).describe('Most connections to the shop at a time.'),

  DATABASE_URL: postgresAddress
    .optional()
    .describe('A Postgres server. Without it a private one runs in the data directory.'),
  DATABASE_READ_URL: postgresAddress.optional().describe('A replica for questions.'),
  DATABASE_DIRECT_URL: postgresAddress
    .optional()
    .describe('The server itself, where DATABASE_URL leads to a pooler: for locks and notifications.'),
  WOOSYNC_DATA: z
    .string()
    .default('./data')
    .describe('Data directory: the private Postgres, the demo shop’s state.'),
  WOOSYNC_POSTGRES_BIN: z
    .string()
    .optional()
    .describe('Folder with Postgres programs (initdb, postgres) to use instead of those that come along.'),

  HOST: z.string().default('127.0.0.1').describe('Address the HTTP server listens on.'),
  PORT: whole(0, 65535).default(3000).describe('Port of the HTTP server.'),
  PUBLIC_URL: webAddress
    .optional()
    .describe(
      'Address under which the shop reaches this server. With it, webhooks are registered by themselves.',
    ),
  METRICS_KEY: z
    .string()
    .min(16, 'it takes at least 16 characters')
    .optional()
    .describe('Key for /metrics from other machines; from this one it needs none.'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], {
      error: 'it takes debug, info, warn, error or silent',
    })
    .default('info')
    .describe('What is logged.'),

  DEMO_PORT: whole(0, 65535).default(3080).describe('Port of the demo shop.'),

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
  SCRUB_DAYS: number(0.01, 365).default(7).describe('Time in which every record is read again.'),
  SETTLING_SECONDS: number(0, 3600)
    .default(120)
    .describe('How long after a change the shop may still show it late.'),
  CHANGES_KEPT_DAYS: number(1, 3650).default(30).describe('How long the feed of changes is kept.'),
})

export type Settings = z.output<typeof schema>

/** Names from earlier programs that still work. */
const OLDER_NAMES = {
  WC_URL: 'WOOCOMMERCE_URL',
  WC_CONSUMER_KEY: 'WOOCOMMERCE_KEY',
  WC_CONSUMER_SECRET: 'WOOCOMMERCE_SECRET',
} as const

export interface SettingDoc {
  name: string
  meaning: string
  fallback: string | null
}

/** Every setting with its meaning and default, for the documentation. */
export const settingDocs: readonly SettingDoc[] = Object.entries(schema.shape).map(([name, type]) => {
  const fallback = type.safeParse(undefined)
  return {
    name,
    meaning: type.description ?? '',
    fallback: fallback.success && fallback.data !== undefined ? String(fallback.data) : null,
  }
})

/**
 * Reads the settings.
 * @param environment usually `process.env`
 * @param folder where `.env` may lie
 * @throws setting_invalid, setting_missing
 */
export function readSettings(environment: NodeJS.ProcessEnv = process.env, folder = process.cwd()): Settings {
  const file = resolve(folder, '.env')
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
  const given: Record<string, string> = {}
  for (const source of [fromFile, environment]) {
    for (const [name, value] of Object.entries(source)) {
      const newer = OLDER_NAMES[name as keyof typeof OLDER_NAMES]
      if (newer && source[newer]) continue
      const known = newer ?? name
      const trimmed = value?.trim()
      if (known in schema.shape && trimmed) given[known] = trimmed
    }
  }
  const parsed = schema.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new WooSyncError('setting_invalid', {
      setting: String(issue?.path[0] ?? '?'),
      problem: issue?.message ?? 'it cannot be read',
    })
  }
  checkTogether(parsed.data)
  return parsed.data
}

function checkTogether(settings: Settings): void {
  if (settings.WOOCOMMERCE_URL !== undefined) {
    for (const name of ['WOOCOMMERCE_KEY', 'WOOCOMMERCE_SECRET'] as const) {
      if (settings[name] === undefined) {
        throw new WooSyncError('setting_missing', {
          setting: name,
          problem: 'WOOCOMMERCE_URL names a shop, and its keys are needed',
        })
      }
    }
  }
  if (settings.WOOCOMMERCE_KEY !== undefined && settings.WOOCOMMERCE_URL === undefined) {
    throw new WooSyncError('setting_missing', {
      setting: 'WOOCOMMERCE_URL',
      problem: 'there is a key but no shop',
    })
  }
  for (const [name, value, prefix] of [
    ['WOOCOMMERCE_KEY', settings.WOOCOMMERCE_KEY, 'ck_'],
    ['WOOCOMMERCE_SECRET', settings.WOOCOMMERCE_SECRET, 'cs_'],
  ] as const) {
    if (value !== undefined && !value.startsWith(prefix)) {
      throw new WooSyncError('setting_invalid', { setting: name, problem: `it begins with ${prefix}` })
    }
  }
  if (settings.WOOCOMMERCE_CA_FILE !== undefined && !existsSync(settings.WOOCOMMERCE_CA_FILE)) {
    throw new WooSyncError('setting_invalid', {
      setting: 'WOOCOMMERCE_CA_FILE',
      problem: 'there is no such file',
    })
  }
}

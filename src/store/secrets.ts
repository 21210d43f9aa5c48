/** What a shop shows even to a key that may only read, and what is never kept of it (37). */
import type { ResourceName } from './resources.ts'

type Fields = Record<string, unknown>

const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'order_key',
  'payment_url',
  'post_password',
  'customer_ip_address',
  'customer_user_agent',
])

// A gateway's settings hold its keys; the addresses beside them may hold a token.
const GATEWAY_FIELDS: ReadonlySet<string> = new Set([
  'settings',
  'settings_url',
  'connection_url',
  'post_install_scripts',
])

// What sign-in plugins keep with a user, and WordPress itself: a key of an administrator is shown all of it.
const SECRET_META =
  /session_tokens|application_passwords|two_?factor|2fa|totp|passw|secret|api_?key|(^|_)tokens?(_|$)/i

/** Meta data of customers that is never kept. */
export function isSecretMeta(key: string): boolean {
  return SECRET_META.test(key)
}

/** Fields at the top of a record that are dropped as they come. */
export function isSecretField(resource: ResourceName, field: string): boolean {
  return SECRET_FIELDS.has(field) || (resource === 'payment_gateways' && GATEWAY_FIELDS.has(field))
}

/** Takes the secrets out of the record's other fields; changes the objects given, not what is in them. */
export function dropSecretsWithin(resource: ResourceName, fields: Fields, volatile: Fields): void {
  // As meta data, PHP sends an object when keys have holes (12).
  if (fields.downloads !== null && typeof fields.downloads === 'object') {
    fields.downloads = Object.values(fields.downloads).map(withoutFile)
  }
  if (resource === 'customers' && Array.isArray(fields.meta_data)) {
    fields.meta_data = fields.meta_data.filter(
      (entry) => !isSecretMeta(String((entry as Fields | null)?.key)),
    )
  }
  if (resource === 'shipping_methods') fields.settings = withoutPasswords(fields.settings)
  if (resource === 'settings' && volatile.type === 'password') {
    delete fields.value
    delete volatile.default
  }
}

/**
 * For what could not be read as a record: nothing in it is known to be in its place, so whatever could be a
 * secret goes, at any depth.
 */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (value === null || typeof value !== 'object') return value
  const isPassword = (value as Fields).type === 'password'
  return Object.fromEntries(
    Object.entries(value)
      .filter(([field]) => !SECRET_FIELDS.has(field) && !GATEWAY_FIELDS.has(field) && field !== 'downloads')
      .filter(([field]) => !isPassword || (field !== 'value' && field !== 'default'))
      .map(([field, member]) => [field, withoutSecrets(member)]),
  )
}

function withoutFile(download: unknown): unknown {
  if (download === null || typeof download !== 'object' || Array.isArray(download)) return download
  const { file: _, ...rest } = download as Fields
  return rest
}

/** A method's settings without fields of type password: they are keys of a carrier. */
function withoutPasswords(settings: unknown): unknown {
  if (settings === null || typeof settings !== 'object' || Array.isArray(settings)) return settings
  return Object.fromEntries(
    Object.entries(settings).filter(([, field]) => (field as Fields | null)?.type !== 'password'),
  )
}

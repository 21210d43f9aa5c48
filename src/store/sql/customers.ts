/** Customers: users of every role (10), as a key of an administrator sees them. */
import type { Fields } from '../canonical.ts'
import { isSecretMeta } from '../secrets.ts'
import type { Cell } from './database.ts'
import { metaValue } from './php.ts'
import type { SqlReader, SqlShop } from './reader.ts'
import { dateText, groupRows, idCondition, wantedRows } from './rows.ts'
import { tableName } from './tables.ts'
import { optionFields } from './wp-options.ts'

const NAMES = [
  'first_name',
  'last_name',
  'company',
  'address_1',
  'address_2',
  'city',
  'postcode',
  'country',
  'state',
]
const BILLING = [...NAMES, 'email', 'phone']
const SHIPPING = [...NAMES, 'phone']

/** Kept by WooCommerce and WordPress for themselves: shown as fields, or not at all. */
const INTERNAL: ReadonlySet<string> = new Set([
  ...BILLING.map((field) => `billing_${field}`),
  ...SHIPPING.map((field) => `shipping_${field}`),
  'locale',
  'paying_customer',
  'last_update',
  'first_name',
  'last_name',
  'display_name',
  'show_admin_bar_front',
  'use_ssl',
  'admin_color',
  'rich_editing',
  'comment_shortcuts',
  'dismissed_wp_pointers',
  'show_welcome_panel',
  'session_tokens',
  'nickname',
  'description',
  'wptests_capabilities',
  'wptests_user_level',
  'syntax_highlighting',
  'infinite_scrolling',
  '_order_count',
  '_money_spent',
  '_last_order',
  '_woocommerce_tracks_anon_id',
])

const INTERNAL_PREFIXES = [
  '_woocommerce_persistent_cart',
  'closedpostboxes_',
  'metaboxhidden_',
  'manageedit-',
]

/** What may be large or secret does not even leave the shop. */
const NOT_ASKED = `meta_key NOT IN ('session_tokens', '_application_passwords')
   AND meta_key NOT LIKE '\\_woocommerce\\_persistent\\_cart%'`

export const customerReader: SqlReader = {
  async list(shop, after, limit) {
    const rows = await shop.database.query(
      `SELECT u.ID, (
         SELECT m.meta_value FROM ${tableName(shop, 'usermeta')} m
         WHERE m.user_id = u.ID AND m.meta_key = 'last_update' ORDER BY m.umeta_id LIMIT 1
       )
       FROM ${tableName(shop, 'users')} u WHERE u.ID > ? ORDER BY u.ID LIMIT ?`,
      [Number(after ?? 0), limit],
    )
    return rows.map(([id, updated]) => ({ id: id ?? '', modifiedAt: updateMoment(updated) }))
  },

  async read(shop, ids) {
    const users = idCondition('ID', ids)
    const found = wantedRows(
      await shop.database.query(
        `SELECT ID, user_login, user_email, user_registered FROM ${tableName(shop, 'users')} WHERE ${users.sql}`,
        users.values,
      ),
      ids,
    )
    const metas = idCondition('user_id', ids)
    const metaRows = groupRows(
      await shop.database.query(
        `SELECT user_id, umeta_id, meta_key, meta_value FROM ${tableName(shop, 'usermeta')}
         WHERE ${metas.sql} AND ${NOT_ASKED} ORDER BY user_id, umeta_id`,
        metas.values,
      ),
      ids,
    )
    const roles = await knownRoles(shop)
    return [...found].map(([id, row]) => customer(shop, row, metaRows.get(id) ?? [], roles))
  },
}

function customer(
  shop: SqlShop,
  [id, username, email, registered]: Cell[],
  metaRows: readonly Cell[][],
  roles: ReadonlySet<string>,
): Fields {
  // WordPress answers with the first row of a key.
  const first = new Map<string, string>()
  for (const [, , key, value] of metaRows) if (key != null && !first.has(key)) first.set(key, value ?? '')
  const updated = updateMoment(first.get('last_update'))
  return {
    id: Number(id),
    date_created_gmt: dateText(registered),
    date_modified_gmt: updated === null ? null : new Date(updated).toISOString().slice(0, 19),
    email,
    first_name: first.get('first_name') ?? '',
    last_name: first.get('last_name') ?? '',
    role: roleOf(first.get(`${shop.prefix}capabilities`), roles),
    username,
    billing: address('billing', BILLING, first),
    shipping: address('shipping', SHIPPING, first),
    is_paying_customer: !['', '0'].includes(first.get('paying_customer') ?? ''),
    meta_data: metaRows
      .filter(([, , key]) => key != null && isShown(key, shop.prefix))
      .map(([, metaId, key, value]) => ({ id: Number(metaId), key, value: metaValue(value ?? null) })),
  }
}

function address(kind: string, fields: readonly string[], metas: ReadonlyMap<string, string>): Fields {
  return Object.fromEntries(fields.map((field) => [field, metas.get(`${kind}_${field}`) ?? '']))
}

/** `exclude_internal_meta_keys` of WooCommerce's customers, and what is a secret wherever it comes from (37). */
function isShown(key: string, prefix: string): boolean {
  return !(
    INTERNAL.has(key) ||
    INTERNAL_PREFIXES.some((start) => key.startsWith(start)) ||
    key.includes(prefix) ||
    key.toLowerCase().startsWith('wp_') ||
    isSecretMeta(key)
  )
}

/** The first of the user's capabilities where it is a role; else WooCommerce says customer. */
function roleOf(capabilities: string | undefined, roles: ReadonlySet<string>): string {
  const [first] = Object.keys(optionFields(capabilities) ?? {})
  return first !== undefined && roles.has(first) ? first : 'customer'
}

async function knownRoles(shop: SqlShop): Promise<Set<string>> {
  return new Set(Object.keys(optionFields(await shop.option(`${shop.prefix}user_roles`)) ?? {}))
}

/** `last_update` is a moment in seconds. */
function updateMoment(text: Cell | undefined): number | null {
  return text != null && /^[1-9]\d{0,11}$/.test(text) ? Number(text) * 1000 : null
}

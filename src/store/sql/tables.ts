/** Names of the shop's tables. */
import { WooSyncError } from '../../errors.ts'

const PREFIX = /^[A-Za-z0-9_]+$/

/**
 * A table of the shop as it stands in a statement, in back-ticks.
 * @param name without the prefix: `wc_orders`
 * @throws setting_invalid when the prefix is none that WordPress allows: it goes into statements as it is
 */
export function tableName(shop: { readonly prefix: string }, name: string): string {
  if (!PREFIX.test(shop.prefix)) {
    throw new WooSyncError('setting_invalid', {
      setting: 'MYSQL_PREFIX',
      problem: 'it may hold only letters, digits and _',
    })
  }
  return `\`${shop.prefix}${name}\``
}

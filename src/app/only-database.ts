import type { Settings } from '../settings.ts'

/** There is no way in over REST. */
export function hasOnlyDatabase({ MYSQL_DATABASE, WOOCOMMERCE_URL }: Settings): boolean {
  return MYSQL_DATABASE !== undefined && WOOCOMMERCE_URL === undefined
}

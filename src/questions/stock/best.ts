/** WooCommerce forbids that a SKU stands twice; an import may have made it so all the same. */

/** More than enough; to sort them in the database would cost as much again as to find them. */
export const MOST_OF_ONE_SKU = 20

interface Found {
  status: string | null
}

/** The one that is meant: published before anything else, what is in the trash last; then the first. */
export function bestOf<T extends Found>(rows: readonly T[]): T | undefined {
  const place = ({ status }: Found) => (status === 'publish' ? 0 : status === 'trash' ? 2 : 1)
  return rows.reduce<T | undefined>(
    (best, row) => (best && place(best) <= place(row) ? best : row),
    undefined,
  )
}

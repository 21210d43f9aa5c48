/** No two products or variations outside the trash have the same SKU (errors/product-dup-sku.json). */
import { DemoError } from '../errors.ts'
import type { Shop } from '../shop.ts'
import { idBySku } from './catalog.ts'

/** Refuses a SKU that another record has, and says which SKU would be free. */
export function refuseTakenSku(shop: Shop, sku: unknown, id: number): void {
  if (typeof sku !== 'string' || sku === '') return
  const holder = idBySku(shop, sku)
  if (holder === null || holder === id) return
  let suffix = 1
  while (idBySku(shop, `${sku}-${suffix}`) !== null) suffix++
  throw new DemoError(400, 'product_invalid_sku', 'Invalid or duplicated SKU.', {
    resource_id: holder,
    unique_sku: `${sku}-${suffix}`,
  })
}

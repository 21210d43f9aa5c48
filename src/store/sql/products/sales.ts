/** Whether products are on sale; variable and grouped ones are when what belongs to them is. */
import type { SqlShop } from '../reader.ts'
import { type Metas, readMetas } from './metas.ts'
import { isVariable, readObjectTerms, type TermsOf, typeOf } from './object-terms.ts'
import { type Child, readChildren } from './posts.ts'
import { isAnyOnSale, isOnSale, PRICE_KEYS, pricesOf } from './prices.ts'
import type { Surroundings } from './surroundings.ts'

interface Known {
  found: readonly string[]
  metas: (id: string) => Metas
  terms: TermsOf
  children: ReadonlyMap<string, readonly Child[]>
  /** Products within grouped ones. */
  grouped: ReadonlyMap<string, readonly string[]>
}

/** @returns tells it of a product among those found */
export async function readSales(
  shop: SqlShop,
  known: Known,
  around: Surroundings,
): Promise<(id: string) => boolean> {
  const members = [...new Set([...known.grouped.values()].flat())]
  const memberTerms = await readObjectTerms(shop, members)
  const children = new Map([
    ...known.children,
    ...(await readChildren(
      shop,
      members.filter((id) => isVariable(typeOf(id, memberTerms))),
    )),
  ])
  const variations = [...children.values()].flat().map((child) => child.id)
  const priced = await readMetas(shop, [...variations, ...members], [...PRICE_KEYS, '_stock_status'])

  const isPlainOnSale = (metas: Metas) => isOnSale(pricesOf(metas, around.decimal), around.now)
  const isVariableOnSale = (id: string) =>
    isAnyOnSale(
      (children.get(id) ?? [])
        .filter((child) => child.status === 'publish')
        .map((child) => priced(child.id))
        .filter((metas) => !around.hidesOutOfStock || metas.text('_stock_status') !== 'outofstock')
        .map((metas) => pricesOf(metas, around.decimal)),
      around.now,
      shop.decimals,
    )
  const isMemberOnSale = (id: string) =>
    isVariable(typeOf(id, memberTerms)) ? isVariableOnSale(id) : isPlainOnSale(priced(id))
  return (id) => {
    const within = known.grouped.get(id)
    if (within !== undefined) return within.some(isMemberOnSale)
    return isVariable(typeOf(id, known.terms)) ? isVariableOnSale(id) : isPlainOnSale(known.metas(id))
  }
}

/** What a product costs the shop, where the shop keeps it in WooCommerce; REST leaves it out elsewhere. */
import type { Fields } from '../../canonical.ts'
import type { Metas } from './metas.ts'
import type { Surroundings } from './surroundings.ts'
import { isYes } from './values.ts'

export const COST_KEY = '_cogs_total_value'

/** `cost_of_goods_sold` of a product; nothing where the shop does not use it. */
export function productCost(metas: Metas, around: Surroundings): Fields {
  if (!around.knowsCosts) return {}
  // A product that costs nothing is one whose cost is not known; a variation may well cost nothing.
  const defined = costOf(metas) || null
  return { cost_of_goods_sold: { values: [costValue(defined)], total_value: defined ?? 0 } }
}

/** `cost_of_goods_sold` of a variation, whose cost may come on top of its product's. */
export function variationCost(metas: Metas, parent: Metas, around: Surroundings): Fields {
  if (!around.knowsCosts) return {}
  const defined = costOf(metas)
  const base = costOf(parent) ?? 0
  const isAdditive = isYes(metas.text('_cogs_value_is_additive'))
  const total = isAdditive ? base + (defined ?? 0) : (defined ?? base)
  return {
    cost_of_goods_sold: {
      values: [costValue(defined)],
      total_value: total,
      defined_value_is_additive: isAdditive,
    },
  }
}

function costValue(defined: number | null): Fields {
  return { defined_value: defined, effective_value: defined ?? 0 }
}

function costOf(metas: Metas): number | null {
  const text = metas.text(COST_KEY)
  return text === undefined || text === '' ? null : Number.parseFloat(text) || 0
}

/** The refusals of WooCommerce's REST API that several writes share (row 30a). */
import { DemoError } from '../errors.ts'

/** The post type as WooCommerce names it in codes and sentences. */
export type Kind = 'shop_order' | 'product' | 'product_variation' | 'shop_coupon' | 'shop_webhook'

/** GET and DELETE of what is not there: 404. */
export function notFound(kind: Kind): DemoError {
  return new DemoError(404, `woocommerce_rest_${kind}_invalid_id`, 'Invalid ID.')
}

/** PUT of what is not there: 400 (errors/batch-mixed.json). */
export function notThere(kind: Kind): DemoError {
  return new DemoError(400, `woocommerce_rest_${kind}_invalid_id`, 'Invalid ID.')
}

/** Trashed a second time: 410. */
export function alreadyTrashed(kind: Kind): DemoError {
  return new DemoError(410, 'woocommerce_rest_already_trashed', `The ${kind} has already been deleted.`)
}

/** A parameter whose value is not in WordPress's list. */
export function notInEnum(parameter: string, allowed: readonly string[]): DemoError {
  const message = `${parameter} is not one of ${allowed.slice(0, -1).join(', ')}, and ${allowed.at(-1)}.`
  return new DemoError(400, 'rest_invalid_param', `Invalid parameter(s): ${parameter}`, {
    params: { [parameter]: message },
    details: { [parameter]: { code: 'rest_not_in_enum', message, data: null } },
  })
}

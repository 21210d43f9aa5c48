/**
 * The settings of WooCommerce's groups general, products and tax: they are a list in its code, and an option that
 * was never saved has the default there. What plugins add to these groups is only seen over REST.
 */
import type { settingGroups } from '../resources.ts'

interface SettingOption {
  group: (typeof settingGroups)[number]
  /** Name of the option; without `woocommerce_`. */
  name: string
  /** Its value where it was never saved; `option` names another option that stands in for it. */
  fallback: string | boolean | { option: string }
  /** Came after WooCommerce 9: where it is not stored, the version may not know it. */
  recent?: true
}

const list = (
  group: SettingOption['group'],
  fallbacks: Readonly<Record<string, SettingOption['fallback']>>,
): SettingOption[] => Object.entries(fallbacks).map(([name, fallback]) => ({ group, name, fallback }))

const RECENT: ReadonlySet<string> = new Set([
  'address_autocomplete_enabled',
  'notify_backorder',
  'product_match_featured_image_by_sku',
])

export const settingOptions: readonly SettingOption[] = [
  ...list('general', {
    store_address: '',
    store_address_2: '',
    store_city: '',
    default_country: 'US:CA',
    store_postcode: '',
    allowed_countries: 'all',
    all_except_countries: '',
    specific_allowed_countries: '',
    ship_to_countries: '',
    specific_ship_to_countries: '',
    default_customer_address: 'base',
    address_autocomplete_enabled: 'no',
    calc_taxes: 'no',
    enable_coupons: 'yes',
    calc_discounts_sequentially: 'no',
    currency: 'USD',
    currency_pos: 'left',
    price_thousand_sep: ',',
    price_decimal_sep: '.',
    price_num_decimals: '2',
  }),
  ...list('products', {
    shop_page_id: '',
    cart_redirect_after_add: 'no',
    enable_ajax_add_to_cart: 'yes',
    placeholder_image: '',
    weight_unit: 'lbs',
    dimension_unit: 'in',
    enable_reviews: 'yes',
    review_rating_verification_label: 'yes',
    review_rating_verification_required: 'no',
    enable_review_rating: 'yes',
    review_rating_required: 'yes',
    manage_stock: 'yes',
    hold_stock_minutes: '60',
    notify_low_stock: 'yes',
    notify_no_stock: 'yes',
    notify_backorder: 'yes',
    stock_email_recipient: { option: 'admin_email' },
    notify_low_stock_amount: '2',
    notify_no_stock_amount: '0',
    hide_out_of_stock_items: 'no',
    stock_format: '',
    file_download_method: 'force',
    downloads_redirect_fallback_allowed: 'no',
    downloads_require_login: 'no',
    downloads_grant_access_after_payment: 'yes',
    downloads_deliver_inline: false,
    downloads_add_hash_to_filename: 'yes',
    downloads_count_partial: 'yes',
    attribute_lookup_enabled: 'no',
    attribute_lookup_direct_updates: 'no',
    attribute_lookup_optimized_updates: 'no',
    product_match_featured_image_by_sku: 'no',
  }),
  ...list('tax', {
    prices_include_tax: 'no',
    tax_based_on: 'shipping',
    shipping_tax_class: 'inherit',
    tax_round_at_subtotal: 'no',
    tax_classes: '',
    tax_display_shop: 'excl',
    tax_display_cart: 'excl',
    price_display_suffix: '',
    tax_total_display: 'itemized',
  }),
].map((option) => (RECENT.has(option.name) ? { ...option, recent: true } : option))

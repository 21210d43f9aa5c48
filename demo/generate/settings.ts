/** How the demo shop is set up: taxes, shipping, payment, settings, statuses. None of it depends on the seed. */
import type { ShopInfo, SmallLists } from '../shop.ts'
import type { Raw } from '../table.ts'

export type Setup = Pick<
  SmallLists,
  | 'shippingClasses'
  | 'taxes'
  | 'taxClasses'
  | 'zones'
  | 'zoneMethods'
  | 'gateways'
  | 'settingGroups'
  | 'settings'
  | 'currencies'
  | 'orderStatuses'
>

export function createSetup(info: ShopInfo): Setup {
  return {
    shippingClasses: [],
    taxes: [
      tax(1, '21.0000', 'TVA', 'standard', true),
      tax(2, '11.0000', 'TVA redus', 'reduced-rate', false),
    ],
    taxClasses: [
      { slug: 'standard', name: 'Standard rate' },
      { slug: 'reduced-rate', name: 'Reduced rate' },
      { slug: 'zero-rate', name: 'Zero rate' },
    ],
    zones: [
      { id: 0, name: 'Locations not covered by your other zones', order: 0 },
      { id: 1, name: 'România', order: 0 },
    ],
    zoneMethods: new Map([
      [0, []],
      [1, methods()],
    ]),
    gateways: [
      gateway(info, 'bacs', 'Transfer bancar', 'Direct bank transfer', []),
      gateway(info, 'cod', 'Ramburs', 'Cash on delivery', []),
      gateway(info, 'netopia', 'Card online (Netopia)', 'Netopia', [
        field('signature', 'Account signature', 'text', 'DEMO-0000-0000-0000-0000'),
        field('api_key', 'API key', 'password', FAKE_SECRET),
      ]),
      gateway(info, 'stripe', 'Card (Stripe)', 'Stripe', [
        field('publishable_key', 'Publishable key', 'text', 'pk_demo_nothing'),
        field('secret_key', 'Secret key', 'password', FAKE_SECRET),
      ]),
    ],
    settingGroups: [
      group('general', 'General'),
      group('products', 'Products'),
      group('tax', 'Tax'),
      group('shipping', 'Shipping'),
      group('checkout', 'Payments'),
      group('account', 'Accounts &amp; Privacy'),
      group('integration', 'Integration'),
      group('advanced', 'Advanced'),
    ],
    settings: new Map([
      ['general', general(info)],
      ['products', products()],
      ['tax', taxSettings()],
      ['shipping', []],
      ['checkout', []],
      ['account', []],
      ['integration', [option('woocommerce_maxmind_license', 'License key', 'password', '', FAKE_SECRET)]],
      ['advanced', []],
    ]),
    currencies: [{ code: info.currency, name: 'Romanian leu', symbol: info.currencySymbol }],
    orderStatuses: STATUSES.map(([slug, name]) => ({ slug, name })),
  }
}

/** Stands where a real shop has real ones, so that a test can look for it where it must not be (row 37). */
export const FAKE_SECRET = 'demo-secret-worth-nothing'

const STATUSES = [
  ['pending', 'Pending payment'],
  ['processing', 'Processing'],
  ['on-hold', 'On hold'],
  ['completed', 'Completed'],
  ['cancelled', 'Cancelled'],
  ['refunded', 'Refunded'],
  ['failed', 'Failed'],
  ['checkout-draft', 'Draft'],
] as const

function tax(id: number, rate: string, name: string, slug: string, shipping: boolean): Raw {
  return {
    id,
    country: 'RO',
    state: '',
    postcode: '',
    city: '',
    rate,
    name,
    priority: 1,
    compound: false,
    shipping,
    order: 0,
    class: slug,
    postcodes: [],
    cities: [],
  }
}

function group(id: string, label: string): Raw {
  return { id, label, description: '', parent_id: '', sub_groups: [] }
}

interface Field {
  id: string
  label: string
  type: string
  value: string | null
  options?: Record<string, string>
}

function field(
  id: string,
  label: string,
  type: string,
  value: string | null,
  options?: Record<string, string>,
): Field {
  return options ? { id, label, type, value, options } : { id, label, type, value }
}

/** The settings of a gateway or of a shipping method, by name. */
function fields(list: readonly Field[]): Raw {
  return Object.fromEntries(
    list.map((each) => [
      each.id,
      {
        id: each.id,
        label: each.label,
        description: '',
        type: each.type,
        value: each.value,
        default: '',
        tip: '',
        placeholder: '',
        ...(each.options ? { options: each.options } : {}),
      },
    ]),
  )
}

function gateway(info: ShopInfo, id: string, title: string, name: string, own: readonly Field[]): Raw {
  const texts = [
    field('title', 'Title', 'safe_text', title),
    field('instructions', 'Instructions', 'textarea', ''),
  ]
  return {
    id,
    title,
    description: '',
    order: '',
    enabled: true,
    method_title: name,
    method_description: `Payments by ${name}.`,
    method_supports: ['products'],
    settings: fields([...texts, ...own]),
    needs_setup: false,
    post_install_scripts: [],
    get settings_url() {
      return `${info.url}/wp-admin/admin.php?page=wc-settings&tab=checkout&section=${id}`
    },
    connection_url: null,
    setup_help_text: null,
    required_settings_keys: [],
  }
}

function methods(): Raw[] {
  const taxable = field('tax_status', 'Tax status', 'select', 'taxable', { taxable: 'Taxable', none: 'None' })
  const method = (id: number, methodId: string, title: string, name: string, own: readonly Field[]) => ({
    id,
    instance_id: id,
    title,
    order: id,
    enabled: true,
    method_id: methodId,
    method_title: name,
    method_description: `<p>${name}.</p>\n`,
    settings: fields([field('title', 'Name', 'text', title), ...own]),
  })
  return [
    method(1, 'flat_rate', 'Curier rapid', 'Flat rate', [taxable, field('cost', 'Cost', 'text', '13.88')]),
    method(2, 'free_shipping', 'Livrare gratuită', 'Free shipping', [
      field('requires', 'Free shipping requires', 'select', 'min_amount', {
        min_amount: 'A minimum order amount',
      }),
      field('min_amount', 'Minimum order amount', 'text', '300'),
      field('ignore_discounts', 'Coupons discounts', 'checkbox', null),
    ]),
    method(3, 'local_pickup', 'Ridicare din magazin', 'Local pickup', [
      taxable,
      field('cost', 'Cost', 'text', null),
    ]),
  ]
}

function option(
  id: string,
  label: string,
  type: string,
  fallback: string,
  value: string,
  options?: Record<string, string>,
): Raw {
  const row = { id, label, description: '', type, default: fallback, tip: label, value }
  return options ? { ...row, options } : row
}

const YES_NO = ['checkbox', 'no'] as const

function general(info: ShopInfo): Raw[] {
  return [
    option('woocommerce_store_address', 'Address line 1', 'text', '', 'Strada Lipscani 10'),
    option('woocommerce_store_city', 'City', 'text', '', 'București'),
    option('woocommerce_default_country', 'Country / State', 'select', 'US:CA', 'RO:B', {
      'RO:B': 'Romania - București',
    }),
    option('woocommerce_store_postcode', 'Postcode / ZIP', 'text', '', '030031'),
    option('woocommerce_calc_taxes', 'Enable taxes', ...YES_NO, 'yes'),
    option('woocommerce_enable_coupons', 'Enable coupons', 'checkbox', 'yes', 'yes'),
    option('woocommerce_currency', 'Currency', 'select', 'USD', info.currency, {
      RON: 'Romanian leu (lei) — RON',
    }),
    option('woocommerce_currency_pos', 'Currency position', 'select', 'left', 'right_space', {
      left: 'Left',
      right_space: 'Right with space',
    }),
    option('woocommerce_price_thousand_sep', 'Thousand separator', 'text', ',', '.'),
    option('woocommerce_price_decimal_sep', 'Decimal separator', 'text', '.', ','),
    option('woocommerce_price_num_decimals', 'Number of decimals', 'number', '2', '2'),
  ]
}

function products(): Raw[] {
  return [
    option('woocommerce_weight_unit', 'Weight unit', 'select', 'lbs', 'kg', { kg: 'kg', g: 'g' }),
    option('woocommerce_dimension_unit', 'Dimensions unit', 'select', 'in', 'cm', { cm: 'cm', m: 'm' }),
    option('woocommerce_enable_reviews', 'Enable reviews', 'checkbox', 'yes', 'yes'),
    option('woocommerce_manage_stock', 'Manage stock', 'checkbox', 'yes', 'yes'),
    option('woocommerce_hold_stock_minutes', 'Hold stock (minutes)', 'number', '60', ''),
    option('woocommerce_notify_low_stock_amount', 'Low stock threshold', 'number', '2', '2'),
    option('woocommerce_notify_no_stock_amount', 'Out of stock threshold', 'number', '0', '0'),
    option('woocommerce_hide_out_of_stock_items', 'Out of stock visibility', ...YES_NO, 'no'),
  ]
}

function taxSettings(): Raw[] {
  const shown = { incl: 'Including tax', excl: 'Excluding tax' }
  return [
    option('woocommerce_prices_include_tax', 'Prices entered with tax', 'radio', 'no', 'yes', {
      yes: 'Yes, I will enter prices inclusive of tax',
      no: 'No, I will enter prices exclusive of tax',
    }),
    option('woocommerce_tax_based_on', 'Calculate tax based on', 'select', 'shipping', 'shipping', {
      shipping: 'Customer shipping address',
      base: 'Shop base address',
    }),
    option('woocommerce_tax_round_at_subtotal', 'Rounding', ...YES_NO, 'no'),
    option('woocommerce_tax_display_shop', 'Display prices in the shop', 'select', 'excl', 'excl', shown),
    option('woocommerce_tax_display_cart', 'Display prices during cart', 'select', 'excl', 'excl', shown),
  ]
}

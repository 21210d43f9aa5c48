/**
 * The settings of a shipping method. REST shows a form: for each field its value, and around it what WooCommerce's
 * code says in the shop's language. The values are the record; the form is kept beside it.
 */
type Fields = Record<string, unknown>

interface OwnMethod {
  /** In English, before it is saved for the first time. */
  title: string
  /** Fields beside the title, with what they are before they are saved. */
  defaults: Readonly<Record<string, string>>
  /** Has a cost for each shipping class. */
  perClass: boolean
}

/** WooCommerce's own methods. Of others nothing tells a price from a secret; the title is a field of its own. */
export const ownMethods: Readonly<Record<string, OwnMethod | undefined>> = {
  flat_rate: { title: 'Flat rate', defaults: { tax_status: 'taxable', cost: '' }, perClass: true },
  free_shipping: {
    title: 'Free shipping',
    defaults: { requires: '', min_amount: '', ignore_discounts: 'no' },
    perClass: false,
  },
  local_pickup: { title: 'Local pickup', defaults: { tax_status: 'taxable', cost: '' }, perClass: false },
}

const OF_CLASSES = /^(class_cost_\d+|no_class_cost|type)$/

/**
 * Parts a method's settings into the values that both ways in bring and the rest of the form.
 * @param settings as REST shows them, without secrets; or `{value}` for each, as this returned them before
 */
export function partSettings(method: unknown, settings: unknown): { values: Fields; form: Fields } {
  const values: Fields = {}
  const form: Fields = {}
  if (settings === null || typeof settings !== 'object') return { values, form }
  for (const [name, field] of Object.entries(settings)) {
    if (field === null || typeof field !== 'object' || !isValue(method, name)) {
      form[name] = field
      continue
    }
    const { value, ...rest } = field as Fields
    // A field that was never saved has no value in the form, and no row in the database.
    if (value !== null && value !== undefined) values[name] = { value }
    if (Object.keys(rest).length > 0) form[name] = rest
  }
  return { values, form }
}

function isValue(method: unknown, name: string): boolean {
  const own = ownMethods[String(method)]
  return own !== undefined && (Object.hasOwn(own.defaults, name) || (own.perClass && OF_CLASSES.test(name)))
}

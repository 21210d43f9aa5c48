import type { Fields } from '../../store/canonical.ts'
import { bigint, boolean, integer, json, type MirrorTable, member, moment, numeric, text } from './column.ts'

export const customers: MirrorTable = {
  table: 'customers',
  columns: [
    text('email'),
    text('username'),
    text('first_name'),
    text('last_name'),
    text('role'),
    boolean('is_paying_customer'),
    text('billing_country', (customer) => member(customer.billing, 'country')),
    text('billing_city', (customer) => member(customer.billing, 'city')),
    moment('created_at', 'date_created_gmt'),
  ],
}

export const coupons: MirrorTable = {
  table: 'coupons',
  columns: [
    text('code'),
    text('status'),
    text('discount_type'),
    numeric('amount'),
    text('description'),
    moment('expires_at', 'date_expires_gmt'),
    numeric('minimum_amount'),
    numeric('maximum_amount'),
    integer('usage_limit'),
    integer('usage_count'),
    boolean('free_shipping'),
    moment('created_at', 'date_created_gmt'),
  ],
}

export const tax_rates: MirrorTable = {
  table: 'tax_rates',
  columns: [
    text('name'),
    text('country'),
    text('state'),
    numeric('rate'),
    text('class'),
    integer('priority'),
    boolean('compound'),
    boolean('shipping'),
  ],
}

export const tax_classes: MirrorTable = { table: 'tax_classes', columns: [text('name')] }

export const shipping_zones: MirrorTable = {
  table: 'shipping_zones',
  columns: [text('name'), integer('position', 'order')],
}

export const shipping_methods: MirrorTable = {
  table: 'shipping_methods',
  columns: [
    bigint('zone_id'),
    text('method', 'method_id'),
    text('title'),
    boolean('enabled'),
    text('cost', methodSetting('cost')),
    numeric('minimum_amount', methodSetting('min_amount')),
  ],
}

export const payment_gateways: MirrorTable = {
  table: 'payment_gateways',
  columns: [text('title'), text('description'), boolean('enabled'), text('method_title')],
}

export const settings: MirrorTable = {
  table: 'settings',
  columns: [text('group_id'), text('option', 'id'), text('label'), json('value')],
}

/** Of methods that plugins bring, the values are with their form. */
function methodSetting(name: string): (method: Fields, volatile: Fields) => unknown {
  return ({ settings }, { settings_form: form }) =>
    member(member(settings, name), 'value') ?? member(member(form, name), 'value')
}

/** `/customers`: a new one sends created and updated (recorded); a deleted one is gone for good. */
import { createHash } from 'node:crypto'
import { DemoError } from '../errors.ts'
import type { Shop } from '../shop.ts'
import type { Raw } from '../table.ts'
import { type Call, dates, touched } from './call.ts'
import { mergeMeta } from './meta.ts'
import { slugOf } from './slugs.ts'

/** `{email, first_name, last_name, username, billing, shipping, meta_data}`; the e-mail must be new. */
export function createCustomer(call: Call, input: Raw): Raw {
  const { small } = call.shop
  const email = String(input.email ?? '')
  if (!/^\S+@\S+$/.test(email)) {
    throw new DemoError(400, 'registration-error-invalid-email', 'Please provide a valid email address.')
  }
  if (small.customers.some((each) => each.email === email)) {
    const sentence = `An account is already registered with ${email}. Please log in or use a different email address.`
    throw new DemoError(400, 'registration-error-email-exists', sentence)
  }
  const id = call.shop.nextRowId('customer')
  const blank: Raw = {
    id,
    ...dates(call, 'date_created', call.second),
    ...dates(call, 'date_modified', call.second),
    email,
    first_name: '',
    last_name: '',
    role: 'customer',
    username: input.username ?? username(call.shop, input),
    billing: blankAddress(['email', 'phone']),
    shipping: blankAddress(['phone']),
    is_paying_customer: false,
    avatar_url: avatar(email),
    meta_data: [],
  }
  const saved = { ...blank, ...given(call, blank, input) }
  small.customers = [...small.customers, saved]
  call.changed('customer.created', id)
  call.changed('customer.updated', id)
  return saved
}

export function updateCustomer(call: Call, id: number, input: Raw): Raw {
  const before = found(
    call.shop,
    id,
    new DemoError(400, 'woocommerce_rest_invalid_id', 'Invalid resource ID.'),
  )
  const taken = call.shop.small.customers.some((each) => each.email === input.email && each.id !== id)
  if (input.email !== undefined && taken) {
    throw new DemoError(400, 'woocommerce_rest_customer_invalid_email', 'Email address is invalid.')
  }
  return saved(call, { ...before, ...given(call, before, input) })
}

/** Customers have no trash; `customer.deleted` goes out for the role customer only. */
export function deleteCustomer(call: Call, id: number): Raw {
  const { small } = call.shop
  const before = found(
    call.shop,
    id,
    new DemoError(400, 'woocommerce_rest_invalid_id', 'Invalid resource id.'),
  )
  small.customers = small.customers.filter((each) => each.id !== id)
  if (before.role === 'customer') call.changed('customer.deleted', id)
  return before
}

/** After the first completed order; a customer who pays already is not saved again. */
export function becomesPayingCustomer(call: Call, id: number): void {
  const customer = call.shop.small.customers.find((each) => each.id === id)
  if (customer && customer.is_paying_customer !== true) saved(call, { ...customer, is_paying_customer: true })
}

function saved(call: Call, body: Raw): Raw {
  const after = touched(call, body)
  const { small } = call.shop
  small.customers = small.customers.map((each) => (each.id === body.id ? after : each))
  call.changed('customer.updated', body.id as number)
  return after
}

function found(shop: Shop, id: number, missing: Error): Raw {
  const customer = shop.small.customers.find((each) => each.id === id)
  if (!customer) throw missing
  return customer
}

function given(call: Call, body: Raw, input: Raw): Raw {
  const own = ['email', 'first_name', 'last_name'].filter((key) => key in input)
  const fields = Object.fromEntries(own.map((key) => [key, input[key]]))
  return {
    ...fields,
    ...(input.email ? { avatar_url: avatar(String(input.email)) } : {}),
    billing: { ...(body.billing as Raw), ...(input.billing as Raw | undefined) },
    shipping: { ...(body.shipping as Raw), ...(input.shipping as Raw | undefined) },
    meta_data: mergeMeta(call.shop, body.meta_data as Raw[], input.meta_data),
  }
}

function username(shop: Shop, input: Raw): string {
  const named = slugOf(`${input.first_name ?? ''} ${input.last_name ?? ''}`).replace(/-/g, '.')
  const base = named || slugOf(String(input.email).split('@')[0] ?? '')
  const taken = new Set(shop.small.customers.map((each) => each.username))
  let name = base
  for (let n = 1; taken.has(name); n++) name = `${base}${n}`
  return name
}

function avatar(email: string): string {
  const hash = createHash('sha256').update(email.trim().toLowerCase()).digest('hex')
  return `https://secure.gravatar.com/avatar/${hash}?s=96&d=mm&r=g`
}

function blankAddress(last: readonly string[]): Raw {
  const keys = [
    'first_name',
    'last_name',
    'company',
    'address_1',
    'address_2',
    'city',
    'postcode',
    'country',
    'state',
  ]
  return Object.fromEntries([...keys, ...last].map((key) => [key, '']))
}

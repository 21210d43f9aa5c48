/** Everything that changes the shop over REST: the path and its answer here, the meaning in the operations. */
import { DemoError } from '../errors.ts'
import type { Kind, Place } from '../links.ts'
import { ALLOW, type Call, type Endpoint, REFUSALS, type Reply, type Route, type Site } from '../routes.ts'
import type { Raw } from '../table.ts'
import type { BatchKind, Writes } from '../writes.ts'

export function writeRoutes(site: Site, writes: Writes): Route[] {
  const at = (call: Call, place: number) => Number(call.places[place])
  const show = (kind: Kind, raw: Raw, place: Place = 'global') =>
    site.presenter.record(raw, { kind, context: 'edit', place })

  function create(kind: Kind, make: (call: Call) => Raw, place?: (call: Call) => Place): Endpoint {
    return {
      refusal: REFUSALS.create,
      run: (call) => created(show(kind, make(call), place?.(call))),
    }
  }

  function update(kind: Kind, change: (call: Call) => Raw, place?: Place): Partial<Route['endpoints']> {
    const run = (call: Call): Reply => ({ data: show(kind, change(call), place) })
    const endpoint = { refusal: REFUSALS.edit, run }
    return { PUT: endpoint, POST: endpoint }
  }

  function remove(kind: Kind, drop: (call: Call, force: boolean) => Raw, place?: Place): Endpoint {
    return {
      specs: { force: { type: 'boolean', default: false } },
      refusal: REFUSALS.delete,
      run: (call) => ({ data: show(kind, drop(call, call.params.flag('force') ?? false), place) }),
    }
  }

  function batch(path: string, kind: Kind, what: (call: Call) => BatchKind, place?: Place): Route {
    const list = (items: unknown) =>
      (items as Raw[]).map((item) => ('error' in item ? item : show(kind, item, place)))
    const endpoint: Endpoint = {
      refusal: REFUSALS.batch,
      run(call) {
        const answer = Object.entries(writes.batch(what(call), call.body))
        return { data: Object.fromEntries(answer.map(([name, items]) => [name, list(items)])) }
      },
    }
    return { path: `${path}/batch`, allow: ALLOW.batch, endpoints: { POST: endpoint, PUT: endpoint } }
  }

  return [
    { path: '/orders', endpoints: { POST: create('order', (c) => writes.createOrder(c.body)) } },
    {
      path: '/orders/:id',
      endpoints: {
        ...update('order', (c) => writes.updateOrder(at(c, 0), c.body)),
        DELETE: remove('order', (c, force) =>
          force ? writes.deleteOrder(at(c, 0)) : writes.trashOrder(at(c, 0)),
        ),
      },
    },
    {
      path: '/orders/:id/refunds',
      endpoints: {
        POST: create(
          'refund',
          (c) => writes.createRefund(at(c, 0), c.body),
          () => 'nested',
        ),
      },
    },
    {
      path: '/orders/:id/refunds/:id',
      endpoints: {
        DELETE: remove(
          'refund',
          (c, force) => {
            mustForce(force, 'Refunds')
            return writes.deleteRefund(at(c, 0), at(c, 1))
          },
          'nested',
        ),
      },
    },
    {
      path: '/orders/:id/notes',
      endpoints: {
        POST: create(
          'note',
          (c) => writes.addNote(at(c, 0), c.body),
          (c) => ({ parent: at(c, 0) }),
        ),
      },
    },
    {
      path: '/products',
      endpoints: { POST: create('product', (c) => writes.createProduct(c.body)) },
    },
    {
      path: '/products/:id',
      endpoints: {
        ...update('product', (c) => writes.updateProduct(at(c, 0), c.body)),
        DELETE: remove('product', (c, force) =>
          force ? writes.deleteProduct(at(c, 0)) : writes.trashProduct(at(c, 0)),
        ),
      },
    },
    {
      path: '/products/:id/variations',
      endpoints: {
        POST: create(
          'variation',
          (c) => writes.createVariation(at(c, 0), c.body),
          () => 'nested',
        ),
      },
    },
    {
      path: '/products/:id/variations/:id',
      endpoints: {
        ...update('variation', (c) => writes.updateVariation(at(c, 1), c.body), 'nested'),
        DELETE: remove('variation', (c) => writes.deleteVariation(at(c, 1)), 'nested'),
      },
    },
    {
      path: '/products/categories/:id',
      endpoints: update('category', (c) => writes.updateCategory(at(c, 0), c.body)),
    },
    {
      path: '/customers',
      endpoints: { POST: create('customer', (c) => writes.createCustomer(c.body)) },
    },
    {
      path: '/customers/:id',
      endpoints: {
        ...update('customer', (c) => writes.updateCustomer(at(c, 0), c.body)),
        DELETE: remove('customer', (c, force) => {
          mustForce(force, 'Customers')
          return writes.deleteCustomer(at(c, 0))
        }),
      },
    },
    {
      path: '/coupons',
      endpoints: { POST: create('coupon', (c) => writes.createCoupon(c.body)) },
    },
    {
      path: '/coupons/:id',
      endpoints: {
        ...update('coupon', (c) => writes.updateCoupon(at(c, 0), c.body)),
        DELETE: remove('coupon', (c, force) =>
          force ? writes.deleteCoupon(at(c, 0)) : writes.trashCoupon(at(c, 0)),
        ),
      },
    },
    batch('/orders', 'order', () => 'orders'),
    batch('/products', 'product', () => 'products'),
    batch('/customers', 'customer', () => 'customers'),
    batch('/coupons', 'coupon', () => 'coupons'),
    batch('/products/:id/variations', 'variation', (c) => ({ variationsOf: at(c, 0) }), 'nested'),
  ]
}

/** What cannot be trashed is deleted with `force=true` or not at all. */
export function mustForce(force: boolean, what: string) {
  if (!force)
    throw new DemoError(501, 'woocommerce_rest_trash_not_supported', `${what} do not support trashing.`)
}

/** 201 with the new record and its address. */
export function created(record: Raw): Reply {
  const { self } = record._links as { self: [{ href: string }] }
  return { data: record, status: 201, location: self[0].href }
}

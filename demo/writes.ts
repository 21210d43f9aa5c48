/**
 * What WooCommerce does to its state on writes, as operations on a shop's records. Each call is one request:
 * it gives the record in `context=edit` without `_links`, or throws a DemoError, and then emits the shop's
 * events (rows 24a, 24b). What is recorded of it is in the recordings' `webhooks/` and `probes/`.
 */
import type { Shop } from './shop.ts'
import type { Raw } from './table.ts'
import { type BatchWork, runBatch } from './writes/batch.ts'
import { type Call, createCalls } from './writes/call.ts'
import { createCoupon, deleteCoupon, trashCoupon, updateCoupon } from './writes/coupons.ts'
import { createCustomer, deleteCustomer, updateCustomer } from './writes/customers.ts'
import {
  addNote,
  createOrder,
  deleteOrder,
  setLineMeta,
  trashOrder,
  untrashOrder,
  updateOrder,
} from './writes/orders.ts'
import {
  createProduct,
  deleteProduct,
  insertProduct,
  trashProduct,
  untrashProduct,
  updateProduct,
} from './writes/products.ts'
import { createRefund, deleteRefund } from './writes/refunds.ts'
import { updateCategory } from './writes/terms.ts'
import { createVariation, deleteVariation, updateVariation } from './writes/variations.ts'

export type BatchKind = 'orders' | 'products' | 'customers' | 'coupons' | { variationsOf: number }

export type Writes = ReturnType<typeof createWrites>

/** The operations on one shop; they act at once, in memory. */
export function createWrites(shop: Shop) {
  const request = createCalls(shop)

  /** An operation of a module, as a request of its own. */
  function write<A extends unknown[]>(operation: (call: Call, ...given: A) => Raw) {
    return (...given: A): Raw => request((call) => operation(call, ...given))
  }

  return {
    createOrder: write(createOrder),
    updateOrder: write(updateOrder),
    trashOrder: write(trashOrder),
    untrashOrder: write(untrashOrder),
    deleteOrder: write(deleteOrder),
    addNote: write(addNote),
    setLineMeta: write(setLineMeta),
    createProduct: write(createProduct),
    insertProduct: write(insertProduct),
    updateProduct: write(updateProduct),
    trashProduct: write(trashProduct),
    untrashProduct: write(untrashProduct),
    deleteProduct: write(deleteProduct),
    createVariation: write(createVariation),
    updateVariation: write(updateVariation),
    deleteVariation: write(deleteVariation),
    createRefund: write(createRefund),
    deleteRefund: write(deleteRefund),
    createCustomer: write(createCustomer),
    updateCustomer: write(updateCustomer),
    deleteCustomer: write(deleteCustomer),
    createCoupon: write(createCoupon),
    updateCoupon: write(updateCoupon),
    trashCoupon: write(trashCoupon),
    deleteCoupon: write(deleteCoupon),
    updateCategory: write(updateCategory),
    /** One request for many; a record saved twice in it is told of once. */
    batch: (kind: BatchKind, given: Raw): Raw => request((call) => runBatch(batchWork(call, kind), given)),
  }
}

function batchWork(call: Call, kind: BatchKind): BatchWork {
  if (typeof kind === 'object') {
    const parent = kind.variationsOf
    return {
      create: (input) => createVariation(call, parent, input),
      update: (id, input) => updateVariation(call, id, input),
      delete: (id) => deleteVariation(call, id),
    }
  }
  const { create, update, remove } = OPERATIONS[kind]
  return {
    create: (input) => create(call, input),
    update: (id, input) => update(call, id, input),
    delete: (id) => remove(call, id),
  }
}

const OPERATIONS = {
  orders: { create: createOrder, update: updateOrder, remove: deleteOrder },
  products: { create: createProduct, update: updateProduct, remove: deleteProduct },
  customers: { create: createCustomer, update: updateCustomer, remove: deleteCustomer },
  coupons: { create: createCoupon, update: updateCoupon, remove: deleteCoupon },
}

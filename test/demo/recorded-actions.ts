import assert from 'node:assert/strict'
import type { Writes } from '../../demo/writes.ts'
import { refusal } from './refusal.ts'

/** The recorded actions in their order; orders, products and customers as then, ids of new ones as they come. */
export function recordedActions(writes: Writes): Map<string, () => unknown> {
  let order = 0
  let refund = 0
  let product = 0
  let customer = 0
  const lines = [
    { product_id: 10, quantity: 2 },
    { product_id: 224, variation_id: 225, quantity: 1 },
  ]
  const billing = { first_name: 'Ion', last_name: 'Țepeș', country: 'RO', email: 'ion@example.test' }
  const again = () => assert.equal(refusal(() => writes.trashOrder(678)).data.status, 410)
  return new Map<string, () => unknown>([
    ['order status change', () => writes.updateOrder(678, { status: 'completed' })],
    ['order meta change', () => writes.updateOrder(678, { meta_data: [{ key: 'proba', value: 'x' }] })],
    ['order no-op put', () => writes.updateOrder(678, {})],
    ['order note added', () => writes.addNote(678, { note: 'x' })],
    [
      'order created',
      () => {
        const input = { status: 'processing', payment_method: 'cod', billing, line_items: lines }
        order = writes.createOrder(input).id as number
      },
    ],
    [
      'order refund',
      () => {
        refund = writes.createRefund(order, { amount: '10.00', reason: 'test' }).id as number
      },
    ],
    ['refund deleted', () => writes.deleteRefund(order, refund)],
    ['order trashed', () => writes.trashOrder(678)],
    ['order trashed again', again],
    ['order restored by status put', () => writes.updateOrder(678, { status: 'processing' })],
    ['order force deleted', () => writes.deleteOrder(order)],
    ['product price change', () => writes.updateProduct(10, { regular_price: '77.77' })],
    ['product stock change', () => writes.updateProduct(10, { stock_quantity: 5 })],
    ['product no-op put', () => writes.updateProduct(10, {})],
    ['variation price change', () => writes.updateVariation(225, { regular_price: '160' })],
    ['variation stock change', () => writes.updateVariation(225, { stock_quantity: 3 })],
    [
      'product created',
      () => {
        product = writes.createProduct({ name: 'Produs nou', sku: 'NEW-1', regular_price: '9.99' })
          .id as number
      },
    ],
    ['product trashed', () => writes.trashProduct(product)],
    ['product force deleted', () => writes.deleteProduct(product)],
    ['variation deleted', () => writes.deleteVariation(200)],
    ['category renamed', () => writes.updateCategory(17, { name: 'Vodcă fină' })],
    [
      'customer created',
      () => {
        customer = writes.createCustomer({ email: 'nou@example.test', first_name: 'Nou' }).id as number
      },
    ],
    ['customer updated', () => writes.updateCustomer(customer, { first_name: 'Nouă' })],
    ['customer deleted', () => writes.deleteCustomer(customer)],
    [
      'batch update 3 orders',
      () => {
        writes.batch('orders', { update: [699, 556, 986].map((id) => ({ id, customer_note: 'x' })) })
      },
    ],
  ])
}

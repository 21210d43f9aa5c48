import { getOrder } from './orders/get.ts'
import { orderItems } from './orders/items.ts'
import { listOrders } from './orders/list.ts'
import { listRefunds } from './orders/refunds.ts'

export const orders = { list: listOrders, get: getOrder, items: orderItems, refunds: listRefunds }

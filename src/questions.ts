/** Everything that can be asked of the mirror. A question's name is its group and its key: products.bySku is products.by-sku. */
import { baskets } from './questions/baskets.ts'
import { customers } from './questions/customers.ts'
import { forecast } from './questions/forecast.ts'
import { orders } from './questions/orders.ts'
import { products } from './questions/products.ts'
import { sales } from './questions/sales.ts'
import { stock } from './questions/stock.ts'

export const questions = { products, stock, orders, sales, customers, baskets, forecast } as const

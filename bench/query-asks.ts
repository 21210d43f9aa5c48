/** The questions that are measured: what each is asked, and the one REST call that would answer it from the shop. */

export interface Ask {
  /** Of its figures; never changed. */
  label: string
  operation: string
  input: Readonly<Record<string, unknown>>
  /** Below /wp-json/wc/v3. A shop would need many of them for the sums: one is the least. */
  rest: string
}

const PRODUCTS = 'products?per_page=50'
const ORDERS = 'orders?per_page=50'

/** @param number of an order */
export function asks(number: string): Ask[] {
  const ask = (operation: string, input: Ask['input'], rest: string, label = operation): Ask => ({
    label,
    operation,
    input,
    rest,
  })
  return [
    ask('stock.status', { sku: 'SKU-01234' }, 'products?sku=SKU-01234'),
    ask('products.by-sku', { sku: 'SKU-01234' }, 'products?sku=SKU-01234'),
    ask('products.get', { id: 1334 }, 'products/1334'),
    ask('products.search', { text: 'vodca absolut' }, 'products?search=vodca'),
    ask('products.search', { text: 'wisky carpatin' }, 'products?search=wisky', 'products.search.typo'),
    ask(
      'products.search',
      { attribute: 'culoare', attribute_value: 'Roșu' },
      'products?attribute=pa_culoare&attribute_term=1',
      'products.search.attribute',
    ),
    ask('products.in-category', { slug: 'categoria-3' }, 'products?category=3'),
    ask('products.summary', {}, PRODUCTS),
    ask('products.variations', { id: 120 }, 'products/120/variations'),
    ask('products.categories', {}, 'products/categories?per_page=100'),
    ask('stock.low', {}, PRODUCTS),
    ask('stock.out', {}, 'products?stock_status=outofstock'),
    ask('stock.dead', {}, PRODUCTS),
    ask('stock.cover', {}, PRODUCTS),
    ask('orders.list', {}, ORDERS),
    ask('orders.get', { number }, `orders/${number}`),
    ask('orders.items', { number }, `orders/${number}`),
    ask('orders.refunds', {}, 'refunds?per_page=50'),
    ask('sales.stats', { days: 30 }, 'reports/sales?period=month', 'sales.stats.30'),
    ask('sales.stats', { days: 365 }, 'reports/sales?period=year', 'sales.stats.365'),
    ask(
      'sales.stats',
      { days: 365, compare: ['previous', 'year_before'] },
      'reports/sales?period=year',
      'sales.stats.365.compared',
    ),
    ask(
      'sales.stats',
      { days: 365, customers: 'counted' },
      'reports/sales?period=year',
      'sales.stats.365.customers',
    ),
    ask('sales.breakdown', { by: 'day', days: 30 }, 'reports/sales?period=month', 'sales.breakdown.day.30'),
    ask('sales.breakdown', { by: 'day', days: 365 }, 'reports/sales?period=year', 'sales.breakdown.day.365'),
    ask(
      'sales.breakdown',
      { by: 'product', days: 30 },
      'reports/top_sellers?period=month',
      'sales.breakdown.product.30',
    ),
    ask(
      'sales.breakdown',
      { by: 'product', days: 365 },
      'reports/top_sellers?period=year',
      'sales.breakdown.product.365',
    ),
    ask(
      'sales.breakdown',
      { by: 'category', days: 365 },
      'reports/top_sellers?period=year',
      'sales.breakdown.category.365',
    ),
    ask('customers.list', {}, 'customers?per_page=50'),
    ask('customers.segments', {}, 'customers?per_page=100'),
    ask('customers.cohorts', {}, 'customers?per_page=100'),
    ask('customers.lifetime-value', {}, 'customers?per_page=100'),
    ask('baskets.together', { sku: 'SKU-00010' }, ORDERS),
    ask('forecast.sales', {}, ORDERS),
    ask('mirror.freshness', {}, 'orders?per_page=1'),
    ask('mirror.verification', {}, 'orders?per_page=1'),
    ask('mirror.changes', {}, ORDERS),
  ]
}

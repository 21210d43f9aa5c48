/** Which columns of a list say most to a person, the most telling first. All of them are in --csv and --json. */

const PRODUCT = ['id', 'name', 'sku', 'price', 'stock_quantity', 'stock_status', 'status', 'type', 'gtin']
const UNIT = [
  'name',
  'stock_quantity',
  'sku',
  'price',
  'low_stock_amount',
  'stock_status',
  'backorders',
  'product_id',
]

/** By the operation's name, of its one list; titles as in the CSV. Other lists follow their schema. */
export const TELLING: Readonly<Record<string, readonly string[]>> = {
  'products.search': PRODUCT,
  'products.in-category': PRODUCT,
  'products.variations': PRODUCT,
  'products.categories': ['id', 'path', 'slug', 'products', 'productsBelow'],
  'stock.low': UNIT,
  'stock.out': UNIT,
  'stock.backordered': UNIT,
  'stock.unmanaged': ['name', 'sku', 'stock_status', 'price', 'backorders', 'product_id'],
  'stock.dead': ['name', 'stock_quantity', 'sku', 'lastSoldAt', 'price', 'created_at', 'product_id'],
  'stock.cover': ['name', 'stock_quantity', 'cover30', 'sku', 'sold30', 'cover7', 'cover90', 'reason'],
  'orders.list': [
    'number',
    'status',
    'created_at',
    'total',
    'billing_name',
    'items',
    'refunded_total',
    'payment_method_title',
  ],
  'orders.items': ['name', 'sku', 'quantity', 'refunded_quantity', 'total', 'total_tax', 'refunded_total'],
  'orders.refunds': ['id', 'order_number', 'created_at', 'amount', 'reason', 'lines'],
  'customers.list': ['key', 'name', 'email', 'paid_orders', 'totals', 'last_order_at', 'country', 'orders'],
  'baskets.together': ['a.name', 'b.name', 'count', 'support', 'confidence', 'lift'],
  'mirror.freshness': ['resource', 'followedAt', 'changedAt', 'delayP50', 'delayP95'],
  'keys.list': [
    'id',
    'name',
    'scope',
    'state',
    'beginning',
    'lastUsedAt',
    'createdAt',
    'stores',
    'expiresAt',
  ],
}

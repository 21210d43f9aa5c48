import type { ConnectionWords } from '../words.ts'

export const en: ConnectionWords = {
  title: (host) => `WOOCOMMERCE CONNECTION TEST - ${host}`,
  demoShop: 'demo shop',
  checking: 'Checking the connection...',
  connected: 'WooCommerce API connected',
  shop: (name, woocommerce) => `${name}${woocommerce === null ? '' : ` (WooCommerce ${woocommerce})`}`,
  readOnly: 'This key may only read: everything works but webhooks and proposals.',
  synchronising: (host) => `Synchronising the products of ${host}...`,
  synchronised: (products) => `${products} ${products === 1 ? 'product' : 'products'} synchronised`,
  first: (products) => (products === 1 ? 'The first product:' : `The first ${products} products:`),
  noProducts: 'The shop has no products yet.',
  stock: 'Stock',
  noPrice: 'no price',
  inStock: 'in stock',
  outOfStock: 'out of stock',
  onBackorder: 'on backorder',
  // The table of src/errors.ts says them in English.
  faults: {},
}

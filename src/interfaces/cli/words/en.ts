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
  database: {
    hostKey: ({ host, fingerprint, known }) =>
      `SSH host ${host}: ${fingerprint}${known ? '' : ' (seen for the first time, remembered from now on)'}`,
    sshSignIn: ({ host, user }) => `Signed in to ${host} as ${user}`,
    way: {
      direct: 'Reached the database’s server directly',
      tunnel: 'Reached the database’s server through SSH',
      exec: 'SSH forwarding is forbidden: the host’s own mysql program is used',
    },
    signIn: ({ host, user, database, version }) => `Database ${database} on ${host} as ${user} (${version})`,
    rights: ({ tables }) => `All ${tables} tables that are needed may be read`,
    storage: ({ storage, prefix, timezone }) =>
      `Orders in ${storage === 'hpos' ? 'their own tables (HPOS)' : 'posts (classic)'}, prefix ${prefix}, time zone ${timezone}`,
    counts: ({ orders, products, variations, customers }) =>
      `Found: ${orders} orders, ${products} products, ${variations} variations, ${customers} customers`,
  },
  // The table of src/errors.ts says them in English.
  faults: {},
}

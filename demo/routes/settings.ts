/** What a shop is: statuses, tax classes, zones, gateways, settings, currency, system status, totals. */
import type { Kind, Place } from '../links.ts'
import { ALLOW, type Call, type Endpoint, notFound, REFUSALS, type Route, type Site } from '../routes.ts'
import { ITEM } from '../specs.ts'
import type { Raw } from '../table.ts'
import { smallItem } from './small.ts'
import { showing } from './tables.ts'

export function settingRoutes(site: Site): Route[] {
  const { small } = site.shop
  const zone = { parent: (call: Call) => ({ parent: call.places[0] as string }) }
  const methodsOf = (call: Call) => {
    const id = Number(call.places[0])
    if (!small.zones.some((one) => one.id === id))
      throw notFound('woocommerce_rest_shipping_zone_invalid', 'Resource does not exist.')
    return small.zoneMethods.get(id) ?? []
  }
  const settingsOf = (call: Call) => {
    const options = small.settings.get(call.places[0] as string)
    if (!options) throw notFound('rest_setting_setting_group_invalid', 'Invalid setting group.')
    return options
  }
  const counted = (kind: Kind, items: (call: Call) => readonly Raw[], place?: (call: Call) => Place) =>
    wholeList(site, kind, items, place, true)
  const bare = (kind: Kind, items: (call: Call) => readonly Raw[], place?: (call: Call) => Place) =>
    wholeList(site, kind, items, place, false)
  const none = ['woocommerce_rest_invalid_id', 'Resource does not exist.'] as const
  return [
    {
      path: '/products/attributes',
      allow: ALLOW.list,
      endpoints: { GET: counted('attribute', () => small.attributes) },
    },
    {
      path: '/products/attributes/:id',
      allow: ALLOW.item,
      endpoints: {
        GET: smallItem(site, 'attribute', () => small.attributes, [
          'woocommerce_rest_taxonomy_invalid',
          'Resource does not exist.',
        ]),
      },
    },
    {
      path: '/taxes/classes',
      allow: ALLOW.list,
      endpoints: { GET: counted('taxClass', () => small.taxClasses) },
    },
    { path: '/shipping/zones', allow: ALLOW.list, endpoints: { GET: counted('zone', () => small.zones) } },
    {
      path: '/shipping/zones/:id',
      allow: ALLOW.item,
      endpoints: { GET: smallItem(site, 'zone', () => small.zones, none) },
    },
    {
      path: '/shipping/zones/:id/methods',
      allow: ALLOW.list,
      endpoints: { GET: counted('zoneMethod', methodsOf, zone.parent) },
    },
    {
      path: '/payment_gateways',
      allow: ALLOW.readOnly,
      endpoints: { GET: counted('gateway', () => small.gateways) },
    },
    {
      path: '/payment_gateways/:name',
      allow: ALLOW.keep,
      endpoints: {
        GET: smallItem(site, 'gateway', () => small.gateways, [
          'woocommerce_rest_payment_gateway_invalid',
          'Resource does not exist.',
        ]),
      },
    },
    {
      path: '/settings',
      allow: ALLOW.readOnly,
      endpoints: { GET: bare('settingGroup', () => small.settingGroups) },
    },
    {
      path: '/settings/:name',
      allow: ALLOW.readOnly,
      endpoints: { GET: bare('setting', settingsOf, zone.parent) },
    },
    {
      path: '/settings/:name/:name',
      allow: ALLOW.keep,
      endpoints: {
        GET: smallItem(
          site,
          'setting',
          settingsOf,
          ['rest_setting_setting_invalid', 'Invalid setting.'],
          zone.parent,
        ),
      },
    },
    {
      path: '/orders/statuses',
      allow: ALLOW.readOnly,
      endpoints: { GET: bare('plain', () => small.orderStatuses) },
    },
    {
      path: '/reports/orders/totals',
      allow: ALLOW.readOnly,
      endpoints: { GET: bare('plain', () => orderTotals(site)) },
    },
    {
      path: '/data/currencies',
      allow: ALLOW.readOnly,
      endpoints: { GET: bare('currency', () => small.currencies) },
    },
    { path: '/data/currencies/current', allow: ALLOW.readOnly, endpoints: { GET: currency(site) } },
    {
      path: '/system_status',
      allow: ALLOW.readOnly,
      endpoints: {
        GET: { specs: ITEM, refusal: REFUSALS.list, run: () => ({ data: systemStatus(site) }) },
      },
    },
  ]
}

/** A list without pages; some such lists give totals all the same, as recorded. */
function wholeList(
  site: Site,
  kind: Kind,
  items: (call: Call) => readonly Raw[],
  place: ((call: Call) => Place) | undefined,
  withTotals: boolean,
): Endpoint {
  return {
    specs: ITEM,
    refusal: REFUSALS.list,
    run(call) {
      const all = items(call)
      const shown = showing(kind, call, place?.(call))
      const data = all.map((item) => site.presenter.record(item, shown))
      return withTotals ? { data, totals: { total: all.length, pages: all.length > 0 ? 1 : 0 } } : { data }
    },
  }
}

/** Every status with its orders; trash is no status here. */
function orderTotals({ shop }: Site): Raw[] {
  const counts = shop.orders.statuses()
  return shop.small.orderStatuses.map(({ slug, name }) => ({
    slug,
    name,
    total: counts.get(String(slug)) ?? 0,
  }))
}

function currency({ shop, presenter }: Site): Endpoint {
  return {
    specs: ITEM,
    refusal: REFUSALS.list,
    run(call) {
      const { currency: code, currencySymbol: symbol } = shop.info
      const known = shop.small.currencies.find((one) => one.code === code)
      return { data: presenter.record(known ?? { code, name: code, symbol }, showing('currency', call)) }
    },
  }
}

/** The part of `/system_status` that was recorded; `store_id` is the shop's identity (row 38). */
function systemStatus({ shop }: Site): Raw {
  const { info } = shop
  return {
    environment: {
      home_url: info.url,
      version: info.version,
      wp_version: '7.1',
      php_version: '8.2.36',
      mysql_version_string: '10.11.19-MariaDB-0+deb12u1',
      default_timezone: 'UTC',
      external_object_cache: null,
      store_id: info.storeId,
    },
    database: { wc_database_version: info.version, database_prefix: 'wp_' },
    settings: {
      api_enabled: false,
      force_ssl: false,
      currency: info.currency,
      currency_symbol: info.currencySymbol,
      currency_position: 'right_space',
      thousand_separator: '.',
      decimal_separator: ',',
      number_of_decimals: 2,
      geolocation_enabled: false,
      taxonomies: { external: 'external', grouped: 'grouped', simple: 'simple', variable: 'variable' },
      product_visibility_terms: VISIBILITY,
      woocommerce_com_connected: 'no',
      enforce_approved_download_dirs: true,
      order_datastore: 'Automattic\\WooCommerce\\Internal\\DataStores\\Orders\\OrdersTableDataStore',
      HPOS_enabled: true,
      HPOS_sync_enabled: false,
      enabled_features: FEATURES,
    },
    theme: { name: 'Storefront', version: '4.6.2' },
    active_plugins: [{ plugin: 'woocommerce/woocommerce.php', version: info.version }],
  }
}

const RATED = [1, 2, 3, 4, 5].map((stars) => `rated-${stars}`)
const VISIBILITY = Object.fromEntries(
  ['exclude-from-catalog', 'exclude-from-search', 'featured', 'outofstock', ...RATED].map((v) => [v, v]),
)
const FEATURES = [
  'analytics',
  'marketplace',
  'order_attribution',
  'site_visibility_badge',
  'remote_logging',
  'blueprint',
  'point_of_sale',
  'push_notifications',
  'custom_order_tables',
]

/**
 * `/wp-json/`: the answer that tells a WordPress and its time zone, and by the addresses of its routes whether
 * its permalinks are plain (row 38). Of the routes only the first is played.
 */
export function siteIndex({ shop, zone }: Site, plainPermalinks: boolean): Raw {
  const { info } = shop
  const now = Math.floor(shop.now() / 1000)
  return {
    name: info.name,
    description: '',
    url: info.url,
    home: info.url,
    gmt_offset: (zone.toWall(now) - now) / 3600,
    timezone_string: info.timezone,
    namespaces: NAMESPACES,
    authentication: {
      'application-passwords': {
        endpoints: { authorization: `${info.url}/wp-admin/authorize-application.php` },
      },
    },
    routes: {
      '/': {
        namespace: '',
        methods: ['GET'],
        endpoints: [{ methods: ['GET'], args: { context: { default: 'view', required: false } } }],
        _links: {
          self: [{ href: `${info.url}/${plainPermalinks ? 'index.php?rest_route=/' : 'wp-json/'}` }],
        },
      },
    },
  }
}

const NAMESPACES = [
  'oembed/1.0',
  'wc/v3',
  'wc/v1',
  'wc/pos/v1/catalog',
  'jetpack/v4',
  'wc-admin',
  'wc-analytics',
  'wc/store',
  'wc/store/v1',
  'wc/private',
  'wc/v2',
  'wc-admin-email',
  'wc-telemetry',
  'wccom-site/v3',
  'wp-abilities/v1',
  'wp/v2',
  'wp-site-health/v1',
  'wp-block-editor/v1',
]

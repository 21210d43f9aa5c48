/** A product or variation of the catalog as WooCommerce's REST record in `context=edit` (row 12d). */
import type { ShopInfo } from '../shop.ts'
import type { Raw } from '../table.ts'
import type { Clock } from './clock.ts'
import { RATES, taxWithin, typed } from './money.ts'
import type { Product, Stock, Variation } from './product.ts'
import { createRandom, int, mix } from './random.ts'
import { categories, slugOf, tags } from './terms.ts'

export interface ProductRecords {
  product(product: Product): Raw
  variation(product: Product, variation: Variation): Raw
}

/** `ratings`: approved reviews by product id; `now` decides which sales are running (Unix seconds). */
export function createProductRecords(options: {
  info: ShopInfo
  seed: number
  clock: Clock
  now: number
  catalog: readonly Product[]
  ratings: ReadonlyMap<number, { average: number; count: number }>
}): ProductRecords {
  const { info, seed, clock, now } = options
  const published = options.catalog.filter((each) => each.status === 'publish').map((each) => each.id)
  const terms = new Map([...categories, ...tags].map((each) => [each.id, each]))
  const named = (id: number) => {
    const term = terms.get(id)
    return { id, name: term?.name ?? '', slug: term?.slug ?? '' }
  }

  function dates(name: string, moment: number | null): Raw {
    return {
      [name]: moment === null ? null : clock.local(moment),
      [`${name}_gmt`]: moment === null ? null : clock.gmt(moment),
    }
  }

  function running(item: { sale: number | null; saleFrom?: number | null; saleTo?: number | null }): boolean {
    return (
      item.sale !== null && (item.saleFrom ?? 0) <= now && now <= (item.saleTo ?? Number.POSITIVE_INFINITY)
    )
  }

  /** What the product costs now, or its cheapest variation does; '' without a price. */
  function prices(product: Product): number[] {
    if (product.type === 'variable') {
      return product.variations
        .filter((each) => each.status === 'publish')
        .map((each) => each.sale ?? each.regular)
        .sort((a, b) => a - b)
    }
    const now = running(product) ? product.sale : product.regular
    return now === null ? [] : [now]
  }

  function product(product: Product): Raw {
    const random = createRandom(mix(seed, product.id, 41))
    const rating = options.ratings.get(product.id)
    const slug = slugOf(product.name)
    const live = product.status === 'publish' || product.status === 'private'
    const undated = product.created === null
    const found = product.type === 'grouped' ? product.grouped : []
    const shown = found.length > 0 ? bundlePrices(found) : prices(product)
    return {
      id: product.id,
      name: product.name,
      slug: product.status === 'trash' ? `${slug}__trashed` : live ? slug : '',
      permalink: live ? `${info.url}/product/${slug}/` : `${info.url}/?post_type=product&p=${product.id}`,
      ...dates('date_created', product.created),
      ...dates('date_modified', product.modified),
      type: product.type,
      status: product.status,
      featured: product.featured,
      catalog_visibility: product.hidden ? 'hidden' : 'visible',
      description: description(product),
      short_description: product.volume === '' ? '' : `Sticlă ${product.volume}, ${product.country}.`,
      sku: product.sku,
      price: shown[0] === undefined ? '' : typed(shown[0]),
      regular_price: product.regular === null ? '' : typed(product.regular),
      sale_price: product.sale === null ? '' : typed(product.sale),
      ...dates('date_on_sale_from', product.saleFrom),
      ...dates('date_on_sale_to', product.saleTo),
      on_sale: running(product) || product.variations.some((each) => each.sale !== null),
      purchasable: product.type === 'simple' || product.type === 'variable',
      total_sales: undated ? '0' : product.totalSales,
      virtual: product.virtual && product.type === 'simple',
      downloadable: false,
      downloads: [],
      download_limit: -1,
      download_expiry: -1,
      external_url: product.externalUrl,
      button_text: product.externalUrl === '' ? '' : 'Cumpără',
      tax_status: 'taxable',
      tax_class: product.taxClass,
      manage_stock: product.stock.managed,
      ...stockFields(product.stock),
      low_stock_amount: product.lowStock,
      sold_individually: false,
      weight: product.weight,
      dimensions: {
        length: product.height === '' ? '' : '9',
        width: product.height === '' ? '' : '9',
        height: product.height,
      },
      shipping_required: !product.virtual,
      shipping_taxable: !product.virtual,
      shipping_class: '',
      shipping_class_id: 0,
      reviews_allowed: true,
      average_rating: undated ? 0 : rating ? (rating.average / 100).toFixed(2) : '0',
      rating_count: rating?.count ?? 0,
      upsell_ids: [],
      cross_sell_ids: [],
      parent_id: 0,
      purchase_note: '',
      categories: product.category.map(named),
      brands: [],
      tags: product.tags.map(named),
      images: [],
      attributes: attributes(product),
      default_attributes: [],
      variations: product.variations.map((each) => each.id),
      grouped_products: product.grouped,
      menu_order: 0,
      price_html: priceHtml(shown, product),
      related_ids: live ? Array.from({ length: 5 }, () => published[int(random, published.length)]) : [],
      meta_data: meta(product, random),
      stock_status: product.stock.status,
      has_options: product.variations.length > 0,
      post_password: '',
      global_unique_id: product.gtin,
      permalink_template: `${info.url}/product/%pagename%/`,
      generated_slug: slug,
    }
  }

  function bundlePrices(ids: readonly number[]): number[] {
    return options.catalog
      .filter((each) => ids.includes(each.id))
      .flatMap(prices)
      .sort((a, b) => a - b)
  }

  /** The shop shows prices without tax, though they are entered with it. */
  function priceHtml(shown: readonly number[], product: Product): string {
    const money = (bani: number) => {
      const net = typed(bani - taxWithin(bani, RATES[product.taxClass])).replace('.', ',')
      return `<bdi>${net}&nbsp;<span class="woocommerce-Price-currencySymbol" translate="no">${info.currencySymbol}</span></bdi>`
    }
    const first = shown[0]
    const last = shown.at(-1)
    if (first === undefined || last === undefined) return ''
    const span = (bani: number) => `<span class="woocommerce-Price-amount amount">${money(bani)}</span>`
    if (first !== last) return `${span(first)} <span aria-hidden="true">&ndash;</span> ${span(last)}`
    if (!running(product) || product.regular === null) return span(first)
    return `<del aria-hidden="true">${span(product.regular)}</del> <ins aria-hidden="true">${span(first)}</ins>`
  }

  function variation(product: Product, variation: Variation): Raw {
    const stock = variation.stock === 'parent' ? product.stock : variation.stock
    const query = variation.attributes.map(
      (each) =>
        `attribute_${each.slug}=${each.id === 0 ? each.value.replaceAll(' ', '+') : slugOf(each.value)}`,
    )
    return {
      id: variation.id,
      type: 'variation',
      ...dates('date_created', variation.created),
      ...dates('date_modified', variation.modified),
      description: '',
      permalink: `${info.url}/product/${slugOf(product.name)}/?${query.join('&')}`,
      sku: variation.sku,
      global_unique_id: '',
      price: typed(variation.sale ?? variation.regular),
      regular_price: typed(variation.regular),
      sale_price: variation.sale === null ? '' : typed(variation.sale),
      ...dates('date_on_sale_from', null),
      ...dates('date_on_sale_to', null),
      on_sale: variation.sale !== null,
      status: variation.status,
      purchasable: variation.status === 'publish',
      virtual: variation.virtual,
      downloadable: false,
      downloads: [],
      download_limit: -1,
      download_expiry: -1,
      tax_status: 'taxable',
      tax_class: 'parent',
      manage_stock: variation.stock === 'parent' ? 'parent' : variation.stock.managed,
      ...stockFields(stock),
      stock_status: stock.status,
      low_stock_amount: null,
      weight: variation.weight,
      dimensions: { length: '', width: '', height: '' },
      shipping_class: '',
      shipping_class_id: 0,
      image: null,
      gallery_image_ids: [],
      attributes: variation.attributes.map((each) => ({
        id: each.id,
        name: each.name,
        slug: each.slug,
        option: each.value,
      })),
      menu_order: 0,
      meta_data: variation.virtual
        ? []
        : [{ id: metaId(variation.id), key: '_furnizor_cod', value: `V${100 + (variation.id % 900)}` }],
      name: variation.attributes.map((each) => each.value).join(', '),
      parent_id: product.id,
    }
  }

  function meta(product: Product, random: () => number): Raw[] {
    const list: Raw[] = []
    const add = (key: string, value: unknown) =>
      list.push({ id: metaId(product.id) + list.length, key, value })
    if (product.event) {
      const day = clock.gmt(now + 45 * 86_400).slice(0, 10)
      add('WooCommerceEventsEvent', 'Event')
      add('WooCommerceEventsDate', day)
      add('WooCommerceEventsLocation', 'Crama Țapului, București')
      add('WooCommerceEventsCaptureAttendeeDetails', 'on')
    }
    if (product.volume !== '') {
      add('_furnizor_cod', `F${100 + int(random, 900)}`)
      add('garantie_sgr', '0.50')
      if (random() < 0.1) add('_specs', { an: 2000 + int(random, 25), note: ['fum', 'ciocolată'] })
    }
    if (product.status === 'trash') {
      add('_wp_trash_meta_status', 'publish')
      add('_wp_trash_meta_time', String(product.modified))
      add('_wp_desired_post_slug', slugOf(product.name))
    }
    return list
  }

  return { product, variation }
}

/** Post meta ids: a handful for each post. */
function metaId(postId: number): number {
  return postId * 8
}

function stockFields(stock: Stock): Raw {
  return {
    stock_quantity: stock.quantity,
    backorders: stock.backorders,
    backorders_allowed: stock.backorders !== 'no',
    backordered: stock.status === 'onbackorder',
  }
}

function description(product: Product): string {
  if (product.event) return '<p>O seară cu șase vinuri și cu oamenii care le fac. Locuri puține.</p>'
  if (product.volume === '') return ''
  const served = product.alcohol === '0' ? 'rece' : 'rece, 6–8°C'
  return (
    `<p>${product.name}. Origine: <strong>${product.country}</strong>.</p>\n` +
    `<ul><li>Servire: ${served}</li><li>„Gust autentic” &amp; echilibrat</li></ul>`
  )
}

function attributes(product: Product): Raw[] {
  if (product.type === 'variable') {
    const names = new Map<string, Raw & { options: string[] }>()
    for (const each of product.variations.flatMap((variation) => variation.attributes)) {
      const found = names.get(each.name)
      if (!found) {
        const slug = each.id === 0 ? each.name : each.slug
        const row = { id: each.id, name: each.name, slug, position: 0, visible: true, variation: true }
        names.set(each.name, { ...row, options: [each.value] })
      } else if (!found.options.includes(each.value)) found.options.push(each.value)
    }
    return [...names.values()]
  }
  if (product.volume === '') return []
  const row = (id: number, name: string, slug: string, value: string) => ({
    id,
    name,
    slug,
    position: 0,
    visible: true,
    variation: false,
    options: [value],
  })
  return [
    row(1, 'Volum', 'pa_volum', product.volume),
    row(2, 'Țara de origine', 'pa_tara', product.country),
    row(0, 'Alcool (%)', 'Alcool (%)', product.alcohol),
  ]
}

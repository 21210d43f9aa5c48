/** A small shop made by hand: prices with tax (21 % and 11 %), three products, one of them with variations. */
import assert from 'node:assert/strict'
import { createShop, type Shop } from '../../demo/shop.ts'
import type { Raw, Table } from '../../demo/table.ts'
import { createWrites, type Writes } from '../../demo/writes.ts'

export interface SmallShop {
  shop: Shop
  writes: Writes
  /** Vodka, 128.07, 100 in stock. */
  vodka: Raw
  /** Beer at the reduced rate, 6.99, 50 in stock, backorders allowed. */
  beer: Raw
  /** A ticket with the variation `general`, 150, 20 in stock. */
  event: Raw
  general: Raw
}

export function smallShop(): SmallShop {
  const setting = (id: string, value: string) => ({ id, value })
  const shop = createShop({
    info: {
      name: 'Small',
      url: 'http://127.0.0.1:1',
      timezone: 'Europe/Bucharest',
      currency: 'RON',
      currencySymbol: 'lei',
      storeId: 'small',
      version: '11.0.1',
      consumerKey: 'ck_a',
      consumerSecret: 'cs_b',
      readOnlyKey: 'ck_c',
      readOnlySecret: 'cs_d',
    },
    highestId: 9,
    small: {
      categories: [
        { id: 15, name: 'Uncategorized', slug: 'uncategorized', parent: 0, count: 0 },
        { id: 16, name: 'Drinks', slug: 'drinks', parent: 0, count: 0 },
        { id: 17, name: 'Vodka', slug: 'vodka', parent: 16, count: 0 },
      ],
      terms: new Map([[3, [{ id: 31, name: 'General', slug: 'general' }]]]),
      taxes: [
        {
          id: 1,
          country: 'RO',
          state: '',
          rate: '21.0000',
          name: 'TVA',
          priority: 1,
          shipping: true,
          class: 'standard',
        },
        {
          id: 2,
          country: 'RO',
          state: '',
          rate: '11.0000',
          name: 'TVA redus',
          priority: 1,
          shipping: false,
          class: 'reduced-rate',
        },
      ],
      settings: new Map([
        ['tax', [setting('woocommerce_prices_include_tax', 'yes')]],
        ['general', [setting('woocommerce_default_country', 'RO:B')]],
      ]),
    },
  })
  const writes = createWrites(shop)
  const stocked = { manage_stock: true, regular_price: '128.07', stock_quantity: 100 }
  const vodka = writes.createProduct({ name: 'Vodka', sku: 'VOD-1', categories: [{ id: 17 }], ...stocked })
  const reduced = { tax_class: 'reduced-rate', regular_price: '6.99', backorders: 'yes' }
  const beer = writes.createProduct({
    name: 'Beer',
    sku: 'BEER-1',
    manage_stock: true,
    stock_quantity: 50,
    ...reduced,
  })
  const attribute = { id: 3, name: 'Ticket', slug: 'pa_ticket', options: ['General'], variation: true }
  const event = writes.createProduct({ name: 'Event', type: 'variable', attributes: [attribute] })
  const general = writes.createVariation(event.id as number, {
    sku: 'EV-GEN',
    regular_price: '150',
    manage_stock: true,
    stock_quantity: 20,
    virtual: true,
    attributes: [{ id: 3, option: 'General' }],
  })
  return { shop, writes, vodka, beer, event, general }
}

/** Two vodkas and a ticket. */
export function twoLines(small: SmallShop): Raw[] {
  return [
    { product_id: small.vodka.id, quantity: 2 },
    { product_id: small.event.id, variation_id: small.general.id, quantity: 1 },
  ]
}

/** The record of a row that must be there. */
export function bodyOf(table: Table, id: unknown): Raw {
  const row = table.get(id as number)
  assert.ok(row, `row ${id}`)
  return table.body(row)
}

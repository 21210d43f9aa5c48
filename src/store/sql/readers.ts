/** Which resources are read from a shop's database, and by what. */
import { attributeReader } from './attributes.ts'
import { couponReader } from './coupons.ts'
import { customerReader } from './customers.ts'
import { paymentGatewayReader } from './gateways.ts'
import { orderNoteReader } from './order-notes.ts'
import { orderReader, refundReader } from './orders/reader.ts'
import { productReader } from './products/products.ts'
import { variationReader } from './products/variations.ts'
import type { SqlReaders } from './reader.ts'
import { reviewReader } from './reviews.ts'
import { settingReader } from './settings.ts'
import { shippingMethodReader, shippingZoneReader } from './shipping.ts'
import { taxClassReader, taxRateReader } from './taxes.ts'
import { attributeTermReader, categoryReader, shippingClassReader, tagReader } from './terms.ts'
import { ticketReader } from './tickets.ts'

export const sqlReaders: SqlReaders = {
  orders: orderReader,
  refunds: refundReader,
  order_notes: orderNoteReader,
  products: productReader,
  variations: variationReader,
  categories: categoryReader,
  tags: tagReader,
  attributes: attributeReader,
  attribute_terms: attributeTermReader,
  shipping_classes: shippingClassReader,
  customers: customerReader,
  coupons: couponReader,
  reviews: reviewReader,
  tax_rates: taxRateReader,
  tax_classes: taxClassReader,
  shipping_zones: shippingZoneReader,
  shipping_methods: shippingMethodReader,
  payment_gateways: paymentGatewayReader,
  settings: settingReader,
  tickets: ticketReader,
}

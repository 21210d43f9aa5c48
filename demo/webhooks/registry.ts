/** The `/webhooks` records: what may be saved, and how failures disable one (rows 22, 23). */
import { randomBytes } from 'node:crypto'
import { DemoError } from '../errors.ts'
import type { Shop, Topic } from '../shop.ts'
import type { Raw } from '../table.ts'
import { isoSeconds, type Zone } from '../zone.ts'

/** A webhook with what REST does not show. */
export interface Webhook {
  id: number
  name: string
  status: 'active' | 'paused' | 'disabled'
  topic: Topic
  deliveryUrl: string
  secret: string
  failures: number
  /** No ping has been answered with 200 yet: each save sends another. */
  pending: boolean
  /** Unix seconds. */
  created: number
  modified: number | null
}

/** A new webhook from a request; a topic and a delivery address are needed, the secret may be the shop's own. */
export function newWebhook(shop: Shop, input: Raw): Webhook {
  const topic = checkedTopic(input.topic, 'Webhook topic is required and must be valid.')
  const deliveryUrl = checkedUrl(input.delivery_url)
  const second = Math.floor(shop.now() / 1000)
  const webhook: Webhook = {
    id: shop.nextRowId('webhook'),
    name: `Webhook created on ${isoSeconds(second)}`,
    status: 'active',
    topic,
    deliveryUrl,
    secret: randomBytes(25).toString('hex'),
    failures: 0,
    pending: true,
    created: second,
    modified: null,
  }
  if (input.name) webhook.name = String(input.name)
  if (input.secret) webhook.secret = String(input.secret)
  if (input.status) webhook.status = checkedStatus(input.status)
  return webhook
}

/** Applies a PUT; true when the address changed, which sends a ping. Failures stay counted. */
export function changeWebhook(webhook: Webhook, input: Raw): boolean {
  const topic = input.topic ? checkedTopic(input.topic, 'Webhook topic must be valid.') : webhook.topic
  const url = input.delivery_url ? checkedUrl(input.delivery_url) : webhook.deliveryUrl
  const status = input.status ? checkedStatus(input.status) : webhook.status
  const moved = url !== webhook.deliveryUrl
  Object.assign(webhook, { topic, deliveryUrl: url, status })
  if (input.name) webhook.name = String(input.name)
  if (input.secret) webhook.secret = String(input.secret)
  return moved
}

/** After a delivery: anything outside 200–302 is a failure, the 7th in a row disables, a success forgets (row 23). */
export function countDelivery(webhook: Webhook, status: number | null): void {
  if (status !== null && status >= 200 && status < 303) webhook.failures = 0
  else if (webhook.failures > 5) webhook.status = 'disabled'
  else webhook.failures++
}

/** The record as REST shows it (webhooks/webhook-resource.json); never the secret. */
export function webhookRecord(zone: Zone, webhook: Webhook): Raw {
  const { topic } = webhook
  const [resource, event] = topic.split('.')
  const local = (second: number | null) => (second === null ? null : isoSeconds(zone.toWall(second)))
  const gmt = (second: number | null) => (second === null ? null : isoSeconds(second))
  return {
    id: webhook.id,
    name: webhook.name,
    status: webhook.status,
    topic,
    resource,
    event,
    hooks: HOOKS[topic],
    delivery_url: webhook.deliveryUrl,
    date_created: local(webhook.created),
    date_created_gmt: gmt(webhook.created),
    date_modified: local(webhook.modified),
    date_modified_gmt: gmt(webhook.modified),
  }
}

function checkedTopic(value: unknown, message: string): Topic {
  const topic = String(value ?? '').toLowerCase()
  if (topic in HOOKS) return topic as Topic
  throw new DemoError(400, 'woocommerce_rest_shop_webhook_invalid_topic', message)
}

function checkedUrl(value: unknown): string {
  const url = String(value ?? '')
  if (/^https?:\/\/./.test(url) && URL.canParse(url)) return url
  const sentence = 'Webhook delivery URL must be a valid URL starting with http:// or https://.'
  throw new DemoError(400, 'woocommerce_rest_shop_webhook_invalid_delivery_url', sentence)
}

function checkedStatus(value: unknown): Webhook['status'] {
  if (value === 'active' || value === 'paused' || value === 'disabled') return value
  throw new DemoError(400, 'woocommerce_rest_shop_webhook_invalid_status', 'Webhook status must be valid.')
}

const HOOKS: Record<Topic, string[]> = {
  'coupon.created': ['woocommerce_process_shop_coupon_meta', 'woocommerce_new_coupon'],
  'coupon.updated': ['woocommerce_process_shop_coupon_meta', 'woocommerce_update_coupon'],
  'coupon.deleted': ['wp_trash_post'],
  'coupon.restored': ['untrashed_post'],
  'customer.created': ['user_register', 'woocommerce_created_customer', 'woocommerce_new_customer'],
  'customer.updated': ['profile_update', 'woocommerce_update_customer'],
  'customer.deleted': ['delete_user'],
  'customer.restored': [],
  'order.created': ['woocommerce_new_order'],
  'order.updated': ['woocommerce_update_order', 'woocommerce_order_refunded'],
  'order.deleted': ['wp_trash_post', 'woocommerce_trash_order'],
  'order.restored': ['untrashed_post', 'woocommerce_untrash_order'],
  'product.created': [
    'woocommerce_process_product_meta',
    'woocommerce_new_product',
    'woocommerce_new_product_variation',
  ],
  'product.updated': [
    'woocommerce_process_product_meta',
    'woocommerce_update_product',
    'woocommerce_update_product_variation',
  ],
  'product.deleted': ['wp_trash_post'],
  'product.restored': ['untrashed_post'],
}

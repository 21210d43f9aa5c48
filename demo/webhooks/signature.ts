/** `X-WC-Webhook-Signature`: base64 of HMAC-SHA256 over the raw body (row 21). */
import { createHmac } from 'node:crypto'

/** WooCommerce decodes HTML entities in the secret before it signs, so some secrets break (#22500). */
export function webhookSignature(body: string | Buffer, secret: string): string {
  const plain = secret.replace(/&(?:amp|lt|gt|quot|#0?39);/g, (entity) => ENTITIES[entity] ?? entity)
  return createHmac('sha256', plain).update(body).digest('base64')
}

const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#039;': "'",
  '&#39;': "'",
}

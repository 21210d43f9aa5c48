import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { ErrorCode } from '../../../src/errors.ts'
import { recordings } from '../../recordings.ts'
import { assertNothingSecret, closeAll, json, openClient, startShop } from './scripted.ts'

after(closeAll)

interface Recorded {
  file: string
  path: string
  status: number
  headers: Record<string, string>
}

/** The code each recorded answer must become; null: it is no fault. */
const expected: Record<string, ErrorCode | null> = {
  'bad-date': 'store_request_refused',
  'bad-key-https-basic': 'store_key_unknown',
  'bad-orderby': 'store_request_refused',
  'bad-secret-https-basic': 'store_secret_wrong',
  'bad-status': 'store_request_refused',
  'basic-over-http': 'store_key_unknown',
  'batch-101': 'store_request_refused',
  'batch-mixed': null,
  'customer-not-found': 'store_record_not_found',
  'html-404': 'store_route_missing',
  'method-not-allowed': 'store_route_missing',
  'no-auth-https': 'store_key_unknown',
  'oauth-bad-key': 'store_key_unknown',
  'oauth-bad-signature': 'store_signature_refused',
  'oauth-missing-param': 'store_signature_refused',
  'oauth-nonce-replay': 'store_signature_refused',
  'oauth-ok': null,
  'oauth-stale-timestamp': 'store_clocks_differ',
  'order-id-of-a-product': 'store_record_not_found',
  'order-id-of-a-refund': 'store_record_not_found',
  'order-not-found': 'store_record_not_found',
  'page-0': 'store_request_refused',
  'page-beyond-end-orders': null,
  'page-beyond-end-products': null,
  'per_page-0': 'store_request_refused',
  'per_page-101': 'store_request_refused',
  'product-dup-sku': 'store_request_refused',
  'product-force-deleted': 'store_record_not_found',
  'product-not-found': 'store_record_not_found',
  'put-bad-json': 'store_request_refused',
  'query-auth-bad-https': 'store_key_unknown',
  'query-auth-over-http': 'store_key_unknown',
  'query-auth-over-https': null,
  'readonly-key-read': null,
  'readonly-key-write': 'store_key_read_only',
  'unknown-namespace': 'store_route_missing',
  'unknown-route': 'store_route_missing',
}

const skip = recordings === null && 'THE RECORDINGS ARE NOT HERE: set WOOSYNC_RECORDINGS'

describe('every recorded error becomes its code (row 30a)', { skip }, () => {
  const folder = recordings ?? ''
  const index = skip ? [] : (JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as Recorded[])

  it('names them all', () => {
    const files = readdirSync(join(folder, 'errors')).map((file) => file.replace('.json', ''))
    assert.deepEqual(files.sort(), Object.keys(expected).sort())
  })

  for (const [name, code] of Object.entries(expected)) {
    it(`${name} → ${code ?? 'no fault'}`, async () => {
      const recorded = index.find(({ file }) => file === `errors/${name}.json`)
      assert.ok(recorded, 'it stands in index.json')
      const body = readFileSync(join(folder, recorded.file), 'utf8')
      const shop = await startShop((_, response) => json(response, body, recorded.status, recorded.headers))
      const { client, fault, said } = openClient(shop.url)
      const [, method, path] = /^\/wp-json\/(?:(PUT|POST|DELETE) )?(.*)$/.exec(recorded.path) ?? []
      const asked = `/wp-json/${path?.replace('<refund id>', '236').split('?')[0]}`
      const writes = method === 'PUT' || method === 'POST' || method === 'DELETE'
      const request = writes ? client.send(method, asked, {}) : client.get(asked, { per_page: 1 })
      if (code === null) {
        const answer = await request
        assert.deepEqual(answer.data, JSON.parse(body))
        const total = recorded.headers['x-wp-total']
        assert.equal(answer.total, total === undefined ? null : Number(total))
      } else {
        const error = await fault(request)
        assert.equal(error.code, code)
        assert.ok(!/undefined|null/.test(error.message), error.message)
      }
      assertNothingSecret(said, shop.seen)
    })
  }
})

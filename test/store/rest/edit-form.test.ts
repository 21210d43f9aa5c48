import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import { createStoreClient, type StoreClient } from '../../../src/store/rest/client.ts'
import { preferEditForm } from '../../../src/store/rest/edit-form.ts'
import { createPace } from '../../../src/store/rest/pace.ts'

/** As WooCommerce refuses a user without the right, signed in. */
const REFUSAL = JSON.stringify({
  code: 'woocommerce_rest_cannot_view',
  message: 'Sorry, you cannot list resources.',
  data: { status: 403 },
})

describe('12d: the raw form is asked for, the rendered one is taken where the key may not see it', () => {
  let server: Server
  let client: StoreClient
  let refused: RegExp
  let asked: string[]

  before(async () => {
    server = createServer((request, response) => {
      const url = request.url ?? ''
      asked.push(url.includes('context=edit') ? 'edit' : 'view')
      const refuses = refused.test(url)
      response.writeHead(refuses ? 403 : 200, { 'content-type': 'application/json' })
      response.end(refuses ? REFUSAL : JSON.stringify(url.includes('/products/7') ? { id: 7 } : [{ id: 7 }]))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    client = createStoreClient({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      consumerKey: `ck_${'1'.repeat(40)}`,
      consumerSecret: `cs_${'2'.repeat(40)}`,
      timeoutMs: 5000,
      keysInUrl: false,
      allowPlainHttp: false,
      allowPrivateAddresses: false,
      trustedAddress: true,
      pace: createPace({ mode: 'full' }),
    })
  })
  after(async () => {
    await client.close()
    server.close()
  })
  beforeEach(() => {
    asked = []
  })

  test('the raw form where it is given, without a mark', async () => {
    refused = /never/
    const { data } = await preferEditForm(client).get('products', { context: 'edit' })
    assert.deepEqual(data, [{ id: 7 }])
  })

  test('on 403 the form everybody sees, marked; the refusal is met once per route', async () => {
    refused = /context=edit/
    const wrapped = preferEditForm(client)
    const list = () => wrapped.get('products', { context: 'edit' })
    assert.deepEqual((await list()).data, [{ id: 7, texts: 'rendered' }])
    assert.deepEqual((await list()).data, [{ id: 7, texts: 'rendered' }])
    assert.deepEqual(asked, ['edit', 'view', 'view'])
    assert.deepEqual((await wrapped.get('products/7', { context: 'edit' })).data, {
      id: 7,
      texts: 'rendered',
    })
  })

  test('a route that refuses both forms keeps its error', async () => {
    refused = /./
    await assert.rejects(preferEditForm(client).get('orders', { context: 'edit' }), {
      code: 'store_rights_missing',
    })
  })
})

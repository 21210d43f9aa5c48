import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { loadRecordings } from '../../demo/recordings.ts'
import { type DemoServer, startDemoServer } from '../../demo/server.ts'
import type { Shop } from '../../demo/shop.ts'
import { recordings, skipWithoutRecordings } from '../recordings.ts'
import { ask, basic, selfSigned, type Told } from './shop-over-http.ts'

interface Recorded {
  file: string
  path: string
  status: number
  method?: string
  note?: string
  headers?: Record<string, string>
}

const RECORDED_HOST = 'https://127.0.0.1:8443'

describe('every recorded page of the real shop', { skip: skipWithoutRecordings }, () => {
  const folder = recordings ?? ''
  let shop: Shop
  let server: DemoServer

  before(async () => {
    shop = loadRecordings(folder)
    server = await startDemoServer({ shop, tls: await selfSigned() })
  })
  after(() => server.close())

  function get(path: string, method = 'GET'): Promise<Told> {
    return ask(server.url + path, { method, headers: basic(shop.info.consumerKey, shop.info.consumerSecret) })
  }

  const pages: Recorded[] = recordings
    ? JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')).filter((page: Recorded) =>
        page.file.startsWith('api/'),
      )
    : []

  for (const page of pages)
    it(`${page.file.slice(4)} ${page.note ?? ''}`, async () => {
      const expected = JSON.parse(readFileSync(join(folder, page.file), 'utf8'))
      const told = await get(page.path, page.method)
      assert.equal(told.status, page.status)
      if (page.note === 'trimmed')
        assert.deepEqual(trimmedTo(comparable(told.json), comparable(expected)), comparable(expected))
      else assert.deepEqual(comparable(told.json), comparable(expected))
      for (const name of ['x-wp-total', 'x-wp-totalpages', 'link', 'allow', 'cache-control', 'content-type'])
        if (page.headers && page.note !== 'trimmed')
          assert.equal(local(told.headers[name]), local(page.headers[name]), name)
    })

  it('has a page for each of the 172 products, 798 orders and 74 refunds of the README', () => {
    assert.equal(shop.products.size, 172)
    assert.equal(shop.orders.size, 798)
    assert.equal(shop.refunds.size, 74)
    assert.equal(shop.variations.size, 45)
    assert.equal(pages.length > 90, true)
  })

  /** Without what differs from shop to shop or at each request: the host, and the shuffled `related_ids` (row 4a). */
  function comparable(value: unknown): unknown {
    return JSON.parse(
      JSON.stringify(value, (key, held) => (key === 'related_ids' ? undefined : held)),
      (_, held) => (typeof held === 'string' ? local(held) : held),
    )
  }

  function local(value: string | string[] | undefined): string | undefined {
    return value?.toString().replaceAll(RECORDED_HOST, 'SHOP').replaceAll(server.url, 'SHOP')
  }
})

/** Of an answer, only what a trimmed page kept. */
function trimmedTo(answer: unknown, kept: unknown): unknown {
  if (Array.isArray(kept) && Array.isArray(answer)) return kept.map((item, i) => trimmedTo(answer[i], item))
  if (kept === null || typeof kept !== 'object' || answer === null || typeof answer !== 'object')
    return answer
  const names = Object.keys(kept) as (keyof typeof kept & keyof typeof answer)[]
  return Object.fromEntries(names.map((name) => [name, trimmedTo(answer[name], kept[name])]))
}

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { loadRecordings } from '../../demo/recordings.ts'
import { type DemoServer, startDemoServer } from '../../demo/server.ts'
import type { Shop } from '../../demo/shop.ts'
import type { Raw } from '../../demo/table.ts'
import { createWrites } from '../../demo/writes.ts'
import { isoSeconds } from '../../demo/zone.ts'
import { recordings, skipWithoutRecordings } from '../recordings.ts'
import { ask, signed } from './shop-over-http.ts'

interface Listed {
  status: number
  total: number
  pages: number
  rows: Raw[]
  ids: number[]
}

describe('lists as the real shop answered them (probes/semantics.json)', {
  skip: skipWithoutRecordings,
}, () => {
  const folder = recordings ?? ''
  let shop: Shop
  let server: DemoServer

  before(async () => {
    shop = loadRecordings(folder)
    server = await startDemoServer({ shop })
  })
  after(() => server.close())

  function sign(path: string, method = 'GET') {
    const { consumerKey: key, consumerSecret: secret } = shop.info
    return signed(`${server.url}/wp-json/wc/v3/${path}`, { key, secret, method })
  }

  async function list(path: string): Promise<Listed> {
    const { status, headers, json } = await ask(sign(path))
    const rows = Array.isArray(json) ? (json as Raw[]) : []
    const number = (name: string) => Number(headers[name])
    return {
      status,
      total: number('x-wp-total'),
      pages: number('x-wp-totalpages'),
      rows,
      ids: rows.map((row) => Number(row.id)),
    }
  }

  const probes: { k: string; v: Raw }[] = recordings
    ? JSON.parse(readFileSync(join(folder, 'probes', 'semantics.json'), 'utf8'))
    : []
  const probe = (name: string) => probes.find(({ k }) => k === name)?.v as Raw

  for (const { k } of probes.filter(({ k }) => / \d+ dates$/.test(k)))
    it(`${k.replace(' dates', '')}: dates with and without suffixes and dates_are_gmt (row 2)`, async () => {
      const [resource, id] = k.split(' ')
      // The record's own dates: product 10 was changed after the probe was taken.
      const record = (await ask(sign(`${resource}/${id}`))).json as Record<string, string>
      const expected = probe(k.replace('dates', 'date filters (1 = returned)'))
      assert.equal(Object.keys(expected).length, 52)
      for (const [question, returned] of Object.entries(expected)) {
        const filter = spell(question, record)
        const { ids } = await list(`${resource}?include=${id}&${filter}`)
        assert.equal(ids.length, returned, `${question}: ${filter}`)
      }
    })

  /** "modified_after=gmt-1s with Z, dates_are_gmt=true" as a query, from the record's own dates. */
  function spell(question: string, record: Record<string, string>): string {
    const [, name = '', clock, shift, suffix = ''] =
      /^(\w+)=(gmt|local)([+-]\d+)s(?: with (\S+?))?(?:,|$)/.exec(question) ?? []
    const field = name.startsWith('modified') ? 'date_modified' : 'date_created'
    const text = record[clock === 'gmt' ? `${field}_gmt` : field]
    const moved = isoSeconds(Date.parse(`${text}Z`) / 1000 + Number(shift))
    const gmt = /[, ]dates_are_gmt=true/.test(question) ? '&dates_are_gmt=true' : ''
    return `${name}=${encodeURIComponent(moved + suffix)}${gmt}`
  }

  for (const { k, v } of probes.filter(({ k }) => /^orders (default|status=)/.test(k)))
    it(`${k} (row 6)`, async () => {
      const question = k === 'orders default' ? 'per_page=100' : `${k.slice(7)}&per_page=1`
      const told = await list(`orders?${question}`)
      assert.deepEqual(
        { total: String(told.total), pages: String(told.pages), n: told.rows.length },
        { total: v.total, pages: v.pages, n: v.n },
      )
      assert.deepEqual(told.ids.slice(0, 4), v.ids)
    })

  it('products by status, with the three that came after the probes (row 6)', async () => {
    const counts = { any: 167, trash: 5, publish: 150, draft: 6, private: 6, pending: 3, future: 2 }
    for (const [status, count] of Object.entries(counts))
      assert.equal((await list(`products?status=${status}`)).total, count, status)
    assert.equal((await list('products?include_status=any,trash')).total, 172)
    assert.equal((await list('products?include_status=publish,trash')).total, 155)
    assert.equal((await list('products?include_status[0]=publish&include_status[1]=trash')).total, 155)
  })

  it('products by type, and the sentence for a type that is none', async () => {
    const counts = { simple: 154, variable: 11, grouped: 1, external: 1 }
    for (const [type, count] of Object.entries(counts))
      assert.equal((await list(`products?type=${type}`)).total, count, type)
    const { status, text } = await ask(sign('products?type=variation'))
    const recorded = probe('products type=variation') as { status: number; body: string }
    assert.equal(status, recorded.status)
    assert.equal(text.slice(0, recorded.body.length), recorded.body)
  })

  it('all 798 orders when every status is named, none twice (rows 5, 6)', async () => {
    const all = 'pending,processing,on-hold,completed,cancelled,refunded,failed,checkout-draft,trash'
    const seen = new Set<number>()
    for (let page = 1; page <= 8; page++)
      for (const id of (
        await list(`orders?status=${all}&orderby=modified&order=asc&per_page=100&page=${page}`)
      ).ids)
        seen.add(id)
    assert.equal(seen.size, 798)
  })

  it('sorted by modification date, those of one second by id', async () => {
    for (const order of ['asc', 'desc']) {
      const recorded = probe(`orders orderby=modified ${order}`) as unknown as Raw[]
      const { rows } = await list(
        `orders?orderby=modified&order=${order}&per_page=5&_fields=id,date_modified_gmt`,
      )
      assert.deepEqual(rows, recorded)
    }
  })

  it('_fields (row 12a) and meta filters', async () => {
    const first = (fields: string) => list(`orders?per_page=1&_fields=${fields}`).then(({ rows }) => rows)
    for (const fields of ['id,billing.email', 'id,line_items.sku', 'id,meta_data.key'])
      assert.deepEqual(await first(fields), probe(`_fields=${fields}`), fields)
    const meta = async (query: string) => (await list(`orders?per_page=1&_fields=id,meta_data&${query}`)).rows
    assert.deepEqual(await meta('include_meta=factura'), probe('include_meta'))
    assert.deepEqual(await meta('exclude_meta=factura'), probe('exclude_meta'))
  })

  it('include asks within the statuses (row 6)', async () => {
    assert.deepEqual((await list('orders?include=233,99999999')).ids, [233])
    assert.equal((await list('orders?include=402')).total, 0)
    assert.equal((await list('orders?include=402&status=any')).total, 0)
    assert.deepEqual((await list('orders?include=402&status=trash')).ids, [402])
    assert.deepEqual((await list('orders?include=240,233,241&orderby=include')).ids, [240, 233, 241])
    assert.equal((await list('orders?exclude=233,234')).total, 767)
  })

  it('offset wins over page (row 12a)', async () => {
    const recorded = probe('offset 50 page 2') as unknown as { ids: number[]; total: string; pages: string }
    const told = await list('orders?offset=50&page=2&per_page=10&orderby=id&order=asc')
    assert.deepEqual(told.ids.slice(0, 4), recorded.ids)
    assert.deepEqual([String(told.total), String(told.pages)], [recorded.total, recorded.pages])
  })

  it('HEAD gives the totals and no body (row 13)', async () => {
    const { status, headers, text } = await ask(sign('orders', 'HEAD'), { method: 'HEAD' })
    assert.deepEqual([status, headers['x-wp-total'], text], [200, '769', ''])
  })

  it('past the end: [] with a total of 0 for orders and refunds, the true one elsewhere (row 11)', async () => {
    const totals: Record<string, number> = {}
    for (const resource of ['orders', 'refunds', 'products', 'variations', 'coupons', 'customers'])
      totals[resource] = (await list(`${resource}?per_page=100&page=50`)).total
    assert.deepEqual(totals, {
      orders: 0,
      refunds: 0,
      products: 167,
      variations: 45,
      coupons: 6,
      customers: 20,
    })
  })

  it('orders by product: the parent counts, a variation does not (row 12a)', async () => {
    assert.equal((await list('orders?product=224')).total, 199)
    assert.equal((await list('orders?product=225')).total, 0)
    assert.equal(
      (await list('orders?customer=4')).rows.every((order) => order.customer_id === 4),
      true,
    )
  })

  it('two orders of one local time when summer time ends (row 3)', async () => {
    const fields = '_fields=id,date_created,date_created_gmt'
    const { rows } = await list(`orders?include=895,896&${fields}`)
    assert.deepEqual(rows, probe('DST fold orders'))
    const late = await list(`orders?after=2026-10-25T03:00:00&before=2026-10-25T03:59:00&${fields}`)
    assert.deepEqual(late.rows, probe('DST fold local after 03:00 before 03:59'))
  })

  it('customers ignore modified_after and know no orderby=modified (rows 1, 10)', async () => {
    const told = await list('customers?modified_after=2030-01-01T00:00:00&per_page=1')
    assert.deepEqual([told.total, told.ids], [20, [9]])
    const { text } = await ask(sign('customers?orderby=modified'))
    assert.equal(text.startsWith(String(probe('customers orderby=modified').body)), true)
    assert.equal((await list('customers?role=all')).total, 21)
  })

  it('terms know no modified_after (row 1)', async () => {
    assert.equal((await list('products/categories?modified_after=2030-01-01T00:00:00')).total, 25)
  })

  it('refunds and variations can be filtered by date (rows 1, 8, 9)', async () => {
    const late = '2026-11-22T10:00:00'
    const refunds = await list(`refunds?modified_after=${late}&dates_are_gmt=true`)
    assert.equal(refunds.total < 74 && refunds.total > 0, true)
    assert.equal((await list('variations?modified_after=2030-01-01T00:00:00')).total, 0)
  })

  it('an older shop has no global variations or refunds (rows 8, 9)', async () => {
    const old = await startDemoServer({
      shop: loadRecordings(folder),
      lacks: ['globalVariations', 'globalRefunds'],
    })
    try {
      const { consumerKey: key, consumerSecret: secret } = shop.info
      for (const path of ['variations', 'refunds']) {
        const { status, json } = await ask(signed(`${old.url}/wp-json/wc/v3/${path}`, { key, secret }))
        assert.deepEqual([status, (json as Raw).code], [404, 'rest_no_route'])
      }
    } finally {
      await old.close()
    }
  })

  it('a renamed category shows in its products, whose dates stand still (row 4)', async () => {
    const product = async () => (await ask(sign('products/10'))).json as Raw
    const earlier = await product()
    createWrites(shop).updateCategory(17, { name: 'Vodcă nouă' })
    const later = await product()
    assert.equal((later.categories as Raw[])[0]?.name, 'Vodcă nouă')
    assert.equal(later.date_modified_gmt, earlier.date_modified_gmt)
  })

  it('a product written to shows its new text plainly, in both contexts (row 12d)', async () => {
    createWrites(shop).updateProduct(12, { description: 'Text <b>nou</b>' })
    for (const context of ['view', 'edit'])
      assert.equal(
        ((await ask(sign(`products/12?context=${context}`))).json as Raw).description,
        'Text <b>nou</b>',
      )
  })
})

/** Lists as CSV and NDJSON: whole, safe for spreadsheets, in a stream that stops where the client stops. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { allOperations } from '../../../src/operations.ts'
import { code, demoMirror, startApi } from './api-parts.ts'

const api = await startApi(await demoMirror({ seed: 10, products: 30, orders: 70 }))
const { pool } = api.database
const key = await api.key(['admin', 'personal'])

const lists = allOperations.filter(
  ({ http, list }) => list !== undefined && http.startsWith('GET ') && !http.includes('{'),
)

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '')

test('NDJSON holds the rows of all pages, CSV as many lines', async (t) => {
  assert.ok(lists.length >= 3)
  for (const { name, http, list, input } of lists) {
    if (!('cursor' in input.shape)) continue
    await t.test(name, async () => {
      const path = `/api/v1${http.split(' ')[1]}`
      const rows: unknown[] = []
      let cursor: string | null = null
      do {
        const more: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
        const answer = await api.get(`${path}?limit=7${more}`, key)
        const page = (await answer.json()) as Record<string, unknown>
        rows.push(...(page[list as string] as unknown[]))
        cursor = page.nextCursor as string | null
      } while (cursor !== null)
      const exported = await api.get(`${path}?format=ndjson`, key)
      assert.equal(exported.headers.get('content-type'), 'application/x-ndjson; charset=utf-8')
      assert.match(
        String(exported.headers.get('content-disposition')),
        /^attachment; filename="[\w.-]+\.ndjson"$/,
      )
      assert.deepEqual(
        linesOf(await exported.text()).map((line) => JSON.parse(line)),
        rows,
      )
      const some = await api.get(`${path}?limit=3`, key, { accept: 'application/x-ndjson' })
      assert.equal(linesOf(await some.text()).length, Math.min(3, rows.length))
      const csv = await api.get(path, key, { accept: 'text/csv' })
      assert.equal(csv.headers.get('content-type'), 'text/csv; charset=utf-8; header=present')
      assert.equal(recordsOf(await csv.text()).length, rows.length + 1)
    })
  }
})

test('a cell that a spreadsheet would take for a formula', async () => {
  const hostile = ['=1+1', '+1+1', '-1+1', '@SUM(A1)', '\tx', '\rx', '"quoted", with; all\nof it', '-5']
  const { rows } = await pool.query(
    `SELECT id FROM mirror.products WHERE status = 'publish' ORDER BY id LIMIT 8`,
  )
  for (const [at, name] of hostile.entries()) {
    await pool.query(`UPDATE mirror.products SET name = $1 WHERE id = $2`, [name, rows[at].id])
  }
  const [head = [], ...records] = recordsOf(await (await api.get('/api/v1/products?format=csv', key)).text())
  const column = head.indexOf('name')
  assert.ok(column >= 0)
  const names = new Set(records.map((record) => record[column]))
  for (const name of hostile.slice(0, 6)) assert.ok(names.has(`'${name}`), JSON.stringify(name))
  assert.ok(names.has(hostile[6]))
  assert.ok(names.has('-5'), 'a number stays one')
})

test('a form that does not exist, and bad input, are answered before anything is sent', async () => {
  assert.equal(await code(await api.get('/api/v1/products?format=xml', key)), 'input_invalid')
  assert.equal(await code(await api.get('/api/v1/products?format=csv&nonsense=1', key)), 'input_invalid')
  assert.equal(await code(await api.get('/api/v1/products?format=csv&limit=1001', key)), 'input_invalid')
  assert.equal(await code(await api.get('/api/v1/products?format=csv&cursor=x', key)), 'cursor_invalid')
  assert.equal(await code(await api.get('/api/v1/stock/status?sku=a&format=csv', key)), 'input_invalid')
})

const ROWS = 120_000
const LARGE = '/api/v1/mirror/changes?format=ndjson'

/** The answer's head; nothing of its body is read until somebody does. */
async function begin(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const request = get(`${api.url}${path}`, { headers: { authorization: `Bearer ${key}`, ...headers } })
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  return answer
}

async function readAll(answer: IncomingMessage): Promise<number> {
  let bytes = 0
  for await (const part of answer) bytes += part.length
  return bytes
}

test('a large export', async (t) => {
  await pool.query(
    `INSERT INTO mirror.changes (store_id, resource, id, change, way)
     SELECT store_id, 'orders', n::text, 'updated', 'follow' FROM mirror.stores, generate_series(1, ${ROWS}) n`,
  )
  let asked = 0
  pool.on('acquire', () => {
    asked += 1
  })
  const pages = ROWS / 1000
  /** As much time as the server would need for all pages. */
  const meanwhile = async () => {
    for (let at = 0; at < pages; at += 1) await pool.query('SELECT 1')
    asked -= pages
  }

  await t.test('waits for a client that does not read', async () => {
    asked = 0
    const answer = await begin(LARGE)
    await meanwhile()
    assert.ok(asked < pages / 2, `${asked} of ${pages} pages were read for nobody`)
    answer.destroy()
  })
  await t.test('ends when the client leaves', async () => {
    const answer = await begin(LARGE)
    const closed = once(answer, 'close')
    answer.destroy()
    await closed
    await meanwhile()
    asked = 0
    await meanwhile()
    assert.equal(asked, 0)
  })
  for (const encoding of ['identity', 'gzip']) {
    await t.test(`is whole, ${encoding}`, async () => {
      const whole = await api.get(LARGE, key, { 'accept-encoding': encoding })
      assert.ok(linesOf(await whole.text()).length >= ROWS)
    })
    await t.test(`that breaks does not look as if it were whole, ${encoding}`, async () => {
      const answer = await begin(LARGE, { 'accept-encoding': encoding })
      await pool.query('ALTER TABLE mirror.changes RENAME TO changes_away')
      try {
        await assert.rejects(readAll(answer), { code: 'ECONNRESET' })
        assert.equal(answer.complete, false)
      } finally {
        await pool.query('ALTER TABLE mirror.changes_away RENAME TO changes')
      }
    })
  }
})

/** RFC 4180, as a spreadsheet reads it. */
function recordsOf(csv: string): string[][] {
  const records: string[][] = []
  let record: string[] = []
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(,|\r\n)/g)) {
    record.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    if (end !== '\r\n') continue
    records.push(record)
    record = []
  }
  return records
}

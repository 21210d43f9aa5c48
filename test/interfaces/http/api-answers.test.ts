/** Answers: ETags, compression, pages and where they go on, personal data. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { allOperations, operations } from '../../../src/operations.ts'
import { personalFields } from '../../../src/questions/personal.ts'
import { READER } from '../../questions/shop.ts'
import { code, demoMirror, startApi } from './api-parts.ts'

const api = await startApi(await demoMirror({ seed: 9, products: 40, orders: 60 }))
const reader = await api.key(['read'])
const person = await api.key(['read', 'personal'])
const LIST = '/api/v1/products?limit=5&sort=name'

interface Page {
  products: { id: number; name: string }[]
  nextCursor: string | null
  asOf: { products: { at: string } }
  facts: unknown[]
}

test('an answer is what the operation answers, the same for HTTP and within', async () => {
  const answer = await api.get('/api/v1/stock/low?threshold=5', reader)
  assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8')
  assert.deepEqual(await answer.json(), await api.ask(operations.stock.low, { threshold: 5 }, READER))
})

test('ETag: the same while the data is the same, whatever its age', async () => {
  const first = await api.get(LIST, reader)
  const tag = first.headers.get('etag') as string
  assert.match(tag, /^W\/"[\w-]{27}"$/)
  assert.equal(first.headers.get('cache-control'), 'private, no-cache')
  assert.match(String(first.headers.get('vary')), /Authorization/)
  const before = (await first.json()) as Page
  assert.equal(first.headers.get('x-as-of'), before.asOf.products.at)

  await api.database.pool.query(`UPDATE sync.resources SET followed_at = followed_at + interval '1 hour'`)
  let same = await api.get(LIST, reader, { 'if-none-match': `"other", ${tag}` })
  // How old the copy is, is remembered for a second.
  while (same.headers.get('x-as-of') === before.asOf.products.at) {
    same = await api.get(LIST, reader, { 'if-none-match': tag.slice(2) })
  }
  assert.equal(same.status, 304)
  assert.equal(await same.text(), '')
  assert.equal(same.headers.get('etag'), tag)
  assert.equal((await api.get(LIST, reader, { 'if-none-match': '*' })).status, 304)
  assert.equal((await api.get(LIST, reader, { 'if-none-match': '"other"' })).status, 200)

  await api.database.pool.query(`UPDATE mirror.products SET name = name || '!'`)
  const after = await api.get(LIST, reader, { 'if-none-match': tag })
  assert.equal(after.status, 200)
  assert.notEqual(after.headers.get('etag'), tag)
  await after.text()
})

test('compressed as the client takes it, from a kilobyte on', async () => {
  const unpack = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync }
  const plain = await (await api.get(LIST, reader, { 'accept-encoding': 'identity' })).text()
  for (const [encoding, open] of Object.entries(unpack)) {
    // fetch would unpack what it knows.
    const bytes = await new Promise<Buffer>((resolve, reject) => {
      import('node:http').then(({ get }) =>
        get(
          `${api.url}${LIST}`,
          { headers: { authorization: `Bearer ${reader}`, 'accept-encoding': encoding } },
          (answer) => {
            assert.equal(answer.headers['content-encoding'], encoding)
            assert.match(String(answer.headers.vary), /accept-encoding/i)
            const parts: Buffer[] = []
            answer.on('data', (part) => parts.push(part))
            answer.on('end', () => resolve(Buffer.concat(parts)))
          },
        ).on('error', reject),
      )
    })
    assert.ok(bytes.length < plain.length)
    assert.equal(open(bytes).toString(), plain)
  }
  const small = await api.get('/api/v1/mirror/needs-refresh', reader, { 'accept-encoding': 'gzip' })
  assert.equal(small.headers.get('content-encoding'), null)
})

test('pages go on by cursor and by Link, and hold every row once', async () => {
  const ids: number[] = []
  let address: string | null = LIST
  while (address !== null) {
    const answer: Response = await api.get(address, reader)
    const page = (await answer.json()) as Page
    ids.push(...page.products.map(({ id }) => id))
    const link = answer.headers.get('link')
    const next = link === null ? null : (/^<(.+)>; rel="next"$/.exec(link)?.[1] as string)
    assert.equal(next === null, page.nextCursor === null)
    if (next !== null) assert.equal(new URL(next, api.url).searchParams.get('limit'), '5')
    address = next
  }
  const { rows } = await api.database.pool.query(
    `SELECT count(*) AS n FROM mirror.products WHERE deleted_at IS NULL AND status = 'publish'`,
  )
  assert.equal(new Set(ids).size, ids.length)
  assert.ok(ids.length >= rows[0].n)
  assert.equal(await code(await api.get(`${LIST}&cursor=x`, reader)), 'cursor_invalid')
})

test('without the right, no personal data in an answer, an export or a question', async () => {
  const { rows } = await api.database.pool.query(
    `SELECT billing_email AS email, billing_name AS name FROM mirror.orders WHERE billing_email <> ''`,
  )
  assert.ok(rows.length > 0)
  const secrets = rows.flatMap(({ email, name }) => [email, name]).filter((one) => one?.length > 8)
  let shown = 0
  for (const { http, list } of allOperations) {
    const [method, path] = http.split(' ') as [string, string]
    if (method !== 'GET' || path.includes('{') || /^\/(keys|users|doctor)/.test(path)) continue
    for (const format of list ? ['', '?format=csv', '?format=ndjson'] : ['']) {
      const mine = await (await api.get(`/api/v1${path}${format}`, reader)).text()
      const leaked = secrets.find((secret) => mine.includes(secret))
      assert.equal(leaked, undefined, `${path}${format}`)
      const whole = await (await api.get(`/api/v1${path}${format}`, person)).text()
      if (secrets.some((secret) => whole.includes(secret))) shown += 1
    }
  }
  assert.ok(shown >= 3, 'with the right they are there')
})

test('a field that asks for a person is refused', async () => {
  const asking = allOperations.flatMap(({ http, input }) =>
    http.includes('{') || !http.startsWith('GET ')
      ? []
      : personalFields(input).map((field) => `/api/v1${http.split(' ')[1]}?${field}=ana@shop.example`),
  )
  assert.ok(asking.length > 0)
  for (const address of asking) {
    assert.equal(await code(await api.get(address, reader)), 'key_lacks_personal', address)
    assert.equal((await api.get(address, person)).status, 200, address)
  }
})

test('HEAD is not taken below /api: it would do the work and throw it away', async () => {
  assert.equal((await api.send('HEAD', LIST, reader)).status, 405)
})

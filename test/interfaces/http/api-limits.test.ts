/** How often who may ask, and from which pages. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAttempts } from '../../../src/interfaces/http/attempts.ts'
import { createSharedAttempts } from '../../../src/interfaces/http/shared-attempts.ts'
import { code, demoMirror, startApi } from './api-parts.ts'

const shop = await demoMirror({ seed: 13, products: 10, orders: 12 })
const ANY = '/api/v1/mirror/needs-refresh'

test('each key has its own number of requests in a minute', async () => {
  const api = await startApi(shop, { RATE_LIMIT_PER_MINUTE: '5' })
  const [mine, other] = [await api.key(['read']), await api.key(['read'])]
  for (let left = 4; left >= 0; left -= 1) {
    const answer = await api.get(left % 2 ? '/api/v1/nothing' : ANY, mine)
    assert.equal(answer.headers.get('x-ratelimit-remaining'), String(left))
    await answer.text()
  }
  for (const path of [ANY, '/api/v1/nothing', '/openapi.json', '/docs', '/api/v1/events']) {
    const refused = await api.get(path, mine)
    const seconds = Number(refused.headers.get('retry-after'))
    assert.ok(seconds > 0 && seconds <= 60)
    assert.equal(await code(refused), 'rate_limited', path)
  }
  assert.equal((await api.get(ANY, other)).status, 200)
})

test('wrong keys of one address have to wait at every server, a right one has not', async () => {
  const [one, other] = [await startApi(shop), await startApi(shop)]
  const wrong = `woo_${'b'.repeat(43)}`
  for (let tries = 0; tries < 30; tries += 1) {
    const server = tries % 2 ? one : other
    assert.equal(await code(await server.get(ANY, wrong)), 'key_unknown')
  }
  const key = await one.key(['read'])
  for (const server of [one, other, await startApi(shop)]) {
    const refused = await server.get(ANY, wrong)
    const seconds = Number(refused.headers.get('retry-after'))
    assert.ok(seconds > 0 && seconds <= 60)
    assert.equal(await code(refused), 'too_many_attempts')
    assert.equal((await server.get(ANY, key)).status, 200)
  }
  const { rows } = await shop.database.pool.query('SELECT who::text, count FROM access.attempts')
  assert.deepEqual(
    rows.map(({ count }) => count),
    [30],
  )
  assert.match(rows[0].who, /^\\x[0-9a-f]{64}$/)
})

test('attempts of all processes are counted together, also when they come at once', async () => {
  const { pool } = shop.database
  const attempts = (what = 'a test') => createSharedAttempts({ pool, what, most: 5, withinMs: 60_000 })
  const processes = [attempts(), attempts(), attempts()] as const
  const ends = await Promise.allSettled(
    Array.from({ length: 12 }, (_, tries) => processes[tries % 3]?.count('somebody')),
  )
  const refused = ends.filter(({ status }) => status === 'rejected')
  assert.equal(refused.length, 7)
  const tooMany = { code: 'too_many_attempts' }
  await attempts().count('somebody else')
  await attempts('another thing').count('somebody')
  await assert.rejects(attempts().count('somebody'), tooMany)
  await processes[0].takeBack('somebody')
  await attempts().count('somebody')
  await assert.rejects(attempts().count('somebody'), tooMany)
  await processes[1].forget('somebody')
  await attempts().count('somebody')
  for (let tries = 0; tries < 4; tries += 1) await attempts().count('somebody')
  await assert.rejects(attempts().count('somebody'), tooMany)
  await pool.query(`UPDATE access.attempts SET ends_at = now() - interval '1 second'`)
  for (let tries = 0; tries < 5; tries += 1) await attempts().count('somebody')
  await assert.rejects(attempts().count('somebody'), tooMany)
})

test('where the database takes no writes, each process counts for itself', async () => {
  const { pool } = shop.database
  const attempts = createSharedAttempts({ pool, what: 'unwritten', most: 2, withinMs: 60_000 })
  await pool.query('ALTER TABLE access.attempts RENAME TO gone')
  await attempts.count('somebody')
  await attempts.count('somebody')
  await assert.rejects(attempts.count('somebody'), { code: 'too_many_attempts' })
  await attempts.takeBack('somebody')
  await attempts.count('somebody')
  await pool.query('ALTER TABLE access.gone RENAME TO attempts')
})

test('attempts are forgotten after their time, and the longest ago first', () => {
  let now = 0
  const attempts = createAttempts({ most: 2, withinMs: 1000, remember: 2, now: () => now })
  const refused = { code: 'too_many_attempts', data: { seconds: 1 } }
  attempts.count('a')
  attempts.count('a')
  assert.throws(() => attempts.count('a'), refused)
  attempts.takeBack('a')
  attempts.count('a')
  assert.throws(() => attempts.count('a'), refused)
  now = 1000
  attempts.count('a')
  attempts.count('a')
  attempts.forget('a')
  attempts.count('a')
  attempts.count('a')
  attempts.count('b')
  assert.throws(() => attempts.count('a'), refused)
  attempts.count('c')
  attempts.count('a')
})

test('pages of other addresses: none, unless they are named', async () => {
  const origin = 'https://app.example'
  const preflight = (url: string, from: string) =>
    fetch(`${url}${ANY}`, {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    })
  const closed = await startApi(shop)
  const refused = await preflight(closed.url, origin)
  assert.equal(refused.headers.get('access-control-allow-origin'), null)
  assert.equal(await code(refused), 'unauthorized')
  const plain = await closed.get(ANY, await closed.key(['read']), { origin })
  assert.equal(plain.headers.get('access-control-allow-origin'), null)

  const open = await startApi(shop, { CORS_ORIGINS: `${origin}, https://b.example` })
  const key = await open.key(['read'])
  const allowed = await preflight(open.url, origin)
  assert.equal(allowed.status, 204)
  assert.equal(allowed.headers.get('access-control-allow-origin'), origin)
  assert.match(String(allowed.headers.get('access-control-allow-headers')), /Authorization/)
  assert.equal(allowed.headers.get('access-control-allow-credentials'), null)
  const answer = await open.get(ANY, key, { origin })
  assert.equal(answer.headers.get('access-control-allow-origin'), origin)
  assert.match(String(answer.headers.get('vary')), /Origin/i)
  assert.match(String(answer.headers.get('access-control-expose-headers')), /ETag/)
  const wrong = await open.get(ANY, null, { origin })
  assert.equal(wrong.headers.get('access-control-allow-origin'), origin, 'errors can be read too')
  assert.equal(await code(wrong), 'unauthorized')
  for (const other of ['https://app.example.evil', 'http://app.example', 'null']) {
    assert.equal((await preflight(open.url, other)).headers.get('access-control-allow-origin'), null)
    const asked = await open.get(ANY, key, { origin: other })
    assert.equal(asked.headers.get('access-control-allow-origin'), null)
  }
  const page = await open.get('/', null, { origin })
  assert.equal(page.headers.get('access-control-allow-origin'), null, 'the status page is not for others')
})

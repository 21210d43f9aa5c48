/** How often who may ask, and from which pages. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAttempts } from '../../../src/interfaces/http/attempts.ts'
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

test('wrong keys of one address have to wait, a right one has not', async () => {
  const api = await startApi(shop)
  const wrong = `woo_${'b'.repeat(43)}`
  for (let tries = 0; tries < 30; tries += 1)
    assert.equal(await code(await api.get(ANY, wrong)), 'key_unknown')
  const refused = await api.get(ANY, wrong)
  assert.ok(Number(refused.headers.get('retry-after')) > 0)
  assert.equal(await code(refused), 'too_many_attempts')
  assert.equal((await api.get(ANY, await api.key(['read']))).status, 200)
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

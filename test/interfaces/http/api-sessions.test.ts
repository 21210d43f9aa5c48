/** People: made by an administrator, signed in with a password, shut out. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operations } from '../../../src/operations.ts'
import { READER } from '../../questions/shop.ts'
import { type Api, code, demoMirror, startApi } from './api-parts.ts'

const shop = await demoMirror({ seed: 7, products: 10, orders: 12 })
const api = await startApi(shop)
const ANY = '/api/v1/mirror/freshness'
const PASSWORD = 'correct horse battery'

const form = (fields: Record<string, string>, headers: Record<string, string> = {}, at: Api = api) =>
  fetch(`${at.url}/sign-in`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(fields),
    redirect: 'manual',
  })
const cookieOf = (answer: Response) =>
  answer.headers
    .getSetCookie()
    .map((one) => one.split(';', 1)[0])
    .join('; ')
const user = (email: string, more: object = {}) =>
  api.ask(operations.users.create, { email, password: PASSWORD, ...more })
const signIn = async (email: string, password = PASSWORD) => cookieOf(await form({ email, password }))

test('somebody signs in, asks, and signs out', async () => {
  const { user: made, password } = await api.ask(operations.users.create, { email: 'Ana@Shop.example' })
  assert.equal(made.email, 'ana@shop.example')
  assert.ok(password && password.length >= 16)
  const answer = await form({ email: ' ANA@shop.example', password, next: '/docs' })
  assert.equal(answer.status, 303)
  assert.equal(answer.headers.get('location'), '/docs')
  const [set] = answer.headers.getSetCookie()
  assert.match(String(set), /^woosync\.session_token=[^;]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/)
  const cookie = cookieOf(answer)
  assert.equal((await api.get(ANY, null, { cookie })).status, 200)
  assert.equal((await api.get('/docs', null, { cookie, accept: 'text/html' })).status, 200)
  assert.match(await (await api.get('/sign-in', null, { cookie })).text(), /You are signed in/)
  assert.equal(
    await code(await api.get(ANY, null, { cookie: cookie.replace(/.{4}$/, 'AAAA') })),
    'unauthorized',
  )

  const out = await fetch(`${api.url}/sign-out`, { method: 'POST', headers: { cookie }, redirect: 'manual' })
  assert.equal(out.status, 303)
  assert.match(String(out.headers.getSetCookie()[0]), /^woosync\.session_token=; Max-Age=0/)
  assert.equal(await code(await api.get(ANY, null, { cookie })), 'unauthorized')
  assert.ok(!api.lines.join('').includes(password), 'no password stands in the log')
})

test('a person without a session is sent to the form, a program gets its 401', async () => {
  const asked = await api.get('/docs?a=1', null, { accept: 'text/html,*/*' })
  assert.equal(asked.status, 303)
  assert.equal(asked.headers.get('location'), '/sign-in?next=%2Fdocs')
  assert.equal(await code(await api.get('/docs')), 'unauthorized')
  const home = await api.get('/', null, { accept: 'text/html', 'x-forwarded-for': '203.0.113.9' })
  assert.equal(home.headers.get('location'), '/sign-in?next=%2F')
  assert.equal(await code(await api.get(ANY, null, { accept: 'text/html' })), 'unauthorized')
  const page = await api.get('/sign-in?next=/docs')
  assert.match(String(page.headers.get('content-security-policy')), /form-action 'self'/)
  assert.match(await page.text(), /name="next" value="\/docs"/)
  for (const next of [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/"><script>',
    'javascript:0',
  ]) {
    const html = await (await api.get(`/sign-in?next=${encodeURIComponent(next)}`)).text()
    assert.match(html, /name="next" value="\/sign-in"/, next)
  }
})

test('roles: what a person may, and whose data is seen', async () => {
  const tries: [string, object, [number, number, number]][] = [
    ['v@shop.example', { role: 'viewer' }, [200, 403, 403]],
    ['o@shop.example', { role: 'operator', withoutPersonal: true }, [200, 200, 403]],
    ['a@shop.example', { role: 'admin' }, [200, 200, 200]],
  ]
  for (const [email, more, wanted] of tries) {
    await user(email, more)
    const cookie = await signIn(email)
    const found = [
      (await api.get(ANY, null, { cookie })).status,
      (
        await fetch(`${api.url}/api/v1/verify`, {
          method: 'POST',
          headers: { cookie, 'content-type': 'application/json' },
          body: '{"depth":"stored"}',
        })
      ).status,
      (await api.get('/api/v1/users', null, { cookie })).status,
    ]
    // Proving what is stored only reads.
    assert.deepEqual(found, [wanted[0], 200, wanted[2]], email)
    const synced = await fetch(`${api.url}/api/v1/sync`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: '{"resources":["coupons"]}',
    })
    assert.equal(synced.status, wanted[1], email)
    const orders = await (await api.get('/api/v1/orders?limit=50', null, { cookie })).text()
    assert.equal(orders.includes('@'), email !== 'o@shop.example', email)
  }
})

test('a page of another site cannot act for somebody', async () => {
  await user('x@shop.example', { role: 'admin' })
  const cookie = await signIn('x@shop.example')
  const act = (headers: Record<string, string>) =>
    fetch(`${api.url}/api/v1/keys`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json', ...headers },
      body: '{"scope":["read"]}',
    })
  const foreign: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: api.url, 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]
  for (const headers of foreign) {
    assert.equal(await code(await act(headers)), 'cross_site_refused', JSON.stringify(headers))
    assert.equal((await form({ email: 'x@shop.example', password: PASSWORD }, headers)).status, 403)
  }
  assert.equal((await act({ origin: api.url })).status, 201)
  assert.equal((await act({ 'sec-fetch-site': 'same-origin' })).status, 201)
})

test('a wrong password, an unknown person and a disabled one hear the same', async () => {
  const { user: gone } = await user('gone@shop.example')
  const cookie = await signIn('gone@shop.example')
  assert.equal((await api.get(ANY, null, { cookie })).status, 200)
  const disabled = await api.ask(operations.users.disable, { id: gone.id })
  assert.equal(disabled.user.state, 'disabled')
  await user('there@shop.example')
  const json = (email: string, password: string) =>
    api.send('POST', '/api/auth/sign-in/email', null, { email, password })
  const refusals = [
    await json('there@shop.example', 'wrong password'),
    await json('nobody@shop.example', PASSWORD),
    await json('gone@shop.example', PASSWORD),
  ]
  const bodies = await Promise.all(refusals.map((one) => one.text()))
  assert.equal(new Set(bodies).size, 1)
  assert.equal(JSON.parse(bodies[0] as string).code, 'sign_in_refused')
  const page = await form({ email: 'there@shop.example', password: 'wrong password' })
  assert.equal(page.status, 401)
  assert.match(await page.text(), /role="alert">The e-mail or the password is wrong/)
  const good = await json('there@shop.example', PASSWORD)
  assert.equal(good.status, 200)
  assert.equal((await api.get(ANY, null, { cookie: cookieOf(good) })).status, 200)
  let left = await api.get(ANY, null, { cookie })
  // Remembered for a second, as by another process.
  while (left.status === 200) left = await api.get(ANY, null, { cookie })
  assert.equal(await code(left), 'unauthorized')
})

test('a forgotten password is reset, and who was disabled may come in again', async () => {
  const { user: made } = await user('lost@shop.example')
  const cookie = await signIn('lost@shop.example')
  assert.equal((await api.get(ANY, null, { cookie })).status, 200)
  await api.ask(operations.users.disable, { id: made.id })
  const reader = { ...READER, access: 'admin' as const }
  await assert.rejects(api.ask(operations.users.reset, { id: made.id }, reader), { code: 'key_exceeds_own' })
  const reset = await api.ask(operations.users.reset, { id: made.id })
  assert.equal(reset.user.state, 'active')
  assert.ok(reset.password)
  assert.equal((await form({ email: 'lost@shop.example', password: PASSWORD })).status, 401)
  const again = await signIn('lost@shop.example', reset.password)
  assert.equal((await api.get(ANY, null, { cookie: again })).status, 200)
  await assert.rejects(api.ask(operations.users.reset, { id: 'f'.repeat(32) }), { code: 'not_found' })
})

test('passwords are tried ten times, then one waits; others do not', async () => {
  await user('tried@shop.example')
  const json = (email: string, password: string) =>
    api.send('POST', '/api/auth/sign-in/email', null, { email, password })
  const tries = await Promise.all(
    Array.from({ length: 15 }, () => json('tried@shop.example', 'wrong password')),
  )
  const codes = await Promise.all(tries.map(code))
  assert.equal(codes.filter((one) => one === 'sign_in_refused').length, 10, 'also when they come at once')
  const refused = await json('Tried@shop.example', PASSWORD)
  assert.ok(Number(refused.headers.get('retry-after')) > 0)
  assert.equal(await code(refused), 'too_many_attempts')
  await user('other@shop.example')
  assert.equal((await json('other@shop.example', PASSWORD)).status, 200)
  const another = await startApi(shop)
  const credentials = { email: 'tried@shop.example', password: PASSWORD }
  const there = await another.send('POST', '/api/auth/sign-in/email', null, credentials)
  assert.equal(await code(there), 'too_many_attempts', 'at every server')
})

test('nothing else of the sessions’ own interface is open', async () => {
  for (const path of [
    'sign-up/email',
    'admin/create-user',
    'admin/list-users',
    'get-session',
    'ok',
    'error',
    '',
  ]) {
    for (const method of ['GET', 'POST']) {
      const answer = await api.send(method, `/api/auth/${path}`, null, method === 'POST' ? {} : undefined)
      assert.equal(answer.status, 404, `${method} ${path}`)
    }
  }
  const bad = [
    {},
    { email: 7 },
    { email: 'a@b.example' },
    { email: 'a@b.example', password: 'x'.repeat(201) },
    [],
  ]
  for (const body of bad) {
    assert.equal(await code(await api.send('POST', '/api/auth/sign-in/email', null, body)), 'input_invalid')
  }
  const large = { email: 'a@b.example', password: 'x'.repeat(20_000) }
  assert.equal(await code(await api.send('POST', '/api/auth/sign-in/email', null, large)), 'body_too_large')
})

test('behind https the cookie goes back over https alone', async () => {
  const secure = await startApi(shop, { PUBLIC_URL: 'https://sync.example' })
  await user('s@shop.example')
  const answer = await form({ email: 's@shop.example', password: PASSWORD }, {}, secure)
  assert.match(
    String(answer.headers.getSetCookie()[0]),
    /^__Secure-woosync\.session_token=.*; Secure; SameSite=Lax$/,
  )
  assert.equal((await secure.get(ANY, null, { cookie: cookieOf(answer) })).status, 200)
})

test('users: made once, listed, without e-mails for whoever may not see them', async () => {
  await assert.rejects(user('ANA@shop.example'), { code: 'user_exists' })
  for (const email of ['', 'x', 'a@b', `${'a'.repeat(300)}@b.example`]) {
    await assert.rejects(user(email), { code: 'input_invalid' })
  }
  await assert.rejects(user('short@shop.example', { password: 'short' }), { code: 'input_invalid' })
  const admin = { ...READER, access: 'admin' as const }
  const { users } = await api.ask(operations.users.list, {}, admin)
  assert.ok(users.length > 3 && users.every((one) => one.email === undefined && one.name === undefined))
  await assert.rejects(api.ask(operations.users.create, { email: 'p@shop.example' }, admin), {
    code: 'key_exceeds_own',
  })
  await assert.rejects(api.ask(operations.users.disable, { id: 'f'.repeat(32) }), { code: 'not_found' })
})

/** The OpenAPI description: valid, whole, and a client generated from it compiles and works. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { Validator } from '@seriousme/openapi-schema-validator'
import { z } from 'zod'
import { errorKinds } from '../../../src/errors.ts'
import { eventsOperation } from '../../../src/interfaces/http/events-route.ts'
import type { OpenApi } from '../../../src/interfaces/http/openapi.ts'
import { allOperations } from '../../../src/operations.ts'
import { demoMirror, startApi } from './api-parts.ts'

const run = promisify(execFile)
const api = await startApi(await demoMirror({ seed: 6, products: 10, orders: 12 }))
const admin = await api.key(['admin', 'personal'])

const described = (await (await api.get('/openapi.json', admin)).json()) as OpenApi & {
  components: Record<string, Record<string, unknown>>
}

test('the description validates and tells of every operation', async () => {
  const { valid, errors } = await new Validator().validate(
    structuredClone(described) as unknown as Record<string, unknown>,
  )
  assert.deepEqual(errors ?? [], [])
  assert.equal(valid, true)
  assert.equal(described.openapi, '3.1.0')
  for (const { name, http } of [...allOperations, eventsOperation]) {
    const [method, path] = http.split(' ') as [string, string]
    const found = described.paths[`/api/v1${path}`]?.[method.toLowerCase()]
    assert.equal(found?.operationId, name.replace(/[.-]/g, '_'))
    const inPath = found?.parameters
      .filter(({ in: place }) => place === 'path')
      .map(({ name: field }) => field)
    assert.deepEqual(
      inPath?.toSorted(),
      [...path.matchAll(/\{(\w+)\}/g)].map(([, field]) => field).toSorted(),
    )
  }
  const text = JSON.stringify(described)
  for (const [, kind, name] of text.matchAll(/#\/components\/(\w+)\/(\w+)/g)) {
    assert.ok(described.components[kind as string]?.[name as string], `${kind}/${name}`)
  }
  const problem = described.components.schemas?.Problem as { properties: { code: { enum: string[] } } }
  assert.deepEqual(problem.properties.code.enum, Object.keys(errorKinds))
})

test('every parameter and every field of every schema has a description', () => {
  const bare: string[] = []
  const walk = (schema: Record<string, unknown>, at: string) => {
    const fields = (schema.properties ?? {}) as Record<string, Record<string, unknown>>
    for (const [name, field] of Object.entries(fields)) {
      if (!field.description && !field.$ref) bare.push(`${at}.${name}`)
    }
    for (const [name, inner] of Object.entries(schema)) {
      for (const one of [inner].flat()) {
        if (typeof one === 'object' && one !== null) walk(one as Record<string, unknown>, `${at}.${name}`)
      }
    }
  }
  for (const { name, input, output } of [...allOperations, eventsOperation]) {
    walk(z.toJSONSchema(input, { io: 'input' }) as Record<string, unknown>, `${name} takes`)
    walk(z.toJSONSchema(output, { io: 'output' }) as Record<string, unknown>, `${name} answers`)
  }
  for (const methods of Object.values(described.paths)) {
    for (const { operationId, parameters } of Object.values(methods)) {
      for (const one of parameters) if (!one.description) bare.push(`${operationId} ${one.name}`)
    }
  }
  assert.deepEqual(bare, [])
})

test('answers are as described', async () => {
  for (const { name, http, output } of allOperations) {
    const [method, path] = http.split(' ') as [string, string]
    if (method !== 'GET' || path.includes('{')) continue
    const answer = await api.get(`/api/v1${path}`, admin)
    if (answer.status !== 200) continue
    const checked = z.strictObject(output.shape).safeParse(await answer.json())
    assert.equal(checked.error, undefined, name)
  }
})

test('the page to read tells of every operation, without scripts', async () => {
  const answer = await api.get('/docs', admin)
  const html = (await answer.text()).replaceAll('&#39;', "'").replaceAll('&#34;', '"')
  assert.match(
    String(answer.headers.get('content-security-policy')),
    /^default-src 'none'; style-src 'sha256-/,
  )
  assert.ok(!html.includes('<script'))
  for (const { http, summary, name } of allOperations) {
    const [method, path] = http.split(' ') as [string, string]
    assert.ok(html.includes(`<span class="method">${method}</span>/api/v1${path}</h3>`), name)
    assert.ok(html.includes(summary), name)
    assert.ok(html.includes(`woosync ${name.replaceAll('.', ' ')}`), name)
  }
  assert.match(html, /<code>email<\/code><\/th><td><span class="soft">string, at most 320, personal</)
  assert.ok(html.includes(`curl -H 'Authorization: Bearer '$WOOSYNC_KEY`))
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
  assert.equal(new Set(ids).size, ids.length)
  for (const [, target] of html.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.includes(target), target)
})

const PROGRAM = `
import createClient from 'openapi-fetch'
import type { paths } from './api.js'

const [baseUrl, key] = process.argv.slice(2)
const client = createClient<paths, 'application/json' | 'application/problem+json'>({ baseUrl: baseUrl ?? '', headers: { Authorization: 'Bearer ' + key } })

const stock = await client.GET('/api/v1/stock/low', { params: { query: { threshold: 1000, limit: 2 } } })
if (stock.error) throw new Error(stock.error.code)
const names: (string | null)[] = stock.data.facts.map((fact) => fact.subject.name)
const made = await client.POST('/api/v1/keys', { body: { scope: ['read'], name: 'generated' } })
if (made.error) throw new Error(made.error.code)
const gone = await client.DELETE('/api/v1/keys/{id}', { params: { path: { id: made.data.record.id } } })
const refused = await client.GET('/api/v1/stock/status', { params: { query: { id: -1 } } })
// @ts-expect-error there is no such field
void client.GET('/api/v1/stock/low', { params: { query: { nonsense: 1 } } })
console.log(JSON.stringify({
  names: names.length,
  key: made.data.key.slice(0, 4),
  state: gone.data?.record.state,
  code: refused.error?.code,
}))
`

test('a generated client compiles and works', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'woosync-client-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}')
  await writeFile(join(folder, 'openapi.json'), JSON.stringify(described))
  await writeFile(join(folder, 'program.ts'), PROGRAM)
  const options = { cwd: folder, timeout: 120_000 }
  const packages = ['openapi-typescript@7', 'openapi-fetch@0.17', 'typescript@5', '@types/node@24']
  const install = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', ...packages]
  const refused = await run('npm', install, options).catch((thrown) => String(thrown.stderr))
  if (typeof refused === 'string') {
    assert.match(refused, /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/)
    return t.skip('there is no package registry to install the generator from')
  }
  await run('npx', ['openapi-typescript', 'openapi.json', '-o', 'api.d.ts'], options)
  const flags = [
    '--strict',
    '--target',
    'es2022',
    '--module',
    'nodenext',
    '--skipLibCheck',
    '--types',
    'node',
  ]
  await run('npx', ['tsc', ...flags, 'program.ts'], options).catch((thrown) => {
    assert.fail(thrown.stdout)
  })
  const { stdout } = await run(process.execPath, ['program.js', api.url, admin], options)
  const said = JSON.parse(stdout)
  assert.ok(said.names > 0)
  assert.deepEqual({ ...said, names: 0 }, { names: 0, key: 'woo_', state: 'revoked', code: 'input_invalid' })
})

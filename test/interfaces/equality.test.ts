/** Each operation gives the same answer through every interface: HTTP, command line, MCP, library (C6). */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { createKey } from '../../src/access/keys.ts'
import { startHttp } from '../../src/interfaces/http/server.ts'
import { storeOf } from '../../src/interfaces/library/open.ts'
import { createMetrics } from '../../src/metrics.ts'
import type { Operation } from '../../src/operations/define.ts'
import { allOperations } from '../../src/operations.ts'
import { readSettings } from '../../src/settings.ts'
import { woosync } from '../cli/woosync.ts'
import { demoMirror } from '../questions/shop.ts'
import { ACTIONS, changesIn, samplesFor } from './samples.ts'

const shop = await demoMirror({ seed: 21, products: 40, orders: 700, days: 120 })
const { database } = shop
const env = {
  DATABASE_URL: database.url,
  WOOCOMMERCE_URL: shop.server.url,
  WOOCOMMERCE_KEY: shop.shop.info.consumerKey,
  WOOCOMMERCE_SECRET: shop.shop.info.consumerSecret,
}
const app = { ...shop.app, settings: readSettings({ ...env, PORT: '0' }, '/nowhere') }
const samples = [
  ...(await samplesFor(shop)),
  ...Object.entries(changesIn(shop)).map(([operation, input]) => ({ operation, input })),
]
const { key } = await createKey(database.pool, {
  name: 'all',
  access: 'admin',
  personal: true,
  stores: null,
  expiresAt: null,
})
const http = await startHttp({
  settings: app.settings,
  logger: app.logger,
  database,
  knownStore: app.knownStore,
  metrics: createMetrics(),
  app,
})
const client = new Client({ name: 'test', version: '1' })
await client.connect(
  new StreamableHTTPClientTransport(new URL(`${http.url}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${key}` } },
  }),
)
const library = storeOf(app, { maxAgeMinutes: 15, refresh: 'never', whenDown: 'fail' })
after(async () => {
  await client.close()
  await http.close()
})

type Input = Readonly<Record<string, unknown>>

async function overHttp({ http: route }: Operation, input: Input): Promise<unknown> {
  const [method = 'GET', pattern = ''] = route.split(' ')
  const rest: Record<string, unknown> = { ...input }
  const path = pattern.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(rest[name])
    delete rest[name]
    return encodeURIComponent(value)
  })
  const url = new URL(`/api/v1${path}`, http.url)
  if (method === 'GET') {
    for (const [name, value] of Object.entries(rest)) {
      for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(one))
    }
  }
  const answer = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(method === 'POST' && { 'content-type': 'application/json' }),
    },
    ...(method === 'POST' && { body: JSON.stringify(rest) }),
  })
  return answer.json()
}

async function overMcp({ name }: Operation, input: Input): Promise<unknown> {
  const result = await client.callTool({
    name: name.replaceAll('.', '_').replaceAll('-', '_'),
    arguments: input,
  })
  return result.structuredContent
}

/** Options that were there before the registry, with names of their own. */
const OWN_OPTIONS = new Map([['--resources', '--resource']])

async function overCli({ name, positional = [] }: Operation, input: Input): Promise<unknown> {
  const options = Object.entries(input).flatMap(([field, value]) => {
    if (positional.includes(field)) return []
    const option = `--${field.replaceAll('_', '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
    return [OWN_OPTIONS.get(option) ?? option, ...[value].flat().map(String)]
  })
  const words = positional.flatMap((field) => (field in input ? [String(input[field])] : []))
  const ended = await woosync([...name.split('.'), ...words, ...options, '--json'], {
    cwd: '/',
    env,
  })
  assert.equal(ended.code, 0, `${name}: ${ended.stderr}`)
  return JSON.parse(ended.stdout)
}

function overLibrary({ name }: Operation, input: Input): Promise<unknown> {
  const words = name
    .split('.')
    .map((word) => word.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()))
  const found = words.reduce<unknown>((at, word) => (at as Record<string, unknown>)[word], library)
  return (found as (given: Input) => Promise<unknown>)(input)
}

test('every operation has a sample', () => {
  assert.deepEqual(
    samples.map(({ operation }) => operation).sort(),
    allOperations.map(({ name }) => name).sort(),
  )
})

for (const { operation: name, input } of samples) {
  test(`${name}: HTTP = MCP = command line = library`, async () => {
    const operation = allOperations.find((one) => one.name === name)
    assert.ok(operation)
    const settled = ACTIONS.has(name) ? withoutChance : asJson
    const ways = { http: overHttp, mcp: overMcp, cli: overCli }
    const answer = await overLibrary(operation, await inputFor(input))
    const expected = settled(answer)
    assert.ok(Object.keys(expected as object).length > 0)
    for (const [way, ask] of Object.entries(ways)) {
      assert.deepEqual(settled(await ask(operation, await inputFor(input))), expected, way)
    }
    // What is said holds to what is promised.
    assert.deepEqual(operation.output.strict().safeParse(asJson(answer)).error?.issues, undefined)
  })
}

test('a fault has the same code through every interface', async () => {
  const operation = allOperations.find(({ name }) => name === 'stock.status')
  assert.ok(operation)
  const input = { sku: 'x', id: '1; DROP TABLE mirror.orders' }
  await assert.rejects(overLibrary(operation, input), { code: 'input_invalid' })
  const problem = (await overHttp(operation, input)) as { code: string }
  assert.equal(problem.code, 'input_invalid')
  const result = await client.callTool({ name: 'stock_status', arguments: input })
  assert.equal(result.isError, true)
  assert.match(JSON.stringify(result.content), /input_invalid/)
  await assert.rejects(overCli(operation, input), /input_invalid/)
})

let turn = 0

/** Each call of an action has a thing of its own to act on. */
async function inputFor(input: Input | (() => Promise<Input>)): Promise<Input> {
  turn += 1
  const given = typeof input === 'function' ? await input() : input
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replace('{turn}', String(turn)) : value,
    ]),
  )
}

const asJson = (answer: unknown): unknown => {
  const json = JSON.parse(JSON.stringify(answer)) as Record<string, unknown>
  // The moment at which a verification was said is another each time.
  if ('complete' in json && 'at' in json) json.at = '2026-01-01T00:00:00.000Z'
  return json
}

/** Moments, durations, numbers and secrets that are others each time an action is done. */
function withoutChance(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer), (key, value) => {
    if (/^(id|email|key|beginning|password|seconds|requests|createdBy|lastUsedAt)$/.test(key))
      return '<chance>'
    if (key === 'keys' || key === 'users') return value[0] ?? 'none'
    if (typeof value !== 'string') return value
    return value.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<moment>').replace(/person\d+@/, 'person@')
  })
}

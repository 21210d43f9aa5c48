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
import { woosync } from '../cli/woosync.ts'
import { demoMirror } from '../questions/shop.ts'
import { ACTIONS, samplesFor } from './samples.ts'

const shop = await demoMirror({ seed: 21, products: 40, orders: 700, days: 120 })
const { app, database } = shop
const samples = await samplesFor(shop)
const { key } = await createKey(database.pool, {
  name: 'all',
  access: 'admin',
  personal: true,
  stores: null,
  expiresAt: null,
})
const http = await startHttp({
  settings: { ...app.settings, PORT: 0 },
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

type Input = Record<string, unknown>

async function overHttp({ http: route }: Operation, input: Input): Promise<unknown> {
  const [method = 'GET', pattern = ''] = route.split(' ')
  const rest = { ...input }
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

async function overCli({ name, positional = [] }: Operation, input: Input): Promise<unknown> {
  const options = Object.entries(input).flatMap(([field, value]) => {
    if (positional.includes(field)) return []
    return [
      `--${field.replaceAll('_', '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      ...[value].flat().map(String),
    ]
  })
  const words = positional.flatMap((field) => (field in input ? [String(input[field])] : []))
  const ended = await woosync([...name.split('.'), ...words, ...options, '--json'], {
    cwd: '/',
    env: {
      DATABASE_URL: database.url,
      WOOCOMMERCE_URL: shop.server.url,
      WOOCOMMERCE_KEY: shop.shop.info.consumerKey,
      WOOCOMMERCE_SECRET: shop.shop.info.consumerSecret,
    },
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

for (const { operation: name, input } of samples.filter((one) => !ACTIONS.has(one.operation))) {
  test(`${name}: HTTP = MCP = command line = library`, async () => {
    const operation = allOperations.find((one) => one.name === name)
    assert.ok(operation)
    const expected = settled(await overLibrary(operation, input))
    assert.ok(Object.keys(expected as object).length > 0)
    assert.deepEqual(settled(await overHttp(operation, input)), expected, 'over HTTP')
    assert.deepEqual(settled(await overMcp(operation, input)), expected, 'over MCP')
    assert.deepEqual(settled(await overCli(operation, input)), expected, 'on the command line')
    // What is said holds to what is promised.
    assert.deepEqual(operation.output.strict().safeParse(expected).error?.issues, undefined)
  })
}

/** As JSON has it; the moment at which a verification was said is another each time. */
function settled(answer: unknown): unknown {
  const json = JSON.parse(JSON.stringify(answer)) as Record<string, unknown>
  if ('complete' in json && 'at' in json) json.at = '<now>'
  return json
}

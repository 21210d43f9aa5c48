/** Over standard input and output, as a chat program starts it: a real process, and the SDK's client. */
import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { allOperations, operations } from '../../../src/operations.ts'
import { demoMirror, READER } from '../../questions/shop.ts'
import { call, newKey } from './parts.ts'

const program = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))
const shop = await demoMirror({ seed: 9, products: 8, orders: 12 })
const { info } = shop.shop

const environment: Record<string, string> = {
  PATH: process.env.PATH ?? '',
  DATABASE_URL: shop.database.url,
  WOOCOMMERCE_URL: shop.context.store.url,
  WOOCOMMERCE_KEY: info.consumerKey,
  WOOCOMMERCE_SECRET: info.consumerSecret,
}

interface Conversation {
  client: Client
  stderr(): string
}

async function begin(more: Record<string, string> = {}): Promise<Conversation> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [program, 'mcp'],
    cwd: tmpdir(),
    env: { ...environment, ...more },
    stderr: 'pipe',
  })
  let stderr = ''
  transport.stderr?.on('data', (text) => {
    stderr += text
  })
  const client = new Client({ name: 'a test', version: '1.0.0' })
  await client.connect(transport)
  return { client, stderr: () => stderr }
}

function start(more: Record<string, string> = {}): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [program, 'mcp'], { cwd: tmpdir(), env: { ...environment, ...more } })
}

async function ended(child: ChildProcessWithoutNullStreams) {
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const [code, signal] = await once(child, 'close')
  return { code, signal, stdout, stderr }
}

const message = (id: number, method: string, params: object) =>
  `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`
const hello = message(0, 'initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'a test', version: '1' },
})

test('without a key: reading, and nobody’s name', async (t) => {
  const { client, stderr } = await begin()
  t.after(() => client.close())
  const { tools } = await client.listTools()
  assert.equal(tools.length, allOperations.filter(({ access }) => access === 'read').length)
  const { rows } = await shop.database.pool.query('SELECT id FROM mirror.products ORDER BY id LIMIT 1')
  const [{ id }] = rows
  const { structured } = await call(client, 'stock_status', { id })
  const expected = await shop.ask(operations.stock.status, { id }, READER)
  assert.deepEqual(structured, JSON.parse(JSON.stringify(expected)))
  assert.equal((await call(client, 'sync')).said.code, 'key_lacks_right')
  assert.equal(stderr(), '')
})

test('with a key: its rights', async (t) => {
  const key = await newKey(shop, { access: 'operate' })
  const { client, stderr } = await begin({ WOOSYNC_API_KEY: key, LOG_LEVEL: 'debug' })
  t.after(() => client.close())
  assert.ok((await client.listTools()).tools.some(({ name }) => name === 'sync'))
  const progress: number[] = []
  const result = await client.callTool(
    { name: 'sync', arguments: { resources: ['orders'], full: true } },
    undefined,
    {
      onprogress: ({ progress: done }) => void progress.push(done),
    },
  )
  assert.match(JSON.stringify(result.structuredContent), /^\{"complete":true/)
  assert.ok(progress.length >= 1)
  assert.equal((await call(client, 'keys_list')).said.code, 'key_lacks_right')
  assert.doesNotMatch(stderr(), new RegExp(key))

  // Kept for a second, the key then stops working in the middle of the conversation.
  await shop.database.pool.query('UPDATE access.api_keys SET revoked_at = now()')
  const end = Date.now() + 5000
  let said: { code?: string } = {}
  while (said.code !== 'key_unknown' && Date.now() < end) said = (await call(client, 'mirror_freshness')).said
  assert.equal(said.code, 'key_unknown')
})

test('a key that does not work is said on standard error', async () => {
  const { code, stdout, stderr } = await ended(start({ WOOSYNC_API_KEY: `woo_${'a'.repeat(43)}` }))
  assert.equal(code, 1)
  assert.match(stderr, /\(key_unknown\)/)
  assert.equal(stdout, '')
})

test('what was asked before the input ended is answered; what is no message is passed over', async () => {
  const child = start()
  child.stdin.end(`${hello}{broken\n\n[]\n"text"\n${message(1, 'tools/call', { name: 'mirror_freshness' })}`)
  const { code, signal, stdout, stderr } = await ended(child)
  assert.deepEqual([code, signal], [0, null], stderr)
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    lines.map(({ id }) => id),
    [0, 1],
  )
  assert.ok(lines[1].result.structuredContent.resources.length > 3)
})

test('a message without end ends the conversation, not the machine', async () => {
  const child = start()
  child.stdin.on('error', () => undefined)
  child.stdin.write(hello)
  child.stdin.write(`{"x":"${'a'.repeat(2_000_000)}`)
  const { code, stdout, stderr } = await ended(child)
  assert.equal(code, 1)
  assert.match(stderr, /\(body_too_large\)/)
  assert.equal(stdout.trimEnd().split('\n').length, 1)
})

test('it ends when it is asked to, also while it waits', async () => {
  const child = start()
  child.stdin.write(hello)
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  const { code, signal, stderr } = await ended(child)
  assert.deepEqual([code, signal, stderr], [0, null, ''])
})

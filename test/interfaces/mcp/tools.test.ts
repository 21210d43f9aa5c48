/** Tools as a language model gets them: the list, the answers, the errors, and what a key may not see. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import type { Progress, Tool } from '@modelcontextprotocol/sdk/types.js'
import { type Caller, LOCAL } from '../../../src/access/caller.ts'
import { createMcpServer, type McpOptions } from '../../../src/interfaces/mcp/server.ts'
import type { Operation } from '../../../src/operations/define.ts'
import { toolName } from '../../../src/operations/tools.ts'
import { allOperations, operations } from '../../../src/operations.ts'
import { demoMirror, READER } from '../../questions/shop.ts'
import { ACTIONS, samplesFor } from '../samples.ts'
import { call, connect, newKey, protocolErrorOf, startMcp, waitingOperation } from './parts.ts'

const shop = await demoMirror({ seed: 5, products: 15, orders: 60, days: 60 })
const { url } = await startMcp(shop)
const reader = await connect(url, await newKey(shop))
const seer = await connect(url, await newKey(shop, { personal: true }))
const admin = await connect(url, await newKey(shop, { access: 'admin' }))

/** A client and a server of this process, for options that no setting changes. */
async function connectDirectly(options: Partial<McpOptions>): Promise<Client> {
  const client = new Client({ name: 'a test', version: '1.0.0' })
  const [one, other] = InMemoryTransport.createLinkedPair()
  await createMcpServer({ app: shop.app, caller: LOCAL, ...options }).connect(other)
  await client.connect(one)
  return client
}

const SEER: Caller = { ...READER, personal: true }

const inJson = (value: unknown) => JSON.parse(JSON.stringify(value))

/** Some answers say when they were given. */
const withoutMoments = (answer: unknown) =>
  JSON.parse(JSON.stringify(answer).replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"moment"'))

/** An input for everything that is asked of the copy alone. */
const samples = (await samplesFor(shop)).flatMap(({ operation: name, input }) => {
  const operation = allOperations.find((one) => one.name === name)
  return operation && !ACTIONS.has(name) ? [{ operation, input }] : []
})

test('it says who it is and how its answers are to be used', () => {
  assert.equal(reader.getServerVersion()?.name, 'woosync')
  assert.deepEqual(Object.keys(reader.getServerCapabilities() ?? {}).sort(), [
    'completions',
    'resources',
    'tools',
  ])
  for (const word of [/facts: "none"/, /asOf/, /[Nn]ever calculate/, /currenc/, /time zone/]) {
    assert.match(reader.getInstructions() ?? '', word)
  }
})

test('the list of tools', async (t) => {
  const { tools } = await admin.listTools()

  await t.test('one for each operation, each with words, schemas and hints', () => {
    assert.deepEqual(
      tools.map(({ name }) => name),
      allOperations.map(({ name }) => toolName(name)),
    )
    for (const { name, title, description, inputSchema, outputSchema } of tools) {
      assert.match(name, /^[a-z0-9_]{1,64}$/)
      assert.ok(title && description, name)
      assert.equal(inputSchema.additionalProperties, false, name)
      assert.equal(outputSchema?.type, 'object', name)
    }
  })

  await t.test('the hints follow from what an operation does', () => {
    const hintsOf = (name: string) => {
      const { title: _, ...hints } = tools.find((tool) => tool.name === name)?.annotations ?? {}
      return Object.values(hints)
    }
    // Read only, destructive, idempotent, asks the shop.
    assert.deepEqual(hintsOf('stock_status'), [true, false, true, false])
    assert.deepEqual(hintsOf('sync'), [false, false, true, true])
    assert.deepEqual(hintsOf('doctor'), [true, false, true, true])
    assert.deepEqual(hintsOf('keys_create'), [false, false, false, false])
    assert.deepEqual(hintsOf('keys_revoke'), [false, true, false, false])
  })

  await t.test('only what the key may do is shown', async () => {
    const shown = (await reader.listTools()).tools.map(({ name }) => name)
    const allowed = allOperations.filter(({ access }) => access === 'read')
    assert.deepEqual(
      shown,
      allowed.map(({ name }) => toolName(name)),
    )
    assert.ok(!shown.includes('sync') && !shown.includes('keys_create'))
  })

  await t.test('fields of personal data are shown to those who may use them', async () => {
    const operator = { ...READER, access: 'operate' } as const
    const fieldsFor = async (personal: boolean) => {
      const client = await connectDirectly({
        caller: { ...operator, personal },
        operations: [operations.orderNotes as unknown as Operation],
      })
      return JSON.stringify((await client.listTools()).tools.find(({ name }) => name === 'order_notes'))
    }
    assert.match(await fieldsFor(true), /"author"/)
    assert.doesNotMatch(await fieldsFor(false), /"author"/)
  })

  await t.test('page by page', async () => {
    const client = await connectDirectly({ toolsPerPage: 4 })
    const found: Tool[] = []
    let cursor: string | undefined
    do {
      const page = await client.listTools(cursor === undefined ? {} : { cursor })
      assert.ok(page.tools.length >= 1 && page.tools.length <= 4)
      found.push(...page.tools)
      cursor = page.nextCursor
    } while (cursor !== undefined)
    assert.deepEqual(
      found.map(({ name }) => name),
      tools.map(({ name }) => name),
    )
    assert.equal((await protocolErrorOf(client.listTools({ cursor: 'no such page' }))).code, -32602)
  })
})

test('answers', async (t) => {
  for (const client of [reader, seer]) await client.listTools()
  /** Everything that was said to each. */
  const heard = new Map<Client, unknown[]>()

  await t.test('each tool says what the registry says, as its schema says', async () => {
    for (const { operation, input } of samples) {
      for (const [client, caller] of [
        [reader, READER],
        [seer, SEER],
      ] as const) {
        const { said, structured, isError } = await call(client, toolName(operation.name), input)
        heard.set(client, [...(heard.get(client) ?? []), said, structured])
        const expected = await shop.ask(operation, input, caller).then(inJson, (thrown) => thrown)
        if (isError) {
          assert.deepEqual([said.code, caller], [expected.code, READER], operation.name)
          assert.equal(said.code, 'key_lacks_personal', JSON.stringify(said))
          continue
        }
        assert.deepEqual(said, structured, operation.name)
        assert.deepEqual(withoutMoments(structured), withoutMoments(expected), operation.name)
      }
    }
  })

  await t.test('the same as from the registry', async () => {
    const { rows } = await shop.database.pool.query(`SELECT id FROM mirror.products LIMIT 1`)
    const [{ id }] = rows
    const { said, structured } = await call(reader, 'stock_status', { id })
    assert.deepEqual(structured, inJson(await shop.ask(operations.stock.status, { id }, READER)))
    assert.ok(said.facts.length > 0)
    assert.deepEqual((await call(reader, 'stock_status', { id, facts: 'none' })).said.facts, [])
  })

  await t.test('no name and no address without the right to see them', async () => {
    const { rows } = await shop.database.pool.query<{ texts: (string | null)[] }>(
      `SELECT ARRAY[billing_email, billing_name, record->'billing'->>'phone', record->'billing'->>'address_1'] AS texts
       FROM mirror.orders`,
    )
    const known = rows.flatMap(({ texts }) => texts).filter((text) => text !== null && text.length > 5)
    assert.ok(known.length > 100)
    const seenBy = (client: Client) => {
      const said = JSON.stringify(heard.get(client))
      return known.filter((text) => said.includes(JSON.stringify(text).slice(1, -1)))
    }
    assert.deepEqual(seenBy(reader), [])
    assert.notDeepEqual(seenBy(seer), [])
  })
})

test('errors are results that a model can learn from', async (t) => {
  const cases: [what: string, name: string, args: Record<string, unknown>, code: string][] = [
    ['a wrong type', 'stock_status', { id: 'x' }, 'input_invalid'],
    ['an unknown field', 'stock_status', { sku: 'a', other: 1 }, 'input_invalid'],
    ['nothing where something is needed', 'stock_status', {}, 'input_invalid'],
    ['a NUL', 'stock_status', { sku: 'a\0b' }, 'input_invalid'],
    ['a word of 100 KB', 'stock_status', { sku: 'a'.repeat(100_000) }, 'input_invalid'],
    ['another store', 'stock_status', { sku: 'a', store: 99 }, 'store_not_found'],
    ['what the key may not do', 'sync', {}, 'key_lacks_right'],
    ['what only an admin may do', 'keys_list', {}, 'key_lacks_right'],
  ]
  for (const [what, name, args, code] of cases) {
    await t.test(what, async () => {
      const { said, structured, isError } = await call(reader, name, args)
      assert.deepEqual([isError, said.code, structured], [true, code, undefined])
      assert.deepEqual(Object.keys(said), ['code', 'message', 'wayOut'])
    })
  }

  await t.test('an input that is nested without end', async () => {
    let deep: unknown = 'x'
    for (let level = 0; level < 3000; level++) deep = [deep]
    assert.equal((await call(reader, 'stock_status', { sku: deep })).said.code, 'input_invalid')
  })

  await t.test('SQL and shell characters are only text', async () => {
    for (const sku of [`'; DROP TABLE mirror.products; --`, '$(reboot)', '%_\\', '{{7*7}}']) {
      assert.equal((await call(reader, 'stock_status', { sku })).said.stock, null)
    }
  })

  await t.test('a tool that does not exist is an error of the protocol', async () => {
    const { code, message } = await protocolErrorOf(reader.callTool({ name: 'stock_invent', arguments: {} }))
    assert.equal(code, -32602)
    assert.match(message, /stock_invent/)
  })

  await t.test('what is wrong inside is not told', async () => {
    const broken: Operation = {
      ...waitingOperation().operation,
      run: () => Promise.reject(new Error('password of the database: planted')),
    }
    const client = await connectDirectly({ operations: [broken] })
    const { said, isError } = await call(client, 'test_wait')
    assert.deepEqual([isError, said.code], [true, 'internal'])
    assert.doesNotMatch(JSON.stringify(said), /planted/)
  })
})

test('a client that cancels ends the work', async () => {
  const { operation, began, ended } = waitingOperation()
  const client = await connectDirectly({ operations: [operation] })
  const cancel = new AbortController()
  const asked = client.callTool({ name: 'test_wait', arguments: {} }, undefined, { signal: cancel.signal })
  await began
  cancel.abort('no longer wanted')
  await assert.rejects(asked, /no longer wanted/)
  assert.match(await ended, /no longer wanted/)
})

test('a synchronisation tells how far it is', async () => {
  const told: Progress[] = []
  const result = await admin.callTool({ name: 'sync', arguments: { full: true } }, undefined, {
    onprogress: (progress) => void told.push(progress),
  })
  assert.equal(result.isError, undefined, JSON.stringify(result.content))
  assert.match(JSON.stringify(result.structuredContent), /^\{"complete":true/)
  assert.ok(told.length >= 2, `${told.length} notifications`)
  const figures = told.map(({ progress }) => progress)
  assert.deepEqual(
    figures,
    figures.toSorted((a, b) => a - b),
  )
  assert.match(told.map(({ message }) => message).join(), /orders: \d+/)
})

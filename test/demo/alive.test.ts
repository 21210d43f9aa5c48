import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, describe, it } from 'node:test'
import type { What } from '../../demo/alive/events.ts'
import { catchUp, keepAlive } from '../../demo/alive.ts'
import { generateShop } from '../../demo/generate/shop.ts'
import type { Shop } from '../../demo/shop.ts'
import { openState } from '../../demo/state.ts'
import type { Raw, Table } from '../../demo/table.ts'
import { createWrites } from '../../demo/writes.ts'

const HOUR = 3_600_000

function young(options = {}) {
  return generateShop({ seed: 3, orders: 300, days: 30, ...options })
}

function all(table: Table): Raw[] {
  return table.sorted('id').map((row) => table.body(row))
}

function contents(shop: Shop): string {
  const { orders, refunds, products, variations, coupons } = shop
  return JSON.stringify([orders, refunds, products, variations, coupons].map(all))
}

describe('a shop that is alive', () => {
  it('sees everything happen that happens in a shop', () => {
    const shop = young()
    const writes = createWrites(shop)
    const before = { orders: shop.orders.size, refunds: shop.refunds.size }
    const topics = new Set<string>()
    shop.onEvent((event) => topics.add(event.topic))
    const seen = new Map<What, number>()
    const alive = keepAlive(shop, writes, { seed: 9 })
    for (let step = 0; step < 1500; step++) {
      const { what, id } = alive.step()
      seen.set(what, (seen.get(what) ?? 0) + 1)
      if (what === 'order') assert.ok(shop.orders.get(id))
    }
    alive.stop()
    for (const what of [
      'order',
      'paid',
      'completed',
      'cancelled',
      'refunded',
      'trashed',
      'price',
      'restocked',
    ] as const) {
      assert.ok((seen.get(what) ?? 0) > 0, `${what}: ${JSON.stringify([...seen])}`)
    }
    assert.equal(shop.orders.size, before.orders + (seen.get('order') ?? 0))
    assert.equal(shop.refunds.size, before.refunds + (seen.get('refunded') ?? 0))
    for (const topic of ['order.created', 'order.updated', 'order.deleted', 'product.updated'])
      assert.ok(topics.has(topic))
    assert.ok((seen.get('nothing') ?? 0) < 400, 'most of the time something happens')
  })

  it('does not choke on orders that wait: they move on as fast as they come', () => {
    const shop = young()
    const alive = keepAlive(shop, createWrites(shop), { seed: 2 })
    for (let step = 0; step < 3000; step++) alive.step()
    alive.stop()
    const waiting = ['pending', 'processing', 'on-hold'].map(
      (status) => shop.orders.statuses().get(status) ?? 0,
    )
    assert.ok(waiting.reduce((sum, each) => sum + each, 0) < 250, String(waiting))
  })

  it('has sums right to the cent in what it adds', () => {
    const shop = young()
    const last = shop.orders.sorted('id').at(-1)?.id ?? 0
    const alive = keepAlive(shop, createWrites(shop), { seed: 5 })
    for (let step = 0; step < 600; step++) alive.step()
    alive.stop()
    const added = all(shop.orders).filter((order) => (order.id as number) > last)
    assert.ok(added.length > 100)
    for (const order of added) {
      const parts = ['line_items', 'shipping_lines', 'fee_lines'].flatMap((field) => order[field] as Raw[])
      const net = parts.reduce((sum, line) => sum + Math.round(Number(line.total) * 100), 0)
      const total = Math.round((Number(order.total) - Number(order.total_tax)) * 100)
      assert.equal(total, net, `order ${order.id}`)
    }
  })

  it('goes by itself until it is stopped', async () => {
    const shop = young()
    const happened: What[] = []
    await new Promise<void>((resolve) => {
      const alive = keepAlive(shop, createWrites(shop), {
        ordersPerMinute: 600_000,
        onEvent({ what }) {
          happened.push(what)
          if (happened.length === 20) {
            alive.stop()
            resolve()
          }
        },
      })
    })
    await new Promise(setImmediate)
    assert.equal(happened.length, 20)
  })

  it('tells of an error and goes on', async () => {
    const shop = young()
    const writes = createWrites(shop)
    const broken = new Error('no paper in the printer')
    const alive = await new Promise<ReturnType<typeof keepAlive>>((resolve) => {
      let errors = 0
      const running = keepAlive(
        shop,
        {
          ...writes,
          createOrder: () => {
            throw broken
          },
        },
        {
          ordersPerMinute: 600_000,
          onError(error) {
            assert.equal(error, broken)
            if (++errors === 3) resolve(running)
          },
        },
      )
    })
    alive.stop()
  })

  it('makes up for the time it was away', () => {
    const now = Date.now() - 50 * HOUR
    const shop = young({ now })
    const last = shop.orders.sorted('id').at(-1)?.id ?? 0
    const changes = catchUp(shop, createWrites(shop), {
      from: now,
      to: Date.now() - 1000,
      ordersPerDay: 100,
      seed: 1,
    })
    assert.ok(changes > 100)
    const added = shop.orders.sorted('id').filter((row) => row.id > last)
    assert.ok(added.length > 60, `${added.length} orders`)
    const created = added.map((row) => (row.created ?? 0) * 1000)
    assert.deepEqual(
      created,
      [...created].sort((a, b) => a - b),
    )
    assert.ok((created[0] ?? 0) >= now - 1000 && (created.at(-1) ?? 0) <= Date.now())
    assert.ok((created.at(-1) ?? 0) - (created[0] ?? 0) > 20 * HOUR)
    assert.ok(Math.abs(shop.now() - Date.now()) < 1000, 'the clock is right again')
  })
})

describe('the state of a demo shop', () => {
  const folder = mkdtempSync(join(tmpdir(), 'demo-state-'))
  after(() => rmSync(folder, { recursive: true }))

  function start(name: string) {
    const state = openState(folder, name, Date.parse('2026-11-20T22:00:00Z'))
    const shop = young({ now: state.epoch })
    const since = state.attach(shop)
    return { state, shop, since, writes: createWrites(shop) }
  }

  it('survives a restart: every record, and ids that go on', () => {
    const first = start('a')
    assert.equal(first.since, first.state.epoch)
    const alive = keepAlive(first.shop, first.writes, { seed: 4 })
    for (let step = 0; step < 200; step++) alive.step()
    alive.stop()
    const product = first.shop.products.sorted('id')[0]?.id ?? 0
    first.writes.deleteProduct(product)
    const customer = first.writes.createCustomer({ email: 'nou@example.test' })
    const order = first.writes.createOrder({ line_items: [{ product_id: product + 1 }] }).id as number
    first.writes.addNote(order, { note: 'de reținut' })
    const before = contents(first.shop)
    const notes = JSON.stringify(first.shop.small.notes.get(order))
    const next = {
      post: first.shop.nextId(),
      line: first.shop.nextRowId('line'),
      meta: first.shop.nextRowId('meta'),
    }

    const second = start('a')
    assert.equal(second.state.epoch, first.state.epoch)
    assert.equal(contents(second.shop), before)
    assert.equal(JSON.stringify(second.shop.small.notes.get(order)), notes)
    assert.ok(second.shop.small.customers.some((each) => each.id === customer.id))
    assert.ok(second.since > second.state.epoch)
    assert.ok(second.shop.nextId() >= next.post)
    assert.ok(second.shop.nextRowId('line') >= next.line)
    assert.ok(second.shop.nextRowId('meta') >= next.meta)
    first.state.close()
    second.state.close()
  })

  it('is written when it happens, and lives with a torn last line', () => {
    const first = start('b')
    const id = first.writes.createOrder({ line_items: [{ product_id: 11, quantity: 2 }] }).id as number
    // Not closed: as after a kill.
    const path = join(folder, 'b.jsonl')
    appendFileSync(path, '{"table":"orders","row":{"id":99')
    const second = start('b')
    assert.equal(contents(second.shop), contents(first.shop))
    assert.ok(second.shop.orders.get(id))
    for (const line of readFileSync(path, 'utf8').trim().split('\n'))
      assert.doesNotThrow(() => JSON.parse(line))
    first.state.close()
    second.state.close()
  })

  it('keeps shops of another seed apart, and writes each row once when it starts', () => {
    const first = start('c')
    const order = first.writes.createOrder({ line_items: [{ product_id: 11 }] }).id as number
    for (let at = 0; at < 30; at++) first.writes.updateOrder(order, { customer_note: `a ${at}` })
    first.state.close()
    const lines = () => readFileSync(join(folder, 'c.jsonl'), 'utf8').trim().split('\n').length
    const grown = lines()
    const second = start('c')
    assert.ok(lines() < grown - 25)
    second.state.close()
    assert.ok(readdirSync(folder).includes('a.jsonl'))
  })
})

describe('the process of the demo shop', () => {
  const children = new Set<ChildProcess>()
  after(() => {
    for (const child of children) child.kill('SIGKILL')
  })

  function run(...options: string[]) {
    const main = join(import.meta.dirname, '..', '..', 'demo', 'main.ts')
    const child = spawn(
      process.execPath,
      [main, '--port', '0', '--orders', '50', '--days', '5', ...options],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    )
    children.add(child)
    const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)))
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const errors = new Promise<string>((resolve) => {
      let text = ''
      child.stderr
        .on('data', (chunk) => {
          text += chunk
        })
        .on('close', () => resolve(text))
    })
    return { child, ended, errors, line: async () => String((await lines.next()).value) }
  }

  it('says where it listens, answers there, and ends on SIGTERM', async () => {
    const { child, ended, line } = run('--json', '--quiet', '--still')
    const { demo } = JSON.parse(await line())
    assert.match(demo.key, /^ck_demo\d+$/)
    assert.match(demo.secret, /^cs_demo\d+$/)
    const index = await fetch(`${demo.url}/wp-json/`)
    assert.equal(index.status, 200)
    await index.text()
    child.kill('SIGTERM')
    assert.equal(await ended, 0)
  })

  it('ends with its parent', async () => {
    const { child, ended, line } = run('--json', '--quiet', '--with-parent')
    await line()
    child.stdin.end()
    assert.equal(await ended, 0)
  })

  it('says in one sentence what it cannot do', async () => {
    const first = run('--json', '--quiet', '--still')
    const { demo } = JSON.parse(await first.line())
    const second = run('--port', new URL(demo.url).port)
    assert.equal(await second.ended, 1)
    assert.match(await second.errors, /port is taken/)
    const third = run('--seed', 'abc')
    assert.equal(await third.ended, 1)
    assert.match(await third.errors, /--seed must be a number/)
    first.child.kill('SIGTERM')
    await first.ended
  })
})

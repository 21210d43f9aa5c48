/** Server-sent events: changes as they are committed, from where the client stood, and progress of runs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProgressTeller } from '../../../src/app/tell-progress.ts'
import { operations } from '../../../src/operations.ts'
import { code, demoMirror, startApi } from './api-parts.ts'

const shop = await demoMirror({ seed: 12, products: 10, orders: 12 })
const api = await startApi(shop, {}, { heartbeatMs: 200 })
const { pool } = api.database
const key = await api.key(['read'])
const store = shop.context.store.id

interface Event {
  event: string
  id: string | undefined
  data: Record<string, unknown>
}

interface Listening {
  next(kind?: string): Promise<Event>
  /** Whether the stream came to a proper end. */
  ended(): Promise<boolean>
  heartbeat(): Promise<void>
  stop(): Promise<void>
}

async function listen(query = '', headers: Record<string, string> = {}, with_ = key): Promise<Listening> {
  const stop = new AbortController()
  const answer = await fetch(`${api.url}/api/v1/events${query}`, {
    headers: { authorization: `Bearer ${with_}`, ...headers },
    signal: stop.signal,
  })
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  assert.equal(answer.headers.get('content-encoding'), null, 'compressed, events would wait for each other')
  const blocks = blocksOf(answer.body as ReadableStream<Uint8Array>)
  const read = async (): Promise<Event | null> => {
    const { value: block, done } = await blocks.next()
    if (done) return null
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
    return { event: field('event') ?? 'none', id: field('id'), data: JSON.parse(field('data') ?? 'null') }
  }
  return {
    async next(kind) {
      for (;;) {
        const found = await read()
        if (!found) throw new Error(`the stream ended before ${kind ?? 'an event'}`)
        if (found.event !== 'none' && (kind === undefined || found.event === kind)) return found
      }
    },
    async heartbeat() {
      while ((await read())?.event !== 'none');
    },
    async ended() {
      while (await read());
      return true
    },
    async stop() {
      stop.abort()
      await blocks.return(undefined).catch(() => undefined)
    },
  }
}

async function* blocksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  let text = ''
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
    text += part
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) if (!block.startsWith('retry:') || block.includes('event:')) yield block
  }
}

const append = (id: string, resource = 'orders', inStore = store) =>
  pool.query(
    `WITH a AS (INSERT INTO mirror.changes (store_id, resource, id, change, way) VALUES ($1, $2, $3, 'updated', 'follow'))
     SELECT pg_notify('woosync_changes', $1::text || ' ' || $2)`,
    [inStore, resource, id],
  )
const sessions = async () => {
  const { rows } = await pool.query(
    `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'`,
  )
  return rows[0].n as number
}

test('changes arrive as they are committed, and no others', async () => {
  const listening = await listen()
  const ready = await listening.next()
  assert.equal(ready.event, 'ready')
  assert.deepEqual(ready.data, { store, position: ready.id })
  await append('900', 'orders', store + 1)
  await append('901')
  const { event, id, data } = await listening.next()
  assert.equal(event, 'change')
  assert.equal(data.id, '901')
  assert.equal(data.position, id)
  const page = await api.ask(operations.mirror.changes, { cursor: ready.id })
  assert.deepEqual(page.changes, [data], 'as mirror changes has it')
  await listening.stop()
})

test('a client that comes again goes on where it stood', async () => {
  const first = await listen('?resources=orders,products')
  await first.next('ready')
  await append('910')
  await append('911', 'coupons')
  await append('912', 'products')
  const stood = await first.next('change')
  assert.equal(stood.data.id, '910')
  await first.stop()
  await append('913')
  for (const again of [
    await listen('?resources=orders,products', { 'last-event-id': stood.id as string }),
    await listen(`?cursor=${stood.id}&resources=orders&resources=products`),
  ]) {
    assert.equal((await again.next('change')).data.id, '912')
    assert.equal((await again.next('change')).data.id, '913')
    await again.stop()
  }
})

test('what an older transaction holds back comes later, and nothing is lost', async () => {
  const listening = await listen()
  await listening.next('ready')
  const older = await pool.connect()
  try {
    await older.query('BEGIN')
    await older.query('SELECT pg_current_xact_id()')
    await append('920')
    await older.query(
      `INSERT INTO mirror.changes (store_id, resource, id, change, way) VALUES ($1, 'orders', '919', 'updated', 'follow')`,
      [store],
    )
    await older.query('COMMIT')
  } finally {
    older.release()
  }
  assert.equal((await listening.next('change')).data.id, '919')
  assert.equal((await listening.next('change')).data.id, '920')
  await listening.stop()
})

test('progress of runs in any process, not more often than four times a second', async () => {
  const listening = await listen('?resources=products')
  await listening.next('ready')
  // So that the session that hears it stands.
  await append('930', 'products')
  await listening.next('change')
  const teller = createProgressTeller(pool, store)
  for (let done = 1; done <= 1000; done += 1) {
    teller.tell({ resource: 'products', kind: 'backfill', done, total: 1000 })
    teller.tell({ resource: 'orders', kind: 'backfill', done, total: 1000 })
  }
  const told = [await listening.next('progress'), await listening.next('progress')]
  assert.deepEqual(
    told.map(({ data }) => data),
    [1, 1000].map((done) => ({ resource: 'products', kind: 'backfill', done, total: 1000 })),
  )
  assert.equal(told[0]?.id, undefined, 'it moves no position')
  await pool.query(`SELECT pg_notify('woosync_progress', 'no json')`)
  await teller.close()
  await listening.stop()
})

test('one session for all, opened anew when it breaks, ended with the last', async () => {
  const two = [await listen(), await listen()]
  for (const one of two) await one.next('ready')
  await append('940')
  for (const one of two) await one.next('change')
  assert.equal(await sessions(), 1)
  await pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'`,
  )
  await append('941')
  for (const one of two) assert.equal((await one.next('change')).data.id, '941')
  for (const one of two) await one.stop()
  while ((await sessions()) > 0);
})

test('a position whose entries were removed is told of', async () => {
  const { rows } = await pool.query(
    `SELECT xid::text, seq FROM mirror.changes WHERE store_id = $1 ORDER BY mirror.changes.xid, seq LIMIT 1`,
    [store],
  )
  const position = `${rows[0].xid}-${rows[0].seq}`
  const whole = await listen(`?cursor=${position}`)
  await whole.next('ready')
  assert.equal((await whole.next()).event, 'change')
  await whole.stop()
  await pool.query(`DELETE FROM mirror.changes WHERE store_id = $1 AND (xid, seq) <= ($2::xid8, $3)`, [
    store,
    rows[0].xid,
    rows[0].seq,
  ])
  const cut = await listen(`?cursor=${position}`)
  await cut.next('ready')
  assert.equal((await cut.next()).event, 'pruned')
  assert.equal((await cut.next()).event, 'change')
  await cut.stop()
  const all = await listen('?cursor=0-0')
  await all.next('ready')
  assert.equal((await all.next()).event, 'change')
  await all.stop()
})

test('a quiet stream says that it is there, and ends when its key is revoked', async () => {
  const own = await api.key(['read'])
  const listening = await listen('', {}, own)
  await listening.next('ready')
  await listening.heartbeat()
  await pool.query(`UPDATE access.api_keys SET revoked_at = now() WHERE beginning = $1`, [own.slice(0, 10)])
  await assert.rejects(listening.ended())
})

test('only so many for one key', async () => {
  const streams = await Promise.all(Array.from({ length: 10 }, () => listen()))
  const refused = await api.get('/api/v1/events', key)
  assert.equal(await code(refused), 'too_many_listeners')
  const other = await listen('', {}, await api.key(['read']))
  for (const one of [...streams, other]) await one.stop()
  let answer = await api.get('/api/v1/events', key)
  while (answer.status === 429) {
    await answer.text()
    answer = await api.get('/api/v1/events', key)
  }
  assert.equal(answer.status, 200)
  await answer.body?.cancel()
})

test('bad input', async () => {
  for (const query of [
    '?cursor=x',
    '?cursor=',
    '?nonsense=1',
    '?resources=nothing',
    '?store=0',
    '?format=csv',
  ]) {
    const found = await code(await api.get(`/api/v1/events${query}`, key))
    assert.ok(found === 'input_invalid' || found === 'cursor_invalid', `${query}: ${found}`)
  }
  assert.equal(await code(await api.get('/api/v1/events', key, { 'last-event-id': '1-x' })), 'cursor_invalid')
})

test('the server ends its streams when it closes', async () => {
  const listening = await listen()
  await listening.next('ready')
  const [ended] = await Promise.all([listening.ended(), api.http.close()])
  assert.equal(ended, true)
  while ((await sessions()) > 0);
})

import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { createClimb } from '../../../src/store/rest/climb.ts'
import { createClock } from '../../../src/store/rest/clock.ts'
import { createPace } from '../../../src/store/rest/pace.ts'
import { closeAll, json, openClient, type Script, startShop } from './scripted.ts'

after(closeAll)

/** A shop with so many workers; each request keeps one busy for `ms`, the others wait their turn. */
function workers(count: number, ms: number): { script: Script; most: () => number } {
  const waiting: (() => void)[] = []
  let busy = 0
  let here = 0
  let most = 0
  const script: Script = async (_, response) => {
    here += 1
    most = Math.max(most, here)
    if (busy === count) await new Promise<void>((resolve) => waiting.push(resolve))
    else busy += 1
    await wait(ms)
    const next = waiting.shift()
    if (next) next()
    else busy -= 1
    here -= 1
    json(response, [])
  }
  return { script, most: () => most }
}

/** A clock that only moves when somebody waits. */
function stillClock() {
  let at = 0
  return {
    now: () => at,
    delay: async (ms: number) => {
      at += ms
    },
    pass(ms: number) {
      at += ms
    },
  }
}

async function readAll(
  url: string,
  pages: number,
  pace: ReturnType<typeof createPace>,
  hands = 8,
): Promise<number[]> {
  const { client } = openClient(url, { pace })
  const seen: number[] = []
  let left = pages
  const hand = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await client.get('orders', {}, { rows: 100 })
      seen.push(pace.concurrency)
    }
  }
  await Promise.all(Array.from({ length: hands }, hand))
  return seen
}

/** Time is what these measure, and the machine has other work: what fails once is tried again, thrice in all. */
async function inAQuietMoment(attempt: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt()
    } catch (thrown) {
      if (tries === 3) throw thrown
    }
  }
}

describe('full pace (row 33)', () => {
  it('settles at two or three requests at a time against a shop with two workers', () =>
    inAQuietMoment(async () => {
      const { script } = workers(2, 20)
      const shop = await startShop(script)
      const pace = createPace({ mode: 'full' })
      const startedAt = performance.now()
      const seen = await readAll(shop.url, 200, pace)
      const ms = performance.now() - startedAt
      const late = seen.slice(50)
      const settled = late.filter((concurrency) => concurrency === 2 || concurrency === 3).length
      // A machine that is busy with other things is a shop that changes: a probe now and then is right.
      assert.ok(settled > late.length * 0.75, `${settled} of ${late.length}: ${seen.join(' ')}`)
      assert.ok(Math.max(...seen) <= 5, seen.join(' '))
      assert.ok(ms < (200 / 2) * 20 * 1.6, `${Math.round(ms)} ms for 100 turns of 20 ms`)
    }))

  it('climbs where the shop has room', () =>
    inAQuietMoment(async () => {
      const { script, most } = workers(20, 30)
      const shop = await startShop(script)
      const pace = createPace({ mode: 'full', maxConcurrency: 6 })
      const late = (await readAll(shop.url, 200, pace)).slice(100)
      const mean = late.reduce((sum, concurrency) => sum + concurrency, 0) / late.length
      assert.ok(mean >= 4, late.join(' '))
      assert.ok(most() >= 5 && most() <= 6, String(most()))
    }))

  it('steps down when the shop has less room than before', () => {
    let room = 6
    const climb = createClimb({ max: 8, start: 2, onChange: () => {} })
    const run = (requests: number): number[] =>
      Array.from({ length: requests }, () => {
        // Time per row with `limit` requests on `room` workers.
        climb.note(10 * Math.max(1, climb.limit / room), climb.limit)
        return climb.limit
      })
    run(200)
    assert.ok(climb.limit >= 6 && climb.limit <= 7, `${climb.limit} on six workers`)
    room = 2
    const seen = run(3000).slice(2000)
    const mean = seen.reduce((sum, limit) => sum + limit, 0) / seen.length
    assert.ok(mean < 3.5, `${mean} on two workers`)
  })

  it('does not climb on noise', () => {
    let seed = 7
    const random = (): number => {
      seed = (seed * 48271) % 2147483647
      return seed / 2147483647
    }
    const climb = createClimb({ max: 8, start: 2, onChange: () => {} })
    const seen: number[] = []
    for (let i = 0; i < 20_000; i++) {
      climb.note(10 * Math.max(1, climb.limit / 2) * (0.6 + 0.8 * random()), climb.limit)
      seen.push(climb.limit)
    }
    const mean = seen.reduce((sum, limit) => sum + limit, 0) / seen.length
    assert.ok(mean >= 1.8 && mean <= 3.2, String(mean))
  })

  it('halves on trouble, once for all that meet it together, and never below one', () => {
    const clock = stillClock()
    const pace = createPace({ mode: 'full', ...clock })
    const changes: number[] = []
    const told = createPace({
      mode: 'full',
      ...clock,
      onChange: ({ concurrency }) => changes.push(concurrency),
    })
    for (const one of [pace, told]) {
      one.trouble()
      one.trouble()
      assert.equal(one.concurrency, 1)
    }
    clock.pass(1000)
    pace.trouble()
    assert.equal(pace.concurrency, 1)
    assert.deepEqual(changes, [1])
  })

  it('lets those who wait go first come, first served, a person before all', async () => {
    const pace = createPace({ mode: 'full', maxConcurrency: 1 })
    const order: string[] = []
    const work = (name: string) => async () => {
      order.push(name)
    }
    const gate = Promise.withResolvers<void>()
    const all = [
      pace.run(1, () => gate.promise),
      pace.run(1, work('first')),
      pace.run(1, work('second')),
      pace.run(1, work('person'), undefined, 'interactive'),
    ]
    gate.resolve()
    await Promise.all(all)
    assert.deepEqual(order, ['person', 'first', 'second'])
  })

  it('gives a slot back when the work fails, and forgets who stopped waiting', async () => {
    const pace = createPace({ mode: 'full', maxConcurrency: 1 })
    await assert.rejects(
      pace.run(1, () => Promise.reject(new Error('no'))),
      /no/,
    )
    const gate = Promise.withResolvers<void>()
    const first = pace.run(1, () => gate.promise)
    const stop = new AbortController()
    const stopped = pace.run(1, async () => assert.fail('it ran'), stop.signal)
    stop.abort(new Error('stopped'))
    await assert.rejects(stopped, /stopped/)
    gate.resolve()
    await first
    assert.equal(await pace.run(1, async () => 5), 5)
  })
})

describe('gentle pace (row 33)', () => {
  it('is one connection, and at most half of the time in requests', async () => {
    const clock = stillClock()
    const pace = createPace({ mode: 'gentle', ...clock })
    let running = 0
    let inRequests = 0
    const startedAt = clock.now()
    const request = async (): Promise<void> => {
      running += 1
      assert.equal(running, 1)
      await null
      clock.pass(400)
      inRequests += 400
      running -= 1
    }
    await Promise.all(Array.from({ length: 50 }, () => pace.run(100, request)))
    const share = inRequests / (clock.now() - startedAt)
    assert.ok(share > 0.45 && share < 0.52, String(share))
    assert.equal(pace.concurrency, 1)
  })

  it('lets a small poll pass at once', async () => {
    const clock = stillClock()
    const waited: number[] = []
    const delay = (ms: number) => {
      waited.push(ms)
      return clock.delay(ms)
    }
    const pace = createPace({ mode: 'gentle', now: clock.now, delay })
    for (let poll = 0; poll < 5; poll++) {
      for (const _ of ['orders', 'products']) await pace.run(1, async () => clock.pass(60))
      clock.pass(60_000)
    }
    assert.deepEqual(waited, [])
  })

  it('can be changed while work waits', async () => {
    const pace = createPace({ mode: 'gentle' })
    const gate = Promise.withResolvers<void>()
    const first = pace.run(1, () => gate.promise)
    let ran = false
    const second = pace.run(1, async () => {
      ran = true
    })
    assert.equal(ran, false)
    pace.setMode('full')
    await second
    gate.resolve()
    await first
    assert.equal(pace.mode, 'full')
  })
})

describe('page sizes', () => {
  it('shrink on time-outs and recover slowly', () => {
    const pace = createPace({ mode: 'full' })
    const sizes = [50, 20, 10, 10]
    for (const size of sizes) {
      pace.pageTimedOut()
      assert.equal(pace.pageSize, size)
    }
    let pages = 0
    while (pace.pageSize < 100 && pages < 5000) {
      pace.pageFine()
      pages += 1
    }
    assert.equal(pace.pageSize, 100)
    assert.ok(pages > 60, `${pages} pages`)
  })

  it('shrink once for pages that timed out together, and not for small questions', () => {
    const pace = createPace({ mode: 'full' })
    for (let i = 0; i < 8; i++) pace.pageTimedOut(100)
    assert.equal(pace.pageSize, 50)
    pace.pageTimedOut(1)
    assert.equal(pace.pageSize, 50)
    for (let i = 0; i < 1000; i++) pace.pageFine(1)
    assert.equal(pace.pageSize, 50)
  })
})

describe('the shop’s clock', () => {
  it('is known better than the second its headers show', () => {
    const clock = createClock()
    const offset = 12_345
    for (let i = 0; i < 60; i++) {
      const sentAt = 1_000_000_000_000 + i * 1370
      const headersAt = sentAt + 80
      clock.note(Math.floor((sentAt + 40 + offset) / 1000) * 1000, sentAt, headersAt)
    }
    assert.ok(Math.abs(clock.offset! - offset) < 100, String(clock.offset))
  })

  it('is believed when somebody sets it', () => {
    const clock = createClock()
    for (let i = 0; i < 20; i++) clock.note(1000 * i, 1000 * i, 1000 * i + 50)
    clock.note(620_000, 20_000, 20_050)
    assert.ok(Math.abs(clock.offset! - 600_000) <= 1000)
  })
})

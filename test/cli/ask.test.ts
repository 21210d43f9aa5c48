/** Questions as processes: a table, one JSON document, CSV; what is wrong with exit code 2; keys. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { LOCAL } from '../../src/access/caller.ts'
import { invoke } from '../../src/operations/invoke.ts'
import { operations } from '../../src/operations.ts'
import { testDatabase } from '../database.ts'
import { demoMirror } from '../questions/shop.ts'
import { assertFault, start, woosync } from './woosync.ts'

const shop = await demoMirror({ seed: 4, products: 30, orders: 200, days: 40 })
const { url: shopUrl } = shop.context.store

/** The settings that lead to that copy; nobody answers at the shop's address, and nobody is asked. */
const env = {
  DATABASE_URL: shop.database.url,
  WOOCOMMERCE_URL: shopUrl,
  WOOCOMMERCE_KEY: `ck_${'0'.repeat(40)}`,
  WOOCOMMERCE_SECRET: `cs_${'0'.repeat(40)}`,
  ALLOW_PLAIN_HTTP: 'true',
}

const cwd = await mkdtemp(join(tmpdir(), 'woosync-ask-'))
after(() => rm(cwd, { recursive: true, force: true }))
const run = (...args: string[]) => woosync(args, { cwd, env })

describe('a question', () => {
  it('is answered as text, and as the very answer with --json', async () => {
    const { rows } = await shop.database.pool.query(
      `SELECT id, name, sku FROM mirror.products WHERE type = 'simple' AND sku <> '' ORDER BY id LIMIT 1`,
    )
    const [{ name, sku }] = rows
    const [text, json, bare] = await Promise.all([
      run('stock', 'status', '--sku', sku),
      run('stock', 'status', '--sku', sku, '--json'),
      run('stock', 'status', '--sku', sku, '--json', '--facts', 'none'),
    ])
    assert.equal(text.code, 0, text.stderr)
    assert.equal(text.stderr, '')
    assert.ok(text.stdout.includes(name), text.stdout)
    assert.match(text.stdout, /\nData: products.+ old, complete\.\n$/)
    assert.equal(json.stderr, '')
    assert.deepEqual(
      JSON.parse(json.stdout),
      JSON.parse(JSON.stringify(await invoke(shop.app, LOCAL, operations.stock.status, { sku }))),
    )
    assert.ok(JSON.parse(json.stdout).facts.length > 0)
    assert.deepEqual(JSON.parse(bare.stdout).facts, [])
  })

  it('of a list is CSV: all rows page after page, or the one page of --limit', async () => {
    const { orders } = await shop.ask(operations.orders.list, { limit: 1000 })
    assert.ok(orders.length > 100)
    const [all, page, none] = await Promise.all([
      run('orders', 'list', '--csv'),
      run('orders', 'list', '--csv', '--limit', '3'),
      run('stock', 'status', '--sku', 'x', '--csv'),
    ])
    assert.equal(all.code, 0, all.stderr)
    const lines = all.stdout.trimEnd().split('\r\n')
    assert.match(lines[0] ?? '', /^id,number,status,/)
    assert.equal(lines.length - 1, orders.length)
    assert.equal(page.stdout.trimEnd().split('\r\n').length, 4)
    assertFault(none, 'usage', 2)
    assert.equal(none.stdout, '')
  })

  it('whose reader goes away ends quietly', async () => {
    const running = start(['mirror', 'changes', '--csv'], { cwd, env })
    running.child.stdout.destroy()
    const { stderr, code } = await running.ended
    assert.equal(stderr, '')
    assert.equal(code, 0)
  })

  it('page after page with the cursor that is shown', async () => {
    const first = await run('mirror', 'changes', '--limit', '2')
    const [, cursor = ''] = /\nNext page: --cursor (\S+)\n$/.exec(first.stdout) ?? []
    const second = await run('mirror', 'changes', '--limit', '2', '--cursor', cursor, '--json')
    const whole = await run('mirror', 'changes', '--limit', '4', '--json')
    assert.deepEqual(JSON.parse(second.stdout).changes, JSON.parse(whole.stdout).changes.slice(2))
  })
})

describe('what is typed wrongly', () => {
  it('ends with 2, a sentence and the way out, before any database is opened', async () => {
    const nowhere = { ...env, DATABASE_URL: 'postgres://me@127.0.0.1:1/none' }
    const wrong: [string[], RegExp][] = [
      [['stock', 'status', '--id', 'ten'], /--id is not usable: .+number/],
      [['stock', 'status', '--id', '-5'], /--id is not usable/],
      [['stock', 'status', '--sku', 'x'.repeat(100_000)], /--sku is not usable: Too big/],
      [['stock', 'status', '--sku'], /--sku is not usable: it needs a value/],
      [['stock', 'status', '--skuu', 'a'], /no such option; perhaps --sku is meant/],
      [['orders', 'list', '--limit', '100000'], /--limit is not usable/],
      [['orders', 'list', '--sort', 'colour'], /--sort is not usable/],
      [['keys', 'revoke'], /id is not usable: it is missing/],
      [['keys', 'create'], /--scope is not usable: it is missing/],
      [['keys', 'create', '--scope', 'root'], /--scope is not usable/],
    ]
    const results = await Promise.all(wrong.map(([args]) => woosync(args, { cwd, env: nowhere })))
    for (const [at, [args, sentence]] of wrong.entries()) {
      const { code, stdout, stderr } = results[at] ?? {}
      const said = `${args.slice(0, 4).join(' ').slice(0, 80)}: ${stderr}`
      assert.equal(code, 2, said)
      assert.equal(stdout, '', said)
      assert.match(stderr ?? '', sentence, said)
      assert.match(stderr ?? '', /\n {2}`woosync .+ --help` shows .+\n {2}\(input_invalid\)\n$/, said)
      assert.ok((stderr ?? '').length < 1000, said)
    }
    const json = await woosync(['stock', 'status', '--skuu', 'a', '--json'], { cwd, env: nowhere })
    assert.equal(JSON.parse(json.stdout).error.code, 'input_invalid')
  })

  it('commands and groups that are not there: what may be meant', async () => {
    const [misspelt, verb, group] = await Promise.all([
      run('prodcts', 'search'),
      run('stock', 'stats'),
      run('stock'),
    ])
    assertFaultText(misspelt.stderr, /Did you mean products\?/)
    assertFaultText(verb.stderr, /Did you mean status\?/)
    assert.equal(group.code, 2)
    assert.match(group.stderr, /\n {2}status +The stock/)
  })

  it('characters of shells and of SQL are characters', async () => {
    for (const sku of ["'; DROP TABLE mirror.orders; --", '$(reboot)', '%', '\\']) {
      const { code, stdout } = await run('stock', 'status', '--sku', sku)
      assert.equal(code, 0, stdout)
      assert.match(stdout, /^The shop has no such product\./)
    }
  })

  it('another store, and a cursor of another list', async () => {
    assertFault(await run('stock', 'status', '--sku', 'a', '--store', '99'), 'store_not_found')
    const cursor = await run('mirror', 'changes', '--cursor', 'x')
    assert.equal(cursor.code, 2)
    assert.match(cursor.stderr, /\(cursor_invalid\)/)
  })
})

describe('before the first copy', () => {
  it('a question says that no shop is known', async () => {
    const empty = await testDatabase()
    const result = await woosync(['stock', 'status', '--sku', 'a'], {
      cwd,
      env: { ...env, DATABASE_URL: empty.url },
    })
    assertFault(result, 'store_not_known')
  })
})

describe('names with orders to terminals', () => {
  it('are shown without them', async () => {
    const { rows } = await shop.database.pool.query(
      `UPDATE mirror.products SET name = E'\\u001B]0;mine\\u0007Red\\u001B[2J\\u009B31m wine'
       WHERE id = (SELECT max(id) FROM mirror.products WHERE type = 'simple') RETURNING id`,
    )
    const id = String(rows[0].id)
    const results = [
      await run('stock', 'status', '--id', id),
      await run('stock', 'status', '--id', id, '--facts'),
      await run('stock', 'status', '--id', id, '--json'),
    ]
    for (const { stdout } of results) {
      assert.match(stdout, /Red/)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
      assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    }
    assert.match(results[0]?.stdout ?? '', /^Red wine\n/)
  })
})

describe('keys', () => {
  it('are made, listed and revoked', async () => {
    const made = await run('keys', 'create', '--scope', 'admin', '--name', 'stock page', '--json')
    assert.equal(made.code, 0, made.stderr)
    const { key, record } = JSON.parse(made.stdout)
    assert.ok(typeof key === 'string' && key.length > 20)
    const listed = await run('keys', 'list')
    assert.match(listed.stdout, /stock page/)
    assert.ok(!listed.stdout.includes(key))
    const revoked = await run('keys', 'revoke', String(record.id), '--json')
    assert.equal(JSON.parse(revoked.stdout).record.state, 'revoked')
    assert.equal((await run('keys', 'revoke', '99999')).code, 1)
  })
})

function assertFaultText(stderr: string, sentence: RegExp): void {
  assert.match(stderr, sentence)
  assert.match(stderr, /\(usage\)\n$/)
}

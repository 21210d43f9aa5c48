/** The program with nothing but access to the shop's database, through a real SSH server. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startDemoServer } from '../../demo/server.ts'
import { atEnd, newFolder } from '../database/private-folder.ts'
import { testDatabase } from '../database.ts'
import { skipWithoutMariadb, startMariadb } from '../mariadb.ts'
import { skipWithoutOpenssh, startOpenssh } from '../openssh.ts'
import { skipWithoutRecordings } from '../recordings.ts'
import { recordedShop } from '../shop.ts'
import { assertFault, woosync } from './woosync.ts'

const skip = skipWithoutRecordings || skipWithoutMariadb || skipWithoutOpenssh

describe('a shop whose owner gives access to its database', { skip }, async () => {
  const mariadb = await startMariadb()
  // Whether a sale is on depends on the day: that of the recording, 2026-11-22 10:46 UTC.
  await mariadb.run(null, `SET GLOBAL init_connect = 'SET timestamp = 1795344360'`)
  const [open, closed] = [await startOpenssh(), await startOpenssh({ forwarding: 'forbidden' })]
  const { user, password } = mariadb.reader
  const mysql = {
    MYSQL_HOST: mariadb.host,
    MYSQL_PORT: String(mariadb.port),
    MYSQL_USER: user,
    MYSQL_PASSWORD: password,
    MYSQL_DATABASE: 'woocommerce_small',
  }
  const through = (server: typeof open) => ({
    ...mysql,
    SSH_HOST: server.host,
    SSH_PORT: String(server.port),
    SSH_USER: server.user,
    SSH_KEY_FILE: server.keyFile,
  })

  it('test-connection: host key, sign-in, database, rights, storage, counts, each as its own line', async (t) => {
    const cwd = await newFolder(t)
    const database = await testDatabase()
    const env = { ...through(open), DATABASE_URL: database.url, WOOSYNC_LANGUAGE: 'en' }
    const first = await woosync(['test-connection'], { cwd, env })
    assert.equal(first.code, 0, first.stderr)
    assert.ok(first.stdout.includes(`${open.fingerprint} (seen for the first time, remembered from now on)`))
    for (const line of [
      /^✅ Signed in to 127\.0\.0\.1 as \S+$/m,
      /^✅ Reached the database’s server through SSH$/m,
      /^✅ Database woocommerce_small on 127\.0\.0\.1 as woosync \(.*MariaDB.*\)$/m,
      /^✅ All \d+ tables that are needed may be read$/m,
      /^✅ Orders in their own tables \(HPOS\), prefix wp_, time zone Europe\/Bucharest$/m,
      /^✅ Found: 798 orders, 172 products, 45 variations, 21 customers$/m,
    ]) {
      assert.match(first.stdout, line)
    }
    assert.doesNotMatch(first.stdout, /WooCommerce API connected/)
    assert.ok(!`${first.stdout}${first.stderr}`.includes(password))

    const romanian = await woosync(['test-connection'], { cwd, env: { ...env, WOOSYNC_LANGUAGE: 'ro' } })
    assert.match(romanian.stdout, /^✅ Serverul bazei de date este accesibil prin SSH$/m)
    assert.doesNotMatch(romanian.stdout, /văzut prima dată/)

    // Another server under the same name: nothing is sent to it.
    await database.pool.query(`UPDATE sync.host_keys SET fingerprint = 'SHA256:${'A'.repeat(43)}'`)
    assertFault(await woosync(['test-connection'], { cwd, env }), 'ssh_host_key_changed')
  })

  it('sync, verify and doctor through the tunnel; the second run changes nothing', async (t) => {
    const cwd = await newFolder(t)
    const env = { ...through(open), DATABASE_URL: (await testDatabase()).url }
    const first = JSON.parse((await woosync(['sync', '--json'], { cwd, env })).stdout)
    assert.equal(first.complete, true, JSON.stringify(first.resources.filter((one: Shown) => one.error)))
    const created = Object.fromEntries(first.resources.map((one: Shown) => [one.resource, one.created]))
    assert.deepEqual(
      [created.orders, created.refunds, created.products, created.tickets],
      [798, 74, 172, 407],
    )
    const again = JSON.parse((await woosync(['sync', '--json'], { cwd, env })).stdout)
    for (const one of again.resources as Shown[]) {
      assert.deepEqual([one.resource, one.created, one.updated, one.deleted], [one.resource, 0, 0, 0])
    }
    const verified = await woosync(['verify'], { cwd, env })
    assert.equal(verified.code, 0, verified.stdout)
    const doctor = await woosync(['doctor'], { cwd, env })
    assert.equal(doctor.code, 0, doctor.stdout)
    assert.match(doctor.stdout, /It is read through SSH/)
    const notes = JSON.parse((await woosync(['order-notes', '235', '--json'], { cwd, env })).stdout)
    assert.ok(notes.notes.length > 0)
  })

  it('44: where forwarding is forbidden the host’s own mysql is used, and it brings the same', async (t) => {
    const cwd = await newFolder(t)
    const env = { ...through(closed), DATABASE_URL: (await testDatabase()).url, WOOSYNC_LANGUAGE: 'en' }
    const tried = await woosync(['test-connection'], { cwd, env })
    assert.match(tried.stdout, /^✅ SSH forwarding is forbidden: the host’s own mysql program is used$/m)
    const synced = JSON.parse(
      (await woosync(['sync', '--json', '--resource', 'orders'], { cwd, env })).stdout,
    )
    assert.deepEqual(
      synced.resources.map((one: Shown) => [one.resource, one.created, one.error]),
      [['orders', 798, null]],
    )
  })

  it('with both ways the database is read; alone again, REST brings no change', async (t) => {
    const cwd = await newFolder(t)
    const shop = recordedShop()
    const server = await startDemoServer({ shop })
    atEnd(t, () => server.close())
    const rest = {
      WOOCOMMERCE_URL: server.url,
      WOOCOMMERCE_KEY: shop.info.consumerKey,
      WOOCOMMERCE_SECRET: shop.info.consumerSecret,
      DATABASE_URL: (await testDatabase()).url,
    }
    const both = { ...rest, ...mysql }
    const first = JSON.parse((await woosync(['sync', '--json'], { cwd, env: both })).stdout)
    assert.equal(first.complete, true, JSON.stringify(first))
    const { requests } = first.resources.find((one: Shown) => one.resource === 'orders')
    assert.ok(requests > 20, 'statements, as pages would be fewer')
    const doctor = await woosync(['doctor'], { cwd, env: both })
    assert.match(doctor.stdout, /It is read directly/)
    assert.match(doctor.stdout, /The key may read and write/)
    const alone = JSON.parse((await woosync(['sync', '--full', '--json'], { cwd, env: rest })).stdout)
    for (const one of alone.resources as Shown[]) {
      assert.deepEqual([one.resource, one.created, one.updated, one.deleted], [one.resource, 0, 0, 0])
    }

    // A database of another shop than the one behind the address.
    await mariadb.run(
      'woocommerce_small_legacy',
      `UPDATE wp_options SET option_value = 'another' WHERE option_name = 'woocommerce_store_id'`,
    )
    const mixed = { ...both, MYSQL_DATABASE: 'woocommerce_small_legacy' }
    assertFault(await woosync(['sync'], { cwd, env: mixed }), 'store_is_another_shop')
  })

  it('what stands in the way has its own code, a sentence and the way out', async (t) => {
    const cwd = await newFolder(t)
    const env = { ...mysql, DATABASE_URL: (await testDatabase()).url }
    const fault = async (more: Record<string, string>) =>
      woosync(['test-connection'], { cwd, env: { ...env, ...more } })
    assertFault(await fault({ MYSQL_PASSWORD: 'wrong' }), 'sql_sign_in_refused')
    assertFault(await fault({ MYSQL_DATABASE: 'nowhere' }), 'sql_database_unknown')
    assertFault(await fault({ MYSQL_PREFIX: 'other_' }), 'sql_shop_not_found')
    assertFault(await fault({ MYSQL_USER: '' }), 'setting_missing', 2)
  })
})

interface Shown {
  resource: string
  created: number
  updated: number
  deleted: number
  error: unknown
}

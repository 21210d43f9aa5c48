/** What goes wrong at a shop's MySQL, by each way: each fault has its own code, and none tells a secret. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createShopDatabaseSource, openShopDatabase } from '../../../src/store/sql/open.ts'
import { skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { skipWithoutOpenssh, startOpenssh } from '../../openssh.ts'
import { skipWithoutRecordings } from '../../recordings.ts'
import { faultOf, mysqlOf, opened, optionsOf, portOf, refused, sshOf } from './ways.ts'

const skip = skipWithoutMariadb || skipWithoutOpenssh || skipWithoutRecordings

if (skip) {
  it('faults on the way to a shop’s database', { skip }, () => undefined)
} else {
  const mariadb = await startMariadb()
  const [forwarding, exec] = await Promise.all([startOpenssh(), startOpenssh({ forwarding: 'forbidden' })])
  await mariadb.run(
    null,
    `CREATE USER 'partly'@'%' IDENTIFIED BY 'partly-secret';
     GRANT SELECT ON woocommerce_small.wp_posts TO 'partly'@'%'`,
  )
  const mysql = mysqlOf(mariadb)
  const WAYS = {
    direct: null,
    tunnel: sshOf(forwarding),
    exec: sshOf(exec),
  }

  for (const [way, ssh] of Object.entries(WAYS)) {
    describe(`MySQL, ${way}`, () => {
      it('a wrong password, a wrong user', async () => {
        const password = 'wrong-password'
        const fault = await refused('sql_sign_in_refused', optionsOf({ ...mysql, password }, ssh))
        assert.equal(fault.data.user, 'woosync')
        await refused('sql_sign_in_refused', optionsOf({ ...mysql, user: 'nobody' }, ssh))
      })

      it('a wrong database', async () => {
        const fault = await refused('sql_database_unknown', optionsOf({ ...mysql, database: 'shop2' }, ssh))
        assert.equal(fault.data.database, 'shop2')
        const root = { ...mysql, user: 'root', password: '', database: 'no_such' }
        await refused('sql_database_unknown', optionsOf(root, ssh))
      })

      it('a closed port', async () => {
        const port = await portOf(() => undefined, 'closed')
        await refused('sql_unreachable', optionsOf({ ...mysql, port }, ssh))
      })

      it('an unknown host', async () => {
        const options = optionsOf({ ...mysql, host: 'nowhere.invalid' }, ssh)
        await refused('sql_host_unknown', options)
      })

      it('a right missing on one table names it', async () => {
        const partly = { ...mysql, user: 'partly', password: 'partly-secret' }
        const database = await opened(optionsOf(partly, ssh))
        assert.equal((await database.query('SELECT COUNT(*) FROM wp_posts')).length, 1)
        const fault = await faultOf(database.query('SELECT option_id FROM wp_options LIMIT 1'))
        assert.equal(fault.code, 'sql_rights_missing')
        assert.equal(fault.data.table, 'wp_options')
        assert.equal((await database.query('SELECT COUNT(*) FROM wp_posts')).length, 1)
      })

      it('a statement that takes too long is ended by the server, and the next one runs', async () => {
        const database = await opened(optionsOf(mysql, ssh, { statementTimeoutMs: 200 }))
        const fault = await faultOf(
          database.query('SELECT COUNT(*) FROM wp_posts a, wp_posts b, wp_posts c, wp_posts d'),
        )
        assert.equal(fault.code, 'sql_statement_too_slow')
        assert.equal(fault.data.seconds, 0.2)
        assert.deepEqual(await database.query('SELECT 1'), [['1']])
      })

      it('work that is asked to stop ends at once', async () => {
        const stop = new AbortController()
        const database = await opened(optionsOf(mysql, ssh, { signal: stop.signal }))
        const asked = faultOf(database.query('SELECT SLEEP(9)'))
        stop.abort()
        assert.equal((await asked).code, 'sync_cancelled')
        assert.equal((await faultOf(database.query('SELECT 1'))).code, 'sync_cancelled')
        const late = optionsOf(mysql, ssh, { signal: stop.signal })
        assert.equal((await faultOf(openShopDatabase(late))).code, 'sync_cancelled')
      })

      it('a connection that the server ended is lost; a new one goes on', async () => {
        const options = optionsOf(mysql, ssh)
        const database = await opened(options)
        const id = (await database.query('SELECT CONNECTION_ID()'))[0]?.[0]
        const asked = faultOf(database.query('SELECT SLEEP(9)'))
        await mariadb.run(null, `KILL ${id}`)
        assert.equal((await asked).code, 'sql_connection_lost')
        assert.equal((await faultOf(database.query('SELECT 1'))).code, 'sql_connection_lost')
        const next = await opened(options)
        assert.deepEqual(await next.query('SELECT 1'), [['1']])
      })
    })
  }

  describe('directly', () => {
    it('a server that says nothing, one that is no MySQL', async () => {
      const mute = { ...mysql, port: await portOf(() => undefined) }
      await refused('sql_unreachable', optionsOf(mute, null, { connectTimeoutMs: 200 }))
      const other = { ...mysql, port: await portOf((socket) => socket.end()) }
      await refused('sql_connection_lost', optionsOf(other, null))
    })

    it('who leaves while nothing answers waits for no time-out: at MySQL, at SSH, through SSH', async () => {
      for (const at of ['MySQL', 'SSH', 'through SSH']) {
        const stop = new AbortController()
        const port = await portOf(() => void setImmediate(() => stop.abort()))
        const ways = {
          MySQL: optionsOf({ ...mysql, port }, null, { signal: stop.signal }),
          SSH: optionsOf(mysql, sshOf(forwarding, { port }), { signal: stop.signal }),
          'through SSH': optionsOf({ ...mysql, port }, sshOf(forwarding), { signal: stop.signal }),
        }
        const begun = performance.now()
        const fault = await faultOf(openShopDatabase(ways[at as keyof typeof ways]))
        assert.equal(fault.code, 'sync_cancelled', at)
        // The time-out is 20 s.
        assert.ok(performance.now() - begun < 10_000, at)
      }
    })

    it('a person is told at once, a program tries three times', async () => {
      for (const [patience, times] of [
        ['person', 1],
        ['program', 3],
      ] as const) {
        let tried = 0
        const port = await portOf((socket) => {
          tried++
          socket.destroy()
        })
        const source = createShopDatabaseSource(
          { ...optionsOf({ ...mysql, port }, null), patience },
          async () => undefined,
        )
        assert.equal((await faultOf(source.open())).code, 'sql_connection_lost')
        assert.equal(tried, times)
      }
    })

    it('a server that offers no TLS where it is asked for', async () => {
      const host = 'localhost'
      await refused('sql_tls_missing', optionsOf(mysqlOf(mariadb, { host, tls: { ca: null } }), null))
    })

    it('an address inside a private network that is not the operator’s own is refused', async () => {
      const guarded = {
        trustedAddress: false,
        resolve: async () => [{ address: '10.1.2.3', family: 4 as const }],
      }
      const host = 'shop.example'
      for (const options of [
        optionsOf({ ...mysql, host }, null, guarded),
        optionsOf(mysql, sshOf(forwarding, { host }), guarded),
      ]) {
        const fault = await refused('store_address_refused', options)
        assert.equal(fault.data.address, '10.1.2.3')
      }
      // And it goes to the address that was judged, whatever the name is.
      const resolve = async () => [{ address: '127.0.0.1', family: 4 as const }]
      await opened(optionsOf({ ...mysql, host }, null, { trustedAddress: false, resolve }))
    })
  })

  describe('a source', () => {
    it('tries three times what may pass, with pauses, and nothing else twice', async () => {
      const pauses: number[] = []
      const delay = async (ms: number) => {
        pauses.push(ms)
      }
      const port = await portOf(() => undefined, 'closed')
      const away = createShopDatabaseSource(optionsOf({ ...mysql, port }, null), delay)
      assert.equal((await faultOf(away.open())).code, 'sql_unreachable')
      assert.equal(pauses.length, 2)
      assert.ok((pauses[0] as number) < (pauses[1] as number))
      const wrong = createShopDatabaseSource(optionsOf({ ...mysql, password: 'wrong-password' }, null), delay)
      assert.equal((await faultOf(wrong.open())).code, 'sql_sign_in_refused')
      assert.equal(pauses.length, 2)
    })

    it('a server that takes no more connections', async () => {
      const server = await startMariadb(['--max-connections=10'])
      const full = optionsOf(mysqlOf(server), null)
      const taken = await Promise.all(Array.from({ length: 10 }, () => openShopDatabase(full)))
      await refused('sql_too_many_connections', full)
      let pauses = 0
      const source = createShopDatabaseSource(full, async () => {
        pauses += 1
        await taken.pop()?.close()
      })
      taken.push(await source.open())
      // The server counts a connection for a moment after its end.
      assert.ok(pauses > 0)
      await Promise.all(taken.map((database) => database.close()))
    })

    it('opens again when the server is back', async () => {
      const server = await startMariadb()
      const options = optionsOf(mysqlOf(server), sshOf(forwarding))
      let pauses = 0
      const source = createShopDatabaseSource(options, async () => {
        pauses += 1
        await server.start()
      })
      const database = await source.open()
      const asked = faultOf(database.query('SELECT SLEEP(9)'))
      await server.stop('kill')
      assert.equal((await asked).code, 'sql_connection_lost')
      const next = await source.open()
      assert.equal(pauses, 1)
      assert.deepEqual(await next.query('SELECT 1'), [['1']])
      await Promise.all([database.close(), next.close()])
    })
  })
}

/** Signing in over SSH and the host's key: what is let in, what is refused, and with which error. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openShopDatabase } from '../../../src/store/sql/open.ts'
import type { Step } from '../../../src/store/sql/way.ts'
import { skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { skipWithoutOpenssh, startOpenssh } from '../../openssh.ts'
import { faultOf, hostKeysInMemory, mysqlOf, opened, optionsOf, portOf, refused, sshOf } from './ways.ts'

const skip = skipWithoutMariadb || skipWithoutOpenssh

if (skip) {
  it('over SSH', { skip }, () => undefined)
} else {
  const mariadb = await startMariadb()
  const [forwarding, exec, bare] = await Promise.all([
    startOpenssh(),
    startOpenssh({ forwarding: 'forbidden' }),
    startOpenssh({ forwarding: 'forbidden', programs: 'only-a-shell' }),
  ])
  const mysql = mysqlOf(mariadb)

  describe('over SSH', () => {
    it('a key it does not know, a wrong user', async () => {
      const strange = sshOf(forwarding, { privateKey: forwarding.strangeKey })
      const fault = await refused('ssh_sign_in_refused', optionsOf(mysql, strange))
      assert.deepEqual(fault.data, { host: '127.0.0.1', user: forwarding.user, tried: 'key' })
      await refused('ssh_sign_in_refused', optionsOf(mysql, sshOf(forwarding, { user: 'nobody-here' })))
    })

    it('a key with a passphrase: the right one, a wrong one, none', async () => {
      const { lockedKey, passphrase } = forwarding
      const locked = (given: string | null) =>
        optionsOf(mysql, sshOf(forwarding, { privateKey: lockedKey, passphrase: given }))
      assert.equal((await opened(locked(passphrase))).way, 'tunnel')
      await refused('ssh_passphrase_wrong', locked('wrong-passphrase'))
      const none = await refused('ssh_passphrase_wrong', locked(null))
      assert.match(none.message, /none is set/)
    })

    it('something else than a private key', async () => {
      for (const privateKey of ['', 'not a key', 'ssh-ed25519 AAAA']) {
        await refused('ssh_key_unreadable', optionsOf(mysql, sshOf(forwarding, { privateKey })))
      }
    })

    it('an agent is asked where there is neither key nor password', async () => {
      const nothing = { privateKey: null, password: null }
      const agent = await forwarding.startAgent()
      const database = await opened(optionsOf(mysql, sshOf(forwarding, { ...nothing, agent })))
      assert.equal(database.way, 'tunnel')
      const away = sshOf(forwarding, { ...nothing, agent: '/no/such/agent' })
      await refused('ssh_sign_in_refused', optionsOf(mysql, away))
      const fault = await refused('setting_missing', optionsOf(mysql, sshOf(forwarding, nothing)))
      assert.equal(fault.data.setting, 'SSH_KEY_FILE')
    })

    it('an unknown host, a closed port, a server that says nothing, one that speaks no SSH', async () => {
      await refused('ssh_host_unknown', optionsOf(mysql, sshOf(forwarding, { host: 'nowhere.invalid' })))
      const port = await portOf(() => undefined, 'closed')
      const closed = await refused('ssh_unreachable', optionsOf(mysql, sshOf(forwarding, { port })))
      assert.match(closed.message, /refuses the connection/)
      const mute = sshOf(forwarding, { port: await portOf(() => undefined) })
      const silent = await refused('ssh_unreachable', optionsOf(mysql, mute, { connectTimeoutMs: 200 }))
      assert.match(silent.message, /no answer within 0.2 s/)
      const http = sshOf(forwarding, {
        port: await portOf((socket) => socket.end('HTTP/1.1 400 Bad\r\n\r\n')),
      })
      await refused('ssh_unreachable', optionsOf(mysql, http))
    })

    it('a key that may only forward, and only there', async () => {
      const only = (port: number) =>
        startOpenssh({
          keyOptions: `restrict,port-forwarding,permitopen="127.0.0.1:${port}",command="/bin/false"`,
        })
      assert.equal((await opened(optionsOf(mysql, sshOf(await only(mysql.port))))).way, 'tunnel')
      await refused('ssh_no_way_to_database', optionsOf(mysql, sshOf(await only(1))))
    })

    it('a host that restarts its SSH server ends the connection; a new one goes on', async () => {
      const server = await startOpenssh()
      const options = optionsOf(mysql, sshOf(server))
      const database = await opened(options)
      const asked = faultOf(database.query('SELECT SLEEP(9)'))
      server.cutConnections()
      assert.equal((await asked).code, 'sql_connection_lost')
      assert.deepEqual(await (await opened(options)).query('SELECT 1'), [['1']])
    })

    it('neither forwarding nor a client', async () => {
      const fault = await refused('ssh_no_way_to_database', optionsOf(mysql, sshOf(bare)))
      assert.match(fault.message, /no `mysql` and no `mariadb`/)
      const encrypted = mysqlOf(mariadb, { tls: { ca: null } })
      const kept = await refused('ssh_no_way_to_database', optionsOf(encrypted, sshOf(exec)))
      assert.match(kept.message, /MYSQL_TLS/)
    })

    it('the host’s key is pinned when it let us in, and a change is refused before anything is sent', async () => {
      const hostKeys = hostKeysInMemory()
      const name = `[127.0.0.1]:${forwarding.port}`
      const strange = sshOf(forwarding, { privateKey: forwarding.strangeKey })
      await refused('ssh_sign_in_refused', optionsOf(mysql, strange, { hostKeys }))
      assert.deepEqual([...hostKeys.pinned], [])
      const steps: Step[] = []
      const options = optionsOf(mysql, sshOf(forwarding), { hostKeys, onStep: (step) => steps.push(step) })
      await opened(options)
      assert.deepEqual([...hostKeys.pinned], [[name, forwarding.fingerprint]])
      await opened(options)
      const { fingerprint } = forwarding
      assert.deepEqual(
        steps.filter(({ step }) => step === 'host-key'),
        [false, true].map((known) => ({
          step: 'host-key',
          host: name,
          fingerprint,
          type: 'ssh-ed25519',
          known,
        })),
      )
      assert.deepEqual(
        steps.slice(0, 4).map(({ step }) => step),
        ['host-key', 'ssh-sign-in', 'way', 'sql-sign-in'],
      )
      hostKeys.pinned.set(name, exec.fingerprint)
      const fault = await refused('ssh_host_key_changed', options)
      assert.ok(
        fault.message.includes(fingerprint) && fault.message.includes(exec.fingerprint),
        fault.message,
      )
      assert.equal(hostKeys.pinned.get(name), exec.fingerprint)
    })

    it('SSH_HOST_FINGERPRINT wins over what was pinned', async () => {
      const hostKeys = hostKeysInMemory()
      hostKeys.pinned.set(`[127.0.0.1]:${forwarding.port}`, exec.fingerprint)
      const { fingerprint } = forwarding
      await opened(optionsOf(mysql, sshOf(forwarding, { fingerprint }), { hostKeys }))
      const wrong = sshOf(forwarding, { fingerprint: exec.fingerprint })
      const fault = await refused('ssh_fingerprint_mismatch', optionsOf(mysql, wrong, { hostKeys }))
      assert.ok(
        fault.message.includes(fingerprint) && fault.message.includes(exec.fingerprint),
        fault.message,
      )
    })

    it('an agreed fault of whoever keeps the fingerprints is passed on', async () => {
      const hostKeys = {
        known: () => Promise.reject(new Error('Postgres is away')),
        pin: async () => undefined,
      }
      await assert.rejects(
        openShopDatabase(optionsOf(mysql, sshOf(forwarding), { hostKeys })),
        /Postgres is away/,
      )
    })
  })
}

/** Directly to MySQL with TLS: the certificate's authority and name are checked before the password is sent. */
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { generate } from 'selfsigned'
import { openShopDatabase } from '../../../src/store/sql/open.ts'
import type { MysqlAccess } from '../../../src/store/sql/way.ts'
import { skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { skipWithoutOpenssh, startOpenssh } from '../../openssh.ts'
import { skipWithoutRecordings } from '../../recordings.ts'
import { faultOf, mysqlOf, opened, optionsOf, sshOf } from './ways.ts'

const skip = skipWithoutMariadb || skipWithoutOpenssh || skipWithoutRecordings

if (skip) {
  it('MySQL with TLS', { skip }, () => undefined)
} else {
  const folder = mkdtempSync(join(tmpdir(), 'woosync-tls-'))
  chmodSync(folder, 0o755)
  after(() => rmSync(folder, { recursive: true, force: true }))
  const certificate = await generate([{ name: 'commonName', value: 'db.example' }], {
    keySize: 2048,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'db.example' }] }],
  })
  const other = await generate([{ name: 'commonName', value: 'db.example' }], { keySize: 2048 })
  writeFileSync(join(folder, 'key'), certificate.private)
  writeFileSync(join(folder, 'cert'), certificate.cert)
  const mariadb = await startMariadb([
    `--ssl-key=${join(folder, 'key')}`,
    `--ssl-cert=${join(folder, 'cert')}`,
  ])
  await mariadb.run(null, "CREATE USER 'careful'@'%' IDENTIFIED BY 'careful-secret' REQUIRE SSL")
  await mariadb.run(null, "GRANT SELECT ON woocommerce_small.* TO 'careful'@'%'")

  const own = { ca: certificate.cert }
  const options = (changes: Partial<MysqlAccess>) =>
    optionsOf(
      mysqlOf(mariadb, { user: 'careful', password: 'careful-secret', host: 'db.example', ...changes }),
      null,
      { resolve: async () => [{ address: '127.0.0.1', family: 4 }] },
    )
  const refused = async (changes: Partial<MysqlAccess>) => {
    const fault = await faultOf(openShopDatabase(options(changes)).then((database) => database.close()))
    return `${fault.code}: ${fault.data.cause}`
  }

  it('encrypts, directly and through a tunnel', async () => {
    const direct = await opened(options({ tls: own }))
    const tunnel = await opened(
      optionsOf(mysqlOf(mariadb, { tls: own, host: '127.0.0.1' }), sshOf(await startOpenssh())),
    )
    for (const database of [direct, tunnel]) {
      const [row] = await database.query("SHOW STATUS LIKE 'Ssl_version'")
      assert.match(row?.[1] ?? '', /^TLSv1\.[23]$/)
      assert.ok((await database.query('SELECT meta_value FROM wp_postmeta')).length > 1000)
    }
  })

  it('an address is held against the authority alone', async () => {
    await opened(options({ tls: own, host: '127.0.0.1' }))
    const refusal = await refused({ tls: { ca: null }, host: '127.0.0.1' })
    assert.match(refusal, /^sql_certificate_untrusted: an address has no name/)
  })

  it('another authority, another name, and no encryption where the server wants it', async () => {
    assert.equal(
      await refused({ tls: { ca: other.cert } }),
      'sql_certificate_untrusted: its authority is not known here',
    )
    assert.equal(
      await refused({ tls: { ca: null } }),
      'sql_certificate_untrusted: its authority is not known here',
    )
    assert.equal(
      await refused({ tls: own, host: 'shop.example' }),
      'sql_certificate_untrusted: it is made out for another name',
    )
    assert.match(await refused({ tls: null }), /^sql_sign_in_refused/)
  })
}

/** From the settings to the way they name, and how statements are written for it. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { WooSyncError } from '../../../src/errors.ts'
import { readSettings } from '../../../src/settings.ts'
import { shopDatabaseAccess } from '../../../src/store/sql/access.ts'
import { formatStatement } from '../../../src/store/sql/escape.ts'
import { clientCommand } from '../../../src/store/sql/exec.ts'
import { withNullMarks } from '../../../src/store/sql/exec-nulls.ts'
import { rowsOf } from '../../../src/store/sql/exec-rows.ts'

const MYSQL = { MYSQL_USER: 'reader', MYSQL_DATABASE: 'shop' }

describe('the way that the settings name', () => {
  const accessOf = (environment: Record<string, string>, agent?: string) =>
    shopDatabaseAccess(readSettings(environment, '/nowhere'), agent)

  it('none', () => {
    assert.equal(accessOf({}), null)
  })

  it('direct', () => {
    assert.deepEqual(accessOf({ ...MYSQL, MYSQL_HOST: 'db.example', MYSQL_PASSWORD: 'p' }), {
      mysql: { host: 'db.example', port: 3306, user: 'reader', password: 'p', database: 'shop', tls: null },
      ssh: null,
      statementTimeoutMs: 60_000,
      trustedAddress: true,
      allowPrivateAddresses: false,
    })
    assert.deepEqual(accessOf({ ...MYSQL, MYSQL_HOST: 'db.example', MYSQL_TLS: 'true' })?.mysql.tls, {
      ca: null,
    })
  })

  it('through SSH, to localhost by default', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'woosync-access-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    await writeFile(join(folder, 'key'), 'the key')
    const ssh = { ...MYSQL, SSH_HOST: 'shop.example', SSH_USER: 'u1', SSH_PORT: '2222' }
    const access = accessOf(
      { ...ssh, SSH_KEY_FILE: join(folder, 'key'), MYSQL_TIMEOUT_SECONDS: '2.5' },
      '/agent',
    )
    assert.equal(access?.mysql.host, 'localhost')
    assert.equal(access?.statementTimeoutMs, 2500)
    assert.deepEqual(access?.ssh, {
      host: 'shop.example',
      port: 2222,
      user: 'u1',
      password: null,
      privateKey: 'the key',
      passphrase: null,
      agent: '/agent',
      fingerprint: null,
    })
    assert.throws(
      () => accessOf({ ...ssh, SSH_KEY_FILE: join(folder, 'none') }),
      (thrown) => thrown instanceof WooSyncError && thrown.data.setting === 'SSH_KEY_FILE',
    )
  })
})

describe('values in statements', () => {
  it('stand where the signs are, and nowhere else', () => {
    assert.equal(
      formatStatement("SELECT '?', `a?`, \"?\" -- ? it's\n/* ? */ FROM t WHERE a = ? AND b IN ? AND c > ?", [
        "it's ?",
        ['1', 2],
        -0.5,
      ]),
      "SELECT '?', `a?`, \"?\" -- ? it's\n/* ? */ FROM t WHERE a = 'it\\'s ?' AND b IN ('1',2) AND c > -0.5",
    )
  })

  it('too few, too many, and what cannot be written are faults of the program', () => {
    assert.throws(() => formatStatement('SELECT ?'), /more places/)
    assert.throws(() => formatStatement('SELECT 1', ['a']), /0 places for 1/)
    assert.throws(() => formatStatement('SELECT ?', [Number.NaN]), /not finite/)
    assert.throws(() => formatStatement('SELECT ?', [[]]), /empty/)
  })

  it('no text ends its literal, nor its line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
        const sql = formatStatement('?', [text])
        assert.match(sql, /^'(?:[^'\\\0\n\r]|\\.)*'$/)
      }),
    )
  })
})

describe('the client on the host', () => {
  it('is told everything in words of its own, whatever they hold', () => {
    const command = clientCommand({
      host: 'localhost',
      port: 3306,
      user: "o'neil; rm -rf $HOME",
      password: 'secret',
      database: 'a b',
      tls: null,
    })
    assert.ok(
      command.endsWith(`'--host=localhost' '--user=o'\\''neil; rm -rf $HOME' '--database=a b'`),
      command,
    )
    assert.doesNotMatch(command, /secret|--protocol/)
  })

  it('each SELECT tells which of its columns are NULL', () => {
    const cases: Record<string, string> = {
      'SELECT 1': 'SELECT 1, CONCAT(ISNULL(1))',
      'SELECT a.`order`, b AS `from` FROM t':
        'SELECT a.`order`, b AS `from`, CONCAT(ISNULL(a.`order`),ISNULL(b)) FROM t',
      'select distinct f(a, b) c, NULL from t limit 1':
        'select distinct f(a, b) c, NULL, CONCAT(ISNULL(f(a, b)),ISNULL(NULL)) from t limit 1',
      'SELECT (SELECT x FROM y) z, CASE a WHEN 1 THEN 2 END FROM t':
        'SELECT (SELECT x FROM y) z, CASE a WHEN 1 THEN 2 END, CONCAT(ISNULL((SELECT x FROM y)),ISNULL(CASE a WHEN 1 THEN 2 END)) FROM t',
      "SELECT ', FROM' t, a + 1 FROM t":
        "SELECT ', FROM' t, a + 1, CONCAT(ISNULL(', FROM'),ISNULL(a + 1)) FROM t",
      'SELECT a IS NULL, COUNT(*) n FROM t':
        'SELECT a IS NULL, COUNT(*) n, CONCAT(ISNULL(a IS NULL),ISNULL(COUNT(*))) FROM t',
      'SELECT a FROM t UNION SELECT b FROM u':
        'SELECT a, CONCAT(ISNULL(a)) FROM t UNION SELECT b, CONCAT(ISNULL(b)) FROM u',
      'SELECT a -- FROM b\nFROM t': 'SELECT a, CONCAT(ISNULL(a)) -- FROM b\nFROM t',
    }
    for (const [sql, expected] of Object.entries(cases)) {
      assert.deepEqual(withNullMarks(sql), { statement: expected, marked: true })
    }
    assert.deepEqual(withNullMarks('SHOW TABLES'), { statement: 'SHOW TABLES', marked: false })
    assert.throws(() => withNullMarks('SELECT * FROM t'), /names its columns/)
    assert.throws(() => withNullMarks('SELECT t.* FROM t'), /names its columns/)
  })

  it('rows as it prints them', () => {
    assert.deepEqual(rowsOf('', true), [])
    assert.deepEqual(rowsOf('NULL\tNULL\t01\n\t\\\\n\\t\\0\\n\t00\n', true), [
      ['NULL', null],
      ['', '\\n\t\0\n'],
    ])
    assert.deepEqual(rowsOf('NULL\n\n', false), [[null], ['']])
  })
})

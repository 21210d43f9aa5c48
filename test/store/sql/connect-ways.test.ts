/** The three ways to a shop's database give the same: one suite over all of them, on real servers. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { Cell } from '../../../src/store/sql/database.ts'
import type { OpenShopDatabase } from '../../../src/store/sql/session.ts'
import { withSnapshot } from '../../../src/store/sql/snapshot.ts'
import { skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { childrenOf, skipWithoutOpenssh, startOpenssh } from '../../openssh.ts'
import { skipWithoutRecordings } from '../../recordings.ts'
import { faultOf, mysqlOf, opened, optionsOf, sshOf } from './ways.ts'

const skip = skipWithoutMariadb || skipWithoutOpenssh || skipWithoutRecordings

const ODD = [
  'plain',
  '',
  'NULL',
  'null',
  '\\N',
  'a\tb\tc',
  'line\nline\r\nline\n',
  '\\',
  'back\\slash\\n\\t\\0',
  'nul \0 inside\0',
  '\x1a\x08\x7f',
  'it\'s "quoted" `so` -- no comment /* none */ ? ; \\g',
  'ș ț ă – „” 🍷🥃 日本',
  'ERROR 1146 (42S02) at line 1: Table not there',
  'a:1:{s:3:"ő";O:8:"stdClass":1:{s:4:"\0*\0a";N;}}',
  'x'.repeat(70_000),
]

if (skip) {
  it('the three ways to a database', { skip }, () => undefined)
} else {
  const mariadb = await startMariadb()
  const [forwarding, exec] = await Promise.all([startOpenssh(), startOpenssh({ forwarding: 'forbidden' })])
  await mariadb.run(
    'woocommerce_small',
    `CREATE TABLE odd (id INT PRIMARY KEY AUTO_INCREMENT, v LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin);
     CREATE TABLE old (id INT PRIMARY KEY, v VARCHAR(50) CHARACTER SET latin1);
     INSERT INTO old VALUES (1, 'caf\u00e9 \u2013 \u20ac'), (2, NULL);
     CREATE TABLE types (
       i BIGINT UNSIGNED, n DECIMAL(26,8), f DOUBLE, d DATETIME, b TINYINT(1), j JSON, y YEAR, t TIME, x VARBINARY(9)
     );
     INSERT INTO types VALUES
       (18446744073709551615, 202.9, 0.1, '0000-00-00 00:00:00', 1, '{"a": "\u0219"}', 2026, '25:01:02', 'bytes'),
       (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);`,
  )
  const written = ODD.map((text) => `(UNHEX('${Buffer.from(text).toString('hex')}'))`)
  await mariadb.run('woocommerce_small', `INSERT INTO odd (v) VALUES ${written.join(',')}, (NULL)`)
  const mysql = mysqlOf(mariadb)
  const open = {
    direct: await opened(optionsOf(mysql, null)),
    tunnel: await opened(optionsOf(mysql, sshOf(forwarding))),
    exec: await opened(optionsOf(mysql, sshOf(exec))),
  }

  for (const way of ['direct', 'tunnel', 'exec'] as const) {
    describe(way, () => {
      const query: OpenShopDatabase['query'] = (statement, values) => open[way].query(statement, values)

      it('says its way, and the server’s version', () => {
        assert.equal(open[way].way, way)
        assert.match(open[way].version, /MariaDB/)
        assert.equal(open[way].limited, true)
      })

      it('every odd text comes as it is, and NULL is not the text NULL', async () => {
        const rows = await query('SELECT v, id AS `key` FROM odd ORDER BY id')
        assert.deepEqual(
          rows,
          [...ODD, null].map((text, at) => [text, String(at + 1)]),
        )
      })

      it('every odd text goes as a value', async () => {
        for (const [at, text] of ODD.entries()) {
          assert.deepEqual(await query('SELECT id FROM odd WHERE v = ?', [text]), [[String(at + 1)]])
          assert.deepEqual(await query("SELECT ?, '?' AS sign", [text]), [[text, '?']])
        }
        const rows = await query('SELECT id FROM odd WHERE v IN ? AND id < ? ORDER BY id', [ODD, 4])
        assert.deepEqual(rows, [['1'], ['2'], ['3']])
      })

      it('all types as text', async () => {
        assert.deepEqual(await query('SELECT i, n, f, d, b, j, y, t, x FROM types ORDER BY i IS NULL'), [
          [
            '18446744073709551615',
            '202.90000000',
            '0.1',
            '0000-00-00 00:00:00',
            '1',
            '{"a": "\u0219"}',
            '2026',
            '25:01:02',
            'bytes',
          ],
          [null, null, null, null, null, null, null, null, null],
        ])
      })

      it('latin1 comes as UTF-8', async () => {
        assert.deepEqual(await query('SELECT v FROM old ORDER BY id'), [['caf\u00e9 \u2013 \u20ac'], [null]])
      })

      it('names, groups, orders, unions and nothing at all', async () => {
        assert.deepEqual(await query('SELECT v FROM odd WHERE id = 0'), [])
        assert.deepEqual(
          await query(`SELECT CASE WHEN id = 3 THEN NULL ELSE v END word FROM odd WHERE id < 4`),
          [['plain'], [''], [null]],
        )
        assert.deepEqual(
          await query(
            `SELECT DISTINCT CONCAT(v, ',', id) AS both_, COUNT(*) AS many -- FROM here
             FROM odd WHERE id IN (1, 3) GROUP BY v, id HAVING many > 0 ORDER BY both_ DESC LIMIT 5`,
          ),
          [
            ['plain,1', '1'],
            ['NULL,3', '1'],
          ],
        )
        assert.deepEqual(
          await query(
            `SELECT v, 1 FROM odd WHERE id = 3 UNION ALL SELECT NULL, MAX(id) FROM odd WHERE id < 0`,
          ),
          [
            ['NULL', '1'],
            [null, null],
          ],
        )
        assert.deepEqual(
          await query(
            `WITH few AS (SELECT id, v FROM odd WHERE id < 3) SELECT (SELECT MAX(v) FROM few), f.id FROM few f ORDER BY 2`,
          ),
          [
            ['plain', '1'],
            ['plain', '2'],
          ],
        )
        assert.deepEqual(await query(`SHOW TABLES LIKE 'wp_options'`), [['wp_options']])
      })

      it('many rows, and statements asked at once', async () => {
        const asked = Array.from({ length: 20 }, (_, at) =>
          query('SELECT id FROM wp_posts WHERE ID = ?', [at]),
        )
        const rows = await query('SELECT order_id, meta_key, meta_value FROM wp_wc_orders_meta')
        assert.ok(rows.length > 3000)
        await Promise.all(asked)
      })

      it('rows one by one are those of the list; whoever throws among them gets it back', async () => {
        const statement = 'SELECT order_id, id, meta_key, meta_value FROM wp_wc_orders_meta WHERE id > ?'
        const rows: Cell[][] = []
        await open[way].each(statement, [0], (row) => rows.push([...row]))
        assert.ok(rows.length > 3000)
        assert.deepEqual(rows, await query(statement, [0]))
        await open[way].each('SELECT v FROM odd WHERE id = ?', [0], () => assert.fail('there is none'))

        let taken = 0
        const refusing = open[way].each(statement, [0], () => {
          taken += 1
          throw new RangeError('of the taker')
        })
        await assert.rejects(refusing, RangeError)
        assert.equal(taken, 1)
        assert.equal(
          (await faultOf(open[way].each('SELECT a FROM nothing', [], () => undefined))).code,
          'sql_table_missing',
        )
        assert.deepEqual(await query('SELECT 1'), [['1']])
      })

      it('a fault of one statement leaves the next one well', async () => {
        const missing = await faultOf(query('SELECT id FROM wp_nothing'))
        assert.equal(missing.code, 'sql_table_missing')
        assert.equal(missing.data.table, 'wp_nothing')
        const wrong = await faultOf(query("SELECT 'ana@example.com' FRO wp_posts"))
        assert.equal(wrong.code, 'sql_statement_refused')
        assert.equal(wrong.data.number, 1064)
        assert.doesNotMatch(JSON.stringify(wrong), /ana@/)
        assert.deepEqual(await query('SELECT 1'), [['1']])
      })

      it('nothing can be written', async () => {
        const fault = await faultOf(query(`UPDATE wp_options SET option_value = 'x' WHERE option_id = 1`))
        assert.match(fault.code, /^sql_(rights_missing|statement_refused)$/)
        const [row] = await query(
          `SELECT @@time_zone, @@sql_mode, @@transaction_isolation, @@transaction_read_only, @@autocommit`,
        ).catch(() => query('SELECT @@time_zone, @@sql_mode, @@tx_isolation, @@tx_read_only, @@autocommit'))
        assert.deepEqual(row, ['+00:00', '', 'REPEATABLE-READ', '1', '1'])
      })

      it('a snapshot stays as it was; the next one is new', async () => {
        const count = async () => (await query('SELECT COUNT(*) FROM wp_options'))[0]?.[0]
        const database = open[way]
        const first = await withSnapshot(database, async (moment) => {
          assert.ok(Math.abs(moment - Date.now()) < 5000)
          const before = await count()
          await mariadb.run(
            'woocommerce_small',
            `INSERT INTO wp_options (option_name, option_value, autoload) VALUES ('added_${way}', '1', 'no')`,
          )
          assert.equal(await count(), before)
          return before
        })
        assert.equal(await withSnapshot(database, count), String(Number(first) + 1))
        await assert.rejects(
          withSnapshot(database, async () => {
            throw new RangeError('of the work')
          }),
          RangeError,
        )
        assert.equal(await count(), String(Number(first) + 1))
      })
    })
  }

  it('the password is on no command line and in no output of the process list', async () => {
    const { reader } = mariadb
    await open.exec.query('SELECT 1')
    const found = childrenOf(process.pid).map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      } catch {
        return ''
      }
    })
    assert.ok(
      found.some((line) => /--batch/.test(line) && line.includes(`--user=${reader.user}`)),
      'the client runs on the other side of this server',
    )
    assert.deepEqual(
      found.filter((line) => line.includes(reader.password) || line.includes('only-for-reading')),
      [],
    )
  })
}

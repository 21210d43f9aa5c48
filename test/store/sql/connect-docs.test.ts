/** The statements that docs/database.md gives make a user who can read all that is needed, and write nothing. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import { settingDocs } from '../../../src/settings.ts'
import { detectShop } from '../../../src/store/sql/detect.ts'
import { neededTables } from '../../../src/store/sql/rights.ts'
import { skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { skipWithoutRecordings } from '../../recordings.ts'
import { faultOf, mysqlOf, opened, optionsOf } from './ways.ts'

const page = readFileSync(new URL('../../../docs/database.md', import.meta.url), 'utf8')
const blocks = [...page.matchAll(/```sql\n([^`]+)```/g)].map(([, text]) => text as string)

it('the tables are those that the readers need', () => {
  const named = [...(blocks[1] ?? '').matchAll(/shop_db\.wp_(\w+)/g)].map(([, table]) => table)
  assert.deepEqual(named.sort(), [...neededTables('hpos')].sort())
})

it('the settings named are those there are', () => {
  const names = new Set(settingDocs.map(({ name }) => name))
  const named = [...page.matchAll(/\b(?:SSH|MYSQL)_[A-Z_]+\b/g)].map(([name]) => name)
  assert.deepEqual(
    [...new Set(named)].filter((name) => !names.has(name) && name !== 'SSH_AUTH_SOCK'),
    [],
  )
})

it('each makes such a user', { skip: skipWithoutMariadb || skipWithoutRecordings }, async () => {
  const mariadb = await startMariadb()
  assert.equal(blocks.length, 2)
  for (const [at, block] of blocks.entries()) {
    const user = `documented${at}`
    // The server of the tests looks up no names.
    const statements = block
      .replaceAll("'woosync'@'localhost'", `'${user}'@'127.0.0.1'`)
      .replaceAll('shop_db', 'woocommerce_small')
    await mariadb.run(null, statements)
    const password = 'a long password of its own'
    const database = await opened(optionsOf(mysqlOf(mariadb, { user, password }), null))
    assert.equal((await detectShop(database)).storage, 'hpos')
    const fault = await faultOf(database.query('DELETE FROM wp_options WHERE option_id = 1'))
    assert.equal(fault.code, 'sql_rights_missing')
    await database.close()
  }
})

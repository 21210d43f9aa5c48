/** Every reader gives the same by the host's own client as directly: their statements are all understood there. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Fields } from '../../../src/store/canonical.ts'
import type { ShopDatabase } from '../../../src/store/sql/database.ts'
import { detectShop } from '../../../src/store/sql/detect.ts'
import type { Listed, SqlReader } from '../../../src/store/sql/reader.ts'
import { sqlReaders } from '../../../src/store/sql/readers.ts'
import { type RecordedDatabase, skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { skipWithoutOpenssh, startOpenssh } from '../../openssh.ts'
import { skipWithoutRecordings } from '../../recordings.ts'
import { mysqlOf, opened, optionsOf, sshOf } from './ways.ts'

const skip = skipWithoutMariadb || skipWithoutOpenssh || skipWithoutRecordings

/** Everything a reader says of a shop: its lists, by id and by change, and the first records. */
async function readAll(reader: SqlReader, database: ShopDatabase): Promise<[Listed[], Listed[], Fields[]]> {
  const shop = await detectShop(database)
  const listed = await reader.list(shop, null, 300)
  const changed = (await reader.changed?.(shop, 0, '0', 50)) ?? []
  const byId = ({ id: one }: Fields, { id: other }: Fields) => String(one).localeCompare(String(other))
  const ids = listed.slice(0, 200).map(({ id }) => id)
  return [listed, changed, ids.length === 0 ? [] : (await reader.read(shop, ids)).sort(byId)]
}

if (skip) {
  it('every reader by every way', { skip }, () => undefined)
} else {
  const mariadb = await startMariadb()
  const [forwarding, exec] = await Promise.all([startOpenssh(), startOpenssh({ forwarding: 'forbidden' })])
  for (const database of ['woocommerce_small', 'woocommerce_small_legacy'] satisfies RecordedDatabase[]) {
    const mysql = mysqlOf(mariadb, { database })
    const direct = await opened(optionsOf(mysql, null))
    const others = [
      await opened(optionsOf(mysql, sshOf(forwarding))),
      await opened(optionsOf(mysql, sshOf(exec))),
    ]
    for (const [resource, reader] of Object.entries(sqlReaders)) {
      it(`${resource} of ${database}`, async () => {
        const expected = await readAll(reader, direct)
        if (resource === 'orders') assert.equal(expected[0].length, 300)
        for (const other of others) assert.deepEqual(await readAll(reader, other), expected, other.way)
      })
    }
  }
}

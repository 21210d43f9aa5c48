/**
 * Invariant 6: the recorded shop copied over REST and from its database, in both storages of orders, and the two
 * mirrors held beside each other, every row of every table, field by field.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type pg from 'pg'
import { mirrorTables } from '../../../src/mirror/tables/index.ts'
import { type ResourceName, resources } from '../../../src/store/resources.ts'
import { absentClient } from '../../../src/store/rest/absent.ts'
import { listedResources } from '../../../src/sync/keeper.ts'
import { type ResourceResult, syncAll } from '../../../src/sync/sync.ts'
import { verification } from '../../../src/sync/verify.ts'
import { type RecordedDatabase, skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { skipWithoutRecordings } from '../../recordings.ts'
import { mirroredShop, recordedShop } from '../../shop.ts'
import { sqlMirror, sqlSource } from './shop.ts'

/** 2026-11-22 10:46 UTC, in seconds. */
const RECORDED_AT = 1_795_344_360

const skip = skipWithoutRecordings || skipWithoutMariadb

test('the recorded shop by both ways', { skip }, async (t) => {
  const mariadb = await startMariadb()
  // Whether a sale is on depends on the day: that of the recording. It holds for users without rights over the server.
  await mariadb.run(null, `SET GLOBAL init_connect = 'SET timestamp = ${RECORDED_AT}'`)
  const rest = await mirroredShop({ shop: recordedShop() })
  assertWell(await syncAll(rest.context, { full: true }))

  for (const name of ['woocommerce_small', 'woocommerce_small_legacy'] satisfies RecordedDatabase[]) {
    await t.test(name, async (t) => {
      const sql = await sqlMirror(mariadb, name)
      const first = assertWell(await syncAll(sql.context, { full: true }))

      await t.test('every row of every table is the same, field by field', async () => {
        for (const resource of listedResources) {
          const [theirs, ours] = await Promise.all([
            rowsOf(rest.database.pool, resource),
            rowsOf(sql.database.pool, resource),
          ])
          assert.deepEqual([...ours.keys()], [...theirs.keys()], `ids of ${resource}`)
          const apart = volatileColumns(resource, theirs.values())
          for (const [id, row] of ours) {
            assert.deepEqual(without(row, apart), without(theirs.get(id), apart), `${resource} ${id}`)
          }
        }
      })

      await t.test('what moves by itself is the same where both ways know it', async () => {
        for (const resource of listedResources) {
          const theirs = await volatileOf(rest.database.pool, resource)
          for (const [id, ours] of await volatileOf(sql.database.pool, resource)) {
            const known = theirs.get(id) ?? {}
            const common = Object.fromEntries(Object.keys(ours).map((key) => [key, known[key]]))
            assert.deepEqual(ours, common, `${resource} ${id}`)
          }
        }
      })

      await t.test('lines are the same', async () => {
        for (const table of ['order_lines', 'refund_lines']) {
          const question = `SELECT * FROM mirror.${table} ORDER BY 2, 3`
          const [theirs, ours] = await Promise.all([
            rest.database.pool.query(question),
            sql.database.pool.query(question),
          ])
          assert.deepEqual(ours.rows, theirs.rows)
        }
      })

      await t.test('it is complete, and every id was compared', async () => {
        const { complete, resources: all } = await verification(sql.database.pool, sql.context.store)
        assert.deepEqual(
          all.filter((one) => one.state === 'incomplete').map((one) => [one.resource, one.reasons]),
          [],
        )
        assert.ok(complete)
      })

      await t.test('a second run over what is new, and one over everything, change nothing', async () => {
        for (const full of [false, true]) {
          assert.equal(changes(assertWell(await syncAll(sql.context, { full }))), 0)
        }
        assert.ok(changes(first) > 1000)
      })
    })
  }

  await t.test('a store moves from REST to its database and back with no reload', async () => {
    const source = await sqlSource(mariadb, 'woocommerce_small')
    const both = { ...rest.context, sql: source }
    try {
      for (const full of [false, true]) {
        const results = assertWell(await syncAll(both, { full }))
        // Over REST notes have no list: they are new.
        const listed = results.filter(({ resource }) => listedResources.includes(resource))
        assert.equal(changes(listed), 0, JSON.stringify(listed.filter((one) => changes([one]) > 0)))
      }
      assert.equal(changes(assertWell(await syncAll(rest.context, { full: true }))), 0)

      // What a plugin adds in its code is not in the database, and not gone for that.
      const { pool } = rest.database
      await pool.query(
        `INSERT INTO mirror.payment_gateways
         SELECT (jsonb_populate_record(t, '{"id": "of_a_plugin"}')).*
         FROM mirror.payment_gateways t LIMIT 1`,
      )
      const alone = { ...both, client: absentClient('127.0.0.1') }
      assert.equal(changes(assertWell(await syncAll(alone, { full: false }))), 0)
      const { rowCount } = await pool.query(
        `DELETE FROM mirror.payment_gateways WHERE id = 'of_a_plugin' AND deleted_at IS NULL`,
      )
      assert.equal(rowCount, 1)
    } finally {
      await source.close()
    }
  })
})

function assertWell(results: ResourceResult[]): ResourceResult[] {
  assert.deepEqual(
    results.filter((one) => one.fault).map((one) => [one.resource, one.fault?.code, one.fault?.data]),
    [],
  )
  return results
}

function changes(results: readonly ResourceResult[]): number {
  return results.reduce((sum, { counts }) => {
    const { created = 0, updated = 0, restored = 0, deleted = 0 } = counts ?? {}
    return sum + created + updated + restored + deleted
  }, 0)
}

/** What tells of the arrival, what is outside the hash, and what each database makes of an e-mail with its own secret. */
const APART = ['store_id', 'seen_at', 'volatile', 'key']

type MirrorRow = Record<string, unknown>

async function rowsOf(pool: pg.Pool, resource: ResourceName): Promise<Map<string, MirrorRow>> {
  const { table } = mirrorTables[resource]
  const key = resources[resource].key === 'number' ? 'id' : 'id COLLATE "C"'
  const { rows } = await pool.query<MirrorRow>(
    `SELECT * FROM mirror.${table} WHERE deleted_at IS NULL ORDER BY ${key}`,
  )
  return new Map(rows.map((row) => [String(row.id), row]))
}

/** Columns that are filled from what is outside the hash. */
function volatileColumns(resource: ResourceName, rows: Iterable<MirrorRow>): Set<string> {
  const found = new Set(APART)
  for (const { record, volatile } of rows) {
    for (const { name, value } of mirrorTables[resource].columns) {
      const without = value(record as MirrorRow, {})
      const fully = value(record as MirrorRow, volatile as MirrorRow)
      if (JSON.stringify(without) !== JSON.stringify(fully)) found.add(name)
    }
  }
  return found
}

function without(row: MirrorRow | undefined, names: ReadonlySet<string>): MirrorRow {
  return Object.fromEntries(Object.entries(row ?? {}).filter(([name]) => !names.has(name)))
}

async function volatileOf(pool: pg.Pool, resource: ResourceName) {
  const { rows } = await pool.query<{ id: string; volatile: Record<string, unknown> }>(
    `SELECT id::text AS id, volatile FROM mirror.${mirrorTables[resource].table} WHERE deleted_at IS NULL`,
  )
  return new Map(rows.map((row) => [row.id, row.volatile]))
}

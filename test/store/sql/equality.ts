/** Holds what a reader makes of the shop's database against the same shop's recorded REST records. */
import assert from 'node:assert/strict'
import type { CanonicalRecord } from '../../../src/store/canonical.ts'
import { canonicalize } from '../../../src/store/canonical.ts'
import { type ResourceName, resources } from '../../../src/store/resources.ts'
import type { SqlReader, SqlShop } from '../../../src/store/sql/reader.ts'

/** All that a reader lists, in pages as a run asks for them, each record in its canonical form. */
export async function readAll(
  shop: SqlShop,
  name: ResourceName,
  reader: SqlReader,
  page = 50,
): Promise<Map<string, CanonicalRecord>> {
  const records = new Map<string, CanonicalRecord>()
  for (let after: string | null = null; ; ) {
    const listed = await reader.list(shop, after, page)
    for (const raw of await reader.read(
      shop,
      listed.map((row) => row.id),
    )) {
      const record = canonicalize(resources[name], raw)
      records.set(record.id, record)
      assert.equal(listed.find((row) => row.id === record.id)?.modifiedAt, record.modifiedAt, record.id)
    }
    if (listed.length < page) return records
    after = listed.at(-1)?.id ?? null
  }
}

/**
 * @param rest the recorded records; for lists per parent, with their parent's id
 * @param read what a reader made of the same shop
 */
export function assertEqualRecords(
  name: ResourceName,
  rest: readonly (readonly [raw: unknown, parent?: number])[],
  read: ReadonlyMap<string, CanonicalRecord>,
): void {
  const expected = rest.map(([raw, parent]) => canonicalize(resources[name], raw, parent?.toString()))
  assert.deepEqual([...read.keys()].sort(), expected.map((record) => record.id).sort())
  for (const record of expected) {
    const found = read.get(record.id)
    assert.deepEqual(found?.fields, record.fields)
    assert.equal(found?.json, record.json)
    assert.equal(found?.modifiedAt, record.modifiedAt)
    for (const [field, value] of Object.entries(found?.volatile ?? {})) {
      // Numbers and texts of numbers mean the same here: counters are not hashed.
      assert.equal(String(value), String(record.volatile[field]), `${name} ${record.id}: ${field}`)
    }
  }
}

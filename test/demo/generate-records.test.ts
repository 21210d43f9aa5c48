import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generateShop } from '../../demo/generate/shop.ts'
import { loadRecordings } from '../../demo/recordings.ts'
import type { Shop } from '../../demo/shop.ts'
import type { Raw, Table } from '../../demo/table.ts'
import { recordings, skipWithoutRecordings } from '../recordings.ts'

const shop = generateShop({ seed: 4, orders: 2000, now: Date.parse('2026-11-21T22:00:00Z') })

function all(table: Table): Raw[] {
  return table.sorted('id').map((row) => table.body(row))
}

describe('records of a generated shop beside recorded ones', { skip: skipWithoutRecordings }, () => {
  const kinds: Record<string, (from: Shop) => Raw[]> = {
    orders: (from) => all(from.orders),
    refunds: (from) => all(from.refunds),
    products: (from) => all(from.products),
    variations: (from) => all(from.variations),
    coupons: (from) => all(from.coupons),
    customers: (from) => from.small.customers,
    reviews: (from) => from.small.reviews,
    categories: (from) => from.small.categories,
    tags: (from) => from.small.tags,
    attributes: (from) => from.small.attributes,
    terms: (from) => [...from.small.terms.values()].flat(),
    taxes: (from) => from.small.taxes,
    taxClasses: (from) => from.small.taxClasses,
    zones: (from) => from.small.zones,
    zoneMethods: (from) => [...from.small.zoneMethods.values()].flat(),
    gateways: (from) => from.small.gateways,
    settingGroups: (from) => from.small.settingGroups,
    settings: (from) => [...from.small.settings.values()].flat(),
    currencies: (from) => from.small.currencies,
    orderStatuses: (from) => from.small.orderStatuses,
    notes: (from) => from.orders.sorted('id').flatMap((row) => from.small.notes.get(row.id) ?? []),
  }
  const recorded = recordings === null ? shop : loadRecordings(recordings)
  for (const [kind, records] of Object.entries(kinds)) {
    it(`have the same fields and types: ${kind}`, () => {
      const real = shapes(records(recorded))
      const made = shapes(records(shop))
      for (const [path, { types }] of made) {
        const known = real.get(path)
        assert.ok(known, `${kind}${path} is in no recorded record`)
        for (const type of types) assert.ok(known.types.has(type), `${kind}${path} is never ${type}`)
      }
      for (const [path, { always }] of real) {
        if (always) assert.ok(made.has(path), `${kind}${path} is in every recorded record`)
      }
    })
  }
})

interface Shape {
  types: Set<string>
  /** In every record of its parent. */
  always: boolean
}

/** What lies under names that are data (metas, options, settings) is not looked into. */
const DATA = /\.(value|display_value|options|settings|_links)$/

function shapes(records: readonly Raw[]): Map<string, Shape> {
  const found = new Map<string, { types: Set<string>; count: number }>()
  const parents = new Map<string, number>()
  const walk = (value: unknown, path: string) => {
    const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
    const shape = found.get(path) ?? { types: new Set<string>(), count: 0 }
    shape.types.add(type)
    shape.count++
    found.set(path, shape)
    if (DATA.test(path)) return
    if (Array.isArray(value)) for (const each of value) walk(each, `${path}[]`)
    else if (value !== null && typeof value === 'object') {
      parents.set(path, (parents.get(path) ?? 0) + 1)
      for (const [name, each] of Object.entries(value)) if (name !== '_links') walk(each, `${path}.${name}`)
    }
  }
  for (const record of records) walk(record, '')
  return new Map(
    [...found].map(([path, { types, count }]) => {
      const parent = path.replace(/(\.[^.]*|\[\])$/, '')
      return [path, { types, always: path.endsWith('[]') ? false : count === parents.get(parent) }]
    }),
  )
}

/** Every question of the registry, asked of a shop and shown: it fits, names what there is, and obeys no shop's text. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { LOCAL } from '../../src/access/caller.ts'
import { renderAnswer } from '../../src/interfaces/cli/answer.ts'
import { fieldsOf } from '../../src/interfaces/cli/options.ts'
import { ownAnswers } from '../../src/interfaces/cli/own-answers.ts'
import { TELLING } from '../../src/interfaces/cli/telling.ts'
import { width } from '../../src/interfaces/cli/terminal.ts'
import { bareType } from '../../src/interfaces/coerce.ts'
import { csvColumns } from '../../src/interfaces/csv.ts'
import type { Operation } from '../../src/operations/define.ts'
import { allOperations, operations } from '../../src/operations.ts'
import { demoMirror } from '../questions/shop.ts'

const shop = await demoMirror({ seed: 11, products: 60, orders: 600, days: 120 })
const look = { columns: 100, timezone: shop.context.store.timezone, now: Date.now() }

const byName = new Map(allOperations.map((operation) => [operation.name, operation]))

/** What has no answer without it. */
const NEEDED: Readonly<Record<string, object>> = {
  'stock.status': { id: 12 },
  'products.details': { id: 12 },
}

const questions = allOperations.filter(
  ({ name, effect, resources }) => name.includes('.') && effect === 'none' && resources !== undefined,
)

/** A value for each field that must be there, of a record that exists. */
async function inputFor(operation: Operation): Promise<object> {
  const needed = fieldsOf(operation.input).filter(
    ({ name, required }) => required || operation.http.includes(`{${name}}`),
  )
  const samples = (
    await shop.database.pool.query(
      `SELECT (SELECT id FROM mirror.products WHERE type = 'variable' ORDER BY id LIMIT 1) AS id,
              (SELECT sku FROM mirror.products WHERE sku <> '' ORDER BY id LIMIT 1) AS sku,
              (SELECT slug FROM mirror.categories ORDER BY id LIMIT 1) AS slug,
              (SELECT number FROM mirror.orders WHERE status = 'refunded' ORDER BY id LIMIT 1) AS number,
              (SELECT mirror.customer_key(store_id, billing_email) FROM mirror.orders ORDER BY id LIMIT 1) AS key`,
    )
  ).rows[0]
  const named = Object.fromEntries(needed.map(({ name }) => [name, samples[name]]))
  const whose = operation.name === 'customers.get' ? { key: samples.key } : {}
  return { ...named, ...whose, ...NEEDED[operation.name] }
}

describe('the answer to each question as text', () => {
  for (const operation of questions) {
    it(operation.name, async () => {
      const answer = await shop.ask(operation, await inputFor(operation))
      const wide = renderAnswer(operation, answer, look, false)
      const isMarkdown = 'markdown' in answer
      for (const line of wide.split('\n')) {
        const free = isMarkdown || line.startsWith('Next page: ') || line.includes('://')
        assert.ok(free || width(line) <= 100, `${width(line)}: ${line}`)
        assert.doesNotMatch(line, /undefined|\[object|NaN/)
      }
      assert.ok(wide.trim().length > 20, wide)
      renderAnswer(operation, answer, { ...look, columns: 40 }, true)
    })
  }

  it('there are many', () => assert.ok(questions.length >= 20, String(questions.length)))
})

describe('an answer with a form of its own', () => {
  it('is that of an operation, and columns are those of its rows', () => {
    for (const name of Object.keys(ownAnswers)) assert.ok(byName.has(name), name)
    for (const [name, columns] of Object.entries(TELLING)) {
      const { output } = byName.get(name) as Operation
      const titles = Object.values(output.shape as Record<string, z.core.$ZodType>).flatMap((field) => {
        const type = bareType(field)
        return type instanceof z.ZodArray ? csvColumns(type.element, LOCAL).map(({ title }) => title) : []
      })
      assert.deepEqual(
        columns.filter((column) => !titles.includes(column)),
        [],
        name,
      )
    }
  })

  it('stock in a narrow terminal: how much there is stands beside the name', async () => {
    const low = operations.stock.low as unknown as Operation
    const answer = await shop.ask(operations.stock.low, { threshold: 100_000 })
    const lines = renderAnswer(low, answer, { ...look, columns: 50 }, false).split('\n')
    assert.ok(
      lines.some((line) => /^name +stock quantity/.test(line)),
      lines.slice(0, 5).join('\n'),
    )
    const wide = renderAnswer(low, answer, look, false)
    assert.match(wide, /\nname +stock quantity +sku +price/)
  })

  it('sales: the figures of each currency beside the earlier period', async () => {
    const answer = await shop.ask(operations.sales.stats, { days: 30, compare: ['previous'] })
    const text = renderAnswer(operations.sales.stats as unknown as Operation, answer, look, false)
    const [own] = answer.sales
    assert.match(text, /^Sales from \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d, days of Europe\/Bucharest\n/)
    assert.match(text, new RegExp(`\nnet sales +${own?.net_sales.replace('.', '\\.')} RON +[-\\d.]+ RON +`))
    assert.match(text, /\nEvery status: completed \d+ \(/)
  })

  it('an order: who, what, how much; and one that is not there', async () => {
    const get = operations.orders.get as unknown as Operation
    const number = ((await inputFor(get)) as { number: string }).number
    const answer = await shop.ask(operations.orders.get, { number })
    const text = renderAnswer(get, answer, look, false)
    assert.match(text, new RegExp(`^Order ${number}: refunded, [\\d.]+ `))
    assert.match(text, /\nbilling +\S+/)
    assert.match(text, /\nitem +sku +pieces +total\n/)
    assert.match(text, /\nRefund \d+, /)
    const none = await shop.ask(operations.orders.get, { number: 'no-such' })
    assert.match(renderAnswer(get, none, look, false), /^The shop has no such order\.\n/)
  })
})

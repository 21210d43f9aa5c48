/** What the command line draws: bars, lines, tables. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { createBars, createLines, duration } from '../../src/interfaces/cli/progress.ts'
import { faultsOfSync, renderSync, renderVerification } from '../../src/interfaces/cli/render.ts'
import { renderTable } from '../../src/interfaces/cli/table.ts'
import { resourceNames } from '../../src/store/resources.ts'
import type { Progress } from '../../src/sync/context.ts'

/** A terminal as far as bars use one: lines up, clear below, write. Lines that left its top stay as they are. */
function createScreen(columns: number, rows: number) {
  const lines: string[] = ['']
  let at = 0
  return {
    isTTY: true,
    columns,
    rows,
    lines,
    write(text: string) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it draws with
      for (const part of text.match(/\u001b\[\d*[AJ]|\n|[^\u001b\n]+/g) ?? []) {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
        const up = /^\u001b\[(\d+)A$/.exec(part)
        if (up) {
          const top = Math.max(0, lines.length - rows)
          assert.ok(at - Number(up[1]) >= top, 'it goes no higher than the top of the terminal')
          at -= Number(up[1])
        } else if (part === '\u001b[J') lines.splice(at, lines.length, '')
        else if (part === '\n') lines[++at] ??= ''
        else {
          assert.ok(part.length < columns, `no line is as wide as the terminal: ${part}`)
          lines[at] = part
        }
      }
    },
  }
}

const report = (resource: Progress['resource'], done: number, total: number | null): Progress => ({
  resource,
  kind: 'backfill',
  done,
  total,
})

describe('bars', () => {
  it('show share, count, rate and time left, redraw in place, and go away at the end', () => {
    const screen = createScreen(80, 24)
    let now = 0
    const bars = createBars(screen, () => now)
    bars.report(report('orders', 0, 20_000))
    bars.report(report('products', 0, 150))
    now = 10_000
    bars.report(report('orders', 5000, 20_000))
    bars.report(report('products', 150, 150))
    assert.deepEqual(screen.lines, [
      'orders            █████░░░░░░░░░░░░░░░  25 %  5,000 of 20,000, 500/s, 30 s left',
      'products          ████████████████████ 100 %  150 of 150',
      '',
    ])
    bars.end()
    assert.deepEqual(screen.lines, [''])
  })

  it('stay full while what changed meanwhile is looked for', () => {
    const screen = createScreen(80, 24)
    const bars = createBars(screen, () => 0)
    bars.report(report('orders', 20, 20))
    bars.report({ resource: 'orders', kind: 'follow', done: 21, total: null })
    assert.match(screen.lines[0] ?? '', /100 % {2}20 of 20$/)
  })

  it('fit a small terminal: what is done goes first', () => {
    const screen = createScreen(40, 6)
    let now = 0
    const bars = createBars(screen, () => now)
    for (const [at, resource] of resourceNames.entries()) {
      now += 1000
      bars.report(report(resource, at % 2 === 0 ? 10 : 3, 10))
    }
    const drawn = screen.lines.filter((line) => line !== '')
    assert.equal(drawn.length, 5)
    assert.ok(
      drawn.every((line) => !line.includes('100 %')),
      drawn.join('\n'),
    )
  })
})

describe('lines', () => {
  it('say now and then how far it is, without a control character', () => {
    const said: string[] = []
    let now = 0
    const lines = createLines({ write: (text) => said.push(text) }, () => now)
    for (let second = 0; second <= 12; second++) {
      now = second * 1000
      lines.report(report('tax_rates', second * 4, 100))
    }
    assert.deepEqual(said, [
      'tax rates: 20 of 100, 4.0/s, 20 s left\n',
      'tax rates: 40 of 100, 4.0/s, 15 s left\n',
    ])
    assert.equal(stripVTControlCharacters(said.join('')), said.join(''))
  })

  it('durations', () => {
    const spoken = [0.4, 89, 90, 3600, 5400, 12_000, 170_000, 400_000].map(duration)
    assert.deepEqual(spoken, [
      '0 s',
      '89 s',
      '2 min',
      '60 min',
      '1 h 30 min',
      '3 h 20 min',
      '47 h 13 min',
      '5 days',
    ])
  })
})

describe('tables', () => {
  it('columns are as wide as their widest cell', () => {
    const table = renderTable(
      [{ title: 'name' }, { title: 'n', align: 'right' }],
      [
        ['țuică', '7'],
        ['x', '12'],
      ],
    )
    assert.equal(table, 'name    n\nțuică   7\nx      12')
  })

  it('a verification fits into 100 columns, with the worst in it', () => {
    const at = '2026-01-01T00:00:00.000Z'
    const resources = resourceNames.map((resource) => ({
      resource,
      state: 'incomplete' as const,
      reasons: ['1234567 missing'],
      inStore: 1_234_567,
      inMirror: 1_234_560,
      missing: 7,
      surplus: 0,
      stale: 12,
      quarantined: 0,
      hidden: 0,
      newestChange: at,
      delayP50: 35,
      delayP95: 88,
      followedAt: at,
      proofs: (['counted', 'listed', 'read'] as const).map((strength) => ({
        strength,
        at,
        requests: 9,
        share: null,
      })),
      problem: null,
    }))
    const answer = {
      store: { url: 'https://shop.example', name: 'Shop', identity: null },
      at,
      complete: false,
      resources,
    }
    const text = renderVerification(answer, Date.parse(at) + 42 * 3_600_000)
    const [table = ''] = text.split('\n\n')
    for (const line of table.split('\n')) assert.ok(line.length <= 100, `${line.length}: ${line}`)
    assert.match(
      table,
      /✗ {2}orders +1234567 +1234560 +7 missing, 12 stale +42 h +35 s \/ 88 s +read 42 h ago/,
    )
    assert.match(text, /The copy of Shop is not complete\./)
  })

  it('a sync says each fault once, with all it struck', () => {
    const one = (
      resource: (typeof resourceNames)[number],
      error: { code: string; message: string; wayOut: string } | null,
    ) => ({
      resource,
      seen: 1,
      created: 1,
      updated: 0,
      restored: 0,
      deleted: 0,
      unchanged: 0,
      quarantined: 0,
      requests: 2,
      seconds: 0.25,
      error,
    })
    const full = {
      code: 'database_disk_full',
      message: 'Postgres has no disk space left.',
      wayOut: 'Free some.',
    }
    const answer = {
      complete: false,
      resources: [one('products', full), one('tax_rates', full), one('orders', null)],
    }
    assert.equal(
      faultsOfSync(answer),
      '✗ products, tax rates: Postgres has no disk space left.\n  Free some.\n  (database_disk_full)',
    )
    // In the order of the table of resources, whatever ended first.
    const marks = renderSync(answer)
      .split('\n')
      .map((line) => line.split(/ +/).slice(0, 2).join(' '))
    assert.deepEqual(marks.slice(1), ['✓ orders', '✗ products', '✗ tax'])
  })
})

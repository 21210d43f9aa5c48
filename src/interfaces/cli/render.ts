/** What operations answer, as text for a person. */
import type { z } from 'zod'
import type { operations } from '../../operations.ts'
import { duration } from './progress.ts'
import { renderTable } from './table.ts'

type Answer<Name extends keyof typeof operations> = z.input<(typeof operations)[Name]['output']>

/** The form that the shop's own people know from the program before this one (A2). */
export function renderConnection(answer: Answer<'connectionTest'>): string {
  const rule = '='.repeat(62)
  const lines = [
    rule,
    `CONNECTION TEST - ${answer.host}`,
    rule,
    '',
    '1. Connection',
    `✅ ${answer.name ?? answer.host} answers${answer.woocommerce ? ` (WooCommerce ${answer.woocommerce})` : ''}`,
    answer.mayWrite === false ? '⚠️  The key may read, not write: no webhooks, no proposals' : '',
    '',
    '2. Products',
    `✅ ${answer.products} products synchronised`,
    '',
    answer.first.length > 0 ? `3. The first ${answer.first.length}` : '3. There are no products yet',
    ...answer.first.map((product, at) => {
      const price = product.price === null ? 'no price' : `${product.price} ${product.currency ?? ''}`.trim()
      const stock = product.stock === null ? 'not counted' : product.stock
      return `   ${at + 1}. ${product.inStock ? '✅' : '❌'} ${product.name} - ${price} | Stock: ${stock}`
    }),
  ]
  return lines.filter((line, at) => line !== '' || lines[at - 1] !== '').join('\n')
}

export function renderSync(answer: Answer<'sync'>): string {
  const shown = ['seen', 'created', 'updated', 'deleted', 'unchanged', 'quarantined', 'requests'] as const
  const table = renderTable(
    [
      { title: 'resource' },
      ...shown.map((title) => ({ title, align: 'right' as const })),
      { title: 'time', align: 'right' },
    ],
    answer.resources.map((one) => [
      one.resource.replaceAll('_', ' '),
      ...shown.map((name) => (name === 'updated' ? String(one.updated + one.restored) : String(one[name]))),
      `${one.seconds.toFixed(1)} s`,
    ]),
  )
  const faults = answer.resources.flatMap((one) =>
    one.error ? [`✗ ${one.resource}: ${one.error.message}\n  ${one.error.wayOut} (${one.error.code})`] : [],
  )
  return [table, ...faults].join('\n')
}

export function renderVerification(answer: Answer<'verify'>, now: number = Date.now()): string {
  const number = (value: number | null) => (value === null ? '–' : String(value))
  const ago = (at: string | null) => (at === null ? '–' : `${duration((now - Date.parse(at)) / 1000)} ago`)
  const table = renderTable(
    [
      { title: '' },
      { title: 'resource' },
      { title: 'in shop', align: 'right' },
      { title: 'here', align: 'right' },
      { title: 'missing', align: 'right' },
      { title: 'surplus', align: 'right' },
      { title: 'stale', align: 'right' },
      { title: 'aside', align: 'right' },
      { title: 'newest change' },
      { title: 'delay p50/p95' },
      { title: 'last proof' },
    ],
    answer.resources.map((one) => [
      { complete: '✓', incomplete: '✗', 'never copied': '·', 'on demand': '·' }[one.state],
      one.resource.replaceAll('_', ' '),
      one.state === 'on demand' ? 'on demand' : number(one.inStore),
      number(one.inMirror),
      number(one.missing),
      number(one.surplus),
      number(one.stale),
      number(one.quarantined),
      ago(one.newestChange),
      one.delayP50 === null ? '–' : `${duration(one.delayP50)} / ${duration(one.delayP95 ?? 0)}`,
      one.proofs.map((proof) => proofText(proof, ago)).join(', ') || '–',
    ]),
  )
  const reasons = answer.resources
    .filter((one) => one.state === 'incomplete' || one.state === 'never copied')
    .map((one) => `✗ ${one.resource.replaceAll('_', ' ')}: ${one.reasons.join('; ')}`)
  const verdict = answer.complete
    ? `The copy of ${answer.store.name ?? answer.store.url} is complete.`
    : `The copy of ${answer.store.name ?? answer.store.url} is not complete.`
  return [table, '', ...reasons, verdict].join('\n')
}

type Proof = Answer<'verify'>['resources'][number]['proofs'][number]

function proofText(proof: Proof, ago: (at: string) => string): string {
  const share = proof.share !== null && proof.share < 1 ? ` ${Math.floor(proof.share * 100)} %` : ''
  return `${proof.strength}${share} ${ago(proof.at)} (${proof.requests})`
}

export function renderDoctor(answer: Answer<'doctor'>): string {
  const mark = { ok: '✓', note: '!', fault: '✗' } as const
  return [
    ...answer.findings.map((one) => {
      const wayOut = one.wayOut === null ? '' : `\n    ${one.wayOut}`
      return `${mark[one.state]} ${one.check}: ${one.detail}${wayOut}`
    }),
    '',
    answer.healthy ? 'Nothing is at fault.' : 'Something is at fault.',
  ].join('\n')
}

export function renderNotes(answer: Answer<'orderNotes'>): string {
  if (answer.notes.length === 0) return `Order ${answer.order} has no notes.`
  return answer.notes
    .map((note) => {
      const to = note.forCustomer ? ', sent to the customer' : ''
      return `${note.createdAt ?? ''}  ${note.author ?? ''}${to}\n  ${note.note ?? ''}`
    })
    .join('\n')
}

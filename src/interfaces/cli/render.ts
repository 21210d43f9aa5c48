/** What operations answer, as text for a person. */
import type { z } from 'zod'
import type { operations } from '../../operations.ts'
import { resourceNames } from '../../store/resources.ts'
import { faultText } from './process.ts'
import { ageText, duration } from './progress.ts'
import { renderTable } from './table.ts'

type Answer<Name extends 'sync' | 'verify' | 'doctor' | 'orderNotes'> = z.input<
  (typeof operations)[Name]['output']
>

const nameOf = (resource: string): string => resource.replaceAll('_', ' ')

export function renderSync(answer: Answer<'sync'>): string {
  const columns = [
    { title: 'seen', of: (one: Synced) => one.seen },
    { title: 'new', of: (one: Synced) => one.created },
    { title: 'changed', of: (one: Synced) => one.updated + one.restored },
    { title: 'deleted', of: (one: Synced) => one.deleted },
    { title: 'set aside', of: (one: Synced) => one.quarantined },
    { title: 'requests', of: (one: Synced) => one.requests },
  ]
  return renderTable(
    [
      { title: '' },
      { title: 'resource' },
      ...columns.map(({ title }) => ({ title, align: 'right' as const })),
      { title: 'time', align: 'right' },
    ],
    inOrder(answer.resources).map((one) => [
      one.error === null ? '✓' : '✗',
      nameOf(one.resource),
      ...columns.map(({ of }) => (one.error === null ? String(of(one)) : '–')),
      `${one.seconds.toFixed(1)} s`,
    ]),
  )
}

/** As the table of resources has them; they end in another order. */
function inOrder(results: readonly Synced[]): Synced[] {
  return results.toSorted((a, b) => resourceNames.indexOf(a.resource) - resourceNames.indexOf(b.resource))
}

type Synced = Answer<'sync'>['resources'][number]

/** What went wrong, each fault once with the resources it struck; empty when all went well. */
export function faultsOfSync(answer: Answer<'sync'>): string {
  const faults = new Map<string, string[]>()
  for (const { resource, error } of answer.resources) {
    if (error === null) continue
    const text = faultText(error)
    faults.set(text, [...(faults.get(text) ?? []), nameOf(resource)])
  }
  return [...faults].map(([text, names]) => text.replace('✗', `✗ ${names.join(', ')}:`)).join('\n')
}

/** Fits into 100 columns; every figure is in --json. */
export function renderVerification(answer: Answer<'verify'>, now: number = Date.now()): string {
  const number = (value: number | null) => (value === null ? '–' : String(value))
  const age = (at: string) => ageText((now - Date.parse(at)) / 1000)
  const table = renderTable(
    [
      { title: '' },
      { title: 'resource' },
      { title: 'in shop', align: 'right' },
      { title: 'here', align: 'right' },
      { title: 'open' },
      { title: 'newest', align: 'right' },
      { title: 'delay p50 / p95' },
      { title: 'proved' },
    ],
    answer.resources.map((one) => [
      { complete: '✓', incomplete: '✗', 'never copied': '✗', 'on demand': '·' }[one.state],
      nameOf(one.resource),
      number(one.inStore),
      number(one.inMirror),
      openOf(one),
      one.newestChange === null ? '–' : age(one.newestChange),
      one.delayP50 === null ? '–' : `${duration(one.delayP50)} / ${duration(one.delayP95 ?? 0)}`,
      proofOf(one, age),
    ]),
  )
  const reasons = answer.resources
    .filter((one) => one.state === 'incomplete')
    .map((one) => `✗ ${nameOf(one.resource)}: ${one.reasons.join('; ')}`)
  const never = answer.resources
    .filter((one) => one.state === 'never copied')
    .map((one) => nameOf(one.resource))
  if (never.length > 0) reasons.push(`✗ never copied: ${never.join(', ')}`)
  const name = answer.store.name ?? answer.store.url
  const verdict = answer.complete
    ? `The copy of ${name} is complete.`
    : `The copy of ${name} is not complete. \`woosync sync\` completes it.`
  return [table, '', ...reasons, verdict].join('\n')
}

type Verified = Answer<'verify'>['resources'][number]

function openOf(one: Verified): string {
  const open = (['missing', 'surplus', 'stale', 'quarantined'] as const)
    .filter((name) => one[name] > 0)
    .map((name) => `${one[name]} ${name === 'quarantined' ? 'set aside' : name}`)
  return open.join(', ') || '–'
}

/** The newest proof; of several made within a minute the strongest, a round of reading only when it is whole. */
function proofOf({ state, proofs }: Verified, age: (at: string) => string): string {
  if (state === 'on demand') return 'on demand'
  const strength = (proof: Proof) =>
    isWhole(proof) ? ['counted', 'listed', 'read'].indexOf(proof.strength) : -1
  const newest = Math.max(...proofs.map((proof) => Date.parse(proof.at)))
  const [best] = proofs
    .filter((proof) => newest - Date.parse(proof.at) < 60_000)
    .sort((a, b) => strength(b) - strength(a))
  if (!best) return '–'
  const share = isWhole(best) ? '' : ` ${Math.floor((best.share ?? 0) * 100)} %`
  return `${best.strength}${share} ${age(best.at)} ago`
}

type Proof = Verified['proofs'][number]

const isWhole = ({ share }: Proof): boolean => share === null || share >= 1

export function renderDoctor(answer: Answer<'doctor'>): string {
  const mark = { ok: '✓', note: '!', fault: '✗' } as const
  return [
    ...answer.findings.map((one) => {
      const wayOut = one.wayOut === null ? '' : `\n  ${one.wayOut}`
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
      const at = note.createdAt?.slice(0, 16).replace('T', ' ') ?? ''
      return `${at} UTC  ${note.author ?? ''}${to}\n  ${note.note ?? ''}`
    })
    .join('\n')
}

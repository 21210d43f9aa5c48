/** The status page as HTML: works without JavaScript, asks itself anew every 10 s. */
import { createHash } from 'node:crypto'
import type { ProofShown, ResourceVerification, Verification } from '../../sync/verify.ts'
import { STYLE } from './home-style.ts'
import { ago, escapeHtml, exact, number, span } from './home-text.ts'
import type { Problem } from './problem.ts'

const REFRESH_SECONDS = 10

/** Nothing but the style below and the icon in the address bar may be used. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

type Mood = 'good' | 'open' | 'bad' | 'idle'

const PATHS: Record<Mood, string> = {
  good: '<circle cx="10" cy="10" r="8.2"/><path d="m6.3 10.3 2.6 2.6 4.8-5.4"/>',
  open: '<circle cx="10" cy="10" r="8.2"/><path d="M10 5.6v4.6l3 2"/>',
  bad: '<path d="M10 2.4 18.4 17H1.6z"/><path d="M10 8v4M10 14.4v.2"/>',
  idle: '<circle cx="10" cy="10" r="8.2" stroke-dasharray="2.6 2.6"/>',
}

function drawing(mood: Mood, attributes: string): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20" fill="none" stroke-width="1.7" ` +
    `stroke-linecap="round" stroke-linejoin="round" ${attributes}>${PATHS[mood]}</svg>`
  )
}

/** @param label what it says; null where the words beside it say the same */
function icon(mood: Mood, label: string | null): string {
  const told = label === null ? 'aria-hidden="true"' : `role="img" aria-label="${escapeHtml(label)}"`
  return drawing(mood, `stroke="currentColor" class="${mood}" ${told}`)
}

export function statusPage(found: Verification): string {
  const name = found.store.name || new URL(found.store.url).host
  const { mood, words } = verdict(found)
  const rows = found.resources.map((one) => row(one, found.at)).join('\n')
  return page(
    name,
    mood,
    `<h1>${escapeHtml(name)}</h1>
<p class="verdict ${mood}">${icon(mood, null)}<span>${escapeHtml(words)}</span></p>
<p class="soft">As of ${moment(found.at, exact(found.at))}. This page asks again every ${REFRESH_SECONDS} s.</p>
<div class="sheet"><table role="table">
<thead role="rowgroup"><tr role="row">${COLUMNS.map((title) => `<th role="columnheader" scope="col">${title}</th>`).join('')}</tr></thead>
<tbody role="rowgroup">
${rows}
</tbody></table></div>
${LEGEND}`,
  )
}

export function waitingPage(): string {
  const words = 'No shop has been copied yet: the first contact with it is being made.'
  return page(
    'woosync',
    'idle',
    `<h1>woosync</h1>
<p class="verdict idle">${icon('idle', null)}<span>${words}</span></p>
<p class="soft">This page asks again every ${REFRESH_SECONDS} s. If it stays so, run <code>woosync test-connection</code>.</p>`,
  )
}

export function faultPage(problem: Problem): string {
  return page(
    'woosync',
    'bad',
    `<h1>woosync</h1>
<p class="verdict bad">${icon('bad', null)}<span>${escapeHtml(problem.detail)}</span></p>
<p class="soft">${escapeHtml(problem.wayOut)} This page asks again every ${REFRESH_SECONDS} s. (${escapeHtml(problem.code)})</p>`,
  )
}

function page(title: string, mood: Mood, body: string): string {
  const colour = { good: '#1b6e47', open: '#8f4f00', bad: '#a5271c', idle: '#5b6663' }[mood]
  const tab = encodeURIComponent(drawing(mood, `stroke="${colour}"`))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${REFRESH_SECONDS}">
<title>${escapeHtml(title)} · copy</title>
<link rel="icon" href="data:image/svg+xml,${tab}">
<style>${STYLE}</style>
</head>
<body><main>
${body}
</main></body>
</html>
`
}

function verdict({ complete, resources }: Verification): { mood: Mood; words: string } {
  if (complete) return { mood: 'good', words: 'The copy is complete.' }
  const listed = resources.filter((one) => one.state !== 'on demand')
  const done = listed.filter((one) => one.state === 'complete').length
  const waiting = listed.filter((one) => one.state === 'never copied').length
  if (waiting === listed.length) return { mood: 'open', words: 'The first copy has begun.' }
  const so = `${done} of ${listed.length} resources are complete`
  const mood = listed.some((one) => one.problem !== null) ? 'bad' : 'open'
  return {
    mood,
    words: `${waiting > 0 ? 'The first copy is under way' : 'The copy is not complete'}: ${so}.`,
  }
}

const COLUMNS = [
  'Resource',
  'In the shop',
  'Here',
  'Missing',
  'Stale',
  'Newest change',
  'Delay',
  'Last proof',
] as const

const NONE = '<span class="none">–</span>'

function row(one: ResourceVerification, now: Date): string {
  const name = one.resource.replaceAll('_', ' ')
  const why = explanation(one)
  const counted = one.state !== 'on demand' && one.inStore !== null
  const amiss = (count: number) => {
    if (count > 0) return `<span class="count">${number(count)}</span>`
    return counted ? '<span class="none">0</span>' : NONE
  }
  const cells = [
    one.inStore === null ? NONE : number(one.inStore),
    one.state === 'never copied' && one.inMirror === 0 ? NONE : number(one.inMirror),
    amiss(one.missing),
    amiss(one.stale),
    one.newestChange ? moment(one.newestChange, ago(one.newestChange, now)) : NONE,
    delay(one),
    lastProof(one.proofs, now),
  ]
  return `<tr role="row"><th role="rowheader" scope="row"><span class="name">${icon(moodOf(one), one.state)}${escapeHtml(name)}</span>${
    why ? `<span class="why">${escapeHtml(why)}</span>` : ''
  }</th>${cells.map((cell, at) => `<td role="cell" data-label="${COLUMNS[at + 1]}">${cell}</td>`).join('')}</tr>`
}

function moodOf({ state, problem }: ResourceVerification): Mood {
  if (state === 'complete') return 'good'
  if (state !== 'on demand' && problem !== null) return 'bad'
  return state === 'incomplete' ? 'open' : 'idle'
}

function explanation(one: ResourceVerification): string {
  if (one.state === 'on demand') return 'read when asked for'
  if (one.state !== 'never copied') return one.reasons.join('; ')
  const so = one.inMirror > 0 ? 'being copied' : 'not copied yet'
  return one.problem === null ? so : `${so}; the last run failed: ${one.problem}`
}

function moment(at: Date, words: string): string {
  return `<time datetime="${at.toISOString()}" title="${exact(at)}">${words}</time>`
}

function delay({ delayP50: half, delayP95: most }: ResourceVerification): string {
  if (half === null || most === null) return NONE
  const title = `Half of the changes were here within ${span(half)}, 95 % within ${span(most)}.`
  return `<span title="${title}">${span(half)}</span>`
}

/** Of several at the same moment the strongest is shown. */
const STRENGTHS = { counted: 1, listed: 2, read: 3 } as const

function lastProof(proofs: readonly ProofShown[], now: Date): string {
  const [last] = proofs.toSorted(
    (a, b) => b.at.getTime() - a.at.getTime() || STRENGTHS[b.strength] - STRENGTHS[a.strength],
  )
  if (!last) return NONE
  const title = proofs.map(proofLine).join('\n')
  const when = `<time datetime="${last.at.toISOString()}">${ago(last.at, now)}</time>`
  return `<span title="${escapeHtml(title)}">${last.strength} ${when}</span>`
}

function proofLine({ strength, at, requests, share }: ProofShown): string {
  const part = share !== null && share < 1 ? ` (${Math.floor(share * 100)} % of this round)` : ''
  return `${strength}${part}: ${exact(at)}, ${number(requests)} ${requests === 1 ? 'request' : 'requests'}`
}

const LEGEND = `<dl>
<dt>Missing</dt><dd>in the shop, not here</dd>
<dt>Stale</dt><dd>known to differ in the shop, fetched next</dd>
<dt>Delay</dt><dd>from a change in the shop to its arrival here; half of the last day’s were faster</dd>
<dt>Last proof</dt><dd>counted: the numbers agree · listed: every id was compared · read: contents were compared</dd>
</dl>`

/** Progress of runs: bars that redraw themselves in a terminal, now and then a line elsewhere. */
import type { Progress } from '../../sync/context.ts'

export interface ProgressDisplay {
  report: (progress: Progress) => void
  /** Takes the bars away, so that what is printed next stands in their place. */
  end: () => void
}

/** What a display needs of a stream; `process.stderr` is one. */
export interface Output {
  isTTY?: boolean
  columns?: number
  rows?: number
  write: (text: string) => unknown
}

interface Shown {
  progress: Progress
  startedAt: number
  doneAtStart: number
}

const REDRAW_MS = 100
const LINE_EVERY_MS = 5000
const WIDEST_BAR = 24
const SHORTEST_BAR = 5
const NAME_WIDTH = 17

/** Bars where they can be drawn, one for each resource; lines for logs, pipes and simple terminals. */
export function createProgress(output: Output, now: () => number = () => performance.now()): ProgressDisplay {
  return output.isTTY && process.env.TERM !== 'dumb' ? createBars(output, now) : createLines(output, now)
}

export function createBars(output: Output, now: () => number): ProgressDisplay {
  const shown = new Map<string, Shown>()
  let drawnLines = 0
  let drawnAt = Number.NEGATIVE_INFINITY

  const toTop = () => (drawnLines > 0 ? `\u001b[${drawnLines}A\u001b[J` : '')

  function draw() {
    const text = barsOf(
      visible([...shown.values()], (output.rows || 24) - 1),
      (output.columns || 80) - 1,
      now(),
    )
    output.write(`${toTop()}${text.map((line) => `${line}\n`).join('')}`)
    drawnLines = text.length
    drawnAt = now()
  }

  return {
    report(progress) {
      const isNew = !shown.has(progress.resource)
      const one = remember(shown, progress, now())
      if (isNew || isDone(one) || now() - drawnAt >= REDRAW_MS) draw()
    },
    end() {
      if (drawnLines > 0) output.write(toTop())
      shown.clear()
      drawnLines = 0
    },
  }
}

export function createLines(output: Output, now: () => number): ProgressDisplay {
  const shown = new Map<string, Shown>()
  const saidAt = new Map<string, number>()
  return {
    report(progress) {
      const one = remember(shown, progress, now())
      const key = progress.resource
      if (now() - (saidAt.get(key) ?? one.startedAt) < LINE_EVERY_MS) return
      saidAt.set(key, now())
      output.write(`${nameOf(one)}: ${countOf(one)}${timing(one, now())}\n`)
    },
    end() {
      shown.clear()
      saidAt.clear()
    },
  }
}

/** A terminal cannot go up beyond its top: where there is too little room, what is done goes first. */
function visible(all: Shown[], lines: number): Shown[] {
  const tooMany = all.length - lines
  if (tooMany <= 0) return all
  const hidden = new Set(all.filter(isDone).slice(0, tooMany))
  return all.filter((one) => !hidden.has(one)).slice(0, lines)
}

function remember(shown: Map<string, Shown>, progress: Progress, at: number): Shown {
  const known = shown.get(progress.resource)
  // After the copy comes a look for what changed meanwhile: small, and the bar stays full.
  if (known?.progress.kind === 'backfill' && progress.kind !== 'backfill') return known
  const same = known?.progress.kind === progress.kind
  const one = {
    progress,
    startedAt: same ? known.startedAt : at,
    doneAtStart: same ? known.doneAtStart : progress.done,
  }
  shown.set(progress.resource, one)
  return one
}

const isDone = ({ progress: { done, total } }: Shown): boolean => total !== null && done >= total

function rateOf({ progress, startedAt, doneAtStart }: Shown, at: number): number {
  const seconds = (at - startedAt) / 1000
  return seconds > 0.2 ? (progress.done - doneAtStart) / seconds : 0
}

/** One line each, none wider than `width`: where there is little room the bars are short. */
function barsOf(all: readonly Shown[], width: number, at: number): string[] {
  const texts = all.map((one) => `${countOf(one)}${isDone(one) ? '' : timing(one, at)}`)
  const spare = width - NAME_WIDTH - PERCENT_WIDTH - Math.max(...texts.map((text) => text.length))
  const barWidth = Math.max(SHORTEST_BAR, Math.min(WIDEST_BAR, spare))
  return all.map((one, index) => {
    const { done, total } = one.progress
    const name = nameOf(one).padEnd(NAME_WIDTH)
    if (total === null) return `${name} ${texts[index]}`.slice(0, width)
    const share = total === 0 ? 1 : Math.min(1, done / total)
    const filled = Math.round(share * barWidth)
    const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled)
    const percent = `${Math.floor(share * 100)} %`.padStart(5)
    return `${name} ${bar} ${percent}  ${texts[index]}`.slice(0, width)
  })
}

/** `  25 %` with the spaces around it. */
const PERCENT_WIDTH = 9

const nameOf = ({ progress }: Shown): string => progress.resource.replaceAll('_', ' ')

function countOf({ progress: { done, total, kind } }: Shown): string {
  const number = (value: number) => value.toLocaleString('en')
  if (total !== null) return `${number(done)} of ${number(total)}`
  return kind === 'backfill' ? number(done) : `${number(done)} looked at`
}

function timing(one: Shown, at: number): string {
  const rate = rateOf(one, at)
  if (rate <= 0) return ''
  const { done, total } = one.progress
  const left = total === null || done >= total ? '' : `, ${duration((total - done) / rate)} left`
  return `, ${rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString('en')}/s${left}`
}

/** `45 s`, `12 min`, `3 h 20 min`, `4 days` */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours >= 48) return `${Math.round(hours / 24)} days`
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}

/** The same without the smaller unit: `16 h`. */
export function ageText(seconds: number): string {
  return duration(seconds).replace(/ h \d+ min$/, ' h')
}

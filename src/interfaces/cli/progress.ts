/** Progress of runs: bars that redraw themselves in a terminal, now and then a line elsewhere. */
import type { Progress } from '../../sync/context.ts'

export interface ProgressDisplay {
  report: (progress: Progress) => void
  /** Draws the last state and leaves it standing. */
  end: () => void
}

/** What a display needs of a stream; `process.stderr` is one. */
export interface Output {
  isTTY?: boolean
  columns?: number
  write: (text: string) => unknown
}

interface Shown {
  progress: Progress
  startedAt: number
  doneAtStart: number
}

const REDRAW_MS = 100
const LINE_EVERY_MS = 5000
const BAR_WIDTH = 24

export function createProgress(output: Output, now: () => number = () => performance.now()): ProgressDisplay {
  return output.isTTY ? bars(output, now) : lines(output, now)
}

function bars(output: Output, now: () => number): ProgressDisplay {
  const shown = new Map<string, Shown>()
  let drawnLines = 0
  let drawnAt = Number.NEGATIVE_INFINITY

  function draw() {
    const width = (output.columns ?? 80) - 1
    const text = [...shown.values()].map((one) => barOf(one, now()).slice(0, width))
    const up = drawnLines > 0 ? `\u001b[${drawnLines}A` : ''
    output.write(`${up}${text.map((line) => `\u001b[2K${line}\n`).join('')}`)
    drawnLines = text.length
    drawnAt = now()
  }

  return {
    report(progress) {
      remember(shown, progress, now())
      if (now() - drawnAt >= REDRAW_MS) draw()
    },
    end() {
      if (shown.size === 0) return
      draw()
      shown.clear()
      drawnLines = 0
    },
  }
}

function lines(output: Output, now: () => number): ProgressDisplay {
  const shown = new Map<string, Shown>()
  const saidAt = new Map<string, number>()
  const say = (one: Shown) => output.write(`${sentenceOf(one, now())}\n`)
  return {
    report(progress) {
      const one = remember(shown, progress, now())
      const key = progress.resource
      if (now() - (saidAt.get(key) ?? one.startedAt) < LINE_EVERY_MS) return
      saidAt.set(key, now())
      say(one)
    },
    end() {
      shown.clear()
    },
  }
}

function remember(shown: Map<string, Shown>, progress: Progress, at: number): Shown {
  const known = shown.get(progress.resource)
  const same = known?.progress.kind === progress.kind
  const one = {
    progress,
    startedAt: same ? known.startedAt : at,
    doneAtStart: same ? known.doneAtStart : progress.done,
  }
  shown.set(progress.resource, one)
  return one
}

function rateOf({ progress, startedAt, doneAtStart }: Shown, at: number): number {
  const seconds = (at - startedAt) / 1000
  return seconds > 0.2 ? (progress.done - doneAtStart) / seconds : 0
}

function barOf(one: Shown, at: number): string {
  const { resource, done, total } = one.progress
  const name = resource.replaceAll('_', ' ').padEnd(17)
  if (total === null) return `${name} ${String(done).padStart(9)}`
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const filled = Math.round(share * BAR_WIDTH)
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled)
  const percent = `${Math.floor(share * 100)} %`.padStart(5)
  return `${name} ${bar} ${percent}  ${done} of ${total}${timing(one, at)}`
}

function sentenceOf(one: Shown, at: number): string {
  const { resource, done, total } = one.progress
  const of = total === null ? '' : ` of ${total}`
  return `${resource.replaceAll('_', ' ')}: ${done}${of}${timing(one, at)}`
}

function timing(one: Shown, at: number): string {
  const rate = rateOf(one, at)
  if (rate <= 0) return ''
  const { done, total } = one.progress
  const left = total === null || done >= total ? '' : `, ${duration((total - done) / rate)} left`
  return `, ${Math.round(rate)}/s${left}`
}

/** `45 s`, `12 min`, `3 h 20 min` */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} days`
}

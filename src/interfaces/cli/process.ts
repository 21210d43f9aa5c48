/** What a command does with its process: signals, exit codes, where output goes. */
import { asFault } from '../../database/faults.ts'
import { WooSyncError } from '../../errors.ts'
import { cleanText, jsonText } from './terminal.ts'

/** For cron and scripts; docs/cli.md explains them. */
export const EXIT = { well: 0, unwell: 1, usage: 2, stopped: 130 } as const

/** What a command has to say at its end. */
export interface Outcome {
  /** For standard output; null: nothing, or it was written already. */
  text: string | null
  /** The same for --json. */
  json: unknown
  /** For standard error: what did not go well. */
  complaints?: string
  exit: number
}

export interface Guard {
  /** Aborts when the process is asked to end. */
  signal: AbortSignal
  /** `json`: a fault is also the one document on standard output. */
  json: boolean
  /** How a fault is said; default: sentence, way out, code. */
  say?: (fault: WooSyncError) => string
}

/** npm and a terminal may both hand on the same Ctrl-C; only one that comes later is a second one. */
const SAME_SIGNAL_MS = 400

/** SIGHUP: the terminal was closed. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs a command: Ctrl-C stops it at the next safe place, a second one ends the process at once; a fault
 * becomes a sentence on standard error. @returns the exit code
 */
export async function guarded(
  options: Omit<Guard, 'signal'>,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const stop = new AbortController()
  let stoppedAt = 0
  const onSignal = () => {
    if (stop.signal.aborted && Date.now() - stoppedAt > SAME_SIGNAL_MS) process.exit(EXIT.stopped)
    if (stop.signal.aborted) return
    stoppedAt = Date.now()
    stop.abort(new WooSyncError('sync_cancelled', { cause: 'it was asked to end' }))
  }
  for (const name of ENDING) process.on(name, onSignal)
  try {
    return await work(stop.signal)
  } catch (thrown) {
    const fault = asFault(stop.signal.aborted ? stop.signal.reason : thrown)
    if (options.json) process.stdout.write(`${jsonText({ error: fault })}\n`)
    process.stderr.write(`${cleanText((options.say ?? faultText)(fault))}\n`)
    // A fault of the program itself: what was thrown helps whoever mends it.
    if (fault.code === 'internal' && fault.cause instanceof Error) {
      process.stderr.write(`${fault.cause.stack}\n`)
    }
    return exitOf(fault)
  } finally {
    for (const name of ENDING) process.off(name, onSignal)
  }
}

export function faultText(fault: { message: string; wayOut: string; code: string }): string {
  return `✗ ${fault.message}\n  ${fault.wayOut}\n  (${fault.code})`
}

const WRONG_USE: ReadonlySet<string> = new Set(['usage', 'input_invalid', 'cursor_invalid'])

function exitOf(fault: WooSyncError): number {
  if (fault.code === 'sync_cancelled') return EXIT.stopped
  return fault.code.startsWith('setting_') || WRONG_USE.has(fault.code) ? EXIT.usage : EXIT.unwell
}

/** Whoever reads may go when they have seen enough. */
export function onBrokenPipe(thrown: NodeJS.ErrnoException): void {
  if (thrown.code !== 'EPIPE') throw thrown
}

/** Commands that do one thing and end: settings, app, work, output. */
import { type App, openApp } from '../../app.ts'
import { createLogger } from '../../logger.ts'
import { readSettings, type Settings } from '../../settings.ts'
import type { Step } from '../../store/sql/way.ts'
import { type Guard, guarded, type Outcome } from './process.ts'
import { createLines, createProgress } from './progress.ts'
import { cleanText, jsonText } from './terminal.ts'

export interface Once {
  name: string
  json: boolean
  /** person: whoever asks waits for the shop's first answer. */
  patience?: 'person'
  /** How a fault is said; default: sentence, way out, code. */
  say?: Guard['say']
  /** `print` shows what is known already; nothing comes of it with --json. */
  work: (app: App, signal: AbortSignal, print: (text: string) => void) => Promise<Outcome>
  /** Before anything is opened. */
  begin?: (settings: Settings, print: (text: string) => void) => void
  /** Each step of the way to the shop's database, as it is made. */
  onStep?: (step: Step, print: (text: string) => void) => void
}

/** Runs one command with everything it needs, and prints what came of it. @returns the exit code */
export function runOnce({ name, json, patience, say, work, begin, onStep }: Once): Promise<number> {
  return guarded({ json, ...(say && { say }) }, async (signal) => {
    const settings = readSettings()
    const print = (text: string) => {
      if (!json) process.stdout.write(`${cleanText(text)}\n`)
    }
    begin?.(settings, print)
    const logger = createLogger({ level: settings.LOG_LEVEL ?? 'error' })
    // Somebody who asked for logs gets lines that go with them.
    const progress = settings.LOG_LEVEL
      ? createLines(process.stderr, () => performance.now())
      : createProgress(process.stderr)
    const app = await openApp({
      settings,
      logger,
      name: `woosync ${name}`,
      onProgress: progress.report,
      ...(patience && { patience }),
      ...(onStep && { onStep: (step) => onStep(step, print) }),
      signal,
    })
    try {
      const outcome = await work(app, signal, (text) => {
        progress.end()
        print(text)
      })
      progress.end()
      if (json) process.stdout.write(`${jsonText(outcome.json)}\n`)
      else if (outcome.text !== null) process.stdout.write(`${cleanText(outcome.text)}\n`)
      if (outcome.complaints) process.stderr.write(`${cleanText(outcome.complaints)}\n`)
      return outcome.exit
    } finally {
      progress.end()
      await app.close()
    }
  })
}

/** The commands of `woosync` and what they do with a process: signals, exit codes, where output goes. */
import { Command, CommanderError, Option } from 'commander'
import type { App } from '../../app.ts'
import { openApp } from '../../app.ts'
import { toWooSyncError, WooSyncError } from '../../errors.ts'
import { createLogger } from '../../logger.ts'
import { operations } from '../../operations.ts'
import { readSettings, type Settings } from '../../settings.ts'
import { resourceNames } from '../../store/resources.ts'
import { runDemo } from './demo.ts'
import { createProgress } from './progress.ts'
import { renderConnection, renderDoctor, renderNotes, renderSync, renderVerification } from './render.ts'
import { runService, type ServiceParts } from './service.ts'

/** For cron and scripts: 0 well; 1 not well, try again or look; 2 wrong use or settings; 130 stopped. */
const EXIT = { well: 0, unwell: 1, usage: 2, stopped: 130 } as const

interface Outcome {
  text: string
  json: unknown
  exit: number
}

export async function runCli(argv: readonly string[]): Promise<number> {
  let exit: number = EXIT.well
  const stop = new AbortController()
  const program = new Command('woosync')
    .description('A verified, up-to-the-second copy of a WooCommerce shop in Postgres.')
    .exitOverride()
    .showHelpAfterError('(woosync --help shows the commands)')
    .configureHelp({ sortSubcommands: false })

  const service = (parts: ServiceParts) => async () => {
    exit = await guarded(stop, () => runService(readSettings(), parts, stop.signal))
  }
  program
    .command('start')
    .description('Everything: the database, the demo shop if none is named, the copy, the HTTP port.')
    .action(service({ http: true, worker: true, firstCopy: true }))
  program
    .command('serve')
    .description('Only the HTTP port; workers run elsewhere.')
    .action(service({ http: true, worker: false, firstCopy: false }))
  program
    .command('worker')
    .description('Only the work: copying, following, counting. Any number may run.')
    .action(service({ http: false, worker: true, firstCopy: false }))
  program
    .command('demo')
    .description('Only the demo shop (woosync demo --help shows its options).')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async () => {
      exit = await runDemo(argv.slice(3))
    })

  const once =
    (name: string, work: (app: App, options: Record<string, unknown>) => Promise<Outcome>) =>
    async (options: Record<string, unknown>) => {
      exit = await guarded(stop, () => runOnce(name, options, stop.signal, work))
    }
  const json = () => new Option('--json', 'one JSON document on standard output')

  program
    .command('test-connection')
    .description(operations.connectionTest.summary)
    .addOption(json())
    .action(
      once('test-connection', async (app) => {
        const result = await operations.connectionTest.run(app, {}, stop.signal)
        return { text: renderConnection(result), json: result, exit: EXIT.well }
      }),
    )
  program
    .command('sync')
    .description(operations.sync.summary)
    .option('--full', 'read everything again; nothing is thrown away', false)
    .addOption(new Option('--resource <names...>', 'only these').choices(resourceNames))
    .option('--accept-deletions', 'mark as deleted what is gone, however much it is', false)
    .addOption(json())
    .action(
      once('sync', async (app, options) => {
        const input = operations.sync.input.parse({
          full: options.full,
          resources: options.resource,
          acceptDeletions: options.acceptDeletions,
        })
        const result = await operations.sync.run(app, input, stop.signal)
        return { text: renderSync(result), json: result, exit: result.complete ? EXIT.well : EXIT.unwell }
      }),
    )
  program
    .command('verify')
    .description(operations.verify.summary)
    .addOption(
      new Option(
        '--depth <depth>',
        'stored: without asking the shop; counted: count now; listed: every id now',
      )
        .choices(['stored', 'counted', 'listed'])
        .default('counted'),
    )
    .addOption(json())
    .action(
      once('verify', async (app, options) => {
        const input = operations.verify.input.parse({ depth: options.depth })
        const result = await operations.verify.run(app, input, stop.signal)
        return {
          text: renderVerification(result),
          json: result,
          exit: result.complete ? EXIT.well : EXIT.unwell,
        }
      }),
    )
  program
    .command('doctor')
    .description(operations.doctor.summary)
    .addOption(json())
    .action(
      once('doctor', async (app) => {
        const result = await operations.doctor.run(app, {}, stop.signal)
        return { text: renderDoctor(result), json: result, exit: result.healthy ? EXIT.well : EXIT.unwell }
      }),
    )
  program
    .command('order-notes')
    .description(operations.orderNotes.summary)
    .argument('<order>', 'the order’s id', Number)
    .addOption(json())
    .action(async (order: number, options: Record<string, unknown>) => {
      exit = await guarded(stop, () =>
        runOnce('order-notes', options, stop.signal, async (app) => {
          const result = await operations.orderNotes.run(app, { order }, stop.signal)
          return { text: renderNotes(result), json: result, exit: EXIT.well }
        }),
      )
    })

  try {
    await program.parseAsync([...argv])
    return exit
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    return thrown.exitCode === 0 ? EXIT.well : EXIT.usage
  }
}

/** Runs one operation with everything it needs, and prints what came of it. */
async function runOnce(
  name: string,
  options: Record<string, unknown>,
  signal: AbortSignal,
  work: (app: App, options: Record<string, unknown>) => Promise<Outcome>,
): Promise<number> {
  const settings: Settings = readSettings()
  const progress = createProgress(process.stderr)
  const logger = createLogger({ level: settings.LOG_LEVEL === 'info' ? 'warn' : settings.LOG_LEVEL })
  const app = await openApp({
    settings,
    logger,
    name: `woosync ${name}`,
    onProgress: progress.report,
    signal,
  })
  try {
    const outcome = await work(app, options)
    progress.end()
    process.stdout.write(options.json ? `${JSON.stringify(outcome.json)}\n` : `${outcome.text}\n`)
    return outcome.exit
  } finally {
    progress.end()
    await app.close()
  }
}

/** Ctrl-C stops the work at the next safe place; a second one ends at once. Faults become a sentence. */
async function guarded(stop: AbortController, work: () => Promise<number>): Promise<number> {
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(EXIT.stopped)
    stop.abort(new WooSyncError('sync_cancelled', { cause: 'it was asked to' }))
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  try {
    return await work()
  } catch (thrown) {
    const fault = toWooSyncError(thrown)
    process.stderr.write(`${fault.message}\n${fault.wayOut}\n(${fault.code})\n`)
    // A fault of the program itself: what was thrown helps whoever mends it.
    if (fault.code === 'internal' && fault.cause instanceof Error)
      process.stderr.write(`${fault.cause.stack}\n`)
    if (fault.code === 'sync_cancelled') return EXIT.stopped
    return fault.code.startsWith('setting_') || fault.code === 'usage' ? EXIT.usage : EXIT.unwell
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

/** The commands of `woosync`: names, options, help, and which operation each one is. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { LOCAL } from '../../access/caller.ts'
import { toWooSyncError } from '../../errors.ts'
import { invoke } from '../../operations/invoke.ts'
import { operations } from '../../operations.ts'
import { readSettings } from '../../settings.ts'
import { resourceNames } from '../../store/resources.ts'
import { runConnection } from './connection.ts'
import { runDemo } from './demo.ts'
import { runOnce } from './once.ts'
import { EXIT, guarded } from './process.ts'
import { faultsOfSync, renderDoctor, renderNotes, renderSync, renderVerification } from './render.ts'
import { runService, type ServiceParts } from './service.ts'
import { stopPostgres } from './stop.ts'

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const EXIT_HELP = `
Exit codes: 0 well, 1 not well (try again or look), 2 wrong use or settings, 130 stopped.
Settings come from the environment and from .env in this folder (docs/settings.md).`

const START_HELP = `
Examples:
  woosync start              a demo shop, when .env names none
  PORT=8080 woosync start    another port for the status page

Ctrl-C (or SIGTERM) ends it with 0; the next start goes on where it stopped.
${EXIT_HELP}`

const SYNC_HELP = `
Examples:
  woosync sync                              what cron calls, every 10 minutes say
  woosync sync --resource orders products   only these two
  woosync sync --full                       read everything again
  woosync sync --json | jq .complete

Exit code 1 when a resource did not end well; the others are up to date all the same.
${EXIT_HELP}`

const VERIFY_HELP = `
Examples:
  woosync verify                    look for changes and count, then say
  woosync verify --depth listed     compare every id
  woosync verify --depth stored     what is known, without asking the shop

Exit code 1 when the copy is not complete.
${EXIT_HELP}`

const TEST_HELP = `
Examples:
  woosync test-connection
  WOOSYNC_LANGUAGE=ro woosync test-connection
${EXIT_HELP}`

const json = () => new Option('--json', 'one JSON document on standard output, nothing else there')

/** Runs the command line. @returns the exit code */
export async function runCli(argv: readonly string[]): Promise<number> {
  let exit: number = EXIT.well
  const program = new Command('woosync')
    .description('A verified, up-to-the-second copy of a WooCommerce shop in Postgres.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(woosync --help shows the commands)')
    .configureHelp({ sortSubcommands: false })
    .addHelpText('after', `\nFirst: woosync test-connection, then woosync start.\n${EXIT_HELP}`)

  const service = (parts: ServiceParts) => async () => {
    exit = await guarded({ json: false }, (signal) => runService(readSettings(), parts, signal))
  }
  program
    .command('start')
    .description('Everything: the database, the demo shop if none is named, the copy, the HTTP port.')
    .addHelpText('after', START_HELP)
    .action(service({ http: true, worker: true, firstCopy: true }))
  program
    .command('serve')
    .description('Only the HTTP port; workers run elsewhere.')
    .addHelpText('after', EXIT_HELP)
    .action(service({ http: true, worker: false, firstCopy: false }))
  program
    .command('worker')
    .description('Only the work: copying, following, counting. Any number may run.')
    .addHelpText('after', EXIT_HELP)
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

  program
    .command('test-connection')
    .description(operations.testConnection.summary)
    .addOption(json())
    .addHelpText('after', TEST_HELP)
    .action(async (options) => {
      exit = await runConnection(options.json === true)
    })
  program
    .command('sync')
    .description(operations.sync.summary)
    .option('--full', 'read everything again; nothing is thrown away')
    .addOption(new Option('--resource <names...>', 'only these').choices(resourceNames))
    .option('--accept-deletions', 'mark as deleted what is gone, however much it is')
    .addOption(json())
    .addHelpText('after', SYNC_HELP)
    .action(async (options) => {
      exit = await runOnce({
        name: 'sync',
        json: options.json === true,
        work: async (app, signal) => {
          const input = {
            full: options.full,
            resources: options.resource,
            acceptDeletions: options.acceptDeletions,
          }
          const result = await invoke(app, LOCAL, operations.sync, input, signal)
          const complaints = faultsOfSync(result)
          const end = signal.aborted ? EXIT.stopped : result.complete ? EXIT.well : EXIT.unwell
          return { text: renderSync(result), json: result, complaints, exit: end }
        },
      })
    })
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
    .addHelpText('after', VERIFY_HELP)
    .action(async (options) => {
      exit = await runOnce({
        name: 'verify',
        json: options.json === true,
        work: async (app, signal) => {
          const result = await invoke(app, LOCAL, operations.verify, { depth: options.depth }, signal)
          const end = result.complete ? EXIT.well : EXIT.unwell
          return { text: renderVerification(result), json: result, exit: end }
        },
      })
    })
  program
    .command('doctor')
    .description(operations.doctor.summary)
    .addOption(json())
    .addHelpText('after', `\nExit code 1 when something is at fault; notes (!) are none.\n${EXIT_HELP}`)
    .action(async (options) => {
      exit = await runOnce({
        name: 'doctor',
        patience: 'person',
        json: options.json === true,
        work: async (app, signal) => {
          const result = await invoke(app, LOCAL, operations.doctor, {}, signal)
          return { text: renderDoctor(result), json: result, exit: result.healthy ? EXIT.well : EXIT.unwell }
        },
      })
    })
  program
    .command('order-notes')
    .description(operations.orderNotes.summary)
    .argument('<order>', 'the order’s id', orderId)
    .addOption(json())
    .addHelpText('after', EXIT_HELP)
    .action(async (order: number, options) => {
      exit = await runOnce({
        name: 'order-notes',
        json: options.json === true,
        work: async (app, signal) => {
          const result = await invoke(app, LOCAL, operations.orderNotes, { order }, signal)
          return { text: renderNotes(result), json: result, exit: EXIT.well }
        },
      })
    })
  program
    .command('stop')
    .description('Stops the private Postgres that a killed process has left running.')
    .addHelpText('after', `\nExit code 1 when another woosync still uses it.\n${EXIT_HELP}`)
    .action(async () => {
      exit = await guarded({ json: false }, () => stopPostgres(readSettings()))
    })

  try {
    await program.parseAsync([...argv])
    return exit
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.well : EXIT.usage
    throw toWooSyncError(thrown)
  }
}

function orderId(text: string): number {
  const id = Number(text)
  if (!/^\d+$/.test(text) || id < 1 || id > Number.MAX_SAFE_INTEGER) {
    throw new InvalidArgumentError('It is a whole number, such as 1024.')
  }
  return id
}

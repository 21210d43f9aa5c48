/** Commands with a form of their own: those that run for long, and those that people knew before there were questions. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { LOCAL } from '../../access/caller.ts'
import { invoke } from '../../operations/invoke.ts'
import { operations } from '../../operations.ts'
import { readSettings } from '../../settings.ts'
import { resourceNames } from '../../store/resources.ts'
import { EXIT_HELP, HEADINGS } from './help.ts'
import { EXIT, guarded } from './process.ts'
import { jsonOption } from './question-commands.ts'
import type { ServiceParts } from './service.ts'

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

const MCP_HELP = `
A program that speaks MCP starts it: command woosync, argument mcp (docs/mcp.md). Without
WOOSYNC_API_KEY it only reads, and shows no names, addresses or e-mails; with a key it may
what the key may.
${EXIT_HELP}`

type Done = (exit: number) => void

/** Operations that have a command here. */
export const OWN_OPERATIONS: ReadonlySet<string> = new Set([
  'sync',
  'verify',
  'doctor',
  'test-connection',
  'order-notes',
])

/** `start`, `serve`, `worker`, `demo`. What they need is loaded when they run. */
export function addServices(program: Command, argv: readonly string[], done: Done): void {
  const service = (parts: ServiceParts) => async () => {
    const { runService } = await import('./service.ts')
    done(await guarded({ json: false }, (signal) => runService(readSettings(), parts, signal)))
  }
  program
    .command('start')
    .description('Everything: the database, the demo shop if none is named, the copy, the HTTP port.')
    .helpGroup(HEADINGS.start)
    .addHelpText('after', START_HELP)
    .action(service({ http: true, worker: true, firstCopy: true }))
  program
    .command('serve')
    .description('Only the HTTP port; workers run elsewhere.')
    .helpGroup(HEADINGS.start)
    .addHelpText('after', EXIT_HELP)
    .action(service({ http: true, worker: false, firstCopy: false }))
  program
    .command('worker')
    .description('Only the work: copying, following, counting. Any number may run.')
    .helpGroup(HEADINGS.start)
    .addHelpText('after', EXIT_HELP)
    .action(service({ http: false, worker: true, firstCopy: false }))
  program
    .command('demo')
    .description('Only the demo shop (woosync demo --help shows its options).')
    .helpGroup(HEADINGS.start)
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async () => {
      const { runDemo } = await import('./demo.ts')
      done(await runDemo(argv.slice(3)))
    })
}

/** The copy and the way to the shop: `test-connection`, `sync`, `verify`, `doctor`, `order-notes`. */
export function addActions(program: Command, done: Done): void {
  program
    .command('test-connection')
    .description(operations.testConnection.summary)
    .helpGroup(HEADINGS.copy)
    .addOption(jsonOption())
    .addHelpText('after', TEST_HELP)
    .action(async (options) => {
      const { runConnection } = await import('./connection.ts')
      done(await runConnection(options.json === true))
    })
  program
    .command('sync')
    .description(operations.sync.summary)
    .helpGroup(HEADINGS.copy)
    .option('--full', 'read everything again; nothing is thrown away')
    .addOption(
      new Option('--resource <names...>', 'only these').choices(resourceNames).argParser(namesOfResources),
    )
    .option('--accept-deletions', 'mark as deleted what is gone, however much it is')
    .addOption(jsonOption())
    .addHelpText('after', SYNC_HELP)
    .action(async (options) => {
      const [{ runOnce }, { renderSync, faultsOfSync }] = await parts()
      const input = {
        full: options.full,
        resources: options.resource,
        acceptDeletions: options.acceptDeletions,
      }
      const work: Work = async (app, signal) => {
        const result = await invoke(app, LOCAL, operations.sync, input, signal)
        const complaints = faultsOfSync(result)
        const end = signal.aborted ? EXIT.stopped : result.complete ? EXIT.well : EXIT.unwell
        return { text: renderSync(result), json: result, complaints, exit: end }
      }
      done(await runOnce({ name: 'sync', json: options.json === true, work }))
    })
  program
    .command('verify')
    .description(operations.verify.summary)
    .helpGroup(HEADINGS.copy)
    .addOption(
      new Option(
        '--depth <depth>',
        'stored: without asking the shop; counted: count now; listed: every id now',
      )
        .choices(['stored', 'counted', 'listed'])
        .default('counted'),
    )
    .addOption(jsonOption())
    .addHelpText('after', VERIFY_HELP)
    .action(async (options) => {
      const [{ runOnce }, { renderVerification }] = await parts()
      const work: Work = async (app, signal) => {
        const result = await invoke(app, LOCAL, operations.verify, { depth: options.depth }, signal)
        const end = result.complete ? EXIT.well : EXIT.unwell
        return { text: renderVerification(result), json: result, exit: end }
      }
      done(await runOnce({ name: 'verify', json: options.json === true, work }))
    })
  program
    .command('doctor')
    .description(operations.doctor.summary)
    .helpGroup(HEADINGS.copy)
    .addOption(jsonOption())
    .addHelpText('after', `\nExit code 1 when something is at fault; notes (!) are none.\n${EXIT_HELP}`)
    .action(async (options) => {
      const [{ runOnce }, { renderDoctor }] = await parts()
      const work: Work = async (app, signal) => {
        const result = await invoke(app, LOCAL, operations.doctor, {}, signal)
        return { text: renderDoctor(result), json: result, exit: result.healthy ? EXIT.well : EXIT.unwell }
      }
      done(await runOnce({ name: 'doctor', patience: 'person', json: options.json === true, work }))
    })
  program
    .command('order-notes')
    .description(operations.orderNotes.summary)
    .helpGroup(HEADINGS.copy)
    .argument('<order>', 'the order’s id', orderId)
    .addOption(jsonOption())
    .addHelpText('after', EXIT_HELP)
    .action(async (order: number, options) => {
      const [{ runOnce }, { renderNotes }] = await parts()
      const work: Work = async (app, signal) => {
        const result = await invoke(app, LOCAL, operations.orderNotes, { order }, signal)
        return { text: renderNotes(result), json: result, exit: EXIT.well }
      }
      done(await runOnce({ name: 'order-notes', json: options.json === true, work }))
    })
}

/** What stands at the end of the list: `mcp`, `stop`. */
export function addMore(program: Command, done: Done): void {
  program
    .command('mcp')
    .description('The questions as tools for a language model: an MCP server on standard input and output.')
    .helpGroup(HEADINGS.more)
    .addHelpText('after', MCP_HELP)
    .action(async () => {
      const { runMcp } = await import('../mcp/stdio.ts')
      done(await runMcp())
    })
  program
    .command('stop')
    .description('Stops the private Postgres that a killed process has left running.')
    .helpGroup(HEADINGS.more)
    .addHelpText('after', `\nExit code 1 when another woosync still uses it.\n${EXIT_HELP}`)
    .action(async () => {
      const { stopPostgres } = await import('./stop.ts')
      done(await guarded({ json: false }, () => stopPostgres(readSettings())))
    })
}

const parts = () => Promise.all([import('./once.ts'), import('./render.ts')])

type Work = Parameters<Awaited<ReturnType<typeof parts>>[0]['runOnce']>[0]['work']

/** Names behind each other or with commas between them, as lists of questions take them. */
function namesOfResources(text: string, before: readonly string[] = []): string[] {
  const names = text.split(',').filter((name) => name !== '')
  const known: readonly string[] = resourceNames
  if (names.length === 0 || !names.every((name) => known.includes(name)))
    throw new InvalidArgumentError(`Allowed choices are ${resourceNames.join(', ')}.`)
  return [...before, ...names]
}

function orderId(text: string): number {
  const id = Number(text)
  if (!/^\d+$/.test(text) || id < 1 || id > Number.MAX_SAFE_INTEGER) {
    throw new InvalidArgumentError('It is a whole number, such as 1024.')
  }
  return id
}

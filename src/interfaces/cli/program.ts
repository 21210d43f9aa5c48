/** The commands of `woosync`: the long-running ones, the actions, and every question of the registry. */
import { Command, CommanderError } from 'commander'
import { toWooSyncError } from '../../errors.ts'
import type { Operation } from '../../operations/define.ts'
import { allOperations } from '../../operations.ts'
import { version } from '../../version.ts'
import { EXIT_HELP, HEADINGS } from './help.ts'
import { misuseOf, nameOf } from './misuse.ts'
import { addActions, addMore, addServices, OWN_OPERATIONS } from './own-commands.ts'
import { EXIT, faultText, onBrokenPipe } from './process.ts'
import { addQuestions } from './question-commands.ts'
import { cleanText, jsonText } from './terminal.ts'

const WIDEST_HELP = 100

const UNKNOWN_COMMAND = { code: 'commander.unknownCommand' }

/** Everything that `woosync` understands. @param done takes the exit code of what was run */
export function createProgram(
  argv: readonly string[],
  done: (exit: number) => void,
): { program: Command; asking: Map<Command, Operation> } {
  const program = new Command('woosync')
    .description('A verified, up-to-the-second copy of a WooCommerce shop in Postgres.')
    .version(version)
    .exitOverride()
    .configureOutput({
      // A fault is said once, where it is known how.
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(process.stdout.columns || WIDEST_HELP, WIDEST_HELP),
      getErrHelpWidth: () => Math.min(process.stderr.columns || WIDEST_HELP, WIDEST_HELP),
    })
    .configureHelp({ sortSubcommands: false, subcommandTerm: (command) => command.name() })
    .addHelpText('after', `\nFirst: woosync test-connection, then woosync start.\n${EXIT_HELP}`)
  addServices(program, argv, done)
  addActions(program, done)
  const questions = allOperations.filter(({ name }) => !OWN_OPERATIONS.has(name))
  const asking = addQuestions(program, questions, done)
  addMore(program, done)
  program
    .helpCommand(false)
    .command('help')
    .description('The help of a command.')
    .argument('[command...]')
    .helpGroup(HEADINGS.more)
    .action((words: string[]) => {
      const { command, left } = commandFor(program, words)
      if (left !== undefined) command.error(`error: unknown command '${left}'`, UNKNOWN_COMMAND)
      command.outputHelp()
    })
  return { program, asking }
}

/** Runs the command line. @returns the exit code */
export async function runCli(argv: readonly string[]): Promise<number> {
  let exit: number = EXIT.well
  const { program, asking } = createProgram(argv, (code) => {
    exit = code
  })
  // `woosync --help | head`: who reads has seen enough.
  for (const output of [process.stdout, process.stderr]) output.on('error', onBrokenPipe)
  try {
    await program.parseAsync([...argv])
    return exit
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw toWooSyncError(thrown)
    if (thrown.exitCode === 0) return EXIT.well
    // Help that nobody asked for stands on standard error already.
    if (thrown.code !== 'commander.help') sayMisuse(thrown, argv, program, asking)
    return EXIT.usage
  }
}

function sayMisuse(
  thrown: CommanderError,
  argv: readonly string[],
  program: Command,
  asking: Map<Command, Operation>,
): void {
  const [first, ...rest] = argv.slice(2)
  const { command } = commandFor(program, first === undefined || first === 'help' ? rest : [first, ...rest])
  const fault = misuseOf(thrown, asking.get(command))
  if (argv.includes('--json')) process.stdout.write(`${jsonText({ error: fault })}\n`)
  const { code, message } = fault
  const wayOut = `\`${nameOf(command)} --help\` shows what there is.`
  process.stderr.write(`${cleanText(faultText({ code, message, wayOut }))}\n`)
}

/** The command that the words lead to, as far as they name one, and the first word that does not. */
function commandFor(command: Command, words: readonly string[]): { command: Command; left?: string } {
  const [word, ...rest] = words
  if (word === undefined) return { command }
  const next = command.commands.find((one) => one.name() === word)
  return next ? commandFor(next, rest) : { command, left: word }
}

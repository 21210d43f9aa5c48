/** Every operation as a subcommand by its name: `stock.low` is `woosync stock low`. */
import { type Command, Option } from 'commander'
import type { Operation } from '../../operations/define.ts'
import { EXIT_HELP, GROUP_HEADINGS, HEADINGS, questionHelp } from './help.ts'
import { addInput, givenOf } from './options.ts'

export const jsonOption = () =>
  new Option('--json', 'one JSON document on standard output, nothing else there')

/**
 * @param done takes the exit code
 * @returns the commands that ask, with what they ask; groups are none of them
 */
export function addQuestions(
  program: Command,
  operations: readonly Operation[],
  done: (exit: number) => void,
): Map<Command, Operation> {
  const asking = new Map<Command, Operation>()
  for (const operation of operations) {
    const words = operation.name.split('.')
    const own = words.pop() as string
    const parent = words.reduce((above, word) => groupIn(above, word, operations), program)
    const command = parent
      .command(own)
      .description(operation.summary)
      .addHelpText('after', () => questionHelp(operation))
    addInput(command, operation)
    const csv = new Option('--csv', 'the rows as CSV; all of them unless --limit is given')
    command
      .addOption(jsonOption())
      .addOption(operation.list === undefined ? csv.hideHelp() : csv)
      .action(async () => {
        const { json, csv } = command.opts<{ json?: true; csv?: true }>()
        const { ask } = await import('./ask.ts')
        done(await ask(operation, givenOf(command, operation), { json: json === true, csv: csv === true }))
      })
    asking.set(command, operation)
  }
  return asking
}

/** The command of that name, made where there is none yet. */
function groupIn(parent: Command, word: string, operations: readonly Operation[]): Command {
  const known = parent.commands.find((one) => one.name() === word)
  if (known) return known
  const verbs = operations.flatMap(({ name }) => {
    const [group, ...rest] = name.split('.')
    return group === word ? [rest.join(' ')] : []
  })
  return parent
    .command(word)
    .summary(verbs.join(', '))
    .helpGroup(GROUP_HEADINGS[word] ?? HEADINGS.ask)
    .helpCommand(false)
    .addHelpText(
      'after',
      `\nwoosync ${word} <command> --help shows the options of one, with examples.\n${EXIT_HELP}`,
    )
}

/** One operation of the registry, asked from the command line: as text, as JSON, as CSV. */
import { LOCAL } from '../../access/caller.ts'
import type { App } from '../../app.ts'
import { WooSyncError } from '../../errors.ts'
import { listStores } from '../../mirror/stores.ts'
import type { Operation } from '../../operations/define.ts'
import { invoke, parseInput } from '../../operations/invoke.ts'
import { coerce } from '../coerce.ts'
import { renderAnswer } from './answer.ts'
import { csvOf, listOf, writeAll } from './export.ts'
import { commandOf } from './help.ts'
import { runOnce } from './once.ts'
import { fieldsOf, flagOf, type Given } from './options.ts'
import { EXIT, faultText, type Outcome } from './process.ts'
import { cleanText } from './terminal.ts'
import type { Look } from './values.ts'

export interface Form {
  json: boolean
  csv: boolean
}

type Input = Readonly<Record<string, unknown>>
type Answer = Readonly<Record<string, unknown>>

/** Where nothing says how wide the paper is. */
const USUAL_COLUMNS = 100

/** Asks and prints. @returns the exit code */
export function ask(operation: Operation, given: Given, { json, csv }: Form): Promise<number> {
  const input = coerce(operation.input, given)
  return runOnce({
    name: operation.name.replaceAll('.', ' '),
    patience: 'person',
    json,
    say: (fault) => faultText(forPerson(fault, operation)),
    begin() {
      if (json && csv) throw new WooSyncError('usage', { problem: 'Give --json or --csv, not both.' })
      if (csv) listOf(operation)
      // Before a database is started for it.
      const missing = fieldsOf(operation.input).find(({ name, required }) => required && !(name in input))
      if (missing) throw new WooSyncError('input_invalid', { field: missing.name, problem: 'it is missing' })
      parseInput(operation.input, input)
    },
    async work(app, signal): Promise<Outcome> {
      const answerTo = async (asked: Input) =>
        (await invoke(app, LOCAL, operation, asked, signal)) as unknown as Answer
      if (csv) {
        await writeAll(forOutput(csvOf(operation, input, answerTo)), process.stdout, signal)
        return { text: null, json: null, exit: EXIT.well }
      }
      if (json) return { text: null, json: await answerTo(input), exit: EXIT.well }
      const facts = given.facts !== undefined && given.facts !== 'none'
      // Nobody looks at them: they need not be gathered.
      const quiet = facts || !('facts' in operation.input.shape) ? {} : { facts: 'none' }
      const answer = await answerTo({ ...input, ...quiet })
      const text = renderAnswer(operation, answer, await lookOf(app, input.store), facts)
      return { text, json: answer, exit: EXIT.well }
    },
  })
}

/** A file gets the bytes of the shop; a terminal nothing that it would take for orders. */
async function* forOutput(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const piece of pieces) yield process.stdout.isTTY ? cleanText(piece) : piece
}

async function lookOf(app: App, named: unknown): Promise<Look> {
  const store =
    named === undefined
      ? await app.knownStore()
      : (await listStores(app.database.pool)).find(({ id }) => id === named)
  const { isTTY, columns } = process.stdout
  return {
    columns: isTTY && columns > 0 ? Math.max(40, columns) : USUAL_COLUMNS,
    timezone: store?.timezone ?? null,
    now: app.database.clock(),
  }
}

/** People know the option, not the field, and one command's help is nearer than all of them. */
function forPerson(fault: WooSyncError, operation: Operation): Parameters<typeof faultText>[0] {
  if (fault.code !== 'input_invalid') return fault
  const [name = ''] = String(fault.data.field).split('.')
  const known = name in operation.input.shape && !operation.positional?.includes(name)
  const field = known ? flagOf(name) : fault.data.field
  const { code, message } = new WooSyncError('input_invalid', { ...fault.data, field })
  return { code, message, wayOut: `\`${commandOf(operation)} --help\` shows what it takes.` }
}

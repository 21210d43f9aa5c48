/** Every operation of the registry as a subcommand: its name, its help, and what becomes of what is typed. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Command } from 'commander'
import fc from 'fast-check'
import { z } from 'zod'
import { EXAMPLES, examplesOf } from '../../src/interfaces/cli/help.ts'
import { addInput, FORMS, fieldsOf, flagOf, givenOf } from '../../src/interfaces/cli/options.ts'
import { OWN_OPERATIONS } from '../../src/interfaces/cli/own-commands.ts'
import { createProgram } from '../../src/interfaces/cli/program.ts'
import { coerce } from '../../src/interfaces/coerce.ts'
import { defineOperation, type Operation } from '../../src/operations/define.ts'
import { inputOf } from '../../src/operations/input.ts'
import { allOperations } from '../../src/operations.ts'

const { program } = createProgram([], () => undefined)
const questions = allOperations.filter(({ name }) => !OWN_OPERATIONS.has(name))

function commandOf({ name }: Operation): Command {
  const found = name
    .split('.')
    .reduce<Command | undefined>((above, word) => above?.commands.find((one) => one.name() === word), program)
  assert.ok(found, `there is a command ${name}`)
  return found
}

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ ...command.configureOutput(), writeOut: (part) => (text += part) })
  command.outputHelp()
  return text
}

/** The input that the words after the command's name become. @throws CommanderError */
function inputFrom(operation: Operation, words: readonly string[]): Record<string, unknown> {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined })
  addInput(command, operation)
  command
    .option('--json')
    .option('--csv')
    .action(() => undefined)
    .parse([...words], { from: 'user' })
  return coerce(operation.input, givenOf(command, operation))
}

/** A line as a shell takes it apart; enough for examples. */
const wordsOf = (line: string) =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')

describe('the registry as commands', () => {
  it('every operation has a command whose help names every field, with examples, within 100 columns', () => {
    for (const operation of questions) {
      const help = helpOf(commandOf(operation))
      for (const { name, description } of fieldsOf(operation.input)) {
        const named = operation.positional?.includes(name)
          ? new RegExp(`[<[]${flagOf(name).slice(2)}(\\.\\.\\.)?[>\\]]`)
          : new RegExp(`${flagOf(name)}\\b`)
        assert.match(help, named, `${operation.name}: ${name}`)
        assert.ok(description !== '', `${operation.name}: ${name} says what it is`)
        assert.ok(!(FORMS as readonly string[]).includes(name), `${operation.name}: ${name} is taken`)
        assert.ok(!name.startsWith('no_'), `${operation.name}: ${name} reads as the opposite of a field`)
      }
      assert.match(help, /\nExamples:\n {2}woosync /)
      assert.match(help, /Exit codes: 0 well, 1 not well/)
      for (const line of help.split('\n')) assert.ok(line.length <= 100, line)
      // No two fields share an option.
      const flags = commandOf(operation).options.flatMap(({ long, short }) => [long, short].filter(Boolean))
      assert.equal(new Set(flags).size, flags.length, operation.name)
    }
  })

  it('operations with a command of their own have one', () => {
    for (const operation of allOperations.filter(({ name }) => OWN_OPERATIONS.has(name))) commandOf(operation)
    assert.equal(allOperations.filter(({ name }) => OWN_OPERATIONS.has(name)).length, OWN_OPERATIONS.size)
  })

  it('groups list their commands with what they do', () => {
    const help = helpOf(program)
    assert.match(help, /\nQuestions .*:\n/)
    for (const operation of questions) {
      const [group = '', own] = operation.name.split('.')
      if (own === undefined) continue
      assert.match(help, new RegExp(`\\n {2}${group} `))
      const words = operation.summary.split(' ').slice(0, 3).join(' ')
      assert.ok(helpOf(commandOf({ ...operation, name: group })).includes(words), operation.name)
    }
  })

  it('each example is understood, and is of an operation there is', () => {
    for (const operation of questions) {
      for (const line of examplesOf(operation)) {
        if (!(operation.name in EXAMPLES)) continue
        const words = wordsOf(line.replace(/ [>|] .*/, '')).slice(1 + operation.name.split('.').length)
        const parsed = operation.input.safeParse(inputFrom(operation, words))
        assert.ok(parsed.success, `${line}: ${parsed.error?.message}`)
      }
    }
    const names = new Set(allOperations.map(({ name }) => name))
    assert.deepEqual(
      Object.keys(EXAMPLES).filter((name) => !names.has(name)),
      [],
    )
  })
})

const shelf = defineOperation({
  name: 'shelf.look',
  summary: 'Looks.',
  access: 'read',
  http: 'GET /shelf',
  effect: 'none',
  positional: ['text'],
  input: inputOf({
    text: z.string().max(200).optional().describe('Words.'),
    min_price: z.number().optional().describe('Least.'),
    on_sale: z.boolean().optional().describe('Only on sale.'),
    statuses: z
      .array(z.enum(['publish', 'draft']))
      .default(['publish'])
      .describe('Which.'),
    categories: z.array(z.string()).optional().describe('In these.'),
    maxAgeMinutes: z.int().default(15).describe('Age.'),
    facts: z.enum(['full', 'none']).default('full').describe('Facts.'),
  }),
  output: z.object({}),
  run: async () => ({}),
}) as unknown as Operation

describe('what is typed', () => {
  it('becomes the types of the fields', () => {
    const cases: [string, object][] = [
      ['', {}],
      ['vodka rosie', { text: 'vodka rosie' }],
      ['vodka --min-price 10.5 rosie', { text: 'vodka rosie', min_price: 10.5 }],
      ['--min-price -3', { min_price: -3 }],
      ['--min-price=3 --max-age-minutes 5', { min_price: 3, maxAgeMinutes: 5 }],
      ['--on-sale', { on_sale: true }],
      ['--no-on-sale', { on_sale: false }],
      ['--statuses publish draft', { statuses: ['publish', 'draft'] }],
      ['--status publish,draft', { statuses: ['publish', 'draft'] }],
      ['--status publish --status draft', { statuses: ['publish', 'draft'] }],
      ['--category wine', { categories: ['wine'] }],
      ['--facts --store 3', { facts: 'full', store: 3 }],
      ['--facts none', { facts: 'none' }],
      ['-- --min-price', { text: '--min-price' }],
    ]
    for (const [line, input] of cases) assert.deepEqual(inputFrom(shelf, wordsOf(line)), input, line)
  })

  it('that does not fit stays as it is and is refused by the schema', () => {
    for (const line of [
      '--min-price ten',
      '--min-price 1e999',
      '--store 1.5',
      '--status gone',
      '--facts all',
    ]) {
      assert.equal(shelf.input.safeParse(inputFrom(shelf, wordsOf(line))).success, false, line)
    }
    for (const line of ['--colour red', '--min-price', '-x', '--on-sale=maybe']) {
      assert.throws(() => inputFrom(shelf, wordsOf(line)), /error: /, line)
    }
  })

  it('as words reaches the question as it was, whatever its characters', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { minLength: 1, maxLength: 4 }),
        (words) => {
          assert.deepEqual(inputFrom(shelf, ['--', ...words]), { text: words.join(' ') })
        },
      ),
    )
    for (const text of [
      '$(reboot)',
      '`id`',
      "'; DROP TABLE mirror.orders; --",
      '%_\\',
      '*',
      '../../etc/passwd',
    ]) {
      assert.deepEqual(inputFrom(shelf, ['--', text]), { text })
      assert.deepEqual(inputFrom(shelf, ['--category', text]), { categories: [text] })
    }
  })
})

/** What commander found wrong with a command line, as a fault like every other: sentence, way out, code. */
import type { Command, CommanderError } from 'commander'
import { WooSyncError } from '../../errors.ts'
import type { Operation } from '../../operations/define.ts'

const LONGEST = 400

/** @param operation what the command asks; of a question a wrong option is a wrong field, as in every interface */
export function misuseOf({ code, message }: CommanderError, operation?: Operation): WooSyncError {
  const said = shortened(message)
  const [, named = ''] = /'([^']*)'/.exec(said) ?? []
  const [, meant] = /\(Did you mean (.+?)\?\)$/.exec(said) ?? []
  if (operation !== undefined) {
    const problem = INVALID[code]
    const hint = meant === undefined ? '' : `; perhaps ${meant} is meant`
    const field = named.split(/[ ,]/)[0] || 'input'
    if (problem !== undefined) {
      return new WooSyncError('input_invalid', { field, problem: `${problem}${hint}` })
    }
  }
  const plain = said.replace(/^error: /, '').replace(/ ?\(Did you mean .+\?\)$/, '')
  const sentence = `${plain[0]?.toUpperCase() ?? ''}${plain.slice(1)}`.replace(/\.?$/, '.')
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
  return new WooSyncError('usage', { problem: `${sentence}${hint}` })
}

const INVALID: Readonly<Record<string, string | undefined>> = {
  'commander.unknownOption': 'there is no such option',
  'commander.optionMissingArgument': 'it needs a value',
  'commander.missingArgument': 'it is missing',
}

/** `woosync stock low` */
export function nameOf(command: Command): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name()
}

/** Somebody may have given a megabyte for a word. */
function shortened(text: string): string {
  const line = text.replaceAll('\n', ' ')
  if (line.length <= LONGEST) return line
  const [, hint = ''] = /( \(Did you mean .{1,60}\?\))$/.exec(line) ?? []
  return `${line.slice(0, LONGEST)}…${hint}`
}

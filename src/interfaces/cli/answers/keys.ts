/** A new key, shown this once. */
import { cleanLine } from '../terminal.ts'
import type { AnswerTo, Operations } from './answer-to.ts'

export function keyText({ key, record }: AnswerTo<Operations['keys']['create']>): string {
  const stores = record.stores === null ? '' : `, stores ${record.stores.join(', ')}`
  const until = record.expiresAt === null ? '' : `, until ${record.expiresAt}`
  return [
    key,
    '',
    `Key ${record.id} (${cleanLine(record.name)}): ${record.scope.join(', ')}${stores}${until}.`,
    `It is kept nowhere and cannot be shown again. \`woosync keys revoke ${record.id}\` makes it useless.`,
  ].join('\n')
}

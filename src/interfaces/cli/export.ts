/** A list as CSV on standard output: all its rows, page after page, as fast as they are taken. */
import type { Writable } from 'node:stream'
import type { z } from 'zod'
import { LOCAL } from '../../access/caller.ts'
import { WooSyncError } from '../../errors.ts'
import type { Operation } from '../../operations/define.ts'
import { bareType } from '../coerce.ts'
import { csvColumns, csvHead, csvRow } from '../csv.ts'

type Input = Readonly<Record<string, unknown>>
type Page = (input: Input) => Promise<Readonly<Record<string, unknown>>>

/**
 * Pieces of the CSV, one for each page. With `limit` in the input it is this one page.
 * @param page asks for one
 * @throws usage where the operation has no list
 */
export async function* csvOf(operation: Operation, input: Input, page: Page): AsyncGenerator<string> {
  const list = listOf(operation)
  const { limit, facts } = operation.input.shape as Record<string, z.core.$ZodType | undefined>
  const largest = limit && (bareType(limit) as z.ZodNumber).maxValue
  const whole = input.limit === undefined
  const asked: Input = {
    ...input,
    ...(facts && { facts: 'none' }),
    ...(whole && typeof largest === 'number' && { limit: largest }),
  }
  const columns = csvColumns((bareType(list.type) as z.ZodArray).element, LOCAL)
  for (let answer = await page(asked), first = true; ; first = false) {
    const rows = answer[list.name] as readonly unknown[]
    yield (first ? csvHead(columns) : '') + rows.map((row) => csvRow(columns, row)).join('')
    const cursor = answer.nextCursor
    if (!whole || typeof cursor !== 'string') return
    answer = await page({ ...asked, cursor })
  }
}

/** @throws usage */
export function listOf({ name, list, output }: Operation): { name: string; type: z.core.$ZodType } {
  const type = list === undefined ? undefined : (output.shape as Record<string, z.core.$ZodType>)[list]
  if (list === undefined || type === undefined) {
    throw new WooSyncError('usage', {
      problem: `The answer of ${name.replace('.', ' ')} is no list, so there are no rows for --csv; --json has it whole.`,
    })
  }
  return { name: list, type }
}

/** Waits where the reader is slower; ends quietly when it has gone. */
export async function writeAll(
  pieces: AsyncIterable<string>,
  output: Writable,
  signal: AbortSignal,
): Promise<void> {
  for await (const piece of pieces) {
    signal.throwIfAborted()
    if (output.destroyed || output.errored) return
    if (!output.write(piece) && !(await drained(output))) return
  }
}

/** @returns false when nobody reads any more */
function drained(output: Writable): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (goesOn: boolean) => () => {
      output.off('drain', onDrain).off('error', onEnd).off('close', onEnd)
      resolve(goesOn)
    }
    const [onDrain, onEnd] = [end(true), end(false)]
    output.once('drain', onDrain).once('error', onEnd).once('close', onEnd)
  })
}

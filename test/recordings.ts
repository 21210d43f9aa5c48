/** Where the recordings of a real shop lie; a clone without them tests itself with the demo shop's own data. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const folder = resolve(
  process.env.WOOSYNC_RECORDINGS || join(import.meta.dirname, '..', '..', 'shared', 'woocommerce'),
)

/** The folder that holds `api/`, `errors/`, `webhooks/`; null where there is none: skip, and say so. */
export const recordings: string | null = existsSync(join(folder, 'index.json')) ? folder : null

/** For `test(name, { skip })`: false, or a line that says why. */
export const skipWithoutRecordings: string | false =
  recordings === null && 'THE RECORDINGS ARE NOT HERE: set WOOSYNC_RECORDINGS to run this test'

if (skipWithoutRecordings) console.warn(`\n*** ${skipWithoutRecordings} ***\n`)

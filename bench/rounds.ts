/** Runs of contestants, each in a database of its own. */
import type { Measured } from './contestants/contestant.ts'
import type { CopyFormat, CopyJob } from './contestants/copy.ts'
import type { FinishedRows } from './finished-rows.ts'
import type { BenchPostgres } from './postgres.ts'
import { contest } from './processes.ts'
import type { Runs } from './results.ts'

export function addRun(runs: Runs, name: string, measured: Measured): void {
  runs.set(name, [...(runs.get(name) ?? []), measured])
}

/** Runs a contestant in a fresh database, which goes afterwards. */
export async function runFresh(
  runs: Runs,
  name: string,
  postgres: BenchPostgres,
  work: (database: string) => Promise<Measured>,
): Promise<void> {
  const database = await postgres.fresh()
  addRun(runs, name, await work(database))
  await postgres.drop(database)
}

/** COPY of finished rows, as text and as binary, once each. */
export async function runCopies(
  runs: Runs,
  postgres: BenchPostgres,
  { files }: FinishedRows,
  orders: number,
): Promise<void> {
  for (const format of ['text', 'binary'] as const satisfies CopyFormat[]) {
    await runFresh(runs, `COPY, ${format}`, postgres, (database) =>
      contest<CopyJob>('copy', { database, format, files: files[format], orders }),
    )
  }
}

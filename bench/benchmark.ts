/** What a benchmark is: a name, options with a number each or none, and a report. */

export interface BenchmarkOption {
  /** Default; `false` for an option without a value. */
  fallback: number | false
  meaning: string
}

export type OptionValues = Readonly<Record<string, number | boolean>>

export interface Report {
  /** Lines for a person. */
  text: string
  /** The same for a program; null where it was not measured. */
  figures: Readonly<Record<string, number | null>>
}

export interface Benchmark {
  summary: string
  options: Readonly<Record<string, BenchmarkOption>>
  /** @param say tells what is being done now, on standard error */
  run(options: OptionValues, say: (line: string) => void): Promise<Report>
}

/** Three significant digits: more would be noise. */
export function round(value: number): number {
  return Number(value.toPrecision(3))
}

/** A value of the options as a number. */
export function numberOf(options: OptionValues, name: string): number {
  return Number(options[name])
}

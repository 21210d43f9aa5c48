/** `npm run bench -- <name> [--json]`: runs one benchmark; without a name it lists them. */
import { parseArgs } from 'node:util'
import { backfillRest } from './backfill-rest.ts'
import { backfillSql } from './backfill-sql.ts'
import type { Benchmark, OptionValues } from './benchmark.ts'
import { query } from './query.ts'

const benchmarks: Readonly<Record<string, Benchmark>> = {
  'backfill-rest': backfillRest,
  'backfill-sql': backfillSql,
  query,
}

function list(): string {
  const lines = ['npm run bench -- <name> [--json]', '']
  for (const [name, { summary, options }] of Object.entries(benchmarks)) {
    lines.push(`  ${name.padEnd(22)} ${summary}`)
    for (const [option, { fallback, meaning }] of Object.entries(options)) {
      const given = fallback === false ? `--${option}` : `--${option} <n>`
      lines.push(`    ${given.padEnd(20)} ${meaning}${fallback === false ? '' : ` (${fallback})`}`)
    }
  }
  return lines.join('\n')
}

function valuesOf(benchmark: Benchmark, given: Record<string, unknown>): OptionValues {
  return Object.fromEntries(
    Object.entries(benchmark.options).map(([name, { fallback }]) => {
      const value = given[name]
      if (fallback === false) return [name, value === true]
      const number = value === undefined ? fallback : Number(value)
      if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} takes a whole number above 0.`)
      return [name, number]
    }),
  )
}

async function main(): Promise<void> {
  const [name, ...rest] = process.argv.slice(2)
  const benchmark = name === undefined ? undefined : benchmarks[name]
  if (name === undefined || !benchmark) {
    const isHelp = name === undefined || name === '--help' || name === '-h'
    if (!isHelp) process.stderr.write(`There is no benchmark called ${name}.\n\n`)
    process.stdout.write(`${list()}\n`)
    process.exitCode = isHelp ? 0 : 2
    return
  }
  const { values } = parseArgs({
    args: rest,
    options: {
      json: { type: 'boolean' },
      ...Object.fromEntries(
        Object.entries(benchmark.options).map(([option, { fallback }]) => [
          option,
          { type: fallback === false ? ('boolean' as const) : ('string' as const) },
        ]),
      ),
    },
  })
  const report = await benchmark.run(valuesOf(benchmark, values), (line) => process.stderr.write(`${line}\n`))
  // The line stands alone on standard output, so that a program can read it.
  const table = values.json ? process.stderr : process.stdout
  table.write(`\n${report.text}\n`)
  if (values.json) process.stdout.write(`${JSON.stringify({ name, figures: report.figures })}\n`)
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
})

/** A question begins soon: what only servers, copies and models need is not loaded for it. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const source = (path: string) => fileURLToPath(new URL(`../../src/${path}`, import.meta.url))

/** Everything a file loads before its first line runs: files with how they were reached, and packages. */
function loadedBy(starts: readonly string[]) {
  const files = new Map(starts.map((file) => [file, file]))
  const packages = new Map<string, string>()
  for (const [file, way] of files) {
    const text = readFileSync(file, 'utf8')
    for (const [, from = ''] of text.matchAll(
      /^(?:import|export)\s(?!type\s)(?:[^'";]*?\sfrom\s)?'([^']+)'/gm,
    )) {
      if (from.startsWith('.')) {
        const path = resolve(dirname(file), from)
        assert.ok(existsSync(path), path)
        if (!files.has(path)) files.set(path, `${way} → ${from}`)
      } else if (!from.startsWith('node:')) packages.set(from, way)
    }
  }
  return { files, packages }
}

test('what is heavy is loaded when it is needed', () => {
  const { files, packages } = loadedBy(
    ['interfaces/cli/program.ts', 'interfaces/cli/ask.ts', 'app.ts'].map(source),
  )
  assert.ok(files.size > 80 && packages.has('zod') && packages.has('pg'), 'the graph was walked')
  const heavy = /^(fastify|@fastify|undici|ssh2|mysql2|@modelcontextprotocol|prom-client|arima|better-auth)/
  assert.deepEqual(
    [...packages].filter(([name]) => heavy.test(name)),
    [],
  )
})

/** What the tests of the HTTP server share: a log that can be read, requests as bytes, problems that are checked. */
import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { pino } from 'pino'
import { errorKinds } from '../../../src/errors.ts'
import type { HttpOptions } from '../../../src/interfaces/http/server.ts'
import { createMetrics } from '../../../src/metrics.ts'
import { listStores } from '../../../src/mirror/stores.ts'
import { type TestDatabase, testDatabase } from '../../database.ts'

export interface KeptLog {
  logger: HttpOptions['logger']
  lines: string[]
}

export function keptLog(): KeptLog {
  const lines: string[] = []
  return { lines, logger: pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) }) }
}

/** Options on any free port; with a database of their own unless one is given. */
export async function httpOptions(
  given: Partial<HttpOptions> & { database?: TestDatabase } = {},
): Promise<HttpOptions & { database: TestDatabase }> {
  const database = given.database ?? (await testDatabase())
  return {
    settings: { HOST: '127.0.0.1', PORT: 0, METRICS_KEY: undefined },
    logger: keptLog().logger,
    knownStore: async () => (await listStores(database.pool))[0] ?? null,
    metrics: createMetrics(),
    ...given,
    database,
  }
}

export interface RawAnswer {
  status: number
  /** Names in lower case. */
  headers: Record<string, string>
  body: string
}

/** Sends bytes as they are and reads one answer. */
export function ask(port: number, bytes: string | Buffer): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1')
  socket.write(bytes)
  return readAnswer(socket).finally(() => socket.destroy())
}

export async function readAnswer(socket: Socket): Promise<RawAnswer> {
  let text = ''
  socket.setEncoding('utf8')
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += chunk
    const [head = '', ...rest] = text.split('\r\n\r\n')
    if (rest.length === 0) continue
    const [first = '', ...lines] = head.split('\r\n')
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    )
    const body = rest.join('\r\n\r\n')
    if (Buffer.byteLength(body) >= Number(headers['content-length'] ?? 0)) {
      return { status: Number(first.split(' ')[1]), headers, body }
    }
  }
  throw new Error(`the connection ended before an answer: ${text}`)
}

/** Checks that an answer is a proper problem; @returns its code. */
export function problemCode(answer: {
  status: number
  body: string
  headers: Record<string, unknown>
}): string {
  assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
  const problem = JSON.parse(answer.body)
  assert.deepEqual(Object.keys(problem).sort(), ['code', 'detail', 'status', 'title', 'type', 'wayOut'])
  assert.equal(problem.status, answer.status)
  assert.ok(problem.code in errorKinds, problem.code)
  assert.equal(problem.type, `urn:woosync:error:${problem.code}`)
  for (const text of [problem.title, problem.detail, problem.wayOut]) assert.ok(text.length > 5)
  assert.equal(answer.headers['x-content-type-options'], 'nosniff')
  assert.equal(answer.headers['cache-control'], 'no-store')
  return problem.code
}

/** A fetched answer in the form that {@link problemCode} takes. */
export async function fetched(response: Response): Promise<RawAnswer> {
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  }
}

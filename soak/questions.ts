/** Asks the running program at random, over HTTP and MCP, and looks at what comes back. */
import { setTimeout as wait } from 'node:timers/promises'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { randomFrom } from '../demo/faults.ts'
import { type Ask, drawAsk, type Names, readNames } from './asks.ts'
import { type AsOf, type AsOfWatch, watchAsOf } from './asof.ts'
import type { SoakPostgres } from './postgres.ts'
import type { Program } from './programs.ts'
import type { Book } from './promises.ts'

export interface QuestionsOptions {
  /** Those with an HTTP server. */
  programs: readonly Program[]
  postgres: SoakPostgres
  key: string
  seed: number
  book: Book
  signal: AbortSignal
}

const PAUSE_MS = 500
const WITHIN_MS = 45_000
const NAMES_FOR_MS = 30_000

/** Runs until the signal aborts. */
export async function askAround(options: QuestionsOptions): Promise<void> {
  const watch = watchAsOf(options.book)
  await Promise.all([
    askOverHttp(options, watch, randomFrom(options.seed)),
    askOverHttp(options, watch, randomFrom(options.seed + 1)),
    askOverMcp(options, watch, randomFrom(options.seed + 2)),
  ])
}

async function askOverHttp(options: QuestionsOptions, watch: AsOfWatch, random: () => number) {
  const { programs, key, book, signal } = options
  const draw = createDraw(options, random)
  while (!signal.aborted) {
    await wait(PAUSE_MS * (0.5 + random()), undefined, { signal }).catch(() => undefined)
    const program = programs[Math.floor(random() * programs.length)]
    const ask = await draw()
    if (!ask || !program?.pid || signal.aborted) continue
    const life = program.life
    const query = new URLSearchParams(
      Object.entries(ask.input)
        // What names a record stands in the path already.
        .filter(([, value]) => !ask.path.includes(`/${value}`))
        .map(([name, value]): [string, string] => [name, String(value)]),
    )
    const format = ask.path === 'orders' && random() < 0.2 ? '&format=csv' : ''
    const url = `http://127.0.0.1:${program.port}/api/v1/${ask.path}?${query}${format}`
    const askedAt = performance.now()
    try {
      const answer = await fetch(url, {
        headers: { authorization: `Bearer ${key}` },
        signal: AbortSignal.timeout(WITHIN_MS),
      })
      const text = await answer.text()
      book.count(`questions over HTTP answered ${answer.status}`)
      if (format !== '') continue
      const told = JSON.parse(text) as { asOf?: AsOf; code?: string }
      if (answer.ok) {
        if (told.asOf) watch.answered(`${program.name}#${life}`, askedAt, told.asOf)
      } else judge(options, `${ask.path}?${query} of ${program.name}`, told.code ?? text, program)
    } catch (thrown) {
      lost(options, `${ask.path}?${query} of ${program.name}`, thrown, program, life)
    }
  }
}

async function askOverMcp(options: QuestionsOptions, watch: AsOfWatch, random: () => number) {
  const { programs, key, book, signal } = options
  const draw = createDraw(options, random)
  while (!signal.aborted) {
    const program = programs[Math.floor(random() * programs.length)]
    await wait(PAUSE_MS, undefined, { signal }).catch(() => undefined)
    if (!program?.pid || signal.aborted) continue
    const life = program.life
    const client = new Client({ name: 'soak', version: '1.0.0' })
    let asked = 'connecting'
    try {
      const requestInit = { headers: { authorization: `Bearer ${key}` } }
      const url = new URL(`http://127.0.0.1:${program.port}/mcp`)
      await client.connect(new StreamableHTTPClientTransport(url, { requestInit }))
      for (let left = 5 + Math.floor(random() * 20); left > 0 && !signal.aborted; left--) {
        await wait(PAUSE_MS * 2 * (0.5 + random()), undefined, { signal }).catch(() => undefined)
        const ask = await draw()
        if (!ask) continue
        asked = `${ask.tool} ${JSON.stringify(ask.input)}`
        const askedAt = performance.now()
        const answer = await client.callTool({ name: ask.tool, arguments: lists(ask) }, undefined, {
          timeout: WITHIN_MS,
        })
        book.count(`questions over MCP answered ${answer.isError ? 'with an error' : 'well'}`)
        const said = answer.structuredContent as { asOf?: AsOf; code?: string } | undefined
        if (answer.isError) judge(options, `${asked} of ${program.name}`, codeIn(answer.content), program)
        else if (said?.asOf) watch.answered(`${program.name}#${life}`, askedAt, said.asOf)
      }
    } catch (thrown) {
      lost(options, `${asked} of ${program.name}`, thrown, program, life)
    } finally {
      await client.close().catch(() => undefined)
    }
  }
}

/** Over MCP a list is a list. */
function lists({ input }: Ask): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [name, LISTS.has(name) ? [value] : value]),
  )
}

const LISTS = new Set(['status', 'compare'])

function codeIn(content: unknown): string {
  const text = JSON.stringify(content)
  return /\\"code\\":\s*\\"(\w+)\\"/.exec(text)?.[1] ?? text
}

/** Names are read again now and then; while the database is away there is nothing to ask for by name. */
function createDraw({ postgres }: QuestionsOptions, random: () => number) {
  let names: Names = { products: [], orders: [], categories: [] }
  let readAt = Number.NEGATIVE_INFINITY
  return async (): Promise<Ask | undefined> => {
    if (performance.now() - readAt > NAMES_FOR_MS) {
      readAt = performance.now()
      names = await postgres
        .pool()
        .then(readNames)
        .catch(() => names)
    }
    return drawAsk(names, random)
  }
}

/** What was asked for may be gone, a history too short; the database may be away just after it was struck. */
const ALLOWED = new Set(['not_found', 'store_unknown', 'store_not_copied', 'history_too_short'])

function judge({ book, postgres }: QuestionsOptions, asked: string, code: string, program: Program): void {
  book.count(`answers with the code ${code.slice(0, 60)}`)
  if (ALLOWED.has(code)) return
  if (code.startsWith('database_') && (postgres.isOutage() || program.frozen)) return
  book.broken('a question is answered', `${asked}: ${code}`)
}

/** No answer: the process was killed, is frozen, or has just been started again. */
function lost(
  { book, postgres, signal }: QuestionsOptions,
  asked: string,
  thrown: unknown,
  program: Program,
  life: number,
): void {
  if (signal.aborted) return
  book.count('questions that nobody answered')
  const isDazed = program.frozen || performance.now() < program.dazedUntil
  const isNew = program.pid === undefined || program.life !== life || !program.veteran
  if (isDazed || isNew || postgres.isOutage()) return
  const cause = thrown instanceof Error ? `${thrown.message} ${String(thrown.cause ?? '')}` : String(thrown)
  book.broken('a question to a living process is answered', `${asked}: ${cause}`)
}

/** `woosync mcp`: the server of one program on this machine, over standard input and output. */
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { isJSONRPCRequest, type RequestId } from '@modelcontextprotocol/sdk/types.js'
import type pg from 'pg'
import type { Caller } from '../../access/caller.ts'
import { findCaller } from '../../access/keys.ts'
import { openApp } from '../../app.ts'
import { WooSyncError } from '../../errors.ts'
import { createLogger } from '../../logger.ts'
import { readSettings } from '../../settings.ts'
import { within } from '../../within.ts'
import { EXIT, guarded } from '../cli/process.ts'
import { createMcpServer } from './server.ts'

/** Whoever starts it without a key: a chat program, and the models in it. */
const WITHOUT_KEY: Caller = { name: 'mcp', access: 'read', personal: false, stores: null }

/** For what was asked right before standard input ended, as in `echo … | woosync mcp`. */
const LAST_ANSWERS_MS = 1500
const GONE = { cause: 'the client has gone' }

/** One message; larger ones end the conversation. */
const MESSAGE_BYTES = 1024 * 1024

/**
 * Serves until standard input ends or the process is asked to end. Standard output belongs to the protocol; what goes
 * wrong is said on standard error. @returns the exit code
 */
export function runMcp(): Promise<number> {
  return guarded({ json: false }, async (signal) => {
    const settings = readSettings()
    const logger = createLogger({ level: settings.LOG_LEVEL ?? 'error' })
    const app = await openApp({ settings, logger, name: 'woosync mcp', signal })
    try {
      const check = () => callerOf(app.database.pool, settings.WOOSYNC_API_KEY)
      const caller = await check()
      const ended = new AbortController()
      const transport = new StdioServerTransport(process.stdin, process.stdout, {
        maxBufferSize: MESSAGE_BYTES,
      })
      const server = createMcpServer({ app, caller, check, signal: ended.signal })
      const over = Promise.withResolvers<void>()
      // Nobody else closes it while it serves: a message had no end.
      server.onclose = () => over.reject(new WooSyncError('body_too_large'))
      server.onerror = (thrown) => logger.warn({ err: thrown }, 'a message could not be read')
      signal.addEventListener('abort', () => over.resolve(), { once: true })
      if (signal.aborted) over.resolve()
      await server.connect(transport)
      const answered = trackAnswers(transport)
      process.stdin.once('end', () => {
        within(answered(), LAST_ANSWERS_MS, () => new WooSyncError('sync_cancelled', GONE)).then(
          over.resolve,
          over.resolve,
        )
      })
      await over.promise
      ended.abort(new WooSyncError('sync_cancelled', GONE))
      await server.close()
      return EXIT.well
    } finally {
      await app.close()
    }
  })
}

/** Watches a connected transport. @returns a wait until everything that was asked is answered */
function trackAnswers(transport: StdioServerTransport): () => Promise<void> {
  const open = new Set<RequestId>()
  const idle = Promise.withResolvers<void>()
  let waiting = false
  const look = () => {
    if (waiting && open.size === 0) idle.resolve()
  }
  const receive = transport.onmessage
  transport.onmessage = (message) => {
    if (isJSONRPCRequest(message)) open.add(message.id)
    receive?.(message)
  }
  const send = transport.send.bind(transport)
  transport.send = async (message) => {
    await send(message)
    if (!('method' in message) && message.id !== undefined) open.delete(message.id)
    look()
  }
  return () => {
    waiting = true
    look()
    return idle.promise
  }
}

/** @throws key_unknown */
async function callerOf(pool: pg.Pool, key: string | undefined): Promise<Caller> {
  if (key === undefined) return WITHOUT_KEY
  const caller = await findCaller(pool, key)
  if (!caller) throw new WooSyncError('key_unknown')
  return caller
}

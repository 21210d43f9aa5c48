/**
 * The demo shop as a process of its own, for whoever has named no shop of their own yet. The processes of a
 * data directory share one: the first starts it, each holds it by a connection, and with the last it ends.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Locks } from './database/locks.ts'
import { WooSyncError } from './errors.ts'

/** Keys that are the same for everybody and open nothing else. */
export interface DemoAddress {
  url: string
  consumerKey: string
  consumerSecret: string
}

export interface DemoShop extends DemoAddress {
  /** Lets go of it; resolves when it has ended, or is held by others. */
  close(): Promise<void>
}

export interface DemoShopOptions {
  /** Its state and its address are kept there. */
  dataDirectory: string
  port: number
  /** So that of several processes one starts it. */
  locks: Locks
  signal?: AbortSignal
}

interface Running extends DemoAddress {
  /** Port of the connection that keeps it alive. */
  hold: number
}

/** How long a shop that was let go of by its last user may take to end. */
const ENDING_MS = 5000
const ASK_AGAIN_MS = 100

/**
 * Joins the demo shop that runs for this data directory, or starts it.
 * @throws port_taken, data_directory_unusable, the signal's reason
 */
export async function openDemoShop(options: DemoShopOptions): Promise<DemoShop> {
  const { dataDirectory, port, locks, signal } = options
  const folder = demoFolder(dataDirectory)
  for (;;) {
    const lock = await locks.tryHold(`demo:${folder}`, signal)
    if (lock) {
      try {
        return (await joinRunning(folder)) ?? (await start(port, folder))
      } finally {
        await lock.release()
      }
    }
    await wait(ASK_AGAIN_MS, undefined, { signal })
  }
}

/** Where the demo shop of a data directory was last; null where there never was one. */
export function lastDemoAddress(dataDirectory: string): DemoAddress | null {
  try {
    return JSON.parse(readFileSync(addressFile(demoFolder(dataDirectory)), 'utf8')) as Running
  } catch {
    return null
  }
}

const demoFolder = (dataDirectory: string) => join(dataDirectory, 'demo')
const addressFile = (folder: string) => join(folder, 'address.json')

async function joinRunning(folder: string): Promise<DemoShop | null> {
  const running = lastDemoAddress(join(folder, '..')) as Running | null
  const socket = running && (await hold(running))
  return socket ? held(running, socket) : null
}

async function start(port: number, folder: string): Promise<DemoShop> {
  await mkdir(folder, { recursive: true }).catch(unusable)
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
  const program = fileURLToPath(new URL(`../demo/main${extension}`, import.meta.url))
  const child = spawn(
    process.execPath,
    [program, '--json', '--quiet', '--while-held', '--port', String(port), '--state', folder],
    // Detached: the terminal's Ctrl-C is for the process that copies; the shop ends after it.
    { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true, detached: true },
  )
  let complaint = ''
  child.stderr.on('data', (text) => {
    complaint = `${complaint}${text}`.slice(-2000)
  })
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text)),
    once(child, 'close').then(() => null),
  ])
  if (line === null) throw notStarted(complaint.trim(), port)
  child.stdout.destroy()
  child.stderr.destroy()
  child.unref()
  const { demo } = JSON.parse(line) as { demo: { url: string; key: string; secret: string; hold: number } }
  const running = { url: demo.url, consumerKey: demo.key, consumerSecret: demo.secret, hold: demo.hold }
  const socket = await hold(running)
  if (!socket) throw new WooSyncError('internal', { cause: 'the demo shop ended at once' })
  await writeFile(addressFile(folder), JSON.stringify(running)).catch(unusable)
  return held(running, socket)
}

function notStarted(complaint: string, port: number): WooSyncError {
  if (complaint.includes('port is taken')) return new WooSyncError('port_taken', { port, host: '127.0.0.1' })
  return new WooSyncError('internal', { cause: `the demo shop did not start: ${complaint}` })
}

function unusable(thrown: Error): never {
  throw new WooSyncError('data_directory_unusable', { cause: thrown.message }, { cause: thrown })
}

/** The connection that keeps the shop alive; null when it is not there, or something else is. */
async function hold(running: Running): Promise<Socket | null> {
  const socket = connect({ host: '127.0.0.1', port: running.hold })
  socket.on('error', () => undefined)
  const greeting = await Promise.race([
    once(createInterface({ input: socket }), 'line').then(
      ([text]) => String(text),
      () => '',
    ),
    once(socket, 'close').then(
      () => '',
      () => '',
    ),
    wait(ENDING_MS, '', { ref: false }),
  ])
  if (greeting !== JSON.stringify({ url: running.url })) {
    socket.destroy()
    return null
  }
  // Nothing that is held keeps a process from ending.
  socket.unref()
  return socket
}

function held({ url, consumerKey, consumerSecret }: Running, socket: Socket): DemoShop {
  return {
    url,
    consumerKey,
    consumerSecret,
    async close() {
      if (socket.closed) return
      socket.ref()
      const closed = once(socket, 'close')
      socket.resume().end()
      // The shop closes its side when it has ended, or at once when others hold it.
      await Promise.race([closed, wait(ENDING_MS, undefined, { ref: false })])
      socket.destroy()
    },
  }
}

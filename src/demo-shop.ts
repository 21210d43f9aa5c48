/** The demo shop as a child process, for whoever has named no shop of their own yet. */
import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { WooSyncError } from './errors.ts'

export interface DemoShop {
  url: string
  consumerKey: string
  consumerSecret: string
  /** Ends the process if this one started it. */
  close(): Promise<void>
}

export interface DemoShopOptions {
  /** Its state and its address are kept there. */
  dataDirectory: string
  port: number
}

/** Joins the demo shop that runs for this data directory, or starts it. @throws port_taken */
export async function openDemoShop(options: DemoShopOptions): Promise<DemoShop> {
  const folder = join(options.dataDirectory, 'demo')
  await mkdir(folder, { recursive: true })
  const addressFile = join(folder, 'address.json')
  const running = await readAddress(addressFile)
  if (running && (await answers(running.url))) {
    return { ...running, close: async () => undefined }
  }
  const started = await startDemoShop(options.port, folder)
  const { url, consumerKey, consumerSecret } = started
  await writeFile(addressFile, JSON.stringify({ url, consumerKey, consumerSecret }))
  return started
}

type Address = Pick<DemoShop, 'url' | 'consumerKey' | 'consumerSecret'>

async function startDemoShop(port: number, stateFolder: string): Promise<DemoShop> {
  const program = new URL(`../demo/main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
  const child = spawn(
    process.execPath,
    [program.pathname, '--json', '--quiet', '--with-parent', '--port', String(port), '--state', stateFolder],
    // Its standard input is ours to hold open: when this process goes, however it goes, the demo ends.
    { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true, detached: true },
  )
  let complaint = ''
  child.stderr.on('data', (text) => {
    complaint = `${complaint}${text}`.slice(-2000)
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const close = async () => {
    child.kill('SIGTERM')
    await ended
  }
  const line = await Promise.race([
    new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve)),
    ended.then(() => null),
  ])
  if (line === null) {
    if (complaint.includes('port is taken')) throw new WooSyncError('port_taken', { port, host: '127.0.0.1' })
    throw new WooSyncError('internal', { cause: `the demo shop did not start: ${complaint.trim()}` })
  }
  const { demo } = JSON.parse(line) as { demo: { url: string; key: string; secret: string } }
  return { url: demo.url, consumerKey: demo.key, consumerSecret: demo.secret, close }
}

async function readAddress(file: string): Promise<Address | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Address
  } catch {
    return null
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/wp-json/`, { signal: AbortSignal.timeout(2000) })
    return response.ok
  } catch {
    return false
  }
}

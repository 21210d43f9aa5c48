/** The program as people run it: processes of their own, with an environment of their own, and what they say. */
import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type GenerateOptions, generateShop } from '../../demo/generate/shop.ts'
import { type DemoServer, type DemoServerOptions, startDemoServer } from '../../demo/server.ts'
import type { Shop } from '../../demo/shop.ts'
import { errorKinds } from '../../src/errors.ts'
import { atEnd } from '../database/private-folder.ts'

const program = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

export interface RunOptions {
  env?: Record<string, string | undefined>
  cwd: string
  /** As another user, where root runs the tests. */
  uid?: number
}

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface Running {
  child: ChildProcessWithoutNullStreams
  stdout(): string
  stderr(): string
  /** Resolves when both streams together match; rejects when the process ends before. */
  said(pattern: RegExp): Promise<RegExpExecArray>
  ended: Promise<Ended>
}

/** Keys that no output may ever show. */
const secrets = new Set<string>()

export function newKeys() {
  const digits = () => randomBytes(20).toString('hex')
  const keys = { consumerKey: `ck_${digits()}`, consumerSecret: `cs_${digits()}` }
  for (const secret of Object.values(keys)) secrets.add(secret)
  return keys
}

/** A run of many files starts the program a hundred times: it is compiled once. */
const compileCache = process.env.WOOSYNC_TEST_DATA && {
  NODE_COMPILE_CACHE: join(process.env.WOOSYNC_TEST_DATA, 'compiled'),
}

/** Starts the program with nothing of this process's settings. */
export function start(args: readonly string[], { env = {}, cwd, uid }: RunOptions): Running {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, TMPDIR: tmpdir(), ...(compileCache || {}), ...env },
    ...(uid !== undefined && { uid, gid: uid }),
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const ended = once(child, 'close').then(([code, signal]) => {
    const said = stdout + stderr
    for (const secret of secrets) assert.ok(!said.includes(secret), `a key was shown:\n${said}`)
    return { code, signal, stdout, stderr }
  })
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(`${stdout}\n${stderr}`)
          if (found) resolve(found)
        }
        child.stdout.on('data', look)
        child.stderr.on('data', look)
        look()
        ended.then(
          () => reject(new Error(`it ended without saying ${pattern}:\n${stdout}\n${stderr}`)),
          reject,
        )
      }),
  }
}

/** Runs it to its end. */
export const woosync = (args: readonly string[], options: RunOptions): Promise<Ended> =>
  start(args, options).ended

/** It said this code with its sentence's way out, ended with 1 (or what is given), and showed no stack trace. */
export function assertFault(result: Ended, code: keyof typeof errorKinds, exit = 1): void {
  assert.equal(result.code, exit, result.stderr)
  assert.match(result.stderr, new RegExp(`\\(${code}\\)`))
  assert.ok(result.stderr.includes(errorKinds[code].wayOut), result.stderr)
  assert.doesNotMatch(result.stderr + result.stdout, /^\s+at .+:\d+:\d+/m)
}

export interface OpenShop {
  shop: Shop
  server: DemoServer
  /** The settings that lead to it. */
  env: { WOOCOMMERCE_URL: string; WOOCOMMERCE_KEY: string; WOOCOMMERCE_SECRET: string }
  /** The same with the key that may only read. */
  readOnly: { WOOCOMMERCE_KEY: string; WOOCOMMERCE_SECRET: string }
}

/** A small generated shop with keys of its own, listening in this process. */
export async function openShop(
  t: TestContext,
  options: { shop?: GenerateOptions; server?: Omit<DemoServerOptions, 'shop'> } = {},
): Promise<OpenShop> {
  const reader = newKeys()
  const info = {
    ...newKeys(),
    readOnlyKey: reader.consumerKey,
    readOnlySecret: reader.consumerSecret,
    storeId: randomBytes(8).toString('hex'),
  }
  const shop = generateShop({ products: 20, orders: 120, days: 30, ...options.shop, info })
  const server = await startDemoServer({ shop, ...options.server })
  atEnd(t, () => server.close())
  return {
    shop,
    server,
    env: {
      WOOCOMMERCE_URL: server.url,
      WOOCOMMERCE_KEY: info.consumerKey,
      WOOCOMMERCE_SECRET: info.consumerSecret,
    },
    readOnly: { WOOCOMMERCE_KEY: reader.consumerKey, WOOCOMMERCE_SECRET: reader.consumerSecret },
  }
}

/** Processes of this machine whose command line holds the text. Linux alone; empty elsewhere. */
export async function processesWith(text: string): Promise<string[]> {
  const names = await readdir('/proc').catch(() => [])
  const lines = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => {
        const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')
        return line.includes(text) ? `${name} ${line.replaceAll('\0', ' ')}` : ''
      }),
  )
  return lines.filter((line) => line !== '')
}

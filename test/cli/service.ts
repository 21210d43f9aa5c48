/** `start` with nothing but a folder, as a process of its own, and what is left of it afterwards. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { atEnd, newFolder, serverOf, stopAtEnd, until } from '../database/private-folder.ts'
import { processesWith, type Running, start } from './woosync.ts'

export const ENV = { PORT: '0', DEMO_PORT: '0', FOLLOW_SECONDS: '1', SETTLING_SECONDS: '1' }

/** A folder whose data directory is left clean, whatever happens in the test. */
export async function place(t: TestContext) {
  const cwd = await newFolder(t)
  const data = join(cwd, 'data')
  stopAtEnd(t, data)
  return { cwd, data }
}

/** Starts it and waits until the copy is there and it keeps up. */
export async function startIn(t: TestContext, cwd: string, env: Record<string, string> = {}) {
  const running = start(['start'], { cwd, env: { ...ENV, ...env } })
  atEnd(t, async () => {
    running.child.kill('SIGKILL')
    await running.ended.catch(() => undefined)
  })
  await running.said(/Keeping up with the shop/)
  const [, url = ''] = await running.said(/Status page +(http:\S+)\//)
  return { running, url }
}

export async function endWith(running: Running, signal: NodeJS.Signals) {
  const since = Date.now()
  running.child.kill(signal)
  const ended = await running.ended
  return { ...ended, ms: Date.now() - since }
}

/** Demo shop, Postgres and program: nothing that names the folder runs any more. */
export async function assertNothingLeft(cwd: string, data: string) {
  assert.equal(await serverOf(data), undefined)
  await until('no process is left', async () => (await processesWith(cwd)).length === 0, 10)
}

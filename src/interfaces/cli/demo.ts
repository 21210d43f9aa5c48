/** `woosync demo`: the demo shop's own program, with its own options, on this terminal. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { readSettings } from '../../settings.ts'

/**
 * @returns its exit code; 1 when it was killed
 * @throws setting_invalid, setting_missing
 */
export async function runDemo(args: readonly string[]): Promise<number> {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
  const program = fileURLToPath(new URL(`../../../demo/main${extension}`, import.meta.url))
  // The demo's own program knows nothing of .env.
  const env = { ...process.env, DEMO_PORT: String(readSettings().DEMO_PORT) }
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit', env })
  // The terminal sends Ctrl-C to both; this process only waits for the other's end.
  const ignore = () => undefined
  const pass = () => child.kill('SIGTERM')
  process.on('SIGINT', ignore).on('SIGTERM', pass).on('SIGHUP', pass)
  try {
    return await new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
  } finally {
    process.off('SIGINT', ignore).off('SIGTERM', pass).off('SIGHUP', pass)
  }
}

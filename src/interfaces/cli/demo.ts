/** `woosync demo`: the demo shop's own program, with its own options, on this terminal. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** @returns its exit code; 1 when it was killed */
export async function runDemo(args: readonly string[]): Promise<number> {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
  const program = fileURLToPath(new URL(`../../../demo/main${extension}`, import.meta.url))
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' })
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

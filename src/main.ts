/** The command line; the only file that reads process.argv. */
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// Compiled once, kept with the installed packages: half of the time a short command takes is loading. Where that
// folder may not be written, it is done each time.
const root = import.meta.url.endsWith('.ts') ? '../' : '../../'
enableCompileCache(fileURLToPath(new URL(`${root}node_modules/.cache/woosync`, import.meta.url)))

const { runCli } = await import('./interfaces/cli/program.ts')

process.exitCode = await runCli(process.argv)

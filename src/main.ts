/** The command line; the only file that reads process.argv. */
import { runCli } from './interfaces/cli/program.ts'

process.exitCode = await runCli(process.argv)

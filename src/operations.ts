/**
 * The registry: every question and every action, defined once. Each interface turns it into its own form:
 * a subcommand now; an endpoint, an MCP tool and a typed function of the library in the same way.
 */
import type { z } from 'zod'
import type { App } from './app.ts'
import { connectionTest } from './operations/connection.ts'
import { doctor } from './operations/doctor.ts'
import { orderNotes } from './operations/notes.ts'
import { sync } from './operations/sync.ts'
import { verify } from './operations/verify.ts'

/** read: asks the copy. operate: makes the program work. admin: changes who may do what. */
export type Access = 'read' | 'operate' | 'admin'

export interface Operation<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  /** kebab-case; the subcommand, the last part of the endpoint, the tool's name. */
  name: string
  /** One sentence for a person. */
  summary: string
  access: Access
  /** Every field has a description. */
  input: Input
  output: Output
  run: (app: App, input: z.output<Input>, signal: AbortSignal) => Promise<z.input<Output>>
}

export const operations = { connectionTest, sync, verify, doctor, orderNotes } as const

/** Errors as a model reads them: as the result of a tool, so that it can do better, or as an error of the protocol. */
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js'
import type { Logger } from '../../database/logger.ts'
import { toWooSyncError } from '../../errors.ts'
import { problemOf } from '../http/problem.ts'

export interface SaidFault {
  code: string
  message: string
  wayOut: string
}

/** The fault as it may be told outside; the log has what is not told. */
export function sayFault(thrown: unknown, logger: Logger): SaidFault {
  const fault = toWooSyncError(thrown)
  if (fault.code === 'internal') logger.error({ err: fault.cause }, fault.message)
  else if (fault.code.startsWith('database_')) logger.warn({ code: fault.code }, fault.message)
  const { code, detail, wayOut } = problemOf(fault)
  return { code, message: detail, wayOut }
}

/** For requests whose answer has no place for an error: resources. */
export function protocolError(thrown: unknown, logger: Logger): McpError {
  if (thrown instanceof McpError) return thrown
  const said = sayFault(thrown, logger)
  const ofCaller = toWooSyncError(thrown).status < 500
  const code = ofCaller ? ErrorCode.InvalidParams : ErrorCode.InternalError
  return new McpError(code, said.message, { code: said.code, wayOut: said.wayOut })
}

/** Of the protocol's pages about resources; the SDK has no name for it. */
const RESOURCE_NOT_FOUND = -32002

export function resourceNotFound(uri: string): McpError {
  return new McpError(RESOURCE_NOT_FOUND, 'Resource not found', { uri: uri.slice(0, 500) })
}

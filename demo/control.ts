/** `/__demo/faults` and `/__demo/requests`: faults and the log for who is in another process, on this machine only. */
import type { IncomingMessage } from 'node:http'
import { FAULT_KINDS, type Fault, type Faults } from './faults.ts'

/**
 * `POST /__demo/faults` sets a fault or a list of them, `DELETE` clears all, `GET` lists them;
 * `GET /__demo/requests` gives the log (the server empties it on `DELETE`).
 */
export function control(
  faults: Faults,
  log: readonly unknown[],
  request: IncomingMessage,
  path: string,
  body: string,
): { status: number; body: string } {
  if (!LOOPBACK.test(request.socket.remoteAddress ?? '')) return { status: 403, body: '{}' }
  if (path === '/__demo/requests') return { status: 200, body: JSON.stringify(log) }
  if (path !== '/__demo/faults') return { status: 404, body: '{}' }
  try {
    if (request.method === 'DELETE') faults.clear()
    if (request.method === 'POST')
      for (const fault of [JSON.parse(body)].flat().map(checked)) faults.set(fault)
  } catch (error) {
    return { status: 400, body: JSON.stringify({ message: (error as Error).message }) }
  }
  return { status: 200, body: JSON.stringify(faults.list()) }
}

/** A fault of a kind there is; what else it says is taken as it comes. */
function checked(given: unknown): Fault {
  const kind = given !== null && typeof given === 'object' && 'kind' in given ? given.kind : undefined
  if (typeof kind !== 'string' || !FAULT_KINDS.includes(kind))
    throw new Error(`A fault has a kind: ${FAULT_KINDS.join(', ')}.`)
  return given as Fault
}

const LOOPBACK = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/

/** `/__demo/faults` and `/__demo/requests`: faults and the log for who is in another process, on this machine only. */
import type { IncomingMessage } from 'node:http'
import type { Fault, Faults } from './faults.ts'

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
    if (request.method === 'POST') for (const fault of [JSON.parse(body)].flat()) faults.set(fault as Fault)
  } catch (error) {
    return { status: 400, body: JSON.stringify({ message: (error as Error).message }) }
  }
  return { status: 200, body: JSON.stringify(faults.list()) }
}

const LOOPBACK = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/

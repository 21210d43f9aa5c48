/**
 * Ends the statement that a connection runs, the way the protocol has for it: a connection of its own with the number
 * and secret of the other one. A pooler passes it on to the server that works for that connection now.
 */
import { connect as connectSocket, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type pg from 'pg'

const CANCEL_CODE = 80_877_102
const SSL_CODE = 80_877_103
const WITHIN_MS = 2_000

/** What the driver keeps of a connection; its types do not say all. */
interface Driven {
  host: string
  port: number
  ssl: unknown
  processID: number | null
  secretKey: number | null
  connection: { stream: unknown }
}

/** Sends it; whether it came in time, nobody is told. Resolves when the server has taken it, at most 2 s later. */
export async function cancelStatement(client: pg.ClientBase): Promise<void> {
  const { host, port, ssl, processID, secretKey, connection } = client as unknown as Driven
  if (processID === null || secretKey === null) return
  // The same server, where the name has several addresses.
  const { remoteAddress = host } = connection.stream as Socket
  const socket = host.startsWith('/')
    ? connectSocket(`${host}/.s.PGSQL.${port}`)
    : connectSocket(port, remoteAddress)
  const { promise, resolve } = Promise.withResolvers<void>()
  // The server says nothing: it closes the connection when it has done it. Who closes it before, if only for writing,
  // brings pgbouncer 1.18 down.
  socket.once('close', () => resolve())
  socket.on('error', () => undefined)
  socket.setTimeout(WITHIN_MS, () => socket.destroy())
  const request = numbers(16, CANCEL_CODE, processID, secretKey)
  if (!ssl) socket.write(request)
  else {
    socket.write(numbers(8, SSL_CODE))
    socket.once('data', () => {
      const given = typeof ssl === 'object' ? ssl : {}
      const secured = connectTls({ ...given, socket, ...(isIP(host) === 0 && { servername: host }) })
      secured.on('error', () => socket.destroy())
      secured.once('secureConnect', () => secured.write(request))
    })
  }
  await promise
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [place, value] of values.entries()) bytes.writeInt32BE(value, place * 4)
  return bytes
}

/**
 * A demo shop lives as long as somebody holds it: each process that uses it keeps a connection to this small
 * server open. When the last one closes, however its process went, the shop ends.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net'

export interface Hold {
  /** On 127.0.0.1. Who connects is told the shop's address in one line of JSON. */
  port: number
  close(): void
}

/** Calls `onFree` once, when nobody holds the shop any more, or nobody came within `firstMs`. */
export async function createHold(url: string, onFree: () => void, firstMs = 10_000): Promise<Hold> {
  const holders = new Set<Socket>()
  const nobody = setTimeout(onFree, firstMs)
  // Half-open: a holder that leaves waits until we close our side, when the shop is gone or held by others.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    clearTimeout(nobody)
    holders.add(socket)
    const leave = () => {
      if (!holders.has(socket)) return
      holders.delete(socket)
      if (holders.size > 0) socket.destroy()
      else onFree()
    }
    socket.on('error', leave).on('end', leave).on('close', leave).resume()
    socket.write(`${JSON.stringify({ url })}\n`)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      clearTimeout(nobody)
      server.close()
      for (const socket of holders) socket.destroy()
    },
  }
}

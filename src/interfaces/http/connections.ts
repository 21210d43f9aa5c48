/** Knows which connections have a request under way, so that a server can end without cutting one off. */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

export interface Connections {
  /** Ends what is idle now, the others when their answer is out, and lets no new one in. */
  drain(): void
  /** Cuts all. @returns how many there were */
  cut(): number
}

export function trackConnections(server: Server): Connections {
  const underWay = new Map<Socket, number>()
  let draining = false

  server.on('connection', (socket: Socket) => {
    if (draining) {
      socket.destroy()
      return
    }
    underWay.set(socket, 0)
    socket.once('close', () => underWay.delete(socket))
  })
  server.on('request', ({ socket }, response) => {
    underWay.set(socket, (underWay.get(socket) ?? 0) + 1)
    response.once('close', () => {
      const left = underWay.get(socket)
      if (left === undefined) return
      underWay.set(socket, left - 1)
      if (draining && left === 1) socket.destroySoon()
    })
  })
  return {
    drain() {
      draining = true
      for (const [socket, requests] of underWay) if (requests === 0) socket.destroy()
    },
    cut() {
      const left = underWay.size
      for (const socket of underWay.keys()) socket.destroy()
      return left
    },
  }
}

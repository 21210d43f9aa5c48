/** A small HTTP server on 127.0.0.1 that gives what it receives to `receiveDelivery`. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type DeliveryAnswer, type Reception, receiveDelivery } from '../../src/sync/reception.ts'

export interface Receiver {
  url: string
  /** What was answered, newest last, and in how many milliseconds. */
  answers: (DeliveryAnswer & { ms: number })[]
  /** Answers every delivery with this instead of receiving it; null: receives. */
  broken: { status: number | null }
  close(): Promise<void>
}

export async function listen(reception: Reception): Promise<Receiver> {
  const answers: Receiver['answers'] = []
  const broken: Receiver['broken'] = { status: null }
  const server = createServer(async (request, response) => {
    const rawBody = await bodyOf(request)
    if (broken.status !== null) {
      response.writeHead(broken.status).end()
      return
    }
    const startedAt = performance.now()
    const answer = await receiveDelivery(reception, {
      path: request.url?.split('/').at(-1) ?? '',
      contentType: request.headers['content-type'],
      signature: request.headers['x-wc-webhook-signature'] as string | undefined,
      rawBody,
    })
    answers.push({ ...answer, ms: performance.now() - startedAt })
    response.writeHead(answer.status).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    broken,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

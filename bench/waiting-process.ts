/** A shop that answers every request after a fixed time: the REST side of the benchmark of questions. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

export interface WaitingJob {
  milliseconds: number
}

/** About what WooCommerce sends for one product. */
const BODY = JSON.stringify([{ id: 1334, name: 'Vodcă', sku: 'SKU-01234', description: 'x'.repeat(3000) }])

process.once('message', ({ milliseconds }: WaitingJob) => {
  const server = createServer(async (_request, response) => {
    await wait(milliseconds)
    response.writeHead(200, {
      'content-type': 'application/json; charset=UTF-8',
      'x-wp-total': '1',
      'x-wp-totalpages': '1',
    })
    response.end(BODY)
  })
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    process.send?.({ url: `http://127.0.0.1:${port}` })
  })
  process.once('disconnect', () => process.exit(0))
})

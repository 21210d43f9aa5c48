/** Requests that begin and never end, from a line that broke or somebody who wants to hold the server. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createHttp } from '../../../src/interfaces/http/server.ts'
import { createMetrics } from '../../../src/metrics.ts'
import { httpOptions, problemCode, readAnswer } from './parts.ts'

const cases = [
  ['headers that never end', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Half'],
  [
    'a body that never ends',
    'POST /webhooks/a HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  ],
] as const

test('a request that does not arrive is answered so, and its connection ended', async (t) => {
  const metrics = createMetrics()
  const options = await httpOptions({ metrics, receiveDelivery: async () => ({ status: 200 }) })
  const { port, shorten } = await listening(t, options)
  for (const [what, bytes] of cases) {
    await t.test(what, async () => {
      const socket = connect(port, '127.0.0.1')
      socket.write(bytes)
      const ended = once(socket, 'close')
      shorten()
      const answer = await readAnswer(socket)
      assert.deepEqual([answer.status, problemCode(answer)], [408, 'request_timeout'])
      await ended
    })
  }
  const counted = await metrics.registry.getSingleMetricAsString('woosync_errors_total')
  assert.match(counted, /\{code="request_timeout"\} 2$/m)
})

/** The server as it is, but for how long it waits. */
async function listening(t: TestContext, options: Parameters<typeof createHttp>[0]) {
  const server = createHttp(options)
  await server.listen({ host: '127.0.0.1', port: 0 })
  t.after(() => server.close())
  const { port } = server.server.address() as AddressInfo
  return {
    port,
    shorten() {
      server.server.headersTimeout = 200
      server.server.requestTimeout = 300
    },
  }
}

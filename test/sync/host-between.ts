/** A host between the shop and who reads it: takes parameters away, loses rows of an answer. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { type DemoServer, startDemoServer } from '../../demo/server.ts'
import type { Shop } from '../../demo/shop.ts'
import { ask, signed } from '../demo/shop-over-http.ts'

export interface Meddling {
  /** Changes the question, in place. */
  question?: (path: string, query: URLSearchParams) => void
  /** Makes other rows of an answered list. */
  rows?: (path: string, rows: unknown[]) => unknown[]
}

/** Starts the shop and the host before it; the server's address is the host's. */
export async function shopBehindHost(t: TestContext, shop: Shop, meddling: Meddling): Promise<DemoServer> {
  const host = createServer((request, response) => {
    pass(request, response).catch((error: unknown) => response.writeHead(502).end(String(error)))
  })
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(host.address() as AddressInfo).port}`
  const server = await startDemoServer({ shop, url })
  t.after(async () => {
    host.closeAllConnections()
    host.close()
    await server.close()
  })

  async function pass(request: IncomingMessage, response: ServerResponse) {
    const asked = new URL(request.url ?? '/', `http://127.0.0.1:${server.port}`)
    for (const name of [...asked.searchParams.keys()]) {
      if (name.startsWith('oauth_')) asked.searchParams.delete(name)
    }
    meddling.question?.(asked.pathname, asked.searchParams)
    const { consumerKey: key, consumerSecret: secret } = shop.info
    const method = request.method ?? 'GET'
    const keys = asked.pathname.startsWith('/wp-json/wc/')
    const told = await ask(keys ? signed(asked.href, { key, secret, method }) : asked.href, { method })
    const rows = Array.isArray(told.json) ? (meddling.rows?.(asked.pathname, told.json) ?? told.json) : null
    const headers = Object.fromEntries(
      Object.entries(told.headers).filter(([name]) => !/^(content-length|connection|keep-alive)$/.test(name)),
    )
    response.writeHead(told.status, headers).end(rows ? JSON.stringify(rows) : told.text)
  }
  return server
}

/** Asks one address again and again over many connections, each with one request at a time. */
import { Pool } from 'undici'

export interface LoadJob {
  url: string
  path: string
  key: string
  connections: number
  seconds: number
}

export interface Load {
  requestsPerSecond: number
  /** Milliseconds. */
  times: number[]
  /** Answers that were not 200. */
  refused: number
}

process.once('message', async ({ url, path, key, connections, seconds }: LoadJob) => {
  const pool = new Pool(url, { connections, pipelining: 1 })
  const headers = { authorization: `Bearer ${key}` }
  const times: number[] = []
  let refused = 0
  const keepAsking = async (until: number, measured: boolean) => {
    while (performance.now() < until) {
      const began = performance.now()
      const { statusCode, body } = await pool.request({ method: 'GET', path, headers })
      await body.dump()
      if (statusCode !== 200) refused++
      else if (measured) times.push(performance.now() - began)
    }
  }
  const everyConnection = (until: number, measured: boolean) =>
    Promise.all(Array.from({ length: connections }, () => keepAsking(until, measured)))
  await everyConnection(performance.now() + 1000, false)
  const began = performance.now()
  await everyConnection(began + seconds * 1000, true)
  const took = (performance.now() - began) / 1000
  await pool.close()
  const load: Load = { requestsPerSecond: times.length / took, times, refused }
  // A long message is still on its way when `send` returns.
  process.send?.(load, () => process.disconnect())
})

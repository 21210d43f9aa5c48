/** Requests per second of the HTTP interface: server and load in processes of their own. */
import type { HttpJob, ServedHttp } from './http-server.ts'
import type { Load, LoadJob } from './load-process.ts'
import { answerOf, end, flagsOfStart, start } from './processes.ts'

export interface HttpRate extends Load {
  path: string
}

/** @param database filled, and migrated */
export async function measureHttp(
  job: HttpJob,
  paths: readonly string[],
  connections: number,
  seconds: number,
): Promise<HttpRate[]> {
  const server = start('http-process.ts', flagsOfStart())
  server.send(job)
  try {
    const { url, key } = await answerOf<ServedHttp>(server)
    const rates: HttpRate[] = []
    for (const path of paths) {
      const load = start('load-process.ts')
      load.send({ url, path, key, connections, seconds } satisfies LoadJob)
      rates.push({ path, ...(await answerOf<Load>(load)) })
    }
    return rates
  } finally {
    await end(server)
  }
}

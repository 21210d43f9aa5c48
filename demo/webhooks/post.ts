/** One request to a delivery address, with the headers WordPress sends and no others. */
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'

export interface Answered {
  /** Null when no answer came. */
  status: number | null
  /** Why no answer came. */
  error: string | null
}

export interface Posting {
  url: string
  body: string
  headers: Record<string, string>
  userAgent: string
  /** Milliseconds until it counts as a failure. */
  timeout: number
  signal: AbortSignal
}

/** Never rejects: a refused connection and a time-out are answers too. Redirects are not followed. */
export function post({ url, body, headers, userAgent, timeout, signal }: Posting): Promise<Answered> {
  const target = new URL(url)
  const send = target.protocol === 'https:' ? requestHttps : requestHttp
  const bytes = Buffer.from(body)
  return new Promise((resolve) => {
    const failed = (error: Error) => resolve({ status: null, error: error.message })
    const request = send(
      target,
      {
        method: 'POST',
        agent: false,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
        headers: {
          Host: target.host,
          'User-Agent': userAgent,
          Accept: '*/*',
          'Accept-Encoding': 'deflate, gzip, br, zstd',
          ...headers,
          Connection: 'close',
          'Content-Length': String(bytes.length),
        },
      },
      (response) => {
        response.on('error', failed)
        response.on('end', () => resolve({ status: response.statusCode ?? null, error: null }))
        response.resume()
      },
    )
    request.on('error', failed)
    request.end(bytes)
  })
}

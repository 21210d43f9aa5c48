/** A demo shop for a test, and questions to it over a plain socket, signed or with Basic authentication. */
import { createHmac, randomBytes } from 'node:crypto'
import { request as askHttp, type IncomingHttpHeaders } from 'node:http'
import { request as askHttps } from 'node:https'
import { gunzipSync } from 'node:zlib'
import { generate } from 'selfsigned'

export interface Asking {
  method?: string
  headers?: Record<string, string>
  body?: string
}

export interface Told {
  status: number
  headers: IncomingHttpHeaders
  text: string
  json: unknown
}

/** Asks over a fresh connection; rejects when the shop breaks it off. The certificate is not checked. */
export function ask(url: string, { method = 'GET', headers = {}, body }: Asking = {}): Promise<Told> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? askHttps : askHttp
    const options = { method, headers, agent: false as const, rejectUnauthorized: false }
    const request = send(url, options, async (response) => {
      try {
        // By hand: the stream's own reader would hide a byte-order mark.
        const told = Buffer.concat(await response.toArray()).toString('utf8')
        const json = /json/.test(response.headers['content-type'] ?? '') && told !== ''
        const status = response.statusCode ?? 0
        resolve({ status, headers: response.headers, text: told, json: json ? parse(told) : undefined })
      } catch (error) {
        reject(error)
      }
    })
    request.on('error', reject)
    request.end(body)
  })
}

function parse(told: string): unknown {
  try {
    return JSON.parse(told)
  } catch {
    return undefined
  }
}

/** The gzipped answer's size and text. */
export async function askZipped(
  url: string,
  headers: Record<string, string>,
): Promise<{ size: number; text: string }> {
  const response = await fetchRaw(url, { ...headers, 'Accept-Encoding': 'gzip' })
  return { size: response.length, text: gunzipSync(response).toString('utf8') }
}

function fetchRaw(url: string, headers: Record<string, string>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? askHttps : askHttp
    const request = send(url, { headers, agent: false, rejectUnauthorized: false }, async (response) => {
      resolve(Buffer.concat(await response.toArray()))
    })
    request.on('error', reject)
    request.end()
  })
}

export function basic(key: string, secret: string): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}` }
}

export interface Signing {
  key: string
  secret: string
  method?: string
  /** Unix seconds. */
  timestamp?: number
  hash?: 'sha1' | 'sha256'
  /** Parameters to leave out, for the faults. */
  without?: string[]
}

/** The address with a one-legged OAuth 1.0a signature in its query. */
export function signed(address: string, signing: Signing): string {
  const { key, secret, method = 'GET', hash = 'sha256' } = signing
  const url = new URL(address)
  const params = new Map(url.searchParams)
  params.set('oauth_consumer_key', key)
  params.set('oauth_nonce', randomBytes(16).toString('hex'))
  params.set('oauth_signature_method', hash === 'sha1' ? 'HMAC-SHA1' : 'HMAC-SHA256')
  params.set('oauth_timestamp', String(signing.timestamp ?? Math.floor(Date.now() / 1000)))
  for (const name of signing.without ?? []) params.delete(name)
  const pairs = [...params].sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => `${encode(k)}=${encode(v)}`)
  const base = [method, `${url.origin}${url.pathname}`, pairs.join('&')].map(encode).join('&')
  params.set('oauth_signature', createHmac(hash, `${secret}&`).update(base).digest('base64'))
  url.search = [...params].map(([k, v]) => `${encode(k)}=${encode(v)}`).join('&')
  return url.href
}

function encode(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** A certificate for 127.0.0.1 that nobody signed. */
export async function selfSigned(): Promise<{ key: string; cert: string }> {
  const made = await generate([{ name: 'commonName', value: '127.0.0.1' }], { algorithm: 'sha256' })
  return { key: made.private, cert: made.cert }
}

/** How an answer leaves the shop: zipped or not, whole, cut, or spoiled by the faults that struck it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Answer } from './answer.ts'
import type { Fault, FaultKind } from './faults.ts'

const zip = promisify(gzip)

export type FaultOf<K extends FaultKind['kind']> = Fault & { kind: K }

export function faultOf<K extends FaultKind['kind']>(
  faults: readonly Fault[],
  kind: K,
): FaultOf<K> | undefined {
  return faults.find((fault): fault is FaultOf<K> => fault.kind === kind)
}

/** The answer that never came from WooCommerce: a limit, a firewall, a redirect; undefined where none struck. */
export function interception(faults: readonly Fault[]): Answer | undefined {
  const redirect = faultOf(faults, 'redirect')
  if (redirect) return made(redirect.status ?? 301, { Location: redirect.to }, '')
  const status = faultOf(faults, 'status')
  if (status) {
    const headers: Record<string, string> = { 'Content-Type': 'text/html' }
    if (status.retryAfter !== undefined) headers['Retry-After'] = String(status.retryAfter)
    return made(status.status, headers, statusPage(status.status))
  }
  const html = faultOf(faults, 'html')
  if (html) return made(html.status ?? 200, { 'Content-Type': 'text/html; charset=UTF-8' }, CAPTCHA)
  if (faultOf(faults, 'blank')) return made(200, { 'Content-Type': 'application/json; charset=UTF-8' }, '')
  return undefined
}

function made(status: number, headers: Record<string, string>, body: string): Answer {
  return { status, headers, body, rows: 0 }
}

/** The answer as it looks after what the host did to it. */
export function spoil(answer: Answer, faults: readonly Fault[]): Answer {
  let { body } = answer
  const headers = { ...answer.headers }
  if (faultOf(faults, 'phpWarnings')) body = PHP_WARNINGS + body
  if (faultOf(faults, 'bom')) body = `\ufeff${body}`
  if (faultOf(faults, 'stripTotals'))
    for (const name of ['X-WP-Total', 'X-WP-TotalPages', 'Link']) delete headers[name]
  return body === answer.body
    ? { ...answer, headers }
    : { status: answer.status, headers, body, rows: answer.rows }
}

export interface Sending {
  answer: Answer
  faults: readonly Fault[]
  /** The shop's time, Unix milliseconds, for the `Date` header. */
  now: number
  gzip: boolean
}

/** Resolves when the last byte is handed over, or the socket is gone. */
export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { answer, faults, now, gzip: mayZip }: Sending,
): Promise<void> {
  const headers: Record<string, string> = {
    Server: 'nginx',
    Date: new Date(now).toUTCString(),
    ...answer.headers,
  }
  const zipped = mayZip && acceptsGzip(request) && answer.body.length >= SMALLEST_ZIPPED
  const body = zipped ? await zippedBody(answer) : Buffer.from(answer.body)
  if (zipped) Object.assign(headers, { 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' })
  if (response.closed) return
  response.sendDate = false
  const cut = faultOf(faults, 'cut')
  if (cut) return sendHalf(response, answer.status, headers, body, cut.contentLength ?? false)
  response.writeHead(answer.status, { ...headers, 'Content-Length': String(body.length) })
  await new Promise<void>((resolve) => {
    response.once('close', resolve)
    response.end(request.method === 'HEAD' ? undefined : body)
  })
}

async function zippedBody(answer: Answer): Promise<Buffer> {
  const buffer = answer.kept?.zipped ?? (await zip(answer.body, { level: 1 }))
  if (answer.kept) answer.kept.zipped = buffer
  return buffer
}

function acceptsGzip(request: IncomingMessage): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(\.0*)?(,|$))/.test(String(request.headers['accept-encoding'] ?? ''))
}

/** Below this nginx leaves a body as it is. */
const SMALLEST_ZIPPED = 20

function sendHalf(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: Buffer,
  announced: boolean,
): Promise<void> {
  response.writeHead(status, announced ? { ...headers, 'Content-Length': String(body.length) } : headers)
  return new Promise((resolve) => {
    response.once('close', resolve)
    response.write(body.subarray(0, Math.ceil(body.length / 2)), () => response.socket?.destroy())
  })
}

function statusPage(status: number): string {
  return `<html><head><title>${status}</title></head><body><center><h1>${status}</h1></center><hr><center>nginx</center></body></html>`
}

const CAPTCHA =
  '<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1>' +
  '<p>Please complete the security check to access this site.</p><form id="challenge-form"></form></body></html>'

const PHP_WARNINGS =
  '<br />\n<b>Warning</b>:  Undefined array key "currency" in <b>wp-content/plugins/price-helper/helper.php</b> on line <b>42</b><br />\n' +
  '<br />\n<b>Deprecated</b>:  Creation of dynamic property Price_Helper::$cache is deprecated in <b>wp-content/plugins/price-helper/helper.php</b> on line <b>17</b><br />\n'

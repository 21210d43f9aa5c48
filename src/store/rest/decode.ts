/**
 * From the bytes of an answer to its JSON, with the tolerance real hosts ask for (row 34): a byte-order
 * mark, PHP warnings before or after. The ordinary answer takes one `JSON.parse` of the whole text.
 */
import { brotliDecompress, gunzip, inflate, type ZlibOptions } from 'node:zlib'

export type Decoded =
  | { kind: 'json'; data: unknown; noise: string | null }
  | { kind: 'html' | 'cut' | 'empty' | 'other'; text: string }

/** More than this in one answer is refused (`store_answer_too_large`). */
export const defaultMaxBytes = 64 * 1024 * 1024

/** Thrown by {@link unpack}: the compressed body ends early or is broken, or unpacks to more than allowed. */
export class UnpackError extends Error {
  readonly tooLarge: boolean

  constructor(tooLarge: boolean) {
    super(tooLarge ? 'the answer unpacks to more than is allowed' : 'the compressed answer is broken')
    this.tooLarge = tooLarge
  }
}

type Unpacker = (
  body: Buffer,
  options: ZlibOptions,
  done: (error: NodeJS.ErrnoException | null, unpacked: Buffer) => void,
) => void

const unpackers = new Map<string, Unpacker>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', inflate],
  ['br', brotliDecompress],
])
// Drops a byte-order mark, and puts U+FFFD where bytes are no UTF-8.
const utf8 = new TextDecoder()

/** Undoes the content encoding; off the main thread. */
export function unpack(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const unpacker = unpackers.get(encoding?.trim().toLowerCase() ?? '')
  if (!unpacker || body.length === 0) return Promise.resolve(body)
  // gzip ends with the size of what is inside: one buffer of that size instead of thirty halves the cost.
  const inside = unpacker === gunzip && body.length > 18 ? body.readUInt32LE(body.length - 4) : 0
  const chunkSize = Math.min(Math.max(inside + 1, 64 * 1024), 4 * 1024 * 1024, maxBytes)
  return new Promise((resolve, reject) => {
    unpacker(body, { chunkSize, maxOutputLength: maxBytes }, (error, unpacked) => {
      if (error) reject(new UnpackError(error.code === 'ERR_BUFFER_TOO_LARGE'))
      else resolve(unpacked)
    })
  })
}

const isContainer = (data: unknown): boolean => typeof data === 'object' && data !== null

/** Reads the JSON of an unpacked body; WooCommerce answers objects and lists, a lone value is no answer. */
export function decode(body: Buffer): Decoded {
  const text = utf8.decode(body)
  try {
    const data: unknown = JSON.parse(text)
    return isContainer(data) ? { kind: 'json', data, noise: null } : { kind: 'other', text }
  } catch {
    return decodeNoisy(text)
  }
}

const page = /<(?:!doctype\s+html|html|head|body|title|meta|script|noscript|iframe|form)\b/i

function decodeNoisy(raw: string): Decoded {
  // A second mark can hide inside, where one included PHP file each brought its own.
  const text = raw.replace(/^[\s\uFEFF]+/, '').trimEnd()
  if (text === '') return { kind: 'empty', text }
  const starts = /(?:^|[\n>\uFEFF])([[{])/g
  let longest: { data: unknown; start: number; end: number } | null = null
  for (let match = starts.exec(text); match; match = starts.exec(text)) {
    const start = match.index + match[0].length - 1
    // A page may carry JSON in its scripts; that is not the answer.
    if (page.test(text.slice(0, start))) break
    const end = endOfValue(text, start)
    // Never look inside a value that does not close: a `[]` in one of its texts would pass for an answer.
    if (end === -1) return longest ? whole(text, longest) : { kind: 'cut', text }
    const data = parsed(text.slice(start, end))
    const longer = !longest || end - start >= longest.end - longest.start
    if (isContainer(data) && isNoise(text.slice(end)) && longer) longest = { data, start, end }
    starts.lastIndex = end
  }
  if (longest) return whole(text, longest)
  return { kind: page.test(text.slice(0, 20_000)) ? 'html' : 'other', text }
}

function whole(text: string, found: { data: unknown; start: number; end: number }): Decoded {
  const noise = `${text.slice(0, found.start)} ${text.slice(found.end)}`.trim()
  return { kind: 'json', data: found.data, noise: noise || null }
}

/** What may follow the JSON: nothing, a new line, or a tag (a warning, a comment of a cache plugin). */
const isNoise = (rest: string): boolean => rest === '' || /^\s*[\r\n<]/.test(rest)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The index after the value that begins at `start` with a bracket, or -1 when the text ends first. */
function endOfValue(text: string, start: number): number {
  const marks = /["[\]{}]/g
  const string = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y
  marks.lastIndex = start
  let depth = 0
  for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
    if (mark[0] === '"') {
      string.lastIndex = mark.index
      if (!string.test(text)) return -1
      marks.lastIndex = string.lastIndex
    } else {
      depth += mark[0] === '[' || mark[0] === '{' ? 1 : -1
      if (depth === 0) return mark.index + 1
    }
  }
  return -1
}

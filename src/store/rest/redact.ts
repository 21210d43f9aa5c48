/**
 * Takes secrets out of texts the shop sent (error messages, the start of a broken page) before they reach
 * an error or a log. Nothing else in this folder puts a key, a signature or a query into a text.
 */
export type Redact = (text: string) => string

const patterns: [RegExp, string][] = [
  [/\b(ck|cs)_[0-9a-z_]{4,}/gi, '$1_…'],
  [
    /((?:oauth_(?:consumer_key|signature|nonce|timestamp|token)|consumer_(?:key|secret)|password|pwd)(?:=|%3D|["']?\s*[:=]\s*["']?))[^\s&"'<>,;]+/gi,
    '$1…',
  ],
  [/\b(Basic|Bearer)\s+[A-Za-z0-9+/=_.-]{8,}/g, '$1 …'],
  [/(https?:\/\/[^\s"'<>?]*)\?[^\s"'<>]*/gi, '$1?…'],
]

/** @param secrets the values of this shop: key, secret; empty ones are ignored. */
export function createRedactor(secrets: string[]): Redact {
  const known = secrets
    .filter((secret) => secret.length > 0)
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
  return (text) => {
    let clean = text
    for (const secret of known) clean = clean.replaceAll(secret, '…')
    for (const [pattern, instead] of patterns) clean = clean.replace(pattern, instead)
    return clean
  }
}

/** The first 200 characters of a text, on one line and without secrets. */
export function startOf(text: string, redact: Redact): string {
  const line = redact(text.slice(0, 1000)).replace(/\s+/g, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 200)}…` : line
}

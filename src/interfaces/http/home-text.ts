/** Values of the status page as short texts. */

/** Text for HTML, between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

export function number(value: number): string {
  return value.toLocaleString('en-US')
}

/** A span of time in one unit: `0.4 s`, `38 s`, `12 min`, `3.1 h`, `4 days`. */
export function span(seconds: number): string {
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)} s`
  if (seconds < 99.5) return `${Math.round(seconds)} s`
  if (seconds < 99.5 * 60) return `${Math.round(seconds / 60)} min`
  if (seconds < 48 * 3600) return `${(seconds / 3600).toFixed(1)} h`
  return `${number(Math.round(seconds / 86_400))} days`
}

/** How long ago, in whole units. A moment of another clock may lie ahead: that is now. */
export function ago(at: Date, now: Date): string {
  const seconds = (now.getTime() - at.getTime()) / 1000
  if (seconds < 3) return 'just now'
  if (seconds < 100) return `${Math.round(seconds)} s ago`
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min ago`
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h ago`
  return `${number(Math.round(seconds / 86_400))} days ago`
}

/** `2026-11-05 10:22:31 UTC` */
export function exact(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

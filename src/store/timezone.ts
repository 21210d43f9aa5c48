/** What a shop's local dates mean: WordPress knows a zone by its name, or only an offset (38). */

/**
 * @param named `timezone_string`; empty where the shop has only an offset
 * @param hours `gmt_offset` in hours, a number or its text: `2`, `-3.5`; anything else is 0
 * @returns an IANA name, or an offset such as `+02:00`
 */
export function shopTimezone(named: string | null, hours: unknown): string {
  if (named && isTimezone(named)) return named
  const offset = Number(hours ?? 0)
  if (!Number.isFinite(offset) || offset === 0) return 'UTC'
  const minutes = Math.round(Math.abs(offset) * 60)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

/**
 * The moment of a local date, as PHP reads it: of a time that comes twice the first, of one that never comes the
 * hour after it.
 * @param local `2026-11-22 10:43:10`, with `T` or a blank
 * @returns epoch milliseconds; null where it is no date
 */
export function localMoment(local: string, timezone: string): number | null {
  const asUtc = Date.parse(`${local.slice(0, 10)}T${local.slice(11, 19) || '00:00:00'}Z`)
  if (Number.isNaN(asUtc)) return null
  // The offset before any change of that day holds for times that come twice or never.
  const before = offsetAt(asUtc - DAY / 2, timezone)
  const after = offsetAt(asUtc - before, timezone)
  return offsetAt(asUtc - after, timezone) === after ? asUtc - after : asUtc - before
}

const DAY = 86_400_000

/** Milliseconds that the zone is ahead of UTC at a moment. */
function offsetAt(moment: number, timezone: string): number {
  const name = new Intl.DateTimeFormat('en', { timeZone: timezone, timeZoneName: 'longOffset' })
    .formatToParts(moment)
    .find((part) => part.type === 'timeZoneName')?.value
  const [, sign, hours, minutes] = /GMT([+-])(\d{2}):(\d{2})/.exec(name ?? '') ?? []
  if (sign === undefined) return 0
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

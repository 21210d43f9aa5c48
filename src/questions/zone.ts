/** The shop's own days. Moments are UTC in the mirror; a day begins at midnight of the shop's time zone. */

/**
 * The zone as Postgres takes it behind AT TIME ZONE. An offset is turned round: `+02:00` as a text would be POSIX's,
 * which counts westwards.
 * @param timezone IANA name, or an offset such as `+02:00`
 */
export function sqlZone(timezone: string): string {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):(\d{2})$/.exec(timezone) ?? []
  if (sign === undefined) return timezone
  return `<${timezone}>${sign === '+' ? '-' : '+'}${hours}:${minutes}`
}

/** The day of a moment there, `2026-11-22`. */
export function localDay(moment: Date, timezone: string): string {
  return new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(moment)
}

/** @param days may be negative */
export function addDays(day: string, days: number): string {
  const moment = new Date(`${day}T00:00:00Z`)
  moment.setUTCDate(moment.getUTCDate() + days)
  return moment.toISOString().slice(0, 10)
}

/** Days from the first to the last, both counted. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000) + 1
}

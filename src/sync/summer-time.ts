/** Where a zone's local time repeats itself: there, posts sorted by local time are out of order in GMT (2, 3). */

/** Tells whether a moment lies in the second pass of the hour in which summer time ends. */
export function inRepeatedHour(timezone: string): (moment: number) => boolean {
  const offset = offsetIn(timezone)
  return (moment) => offset(moment - HOUR) > offset(moment)
}

const HOUR = 3_600_000

/** Milliseconds that a zone's clocks are ahead of GMT at a moment. */
function offsetIn(timezone: string): (moment: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return (moment) => {
    const part = Object.fromEntries(
      format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]),
    )
    const local = Date.UTC(
      part.year as number,
      (part.month as number) - 1,
      part.day,
      part.hour,
      part.minute,
      part.second,
    )
    return local - Math.floor(moment / 1000) * 1000
  }
}

/** Dates as WooCommerce writes them: `2026-10-03T03:51:25`, once in the shop's own time, once in GMT. */
import { createZone, isoSeconds } from '../zone.ts'

export interface Clock {
  /** Seconds the shop's time is ahead of GMT at that moment. */
  offset(seconds: number): number
  local(seconds: number): string
  gmt(seconds: number): string
  /** The moment the shop's calendar day of that moment began. */
  startOfDay(seconds: number): number
}

/** `timezone` is an IANA name; all moments are Unix seconds. */
export function createClock(timezone: string): Clock {
  const zone = createZone(timezone)
  return {
    offset: (seconds) => zone.toWall(seconds) - seconds,
    local: (seconds) => isoSeconds(zone.toWall(seconds)),
    gmt: isoSeconds,
    startOfDay(seconds) {
      const wall = zone.toWall(seconds)
      return zone.fromWall(wall - (wall % DAY))
    },
  }
}

export const DAY = 86_400
export const HOUR = 3600

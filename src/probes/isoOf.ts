/** The latest time that is written with four digits of a year, in milliseconds since 1970. */
const latestMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** A server's time as ISO 8601 with milliseconds, whatever the server thinks that it is. */
export function isoOf(ms: number): string {
  return new Date(Math.min(latestMs, Math.max(0, Math.floor(ms)))).toISOString()
}

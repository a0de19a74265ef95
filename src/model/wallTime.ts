const weekdays: readonly string[] = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** What the clock on the wall of a place shows. */
export interface WallTime {
  /** 0 is Sunday, 6 Saturday. */
  readonly day: number
  /** Since midnight, 0 to 1439. */
  readonly minute: number
}

/** Hours of some days of the week; what ends when it begins, or before, goes on over midnight. */
export interface WeekHours {
  /** 0 is Sunday. */
  readonly days: readonly number[]
  /** Minutes since midnight; `to` is not part of it. */
  readonly from: number
  readonly to: number
}

/**
 * @param zone IANA name
 * @param at milliseconds since 1970
 * @throws RangeError where the platform does not know the zone
 */
export function wallTimeIn(zone: string, at: number): WallTime {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at)
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((one) => one.type === type)?.value ?? ''
  return { day: weekdays.indexOf(part('weekday')), minute: Number(part('hour')) * 60 + Number(part('minute')) }
}

/**
 * Whether a time is within hours. An hour that is left out, when clocks are set forward, is in none; one that comes twice is
 * in them twice.
 */
export function isWithinHours({ days, from, to }: WeekHours, { day, minute }: WallTime): boolean {
  if (from < to) return days.includes(day) && minute >= from && minute < to
  // Over midnight: what began yesterday counts by the day that it began on.
  const yesterday = (day + 6) % 7
  return (days.includes(day) && minute >= from) || (days.includes(yesterday) && minute < to)
}

const hourMs = 3_600_000
/** No zone changes its offset other than at a full quarter of an hour. */
const quarterMs = 900_000

/** What the clocks of a place show. */
export interface ZoneClock {
  /** IANA name. */
  readonly zone: string
  /** What is added to UTC there at that time, milliseconds; summer time counts. */
  offsetAt(at: number): number
}

/**
 * The clock of a zone. It keeps the offsets that it has looked up, since each look-up costs some microseconds.
 *
 * @param zone IANA name, such as `Europe/Berlin`
 * @returns undefined where the platform does not know such a zone
 */
export function zoneClock(zone: string): ZoneClock | undefined {
  const format = formatOf(zone)
  if (format === undefined) return undefined
  const known = new Map<number, number>()
  return {
    zone,
    offsetAt: (at) => {
      if (!Number.isFinite(at) || Math.abs(at) > 8.64e15 - 2 * 86_400_000) return 0
      // Zones change a few times a year: a day whose two ends agree is not looked at quarter by quarter.
      const day = Math.floor(at / (24 * hourMs)) * 24 * hourMs
      const before = lookedUp(known, format, day)
      if (before === lookedUp(known, format, day + 24 * hourMs)) return before
      return lookedUp(known, format, Math.floor(at / quarterMs) * quarterMs)
    },
  }
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    })
  } catch {
    return undefined
  }
}

function lookedUp(known: Map<number, number>, format: Intl.DateTimeFormat, at: number): number {
  const kept = known.get(at)
  if (kept !== undefined) return kept
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0
  const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  const offset = shown - Math.floor(at / 1000) * 1000
  known.set(at, offset)
  return offset
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** The hour of the week, 0 to 167, from Sunday midnight by the clock of the zone. */
export function hourOfWeek(at: number, clock: ZoneClock): number {
  // 1 January 1970 was a Thursday.
  const hours = Math.floor((at + clock.offsetAt(at)) / hourMs) + 4 * 24
  return ((hours % 168) + 168) % 168
}

/** The name of the day by the clock of the zone. */
export function dayName(at: number, clock: ZoneClock): string {
  return days[Math.floor(hourOfWeek(at, clock) / 24)] ?? ''
}

/** `02:30`, by the clock of the zone. */
export function timeOfDay(at: number, clock: ZoneClock): string {
  const minutes = Math.floor((((at + clock.offsetAt(at)) % (24 * hourMs)) + 24 * hourMs) / 60_000) % 1440
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

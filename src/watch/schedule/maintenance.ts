import type { MaintenanceWindow } from '../../model/watch.ts'

const weekdays: readonly string[] = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const everyDay: readonly number[] = [0, 1, 2, 3, 4, 5, 6]

/**
 * Windows that are open at a time, by the clocks on the wall of their zones. An hour that is left out there, when clocks
 * are set forward, is in no window; one that comes twice is in it twice.
 *
 * @param at milliseconds since 1970
 */
export function openWindows(windows: readonly MaintenanceWindow[], at: number): readonly MaintenanceWindow[] {
  return windows.filter((window) => isOpen(window, at))
}

function isOpen({ days = everyDay, from, to, zone }: MaintenanceWindow, at: number): boolean {
  const { day, minute } = wallIn(zone, at)
  if (from < to) return days.includes(day) && minute >= from && minute < to
  // Over midnight: what began yesterday counts by the day that it began on.
  const yesterday = (day + 6) % 7
  return (days.includes(day) && minute >= from) || (days.includes(yesterday) && minute < to)
}

function wallIn(zone: string, at: number): { readonly day: number; readonly minute: number } {
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

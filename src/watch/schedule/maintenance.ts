import { isWithinHours, wallTimeIn } from '../../model/wallTime.ts'
import type { MaintenanceWindow } from '../../model/watch.ts'

const everyDay: readonly number[] = [0, 1, 2, 3, 4, 5, 6]

/**
 * Windows that are open at a time, by the clocks on the wall of their zones. An hour that is left out there, when clocks
 * are set forward, is in no window; one that comes twice is in it twice.
 *
 * @param at milliseconds since 1970
 */
export function openWindows(windows: readonly MaintenanceWindow[], at: number): readonly MaintenanceWindow[] {
  return windows.filter(({ days = everyDay, from, to, zone }) =>
    isWithinHours({ days, from, to }, wallTimeIn(zone, at)),
  )
}

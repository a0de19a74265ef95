/** When what is looked at: places on grids, room, windows of maintenance, and time that did not pass as it should. */
export { openWindows } from './maintenance.ts'
export type { PulseClock } from './pulse.ts'
export { Pulse } from './pulse.ts'
export { Schedule } from './schedule.ts'
export type { Target } from './targets.ts'
export { targetsOf } from './targets.ts'

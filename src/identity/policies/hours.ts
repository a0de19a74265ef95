import type { Hours } from '../../model/route.ts'
import { isWithinHours, wallTimeIn } from '../../model/wallTime.ts'
import type { Criterion } from './criterion.ts'
import { denied, held } from './criterion.ts'

const time = {
  ok: 'hours',
  denied: 'outside-hours',
  says: 'nobody may come in here at this time',
  remedy: 'nothing',
} as const

export const hours: Criterion<Hours> = {
  what: 'a time of the week, on the clock of a time zone',
  example: { days: [1, 2, 3, 4, 5], from: '07:00', to: '19:00', zone: 'Europe/Berlin' },
  reasons: [time],
  judge(wanted, { at }) {
    return isWithin(wanted, at) ? held(time) : denied(time)
  },
}

function isWithin({ days = [1, 2, 3, 4, 5, 6, 7], from, to, zone }: Hours, at: number): boolean {
  // Of routes Sunday is the seventh day.
  const week = { days: days.map((day) => day % 7), from: minutesOf(from), to: minutesOf(to) }
  return isWithinHours(week, wallTimeIn(zone, at))
}

function minutesOf(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number)
  return hour * 60 + minute
}

import type { Hours } from '../../model/route.ts'
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

const weekdays: readonly string[] = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

function isWithin({ days = [1, 2, 3, 4, 5, 6, 7], from, to, zone }: Hours, at: number): boolean {
  const { day, minute } = clockAt(zone, at)
  const begin = minutesOf(from)
  const end = minutesOf(to)
  if (begin < end) return days.includes(day) && minute >= begin && minute < end
  // Over midnight: what began yesterday counts by the day that it began on.
  const yesterday = day === 1 ? 7 : day - 1
  return (days.includes(day) && minute >= begin) || (days.includes(yesterday) && minute < end)
}

function clockAt(zone: string, at: number): { readonly day: number; readonly minute: number } {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at)
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((one) => one.type === type)?.value ?? ''
  return { day: weekdays.indexOf(part('weekday')) + 1, minute: Number(part('hour')) * 60 + Number(part('minute')) }
}

function minutesOf(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number)
  return hour * 60 + minute
}

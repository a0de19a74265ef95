import type { DatabaseSync } from 'node:sqlite'
import type { PackingTables } from './packing.ts'
import { decodePiece } from './piece.ts'
import { placeOf, slotOf } from './places.ts'
import { readRow } from './storeError.ts'
import type { Sum } from './sum.ts'
import { decodeSum, encodeSum, mergeSum, newSum, sumUp } from './sum.ts'

/** Hours that are summed up at once: some milliseconds. */
const hoursAtOnce = 24

/** Series of which something below an hour, or day, is not summed up yet. */
export function seriesToRoll(database: DatabaseSync, column: 'hours' | 'days', to: number): number[] {
  const rows = database.prepare(`SELECT id FROM series WHERE ${column} < ? ORDER BY id`).all(to)
  return rows.flatMap(({ id }) => (typeof id === 'number' ? [id] : []))
}

/**
 * Sums up hours of one series that are over, some at a time, within a transaction.
 *
 * @param to the first hour since 1970 that is not over
 * @returns whether all are
 */
export function rollHours(tables: PackingTables, series: number, to: number): boolean {
  const state = tables.series.state(series)
  const from = Math.max(state.hours, tables.bounds.read().rawFrom, tables.raw.ends(series)?.first ?? to)
  const next = Math.min(from + hoursAtOnce, to)
  const sums = new Map<number, Sum>()
  for (const { place, octets } of tables.raw.rows(series, from, next)) {
    const sum = sums.get(slotOf(place)) ?? newSum()
    sums.set(slotOf(place), sum)
    sumUp(
      sum,
      readRow(() => decodePiece(octets, 'all')),
    )
  }
  for (const [hour, sum] of sums) tables.hour.put(placeOf(series, hour), encodeSum(sum))
  tables.series.setHours(series, Math.max(state.hours, next))
  return next >= to
}

/** The same for days, from the sums of their hours. */
export function rollDays(tables: PackingTables, series: number, to: number): boolean {
  const state = tables.series.state(series)
  const { hoursFrom, rawFrom } = tables.bounds.read()
  const whole = Math.min(to, Math.floor(Math.max(state.hours, rawFrom) / 24))
  const first = Math.floor((tables.hour.ends(series)?.first ?? to * 24) / 24)
  const from = Math.max(state.days, hoursFrom / 24, first)
  const next = Math.min(from + hoursAtOnce / 24, whole)
  const sums = new Map<number, Sum>()
  for (const { place, octets } of tables.hour.rows(series, from * 24, next * 24)) {
    const day = Math.floor(slotOf(place) / 24)
    const sum = sums.get(day) ?? newSum()
    sums.set(day, sum)
    mergeSum(
      sum,
      readRow(() => decodeSum(octets)),
    )
  }
  for (const [day, sum] of sums) tables.day.put(placeOf(series, day), encodeSum(sum))
  tables.series.setDays(series, Math.max(state.days, next))
  return next >= whole
}

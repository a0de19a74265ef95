import type { Bounds } from './bounds.ts'
import type { Look, Piece } from './piece.ts'
import { append, columnOf, decodePiece, encodePiece, newPiece, sizeOf, sorted } from './piece.ts'
import { hourMs, partsOf, placeOf } from './places.ts'
import type { RowTable } from './rowTable.ts'
import type { SeriesTable } from './seriesTable.ts'
import { readRow } from './storeError.ts'
import type { Sum } from './sum.ts'
import { decodeSum, encodeSum, mergeSum, newSum, sumUp } from './sum.ts'
import type { Tail } from './tail.ts'

export interface PackingTables {
  readonly series: SeriesTable
  readonly raw: RowTable
  readonly hour: RowTable
  readonly day: RowTable
  readonly bounds: Bounds
}

/**
 * Brings what the journal has of one series into the rows of its hours, within a transaction. What comes late, for hours
 * that are summed up already, is added to their sums as well; where looks are not kept any more, to the sums alone.
 *
 * @param newest the newest look of the series, where there is one
 */
export function packSeries(tables: PackingTables, tail: Tail, series: number, newest: Look | undefined): void {
  const state = tables.series.state(series)
  const bounds = tables.bounds.read()
  const hoursTo = Math.max(state.hours, bounds.rawFrom)
  const daysTo = Math.max(state.days, bounds.hoursFrom / 24)
  for (const [hour, piece] of byHour(tail.piece(series, state.packed, 'all'))) {
    if (hour >= bounds.rawFrom) putLooks(tables.raw, series, hour, piece)
    if (hour >= hoursTo) continue
    const sum = newSum()
    sumUp(sum, piece)
    const day = Math.floor(hour / 24)
    if (hour >= bounds.hoursFrom) addSum(tables.hour, series, hour, sum)
    if (day < daysTo && day >= bounds.daysFrom) addSum(tables.day, series, day, sum)
  }
  const octets = newest === undefined ? null : encodePiece({ looks: [newest], columns: new Map() })
  tables.series.setPacked(series, tail.seen, octets)
}

export function addSum(table: RowTable, series: number, slot: number, sum: Sum): void {
  const [before] = table.rows(series, slot, slot + 1)
  const whole = before === undefined ? newSum() : readRow(() => decodeSum(before.octets))
  mergeSum(whole, sum)
  table.put(placeOf(series, slot), encodeSum(whole))
}

function byHour({ looks, columns }: Piece): Map<number, Piece> {
  const hours = new Map<number, Piece>()
  const of = (at: number): Piece => {
    const hour = Math.floor(at / hourMs)
    const known = hours.get(hour)
    if (known !== undefined) return known
    const made = newPiece()
    hours.set(hour, made)
    return made
  }
  for (const look of looks) of(look.at).looks.push(look)
  for (const [measure, { ats, values }] of columns) {
    for (const [index, at] of ats.entries()) {
      const column = columnOf(of(at), measure)
      column.ats.push(at)
      column.values.push(values[index] ?? 0)
    }
  }
  return hours
}

function putLooks(raw: RowTable, series: number, hour: number, piece: Piece): void {
  const whole = newPiece()
  const before = raw.rows(series, hour, hour + 1)
  for (const { octets } of before)
    append(
      whole,
      readRow(() => decodePiece(octets, 'all')),
    )
  append(whole, piece)
  const parts = inParts(sorted(whole))
  for (const [part, each] of parts.entries()) raw.put(placeOf(series, hour, part), encodePiece(each))
}

/** In order of time, of about the same size; with what is added to an hour its parts only become more. */
function inParts(piece: Piece): readonly Piece[] {
  const count = partsOf(sizeOf(piece))
  if (count === 1) return [piece]
  const parts: Piece[] = Array.from({ length: count }, newPiece)
  const part = (index: number, length: number): Piece => parts[Math.floor((index * count) / length)] ?? newPiece()
  for (const [index, look] of piece.looks.entries()) part(index, piece.looks.length).looks.push(look)
  for (const [measure, { ats, values }] of piece.columns) {
    for (const [index, at] of ats.entries()) {
      const column = columnOf(part(index, ats.length), measure)
      column.ats.push(at)
      column.values.push(values[index] ?? 0)
    }
  }
  return parts
}

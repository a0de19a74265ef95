import type { Reading, Span } from '../../model/series.ts'
import { Sketch } from '../../series/sketch.ts'
import type { BoundValues } from './bounds.ts'
import type { Quantiles, Tally } from './historyStore.ts'
import type { PackingTables } from './packing.ts'
import type { Piece, Wanted } from './piece.ts'
import { append, decodePiece, newPiece, sorted } from './piece.ts'
import { dayMs, hourMs, mostHours, slotOf } from './places.ts'
import type { RowTable } from './rowTable.ts'
import type { SeriesState } from './seriesTable.ts'
import { readRow } from './storeError.ts'
import type { Sum } from './sum.ts'
import { decodeSum } from './sum.ts'
import type { Tail } from './tail.ts'

/** From where a span is answered: days, then hours, then looks. Slots since 1970; `from` is part of it, `to` is not. */
interface Levels {
  readonly days: { readonly from: number; readonly to: number }
  readonly hours: { readonly from: number; readonly to: number }
  readonly looks: Span
}

/** What is asked of the past of one series: of its looks, and of the sums of hours and days that are over. */
export class TimeLines {
  readonly #tables: PackingTables
  readonly #tail: Tail

  constructor(tables: PackingTables, tail: Tail) {
    this.#tables = tables
    this.#tail = tail
  }

  /** The newest looks of a span, the oldest of them first; those of one time in the order in which they were written. */
  looks(series: number, span: Span, most: number): Piece['looks'] {
    const piece = this.#stretch(series, span, 'looks', (read) => read.looks.length >= most)
    const looks = piece.looks.filter(({ at }) => at >= span.from && at < span.to)
    return most < looks.length ? looks.slice(looks.length - Math.max(0, most)) : looks
  }

  /** The newest readings of a span, as {@link looks}. */
  readings(series: number, measure: number, span: Span, most: number): Pick<Reading, 'at' | 'value'>[] {
    const count = (piece: Piece): number => piece.columns.get(measure)?.ats.length ?? 0
    const piece = this.#stretch(series, span, { measure }, (read) => count(read) >= most)
    const { ats = [], values = [] } = piece.columns.get(measure) ?? {}
    const readings = ats.map((at, index) => ({ at, value: values[index] ?? 0 }))
    const within = readings.filter(({ at }) => at >= span.from && at < span.to)
    return most < within.length ? within.slice(within.length - Math.max(0, most)) : within
  }

  quantiles(series: number, measure: number, span: Span, stepMs: number, asked: readonly number[]): Quantiles[] {
    const steps = new Map<number, Sketch>()
    const at = (index: number): Sketch => {
      const known = steps.get(index)
      if (known !== undefined) return known
      const made = new Sketch()
      steps.set(index, made)
      return made
    }
    const { column, sums } = this.#told(series, span, stepMs, { measure }, measure)
    for (const [index, { sketches }] of sums) {
      const sketch = sketches.get(measure)
      if (sketch === undefined) continue
      // Most steps have one sum, which need not be copied.
      if (steps.has(index)) at(index).merge(sketch)
      else steps.set(index, sketch)
    }
    const { ats, values } = column.columns.get(measure) ?? { ats: [], values: [] }
    for (const [index, time] of ats.entries()) {
      if (time >= span.from && time < span.to) at(Math.floor((time - span.from) / stepMs)).add(values[index] ?? 0)
    }
    return inOrder(steps).flatMap(([index, sketch]) => {
      if (sketch.count === 0) return []
      const told = asked.map((share) => sketch.quantile(share) ?? Number.NaN)
      return [{ at: span.from + index * stepMs, count: sketch.count, values: told }]
    })
  }

  tallies(series: number, span: Span, stepMs: number): Tally[] {
    const steps = new Map<number, { looks: number; notWell: number }>()
    const count = (index: number, looks: number, notWell: number): void => {
      const step = steps.get(index) ?? { looks: 0, notWell: 0 }
      steps.set(index, { looks: step.looks + looks, notWell: step.notWell + notWell })
    }
    const { column, sums } = this.#told(series, span, stepMs, 'looks', 'none')
    for (const [index, { looks, notWell }] of sums) if (looks > 0) count(index, looks, notWell)
    for (const { at, face } of column.looks) {
      if (at >= span.from && at < span.to) count(Math.floor((at - span.from) / stepMs), 1, face.isWell ? 0 : 1)
    }
    return inOrder(steps).map(([index, step]) => ({ at: span.from + index * stepMs, ...step }))
  }

  /** Sums with the number of the step in which they begin, and looks of the rest. */
  #told(
    series: number,
    span: Span,
    stepMs: number,
    wanted: Wanted,
    sketch: number | 'none',
  ): { readonly column: Piece; readonly sums: readonly (readonly [index: number, sum: Sum])[] } {
    const { day, hour, raw, bounds } = this.#tables
    const state = this.#tables.series.state(series)
    const levels = levelsOf(span, stepMs, state, bounds.read())
    const sums: (readonly [number, Sum])[] = []
    const take = (
      table: RowTable,
      { from, to }: { readonly from: number; readonly to: number },
      slotMs: number,
    ): void => {
      if (to <= from) return
      for (const { place, octets } of table.rows(series, from, to)) {
        const index = Math.floor((slotOf(place) * slotMs - span.from) / stepMs)
        sums.push([index, readRow(() => decodeSum(octets, sketch))])
      }
    }
    take(day, levels.days, dayMs)
    take(hour, levels.hours, hourMs)
    const column = newPiece()
    const { from, to } = levels.looks
    if (to > from) {
      for (const { octets } of raw.rows(series, Math.floor(from / hourMs), Math.ceil(to / hourMs))) {
        append(
          column,
          readRow(() => decodePiece(octets, wanted)),
        )
      }
      cut(column, from)
    }
    append(column, this.#tail.piece(series, state.packed, wanted))
    return { column, sums }
  }

  /** Looks of a span, and some around it: back from its end until there are enough. */
  #stretch(series: number, span: Span, wanted: Wanted, isEnough: (read: Piece) => boolean): Piece {
    const { packed } = this.#tables.series.state(series)
    const ends = this.#tables.raw.ends(series) ?? { first: 0, last: -1 }
    const from = Math.max(Math.floor(span.from / hourMs), ends.first)
    let to = Math.min(Math.ceil(span.to / hourMs), ends.last + 1)
    let whole = newPiece()
    // A day at a time: most spans need no more.
    for (; to > from; to -= 24) {
      const part = newPiece()
      const rows = this.#tables.raw.rows(series, Math.max(from, to - 24), to)
      for (const { octets } of rows)
        append(
          part,
          readRow(() => decodePiece(octets, wanted)),
        )
      append(part, whole)
      whole = part
      if (isEnough(within(whole, span))) break
    }
    append(whole, this.#tail.piece(series, packed, wanted))
    return sorted(whole)
  }
}

/** Which level answers which part. An hour is not divided where its looks are gone: it counts where it begins. */
function levelsOf(span: Span, stepMs: number, state: SeriesState, bounds: BoundValues): Levels {
  const isWhole = (ms: number): boolean => span.from % ms === 0 && stepMs % ms === 0
  const lastHour = Math.floor(span.to / hourMs)
  const lastDay = Math.floor(span.to / dayMs)
  // What ends amid an hour is told from its looks, as far as there are any.
  const summedHours = Math.max(Math.min(Math.max(state.hours, bounds.rawFrom), lastHour), bounds.rawFrom)
  const daysOnly = bounds.hoursFrom / 24
  const summedDays = Math.max(Math.min(Math.max(state.days, daysOnly), lastDay), daysOnly)
  const daysTo = isWhole(dayMs) ? summedDays : daysOnly
  const hoursTo = Math.max(isWhole(hourMs) ? summedHours : bounds.rawFrom, daysTo * 24)
  const begin = (ms: number, at: number): number => Math.ceil(Math.max(at, 0) / ms)
  return {
    days: { from: begin(dayMs, span.from), to: Math.min(daysTo, begin(dayMs, span.to)) },
    hours: {
      from: Math.max(begin(hourMs, span.from), daysTo * 24),
      to: Math.min(hoursTo, begin(hourMs, span.to)),
    },
    looks: { from: Math.max(span.from, hoursTo * hourMs, 0), to: Math.min(span.to, mostHours * hourMs) },
  }
}

/** Leaves out what is told by sums already. */
function cut(piece: Piece, from: number): void {
  const { looks, columns } = piece
  looks.splice(
    0,
    firstFrom(
      looks.map(({ at }) => at),
      from,
    ),
  )
  for (const { ats, values } of columns.values()) {
    const first = firstFrom(ats, from)
    ats.splice(0, first)
    values.splice(0, first)
  }
}

function firstFrom(ats: readonly number[], from: number): number {
  const first = ats.findIndex((at) => at >= from)
  return first === -1 ? ats.length : first
}

function within({ looks, columns }: Piece, { from, to }: Span): Piece {
  const inside = newPiece()
  for (const look of looks) if (look.at >= from && look.at < to) inside.looks.push(look)
  for (const [measure, { ats, values }] of columns) {
    const kept = ats.filter((at) => at >= from && at < to)
    inside.columns.set(measure, { ats: kept, values: values.slice(0, kept.length) })
  }
  return inside
}

function inOrder<T>(steps: ReadonlyMap<number, T>): (readonly [index: number, step: T])[] {
  return [...steps].sort(([one], [other]) => one - other)
}

import type { Timing } from '../../model/report.ts'
import { OctetReader, OctetWriter } from './octets.ts'

/** What a look came to besides its times; texts by their numbers in the table of names, 0 for one that is absent. */
export interface Face {
  readonly verdict: number
  readonly confidence: number
  readonly cause: number
  readonly address: number
  readonly certificate: number
  readonly isWell: boolean
}

/** A sample as it is kept; it has a face in common with most of its neighbours. */
export interface Look {
  readonly at: number
  readonly face: Face
  readonly timing: Timing
}

/** Readings of one measure, in two columns of one length. */
export interface Column {
  readonly ats: number[]
  readonly values: number[]
}

/** A stretch of one series: its looks, and its readings by the number of the measure. In order of time where it was read. */
export interface Piece {
  readonly looks: Look[]
  readonly columns: Map<number, Column>
}

/** Which part of a piece is asked for; the rest is not decoded. */
export type Wanted = 'all' | 'looks' | { readonly measure: number }

const version = 1
const phases = ['dnsMs', 'connectMs', 'tlsMs', 'firstByteMs'] as const

export function newPiece(): Piece {
  return { looks: [], columns: new Map() }
}

export function columnOf({ columns }: Piece, measure: number): Column {
  const known = columns.get(measure)
  if (known !== undefined) return known
  const made: Column = { ats: [], values: [] }
  columns.set(measure, made)
  return made
}

/** How many looks and readings it has. */
export function sizeOf({ looks, columns }: Piece): number {
  let size = looks.length
  for (const { ats } of columns.values()) size += ats.length
  return size
}

/** Adds what another piece has behind what one has. */
export function append(to: Piece, from: Piece): void {
  for (const look of from.looks) to.looks.push(look)
  for (const [measure, { ats, values }] of from.columns) {
    const column = columnOf(to, measure)
    for (const at of ats) column.ats.push(at)
    for (const value of values) column.values.push(value)
  }
}

/** Puts it in order of time; what has the same time stays in the order in which it was written. */
export function sorted(piece: Piece): Piece {
  const columns = new Map<number, Column>()
  for (const [measure, column] of piece.columns) columns.set(measure, sortedColumn(column))
  const { looks } = piece
  const isSorted = looks.every(({ at }, index) => index === 0 || at >= (looks[index - 1]?.at ?? 0))
  return { looks: isSorted ? looks : looks.toSorted((one, other) => one.at - other.at), columns }
}

function sortedColumn(column: Column): Column {
  const { ats, values } = column
  if (ats.every((at, index) => index === 0 || at >= (ats[index - 1] ?? 0))) return column
  const order = ats.map((_, index) => index).sort((one, other) => (ats[one] ?? 0) - (ats[other] ?? 0))
  return { ats: order.map((index) => ats[index] ?? 0), values: order.map((index) => values[index] ?? 0) }
}

/**
 * A piece as octets, by columns: the times once for all that has them, a column of values for each measure, then looks with
 * runs of one face. A phase of looks that is also a measure is told by its number. A minute's look with five measures takes
 * some 9 octets.
 *
 * @param piece in order of time
 */
export function encodePiece(piece: Piece): Uint8Array {
  const writer = new OctetWriter()
  writePiece(writer, new OctetWriter(), piece)
  return writer.take()
}

/** The same into a writer. @param part one that is free: for many small pieces two writers are enough */
export function writePiece(writer: OctetWriter, part: OctetWriter, { looks, columns }: Piece): void {
  const lookAts = looks.map(({ at }) => at)
  const lists = [...columns.values()].map(({ ats }) => ats)
  if (looks.length > 0) lists.push(lookAts)
  const times = timesOf(lists)
  writer.varint(version)
  writer.varint(times.length)
  let before = 0
  for (const at of times) {
    writer.varint(at - before)
    before = at
  }
  writer.varint(columns.size)
  for (const [measure, { ats, values }] of columns) {
    writer.varint(measure)
    writeTimes(part, ats, times)
    part.numbers(values)
    writer.partOf(part)
  }
  writeTimes(writer, lookAts, times)
  if (looks.length > 0) writeLooks(writer, looks, columns)
}

/** All times that there are, each once, in order. What was seen of one look mostly has one time. */
function timesOf(lists: readonly (readonly number[])[]): readonly number[] {
  const [first = []] = lists
  if (lists.every((list) => isSame(list, first))) return [...new Set(first)]
  return [...new Set(lists.flat())].sort((one, other) => one - other)
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one === other || (one.length === other.length && one.every((value, index) => value === other[index]))
}

function writeLooks(writer: OctetWriter, looks: readonly Look[], columns: Piece['columns']): void {
  const runs: { readonly face: Face; length: number }[] = []
  for (const { face } of looks) {
    const last = runs.at(-1)
    if (last !== undefined && isSameFace(last.face, face)) last.length += 1
    else runs.push({ face, length: 1 })
  }
  writer.varint(runs.length)
  for (const { face, length } of runs) {
    const { verdict, confidence, cause, address, certificate, isWell } = face
    for (const number of [verdict, confidence, cause, address, certificate, isWell ? 1 : 0, length])
      writer.varint(number)
  }
  for (const phase of phases) {
    const ats: number[] = []
    const values: number[] = []
    for (const { at, timing } of looks) {
      const value = timing[phase]
      if (value === null) continue
      ats.push(at)
      values.push(value)
    }
    const isMeasured = ([, column]: readonly [number, Column]): boolean =>
      isSame(column.values, values) && isSame(column.ats, ats)
    const [measure] = values.length === looks.length ? ([...columns].find(isMeasured) ?? []) : []
    writer.varint(measure ?? 0)
    if (measure !== undefined) continue
    writer.varint(values.length)
    if (values.length !== 0 && values.length !== looks.length) {
      for (const { timing } of looks) writer.varint(timing[phase] === null ? 0 : 1)
    }
    writer.numbers(values)
  }
}

/** Which of all times they are: all, each once, or by their distances. */
function writeTimes(writer: OctetWriter, ats: readonly number[], times: readonly number[]): void {
  writer.varint(ats.length)
  if (ats.length === 0) return
  const isAll = isSame(ats, times)
  writer.varint(isAll ? 1 : 0)
  if (isAll) return
  let before = 0
  for (const at of ats) {
    let index = before
    while (times[index] !== at) index += 1
    writer.varint(index - before)
    before = index
  }
}

function isSameFace(one: Face, other: Face): boolean {
  return (
    one === other ||
    (one.verdict === other.verdict &&
      one.confidence === other.confidence &&
      one.cause === other.cause &&
      one.address === other.address &&
      one.certificate === other.certificate &&
      one.isWell === other.isWell)
  )
}

/**
 * Reads what {@link encodePiece} wrote.
 *
 * @throws RangeError for octets that are no piece
 */
export function decodePiece(octets: Uint8Array, wanted: Wanted): Piece {
  const reader = new OctetReader(octets)
  if (reader.varint() !== version) throw new RangeError('a piece of no version that is known')
  const count = reader.count(octets.length)
  const times: number[] = []
  let at = 0
  for (let index = 0; index < count; index += 1) {
    at += reader.varint()
    times.push(at)
  }
  const piece: Piece = { looks: [], columns: new Map() }
  const parts = new Map<number, Uint8Array>()
  for (let left = reader.count(octets.length); left > 0; left -= 1) {
    const measure = reader.varint()
    const part = reader.part()
    parts.set(measure, part)
    if (wanted === 'all' || (wanted !== 'looks' && wanted.measure === measure)) {
      piece.columns.set(measure, readColumn(part, times))
    }
  }
  if (typeof wanted !== 'string') return piece
  const column = (measure: number): Column => {
    const part = parts.get(measure)
    if (part === undefined) throw new RangeError('a measure that there is not')
    return piece.columns.get(measure) ?? readColumn(part, times)
  }
  return { looks: readLooks(reader, octets.length, times, column), columns: piece.columns }
}

function readColumn(part: Uint8Array, times: readonly number[]): Column {
  const reader = new OctetReader(part)
  const ats = readTimes(reader, part.length, times)
  return { ats, values: reader.numbers(ats.length) }
}

function readLooks(
  reader: OctetReader,
  most: number,
  times: readonly number[],
  column: (measure: number) => Column,
): Look[] {
  const ats = readTimes(reader, most, times)
  if (ats.length === 0) return []
  const faces: Face[] = []
  const runs = reader.count(ats.length)
  for (let run = 0; run < runs; run += 1) {
    const face: Face = {
      verdict: reader.varint(),
      confidence: reader.varint(),
      cause: reader.varint(),
      address: reader.varint(),
      certificate: reader.varint(),
      isWell: reader.varint() === 1,
    }
    for (let left = reader.count(ats.length - faces.length); left > 0; left -= 1) faces.push(face)
  }
  const [dns = [], connect = [], tls = [], firstByte = []] = phases.map(() => readPhase(reader, ats.length, column))
  return ats.map((at, index) => {
    const face = faces[index]
    if (face === undefined) throw new RangeError('a look without a face')
    const timing = {
      dnsMs: dns[index] ?? null,
      connectMs: connect[index] ?? null,
      tlsMs: tls[index] ?? null,
      firstByteMs: firstByte[index] ?? null,
    }
    return { at, face, timing }
  })
}

function readPhase(
  reader: OctetReader,
  looks: number,
  column: (measure: number) => Column,
): readonly (number | null)[] {
  const measure = reader.varint()
  if (measure !== 0) return column(measure).values
  const count = reader.count(looks)
  const isThere: boolean[] = []
  if (count !== 0 && count !== looks) {
    for (let index = 0; index < looks; index += 1) isThere.push(reader.varint() === 1)
  }
  const values = reader.numbers(count)
  if (isThere.length === 0) return values
  let next = 0
  return isThere.map((there) => (there ? (values[next++] ?? null) : null))
}

function readTimes(reader: OctetReader, most: number, times: readonly number[]): number[] {
  const count = reader.varint()
  if (count === 0) return []
  if (reader.varint() === 1) {
    if (count !== times.length) throw new RangeError('more is told than there is')
    return [...times]
  }
  if (count > most) throw new RangeError('more is told than there is')
  const ats: number[] = []
  let index = 0
  for (let left = count; left > 0; left -= 1) {
    index += reader.varint()
    const at = times[index]
    if (at === undefined) throw new RangeError('a time that there is not')
    ats.push(at)
  }
  return ats
}

import type { FailureRow } from './failureTable.ts'
import { failureRow } from './failureTable.ts'
import type { HistoryBatch } from './historyStore.ts'
import type { Interned } from './interned.ts'
import type { Piece } from './piece.ts'
import { columnOf, newPiece } from './piece.ts'
import { mostSeries } from './places.ts'
import { finite, lookOf, timeOf } from './sampleCodec.ts'

/** A batch as it is written: what costs is done, and what is wrong with it is told, before there is a transaction. */
export interface PreparedBatch {
  readonly pieces: ReadonlyMap<number, Piece>
  readonly failures: readonly FailureRow[]
}

/** @throws RangeError for what is no time since 1970, or no finite number */
export function prepareBatch(batch: HistoryBatch, series: Interned, names: Interned): PreparedBatch {
  const { samples = [], readings = [], failures = [], marks = [], gaps = [] } = batch
  const pieces = new Map<number, Piece>()
  const idOf = (key: string): number => {
    const id = series.idOf(key)
    if (id >= mostSeries) throw new RangeError(`a history takes ${mostSeries} flows and subjects`)
    return id
  }
  const pieceOf = (key: string): Piece => {
    const id = idOf(key)
    const known = pieces.get(id)
    if (known !== undefined) return known
    const made = newPiece()
    pieces.set(id, made)
    return made
  }
  for (const sample of samples) pieceOf(sample.key).looks.push(lookOf(sample, names))
  for (const { subject, measure, at, value } of readings) {
    const column = columnOf(pieceOf(subject), names.idOf(measure))
    column.ats.push(timeOf(at))
    column.values.push(finite(value, 'value'))
  }
  for (const { at } of marks) timeOf(at)
  for (const { from, to } of gaps) timeOf(Math.max(timeOf(from), to))
  return { pieces, failures: failures.map((each) => failureRow(each, timeOf(each.at), idOf(each.key))) }
}

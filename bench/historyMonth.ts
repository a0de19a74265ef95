import { DatabaseSync } from 'node:sqlite'
import type { Sample } from '../src/model/sample.ts'
import type { Reading } from '../src/model/series.ts'
import type { HistoryStore } from '../src/store/history/index.ts'
import { openHistory } from '../src/store/history/index.ts'
import type { Look, Piece } from '../src/store/history/piece.ts'
import { encodePiece } from '../src/store/history/piece.ts'
import { hourMs, placeOf } from '../src/store/history/places.ts'
import { encodeSum, mergeSum, newSum, sumUp } from '../src/store/history/sum.ts'

export const minuteMs = 60_000
/** Days of the month that is asked, and how many of them have looks and not only sums. */
export const days = 30
export const rawDays = 14
/** The begin of the month, a day of UTC. */
export const begin = Date.UTC(2026, 9, 1)
export const end = begin + days * 24 * hourMs
export const measures = ['dns-ms', 'connect-ms', 'tls-ms', 'first-byte-ms', 'whole-ms'] as const

/** Numbers that look random and are the same in each run. */
export function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

export function flowNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => {
    const host = `dc${at >> 3}.corp.example`
    return `t1-service-${at % 8}|connect01|dc${at >> 3}|${host}||${443 + (at % 8)}|tcp`
  })
}

export function opened(file: string, now: () => number): HistoryStore {
  const settings = { rawDays, failureDays: 90, sketchDays: 1095, mostMib: 65_536 }
  const store = openHistory({ file, settings, now, pid: process.pid })
  if ('what' in store) throw new Error(store.what)
  return store
}

/** One look at each flow somewhere in a minute, with a reading for each phase and for the whole. */
export function minuteOf(
  flows: readonly string[],
  from: number,
  roll: () => number,
): { samples: Sample[]; readings: Reading[] } {
  const samples: Sample[] = []
  const readings: Reading[] = []
  for (const [index, key] of flows.entries()) {
    const at = from + Math.floor(roll() * minuteMs)
    const [dnsMs = 0, connectMs = 0, tlsMs = 0, firstByteMs = 0] = phasesOf(roll)
    const address = `10.1.${index >> 8}.${index & 255}`
    samples.push({
      ...{ key, at, verdict: 'open', confidence: 'certain', address, isWell: true },
      ...{ timing: { dnsMs, connectMs, tlsMs, firstByteMs }, certificate: String(index).padStart(64, 'a') },
    })
    const values = [dnsMs, connectMs, tlsMs, firstByteMs, tenths(dnsMs + connectMs + tlsMs + firstByteMs)]
    for (const [place, measure] of measures.entries())
      readings.push({ subject: key, measure, at, value: values[place] ?? 0 })
  }
  return { samples, readings }
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10

/** Milliseconds as they are on a quiet path: most near each other, and one in fifty twice as much. */
function phasesOf(roll: () => number): readonly number[] {
  return [2, 15, 20, 18].map((base) => tenths(base * (1 + 0.1 * (roll() + roll() - 1)) * (roll() < 0.02 ? 2 : 1)))
}

/**
 * Fills a history with a month of looks every minute, as it is after the last tidying, by writing the rows of hours and
 * days themselves: through the store it would take an hour. Few hours are made, and stand for many flows; their times are
 * right, and rows are as large as real ones.
 */
export async function writeMonth(file: string, flows: readonly string[]): Promise<void> {
  const store = opened(file, () => end)
  await store.write(minuteOf(flows, end - minuteMs, dice(1)))
  await store.tidy(end, new AbortController().signal)
  store.close()
  const database = new DatabaseSync(file)
  try {
    database.exec('PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN')
    fill(database)
    database.exec('COMMIT; PRAGMA journal_mode=WAL')
  } finally {
    database.close()
  }
}

const variants = 4

function fill(database: DatabaseSync): void {
  const put = (table: string) => database.prepare(`INSERT OR REPLACE INTO ${table} (place, octets) VALUES (?, ?)`)
  const [raw, hour, day] = [put('raw'), put('hour'), put('day')]
  const ids = database
    .prepare('SELECT id FROM series')
    .all()
    .map(({ id }) => Number(id))
  const numbers = measures.map((name) =>
    Number(database.prepare('SELECT id FROM name WHERE text = ?').get(name)?.['id']),
  )
  const face = Number(database.prepare("SELECT id FROM name WHERE text = 'open'").get()?.['id'])
  const roll = dice(7)
  const [first, last] = [begin / hourMs, end / hourMs]
  const pieces = Array.from({ length: variants }, () => hourOf(numbers, face, roll))
  const sums = pieces.map((piece) => {
    const sum = newSum()
    sumUp(sum, piece)
    return sum
  })
  const daily = newSum()
  for (let at = 0; at < 24; at += 1) mergeSum(daily, sums[at % variants] ?? newSum())
  const [hourOctets, dayOctets] = [sums.map(encodeSum), encodeSum(daily)]
  const looks = new Map<number, readonly Uint8Array[]>()
  for (let at = last - rawDays * 24; at < last; at += 1)
    looks.set(
      at,
      pieces.map((piece) => encodePiece(moved(piece, at * hourMs))),
    )
  const none = new Uint8Array()
  for (const id of ids) {
    for (let at = first; at < last; at += 1) {
      const variant = (id + at) % variants
      hour.run(placeOf(id, at), hourOctets[variant] ?? none)
      const octets = looks.get(at)?.[variant]
      if (octets !== undefined) raw.run(placeOf(id, at), octets)
    }
    for (let at = first / 24; at < last / 24; at += 1) day.run(placeOf(id, at), dayOctets)
  }
  database.prepare('UPDATE series SET hours = ?, days = ?').run(last, last / 24)
  database.prepare("UPDATE bound SET value = ? WHERE name = 'rawFrom'").run(last - rawDays * 24)
}

/** An hour that begins at 0. */
function hourOf(numbers: readonly number[], verdict: number, roll: () => number): Piece {
  const face: Look['face'] = { verdict, confidence: 0, cause: 0, address: 0, certificate: 0, isWell: true }
  const piece: Piece = { looks: [], columns: new Map(numbers.map((number) => [number, { ats: [], values: [] }])) }
  for (let minute = 0; minute < 60; minute += 1) {
    const at = minute * minuteMs + Math.floor(roll() * minuteMs)
    const [dnsMs = 0, connectMs = 0, tlsMs = 0, firstByteMs = 0] = phasesOf(roll)
    piece.looks.push({ at, face, timing: { dnsMs, connectMs, tlsMs, firstByteMs } })
    const values = [dnsMs, connectMs, tlsMs, firstByteMs, tenths(dnsMs + connectMs + tlsMs + firstByteMs)]
    for (const [place, number] of numbers.entries()) {
      piece.columns.get(number)?.ats.push(at)
      piece.columns.get(number)?.values.push(values[place] ?? 0)
    }
  }
  return piece
}

function moved({ looks, columns }: Piece, by: number): Piece {
  return {
    looks: looks.map((look) => ({ ...look, at: look.at + by })),
    columns: new Map(
      [...columns].map(([number, { ats, values }]) => [number, { ats: ats.map((at) => at + by), values }]),
    ),
  }
}

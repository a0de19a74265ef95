import { statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Incident } from '../src/model/incident.ts'
import type { HistoryStore } from '../src/store/history/index.ts'
import { hourMs } from '../src/store/history/places.ts'
import type { Bench, Figure } from './figure.ts'
import { figure } from './figure.ts'
import {
  begin,
  days,
  dice,
  end,
  flowNames,
  measures,
  minuteMs,
  minuteOf,
  opened,
  rawDays,
  writeMonth,
} from './historyMonth.ts'

const runs = 5
const quiet = new AbortController().signal
const dayMs = 24 * hourMs
/** 1,000 targets with 8 flows each. */
const manyFlows = 8000
/** Flows and days that go through the store as they do in earnest, to see what they take on the disk. */
const few = { flows: 100, days: 2 }
const incidentCount = 500

function secondsSince(start: bigint): number {
  return Number(process.hrtime.bigint() - start) / 1e9
}

async function series(measure: (run: number) => Promise<number>): Promise<readonly number[]> {
  await measure(0)
  const rates: number[] = []
  for (let run = 1; run <= runs; run += 1) rates.push(await measure(run))
  return rates
}

/** Looks and readings a second, minute by minute of all flows, until they are packed and what is over is summed up. */
async function inBatches(store: HistoryStore, flows: readonly string[], run: number): Promise<number> {
  const minutes = 5
  const roll = dice(run)
  let seconds = 0
  let events = 0
  for (let minute = 0; minute < minutes; minute += 1) {
    const batch = minuteOf(flows, begin + run * hourMs + minute * minuteMs, roll)
    events += batch.samples.length + batch.readings.length
    const start = process.hrtime.bigint()
    await store.write(batch)
    seconds += secondsSince(start)
  }
  const start = process.hrtime.bigint()
  await store.tidy(begin + (run + 1) * hourMs, quiet)
  return events / (seconds + secondsSince(start))
}

/** Looks a second that come one by one, when so many wait at a time. */
async function oneByOne(store: HistoryStore, waiting: number, looks: number): Promise<number> {
  const batches = flowNames(looks).map((flow, at) => minuteOf([flow], begin + at, dice(at)))
  const start = process.hrtime.bigint()
  const worker = async (): Promise<void> => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) await store.write(batch)
  }
  await Promise.all(Array.from({ length: waiting }, worker))
  return looks / secondsSince(start)
}

function incidentAt(number: number): Incident {
  const since = begin + Math.floor((number * (end - begin)) / incidentCount)
  const text = 'tcp/636 on dc01 is dropped on the path; 389, 88 and 445 on the same host answer'
  const consequences = flowNames(20).map((subject) => {
    return { subject, title: subject, since, until: since + 600_000, cause: 'filtered-silently', says: text } as const
  })
  return {
    ...{ id: String(number), state: 'closed', suspect: { kind: 'host', name: 'dc01' }, cause: 'filtered-silently' },
    ...{ confidence: 'likely', severity: 'high', owner: 'firewall', says: text, since, confirmedAt: since + 10_000 },
    ...{ lastSeenAt: since + 600_000, until: since + 660_000, flaps: 0, consequences, notes: [] },
    confirmedBy: { looks: 3, vantages: [] },
  }
}

/** Of so many questions the time that 95 of 100 stay below, in milliseconds. */
async function p95(ask: (turn: number) => number): Promise<readonly number[]> {
  return series(async (run) => {
    const times: number[] = []
    for (let turn = 0; turn < 40; turn += 1) {
      const start = process.hrtime.bigint()
      const answered = ask(run * 40 + turn)
      times.push(1000 * secondsSince(start))
      if (answered === 0) throw new Error('a question of the month has no answer')
    }
    return times.sort((one, other) => one - other)[37] ?? Number.NaN
  })
}

async function written(file: string, flows: readonly string[]): Promise<readonly Figure[]> {
  const store = opened(file, () => end)
  try {
    const atLeast = { least: 100_000 }
    return [
      figure(
        'looks and readings in batches, packed',
        '/s',
        await series((run) => inBatches(store, flows, run)),
        atLeast,
      ),
      figure('looks one by one, 1 waiting', '/s', await series(() => oneByOne(store, 1, 20))),
      figure('looks one by one, 256 waiting', '/s', await series(() => oneByOne(store, 256, 5000))),
      figure(
        'incidents, each on the disk',
        '/s',
        await series(async (run) => {
          const start = process.hrtime.bigint()
          for (let at = 0; at < 50; at += 1) await store.keepIncidents([incidentAt(run * 50 + at)], [])
          return 50 / secondsSince(start)
        }),
      ),
    ]
  } finally {
    store.close()
  }
}

/** What looks of one flow take on the disk in a day, and what is told of them, as the store writes it in earnest. */
async function sizes(file: string): Promise<readonly Figure[]> {
  const flows = flowNames(few.flows)
  const store = opened(file, () => end)
  const roll = dice(3)
  for (let minute = 0; minute < few.days * 1440; minute += 1) {
    void store.write(minuteOf(flows, begin + minute * minuteMs, roll))
    if (minute % 10 === 9) await store.tidy(begin + minute * minuteMs, quiet)
  }
  const full = (await store.tidy(begin + few.days * dayMs, quiet)).octets
  // The watcher was off until the looks are too old; the clock is believed a day later.
  const later = begin + (few.days + rawDays) * dayMs
  await store.tidy(later, quiet)
  const summed = (await store.tidy(later + dayMs, quiet)).octets
  store.close()
  const perMonth = (octets: number): number => (octets * days) / few.days / few.flows / 1024
  return [
    figure('looks of one flow and month', 'KiB', [perMonth(full - summed)]),
    figure('sums of one flow and month', 'KiB', [perMonth(summed)]),
  ]
}

async function asked(file: string, flows: readonly string[]): Promise<readonly Figure[]> {
  await writeMonth(file, flows)
  const store = opened(file, () => end)
  const month = { from: begin, to: end }
  const key = (turn: number): string => flows[(turn * 7919) % flows.length] ?? ''
  const measure = (turn: number) => measures[turn % measures.length] ?? 'dns-ms'
  const shares = [0.5, 0.9, 0.99]
  try {
    await store.keepIncidents(
      Array.from({ length: incidentCount }, (_, at) => incidentAt(at)),
      [],
    )
    const goal = { most: 100 }
    const day = { from: end - dayMs, to: end }
    const odd = { from: begin + 1_234_567, to: end }
    const rows: readonly [name: string, ask: (turn: number) => number][] = [
      ['newest looks of all flows', () => store.latest().length],
      ['looks of one flow and day', (turn) => store.samples(key(turn), day, 1e6).length],
      ['readings of one flow and day', (turn) => store.readings(key(turn), measure(turn), day, 1e6).length],
      [
        'quantiles of a day by 5 minutes',
        (turn) => store.quantiles(key(turn), measure(turn), day, 300_000, shares).length,
      ],
      [
        'quantiles of a month by hour',
        (turn) => store.quantiles(key(turn), measure(turn), month, hourMs, shares).length,
      ],
      [
        'quantiles of a month by hours that begin anywhere',
        (turn) => store.quantiles(key(turn), measure(turn), odd, hourMs, shares).length,
      ],
      ['quantiles of a month by day', (turn) => store.quantiles(key(turn), measure(turn), month, dayMs, shares).length],
      ['tallies of a month by hour', (turn) => store.tallies(key(turn), month, hourMs).length],
      ['incidents of a month', () => store.incidents(month, 1000).length],
    ]
    const figures: Figure[] = []
    for (const [name, ask] of rows) figures.push(figure(`${name}, p95`, 'ms', await p95(ask), goal))
    return [...figures, figure(`a month of ${flows.length} flows`, 'MiB', [statSync(file).size / 1_048_576])]
  } finally {
    store.close()
  }
}

export const bench: Bench = {
  question: `what does the history take in a second, and how fast does it tell of a month of ${manyFlows} flows every minute?`,
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'postern-bench-history-'))
    const flows = flowNames(manyFlows)
    try {
      return [
        ...(await written(join(folder, 'written.sqlite'), flows)),
        ...(await sizes(join(folder, 'sizes.sqlite'))),
        ...(await asked(join(folder, 'month.sqlite'), flows)),
      ]
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

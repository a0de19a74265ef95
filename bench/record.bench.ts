import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { GateEvent } from '../src/model/event.ts'
import { systemClock } from '../src/net/clock.ts'
import type { RecordStore } from '../src/store/record/index.ts'
import { openRecord, verifyRecord } from '../src/store/record/index.ts'
import type { Bench } from './figure.ts'
import { figure } from './figure.ts'

const runs = 5
const tenantId = '3f0f9b6e-9c1d-4a7e-8f6a-2f4a1c5d7e90'
const src = { address: '10.2.0.7', port: 50_123 }
const dst = { address: '10.1.0.10', port: 8443 }
const traceId = '0af7651916cd43dd8448eb211c80319c'

const request: GateEvent = {
  ...{ kind: 'http_activity', activity: 'request', outcome: 'ok', reason: 'passed', src, dst, traceId, route: 'all' },
  actor: { kind: 'user', tenantId, objectId: 'ab000000-2222-4333-8444-555555555555' },
  session: '0123456789abcdef',
  http: { method: 'GET', host: 'payroll.corp.example', path: '/reports/2026/11', status: 200 },
  detail: { ms: 12 },
}
const signIn: GateEvent = { ...request, kind: 'authentication', activity: 'sign-in', reason: 'signed-in' }

/** Events a second until they are all on the disk, told in parts that fit into what may wait. */
async function inBatches(record: RecordStore, events: number): Promise<number> {
  const start = process.hrtime.bigint()
  for (let told = 0; told < events; ) {
    for (let at = 0; at < 20_000 && told < events; at += 1, told += 1) record.tell(request)
    await record.tellDurably(request)
  }
  return events / secondsSince(start)
}

/** Sign-ins a second when so many people wait at a time. */
async function waitedFor(record: RecordStore, waiting: number, signIns: number): Promise<number> {
  let next = 0
  const person = async (): Promise<void> => {
    while (next < signIns) {
      next += 1
      await record.tellDurably(signIn)
    }
  }
  const start = process.hrtime.bigint()
  await Promise.all(Array.from({ length: waiting }, person))
  return signIns / secondsSince(start)
}

/** Events a second that the gate may tell: what an event costs before it is written. */
function toldAlone(record: RecordStore): number {
  const events = 20_000
  const start = process.hrtime.bigint()
  for (let at = 0; at < events; at += 1) record.tell(request)
  return events / secondsSince(start)
}

function secondsSince(start: bigint): number {
  return Number(process.hrtime.bigint() - start) / 1e9
}

async function series(measure: () => Promise<number>): Promise<readonly number[]> {
  await measure()
  const rates: number[] = []
  for (let run = 0; run < runs; run += 1) rates.push(await measure())
  return rates
}

export const bench: Bench = {
  question: 'how many events a second does one record take, in batches and with people who wait for the disk?',
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'postern-bench-record-'))
    const settings = { folder, rotateMiB: 64, keepDays: 400, mostGiB: 50, checkpointSeconds: 60, refusalsPerMinute: 60 }
    const opened = await openRecord(settings, { clock: systemClock, pid: process.pid })
    if (!opened.ok) throw new Error(opened.fault.what)
    const { record } = opened
    try {
      const figures = [
        figure('events in batches, all on the disk', '/s', await series(() => inBatches(record, 100_000))),
        figure(
          'events told, before they are written',
          '/s',
          await series(async () => {
            const rate = toldAlone(record)
            await record.tellDurably(request)
            return rate
          }),
        ),
        figure('durable sign-ins, 1 waiting', '/s', await series(() => waitedFor(record, 1, 300))),
        figure('durable sign-ins, 64 waiting', '/s', await series(() => waitedFor(record, 64, 20_000))),
      ]
      await record.close()
      const { events, problem } = await verifyRecord(folder)
      if (problem !== undefined) throw new Error(problem.what)
      const verified = await series(async () => {
        const start = process.hrtime.bigint()
        await verifyRecord(folder)
        return events / secondsSince(start)
      })
      return [...figures, figure('events verified', '/s', verified)]
    } finally {
      await record.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

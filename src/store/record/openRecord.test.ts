import assert from 'node:assert/strict'
import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  aRefusal,
  aRequest,
  openedRecord,
  recordFolder,
  recordSettings,
  setClock,
} from '../../../test/recordedFolder.ts'
import type { RecordedEvent } from '../../model/event.ts'
import { openRecord, readEvents, verifyRecord } from './index.ts'

const first = 'record-00000001.jsonl'
const given = { clock: setClock().clock, pid: process.pid }

async function eventsIn(folder: string, signal: AbortSignal): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = []
  for await (const line of readEvents(folder, { signal })) if ('event' in line) events.push(line.event)
  return events
}

test('an event gets its time, an id that sorts by it, and a chain', async (t) => {
  const folder = await recordFolder(t)
  const record = await openedRecord(t, recordSettings(folder))
  await record.tellDurably(aRequest)
  const [event] = await eventsIn(folder, t.signal)
  const { time, uid, chain, ...told } = event ?? assert.fail('no event')
  assert.deepEqual(told, aRequest)
  assert.equal(time, '2026-11-22T08:00:00.000Z')
  assert.match(uid, /^01a20244-e800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.match(chain, /^[0-9a-f]{64}$/)
})

test('a second writer of a folder is told who the first one is, and comes in once that has gone', async (t) => {
  const settings = recordSettings(await recordFolder(t))
  const record = await openedRecord(t, settings)
  const second = await openRecord(settings, given)
  assert.ok(!second.ok)
  assert.match(second.fault.what, new RegExp(`another process writes this record: process ${process.pid}, since 2026`))
  await record.close()
  await (await openedRecord(t, settings)).close()
})

test('the chain runs on across starts and files', async (t) => {
  const folder = await recordFolder(t)
  const settings = recordSettings(folder, { rotateMiB: 1 })
  for (let run = 0; run < 3; run += 1) {
    const record = await openedRecord(t, settings)
    for (let at = 0; at < 4000; at += 1) record.tell(aRequest)
    await record.tellDurably(aRequest)
    await record.close()
  }
  const verdict = await verifyRecord(folder)
  assert.equal(verdict.problem, undefined)
  assert.equal(verdict.events, 3 * 4001)
  assert.ok(verdict.files > 3, String(verdict.files))
  assert.equal((await eventsIn(folder, t.signal)).length, 3 * 4001)
})

test('only the owner may read the record and its key', { skip: process.platform === 'win32' }, async (t) => {
  const folder = join(await recordFolder(t), 'deep', 'record')
  await openedRecord(t, recordSettings(folder))
  const modes = await Promise.all([folder, join(folder, 'record.key'), join(folder, first)].map((path) => stat(path)))
  assert.deepEqual(
    modes.map(({ mode }) => (mode & 0o777).toString(8)),
    ['700', '600', '600'],
  )
})

test('a line that was torn is kept aside and said, and the chain goes on', async (t) => {
  const folder = await recordFolder(t)
  const record = await openedRecord(t, recordSettings(folder))
  await record.tellDurably(aRequest)
  await record.close()
  const whole = await readFile(join(folder, first))
  // Longer than what is written over it.
  const half = `{"activity":"${'x'.repeat(5000)}`
  await writeFile(join(folder, first), Buffer.concat([whole, Buffer.from(half)]))
  assert.equal((await verifyRecord(folder)).problem?.code, 'line-torn')
  const faults: string[] = []
  const next = await openedRecord(t, recordSettings(folder), { onFault: ({ what }) => faults.push(what) })
  await next.tellDurably(aRequest)
  await next.close()
  const verdict = await verifyRecord(folder)
  assert.equal(verdict.problem, undefined)
  assert.equal(verdict.events, 2)
  const [torn] = verdict.torn
  assert.equal(torn?.octets, half.length)
  assert.equal(await readFile(join(folder, torn?.aside ?? ''), 'utf8'), half)
  assert.match(faults.join(), new RegExp(`${half.length} octets`))
})

test('a file that was being begun when the power went is begun again', async (t) => {
  const folder = await recordFolder(t)
  const record = await openedRecord(t, recordSettings(folder))
  await record.tellDurably(aRequest)
  await record.close()
  await writeFile(join(folder, 'record-00000002.jsonl'), '{"events":1,"fi')
  await (await openedRecord(t, recordSettings(folder))).close()
  const verdict = await verifyRecord(folder)
  assert.deepEqual([verdict.problem, verdict.files, verdict.torn.length], [undefined, 1, 1])
})

test('a tail that somebody cut off while nothing ran is told at the start, and for ever after', async (t) => {
  const folder = await recordFolder(t)
  const record = await openedRecord(t, recordSettings(folder))
  const { size } = await stat(join(folder, first))
  await record.tellDurably(aRequest)
  await record.close()
  await truncate(join(folder, first), size)
  const faults: string[] = []
  const next = await openedRecord(t, recordSettings(folder), { onFault: ({ what }) => faults.push(what) })
  await next.close()
  assert.match(faults.join(), /ends before its last signed checkpoint/)
  assert.deepEqual(
    (await eventsIn(folder, t.signal)).map(({ reason }) => reason),
    ['record-tail-missing'],
  )
  assert.equal((await verifyRecord(folder)).problem?.code, 'tail-missing')
})

test('a record whose key is gone is not gone on with', async (t) => {
  const folder = await recordFolder(t)
  await (await openedRecord(t, recordSettings(folder))).close()
  await rm(join(folder, 'record.key'))
  const opened = await openRecord(recordSettings(folder), given)
  assert.ok(!opened.ok && /record\.key is gone/.test(opened.fault.what))
})

test('a flood of refused connections is told up to the rate, and the rest as one event', async (t) => {
  const folder = await recordFolder(t)
  const { clock, forward } = setClock()
  const record = await openedRecord(t, recordSettings(folder, { refusalsPerMinute: 5 }), { clock })
  for (let at = 0; at < 1000; at += 1) record.tell(aRefusal)
  record.tell({ ...aRefusal, reason: 'blocked-address' })
  forward(60_000)
  record.tell(aRefusal)
  await record.close()
  const told = (await eventsIn(folder, t.signal)).map(({ reason, count, src }) => [reason, count ?? 1, src?.port ?? 0])
  const one = ['no-tls', 1, 40_000]
  assert.deepEqual(told, [...Array(5).fill(one), ['blocked-address', 1, 40_000], ['no-tls', 995, 0], one])
})

test('what finds no room is counted, refused to who waits for it, and told', async (t) => {
  const folder = await recordFolder(t)
  const record = await openedRecord(t, recordSettings(folder), { mostWaiting: 3 })
  for (let at = 0; at < 10; at += 1) record.tell(aRequest)
  await assert.rejects(record.tellDurably(aRequest), /cannot be written \(behind\)/)
  assert.equal(record.lag.events, 3)
  await record.close()
  const told = (await eventsIn(folder, t.signal)).map(({ reason, count }) => [reason, count])
  assert.deepEqual(told, [...Array(3).fill(['passed', undefined]), ['record-lost', 8]])
})

test('what nobody waits for is in the record once it is closed, also where it is more than one write takes', async (t) => {
  const folder = await recordFolder(t)
  const record = await openedRecord(t, recordSettings(folder))
  for (let at = 0; at < 6000; at += 1) record.tell(aRequest)
  assert.ok(record.lag.octets > 2 * 1024 * 1024, 'more than two writes take')
  await record.close()
  assert.equal((await verifyRecord(folder)).events, 6000)
})

test('a closed record refuses who waits, and leaves no file that says it is being written', async (t) => {
  const folder = await recordFolder(t)
  const record = await openedRecord(t, recordSettings(folder))
  assert.equal((await verifyRecord(folder)).written, true)
  await record.close()
  record.tell(aRequest)
  await assert.rejects(record.tellDurably(aRequest), /closed/)
  assert.equal((await verifyRecord(folder)).written, false)
  assert.ok(!(await readdir(folder)).includes('record.writer'))
})

test('a record is verified while it is being written', async (t) => {
  const folder = await recordFolder(t)
  const record = await openedRecord(t, recordSettings(folder, { rotateMiB: 1 }))
  let isOver = false
  const writing = (async () => {
    for (let at = 0; at < 60; at += 1) {
      for (let many = 0; many < 200; many += 1) record.tell(aRequest)
      await record.tellDurably(aRequest)
      if (at % 10 === 0) await record.checkpoint()
    }
    isOver = true
  })()
  while (!isOver) assert.equal((await verifyRecord(folder)).problem, undefined)
  await writing
})

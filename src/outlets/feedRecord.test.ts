import assert from 'node:assert/strict'
import { appendFile, readdir, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { aRequest, openedRecord, recordFolder, recordSettings } from '../../test/recordedFolder.ts'
import type { RecordedEvent } from '../model/event.ts'
import type { OutletSettings } from '../model/watch.ts'
import type { HistoryStore } from '../store/history/historyStore.ts'
import { openHistory } from '../store/history/index.ts'
import { readEvents, readOn, verifyRecord } from '../store/record/index.ts'
import { feedRecord, mostWaiting } from './feedRecord.ts'

const outlet: OutletSettings = { name: 'siem', kind: 'file', takes: ['events'], settings: {} }

async function historyIn(t: TestContext): Promise<HistoryStore> {
  const file = join(await recordFolder(t), 'history.sqlite')
  const settings = { rawDays: 14, failureDays: 90, sketchDays: 1095, mostMib: 64 }
  const opened = openHistory({ file, settings, now: () => Date.now(), pid: process.pid })
  if ('what' in opened) throw new Error(opened.what)
  t.after(() => opened.close())
  return opened
}

/** Feeds until the queue has what is wanted, then ends without a word, as a process does that is killed. */
async function fed(
  t: TestContext,
  folder: string,
  store: HistoryStore,
  isEnough: (events: readonly RecordedEvent[]) => boolean,
  outlets: readonly OutletSettings[] = [outlet],
): Promise<readonly RecordedEvent[]> {
  const ending = new AbortController()
  const feeding = feedRecord({
    folder,
    readOn: (from, options) => readOn(folder, from, options),
    outlets,
    store,
    now: () => Date.parse('2026-11-22T08:00:00Z'),
    wait: (ms, signal) => sleep(Math.min(ms, 10), undefined, { signal }).catch(() => {}),
    onSpooled: () => {},
    onTrouble: () => {},
    signal: AbortSignal.any([ending.signal, t.signal]),
  })
  let events = queued(store)
  while (!isEnough(events)) {
    await sleep(5, undefined, { signal: t.signal })
    events = queued(store)
  }
  ending.abort()
  await feeding
  return queued(store)
}

const queued = (store: HistoryStore): readonly RecordedEvent[] =>
  store.due('siem', Number.MAX_SAFE_INTEGER, 100_000).map(({ body }) => JSON.parse(body))

/** What an outlet took. */
async function taken(store: HistoryStore): Promise<readonly RecordedEvent[]> {
  const rows = store.due('siem', Number.MAX_SAFE_INTEGER, 100_000)
  await store.sent(rows.map(({ number }) => number))
  return rows.map(({ body }) => JSON.parse(body))
}

async function recorded(t: TestContext, folder: string): Promise<readonly string[]> {
  const uids: string[] = []
  for await (const line of readEvents(folder, { signal: t.signal })) if ('event' in line) uids.push(line.event.uid)
  return uids
}

const ofRecord = (events: readonly RecordedEvent[]): readonly string[] =>
  events.filter(({ activity }) => activity === 'request').map(({ uid }) => uid)

test('everything comes once and in its order, over files that end, restarts of either side and a queue that is full', async (t) => {
  const folder = await recordFolder(t)
  const store = await historyIn(t)
  const all: string[] = []
  let written = 0
  for (let run = 0; run < 3; run += 1) {
    const record = await openedRecord(t, recordSettings(folder, { rotateMiB: 1 }))
    for (let at = 0; at < 2500; at += 1) record.tell(aRequest)
    await record.tellDurably(aRequest)
    written += 2501
    // The gate writes on while it is read, and the reader is stopped in the midst.
    const goal = Math.min(written, all.length + mostWaiting)
    while (all.length < written) {
      const some = await fed(t, folder, store, (events) => ofRecord(events).length > 0)
      assert.ok(some.length <= mostWaiting + 1000, `${some.length} wait`)
      all.push(...ofRecord(await taken(store)))
    }
    assert.ok(all.length >= goal)
    await record.close()
  }
  assert.deepEqual(all, await recorded(t, folder))
})

test('signed lines go along whole, and by them alone it shows that the record was cut', async (t) => {
  const folder = await recordFolder(t)
  const store = await historyIn(t)
  const record = await openedRecord(t, recordSettings(folder))
  await record.tellDurably(aRequest)
  await record.checkpoint()
  const isSigned = ({ reason }: RecordedEvent): boolean => reason === 'record-signed'
  const events = await fed(t, folder, store, (some) => some.filter(isSigned).length >= 2)
  const line = events.findLast(isSigned)?.detail?.['line']
  const checkpoints = [{ name: 'from the siem', octets: Buffer.from(String(line)) }]
  assert.equal((await verifyRecord(folder, { checkpoints })).ok, true)
  await record.close()
  const [file = ''] = (await readdir(folder)).filter((name) => name.endsWith('.jsonl'))
  await truncate(join(folder, file), 600)
  assert.equal((await verifyRecord(folder, { checkpoints })).ok, false)
})

test('what was spooled before the place was kept is not spooled again, and a lost place sends copies with the same uids', async (t) => {
  const folder = await recordFolder(t)
  const store = await historyIn(t)
  const record = await openedRecord(t, recordSettings(folder))
  for (let at = 0; at < 20; at += 1) await record.tellDurably(aRequest)
  await fed(t, folder, store, (events) => ofRecord(events).length === 20)
  const waiting = queued(store).length
  await store.keepWord('outlet-record:siem', '')
  await record.tellDurably(aRequest)
  const again = await fed(t, folder, store, (events) => ofRecord(events).length === 21)
  assert.equal(again.length, waiting + 1)
  assert.equal(new Set(again.map(({ uid }) => uid)).size, again.length)
  const first = await taken(store)
  await store.keepWord('outlet-record:siem', 'no place')
  const copies = await fed(t, folder, store, (events) => ofRecord(events).length === 21)
  assert.deepEqual(
    copies.map(({ uid }) => uid),
    first.map(({ uid }) => uid),
  )
})

test('what the gate removed before it was sent is told with its number', async (t) => {
  const folder = await recordFolder(t)
  const store = await historyIn(t)
  const record = await openedRecord(t, recordSettings(folder, { rotateMiB: 1 }))
  await record.tellDurably(aRequest)
  await fed(t, folder, store, (events) => ofRecord(events).length === 1)
  await taken(store)
  for (let at = 0; at < 5000; at += 1) {
    record.tell(aRequest)
    if (at % 500 === 0) await record.tellDurably(aRequest)
  }
  await record.close()
  const before = await recorded(t, folder)
  await rm(join(folder, 'record-00000001.jsonl'))
  const left = await recorded(t, folder)
  assert.ok(left.length < before.length && left.length > 0)
  const events = await fed(t, folder, store, (some) => some.some(({ reason }) => reason === 'record-events-missed'))
  const missed = events.find(({ reason }) => reason === 'record-events-missed')
  assert.equal(missed?.count, before.length - left.length - 1)
})

test('a line that is being written is waited for, and one that is none is told once and passed over', async (t) => {
  const folder = await recordFolder(t)
  const store = await historyIn(t)
  const record = await openedRecord(t, recordSettings(folder))
  await record.tellDurably(aRequest)
  await record.close()
  const file = join(folder, 'record-00000001.jsonl')
  const { size } = await stat(file)
  await appendFile(file, '{"activity":"req')
  const events = await fed(t, folder, store, (some) => ofRecord(some).length === 1)
  assert.ok(!events.some(({ kind }) => kind === 'detection_finding'))
  await appendFile(file, 'uest\n')
  const unread = ({ reason }: RecordedEvent): boolean => reason === 'record-line-unread'
  await fed(t, folder, store, (some) => some.some(unread))
  // The gate puts the line aside, writes in its place, and the file is read again.
  await truncate(file, size)
  const next = await openedRecord(t, recordSettings(folder))
  await next.tellDurably(aRequest)
  const uids = await recorded(t, folder)
  const after = await fed(t, folder, store, (some) => ofRecord(some).includes(uids[1] ?? ''))
  assert.equal(after.filter(unread).length, 1)
  assert.ok(after.some(({ reason }) => reason === 'record-changed'))
})

test('an outlet that wants what is grave alone is given that', async (t) => {
  const folder = await recordFolder(t)
  const store = await historyIn(t)
  const record = await openedRecord(t, recordSettings(folder))
  await record.tellDurably(aRequest)
  await record.tellDurably({ ...aRequest, kind: 'detection_finding', outcome: 'failed', reason: 'certificate-expires' })
  const events = await fed(t, folder, store, (some) => some.length > 0, [{ ...outlet, least: 'high' }])
  assert.deepEqual(
    events.map(({ reason }) => reason),
    ['certificate-expires'],
  )
})

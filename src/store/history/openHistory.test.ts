import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { historyFolder, historyOptions, openedHistory } from '../../../test/historyFolder.ts'
import { aFailure, hourMs, incidentOf, minuteMs, morning, readingOf, sampleOf } from '../../../test/historySamples.ts'
import { openHistory, StoreError } from './index.ts'

const quiet = new AbortController().signal
const all = { from: 0, to: Number.MAX_SAFE_INTEGER }
const posix = { skip: process.platform === 'win32' && 'files have no modes there' }
const { key } = sampleOf({})

/** Why a file cannot be opened. */
function faultOf(t: TestContext, folder: string): string {
  const store = openHistory(historyOptions(folder))
  if ('what' in store) return `${store.what}: ${store.right}`
  t.after(() => store.close())
  return 'it opened'
}

/** Writes until it is refused; the number of batches that were taken. */
async function fill(
  write: (batch: number) => Promise<void>,
): Promise<{ readonly taken: number; readonly error: unknown }> {
  for (let taken = 0; taken < 10_000; taken += 1) {
    try {
      await write(taken)
    } catch (error) {
      return { taken, error }
    }
  }
  throw new Error('it is never full')
}

const noise = (length: number): number[] =>
  Array.from({ length }, (_, at) => Math.sin(at * 12.9898 + length) * 43758.5453)

test('a history is nobody else’s to read, and no file of another program', posix, async (t) => {
  const folder = historyFolder(t)
  const store = openedHistory(t, historyOptions(folder))
  await store.write({ samples: [sampleOf({})] })
  await store.backUp(join(folder, 'copy.sqlite'), quiet)
  for (const name of readdirSync(folder)) assert.equal(statSync(join(folder, name)).mode & 0o077, 0, name)
  store.close()
  const other = new DatabaseSync(join(folder, 'other.sqlite'))
  other.exec('CREATE TABLE x (y)')
  other.close()
  const opened = openHistory({ ...historyOptions(folder), file: join(folder, 'other.sqlite') })
  assert.ok('what' in opened && /another program/.test(opened.what))
})

test('a folder that others may write to is refused', posix, (t) => {
  const folder = join(historyFolder(t), 'open')
  mkdirSync(folder)
  const { chmodSync } = process.getBuiltinModule('node:fs')
  chmodSync(folder, 0o777)
  assert.match(faultOf(t, folder), /its folder may be written by others/)
})

test('of two watchers the second is told who writes, and comes in when the first has closed', (t) => {
  const folder = historyFolder(t)
  const first = openedHistory(t, historyOptions(folder, { pid: 4711 }))
  assert.match(faultOf(t, folder), /another watcher writes it: process 4711, since 2026-12-22T00:00:00.000Z: end it/)
  first.close()
  assert.equal(faultOf(t, folder), 'it opened')
})

test('a history of a newer version is refused and left as it is', async (t) => {
  const folder = historyFolder(t)
  openedHistory(t, historyOptions(folder)).close()
  const file = join(folder, 'history.sqlite')
  const newer = new DatabaseSync(file)
  newer.exec('PRAGMA user_version=7')
  newer.close()
  const before = readFileSync(file)
  assert.match(faultOf(t, folder), /a newer version wrote it \(tables 7, known 1\): run that version/)
  assert.deepEqual(readFileSync(file), before)
})

test('a damaged history is refused, and its remedy names the back-up', async (t) => {
  const folder = historyFolder(t)
  const file = join(folder, 'history.sqlite')
  const store = openedHistory(t, historyOptions(folder))
  await store.write({ readings: noise(5000).map((value, at) => readingOf({ at: morning + at, value })) })
  await store.tidy(morning, quiet)
  store.close()
  const octets = readFileSync(file)
  writeFileSync(
    file,
    Buffer.concat([octets.subarray(0, 4096), Buffer.alloc(4096 * 8, 0x5a), octets.subarray(4096 * 9)]),
  )
  assert.match(faultOf(t, folder), /damaged.*back-up/)
  writeFileSync(file, 'no database at all, but a text that somebody wrote')
  assert.match(faultOf(t, folder), /no database/)
})

test('rows that another hand has changed are told as damage, and nothing else is', async (t) => {
  const folder = historyFolder(t)
  const store = openedHistory(t, historyOptions(folder))
  await store.write({ samples: [sampleOf({})], failures: [aFailure(key, morning)] })
  await store.keepIncidents([incidentOf('one', {}), incidentOf('two', {})], [])
  await store.tidy(morning, quiet)
  const hand = new DatabaseSync(join(folder, 'history.sqlite'))
  hand.exec("UPDATE raw SET octets = x'0105'; UPDATE failure SET octets = x'00'")
  hand.exec('UPDATE incident SET body = \'{"id":"two"}\' WHERE id = \'two\'')
  hand.close()
  const isDamage = (error: unknown): boolean => error instanceof StoreError && error.trouble === 'damaged'
  assert.throws(() => store.samples(key, all, 9), isDamage)
  assert.throws(() => [...store.failures(all)], isDamage)
  assert.throws(() => store.incident('two'), isDamage)
  assert.equal(store.incident('one')?.id, 'one')
  assert.equal(store.latest().length, 1)
})

test('a full history refuses looks whole, takes incidents still, and goes on once there is room', async (t) => {
  const folder = historyFolder(t)
  const settings = { rawDays: 2, failureDays: 3, sketchDays: 365, mostMib: 1 }
  const store = openedHistory(t, historyOptions(folder, { settings }))
  const values = noise(2000)
  const { taken, error } = await fill((batch) =>
    store.write({
      samples: [sampleOf({ at: morning + batch })],
      readings: values.map((value, at) => readingOf({ at: morning + batch * minuteMs + at, value: value + batch })),
    }),
  )
  assert.ok(error instanceof StoreError && error.trouble === 'full', String(error))
  assert.match(error.message, /no room for it: make room/)
  assert.ok(taken > 20)
  const kept = () => [store.samples(key, all, 1e6).length, store.readings('a|b', 'tls-ms', all, 1e9).length]
  assert.deepEqual(kept(), [taken, taken * values.length])
  await store.keepIncidents([incidentOf('grave', {})], [])
  assert.equal(store.incident('grave')?.id, 'grave')
  const { octets } = await store.tidy(morning + 3 * hourMs, quiet)
  assert.ok(octets <= 1_048_576, `${octets} are in use`)
  const whole = { from: morning, to: morning + 24 * hourMs }
  assert.equal(store.tallies(key, whole, 24 * hourMs)[0]?.looks, taken, 'what was removed is told of')
  await store.write({ samples: [sampleOf({ at: morning + 2 * hourMs })] })
  assert.equal(store.latest()[0]?.at, morning + 2 * hourMs)
})

test('one write that cannot be kept takes no other with it', async (t) => {
  const folder = historyFolder(t)
  const store = openedHistory(t, historyOptions(folder))
  const hand = new DatabaseSync(join(folder, 'history.sqlite'))
  hand.exec("CREATE TRIGGER no BEFORE INSERT ON word WHEN new.name = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); END")
  hand.close()
  const [first, second, third] = await Promise.allSettled([
    store.write({ samples: [sampleOf({})] }),
    store.keepWord('bad', 'x'),
    store.keepWord('phase', 'one'),
  ])
  assert.deepEqual([first.status, second.status, third.status], ['fulfilled', 'rejected', 'fulfilled'])
  assert.deepEqual([store.latest().length, store.word('phase')], [1, 'one'])
})

test('readers see what was written while it is written, packed and removed, and write nothing', async (t) => {
  const folder = historyFolder(t)
  const missing = openHistory(historyOptions(folder, { isReader: true }))
  assert.ok('what' in missing && /no such file/.test(missing.what))
  const store = openedHistory(t, historyOptions(folder))
  const reader = openedHistory(t, historyOptions(folder, { isReader: true }))
  for (let round = 0; round < 12; round += 1) {
    const at = morning + round * 6 * hourMs
    await store.write({ samples: [sampleOf({ at })], readings: [readingOf({ at, value: round })] })
    if (round % 3 === 1) await store.tidy(at + hourMs, quiet)
    for (const question of [
      (of: typeof store) => of.samples(key, all, 99),
      (of: typeof store) => of.latest(),
      (of: typeof store) => of.readings('a|b', 'tls-ms', all, 99),
      (of: typeof store) => of.quantiles('a|b', 'tls-ms', { from: morning, to: at + hourMs }, 24 * hourMs, [0.5]),
      (of: typeof store) => of.tallies(key, { from: morning, to: at + 1 }, hourMs),
    ]) {
      assert.deepEqual(question(reader), question(store))
    }
  }
  await assert.rejects(reader.write({}), (error) => error instanceof StoreError && error.trouble === 'reader')
  await assert.rejects(reader.keepWord('a', 'b'), StoreError)
  await reader.backUp(join(folder, 'copy.sqlite'), quiet)
  store.close()
  const copy = openedHistory(t, { ...historyOptions(folder), file: join(folder, 'copy.sqlite') })
  assert.deepEqual(copy.latest(), reader.latest())
})

test('a copy is whole while it is written to, and one that was stopped leaves nothing', async (t) => {
  const folder = historyFolder(t)
  const store = openedHistory(t, historyOptions(folder))
  const write = (round: number) =>
    store.write({ readings: noise(2000).map((value, at) => readingOf({ at: morning + round * minuteMs + at, value })) })
  for (let round = 0; round < 60; round += 1) await write(round)
  const count = (of: typeof store) => of.readings('a|b', 'tls-ms', all, 1e9).length
  const before = count(store)
  const file = join(folder, 'copy.sqlite')
  writeFileSync(file, 'an older copy')
  const stop = new AbortController()
  const stopped = store.backUp(file, stop.signal, () => stop.abort(new Error('enough')))
  await assert.rejects(stopped, /enough/)
  assert.equal(readFileSync(file, 'utf8'), 'an older copy')
  const told: number[] = []
  const copied = store.backUp(file, quiet, ({ pages }) => told.push(pages))
  for (let round = 60; round < 70; round += 1) await write(round)
  await copied
  assert.ok(told.length > 0)
  assert.deepEqual(
    readdirSync(folder).filter((name) => /part/.test(name)),
    [],
  )
  const copy = openedHistory(t, { ...historyOptions(folder), file })
  assert.equal(count(copy), before)
  assert.equal(count(store), before + 10 * 2000)
  await assert.rejects(store.backUp(join(folder, 'no', 'such', 'folder'), quiet))
})

test('a history is not copied over itself, by whatever name: it would be gone with what is not in its file yet', async (t) => {
  const folder = historyFolder(t)
  const store = openedHistory(t, historyOptions(folder))
  await store.write({ samples: [sampleOf({ at: morning })] })
  const other = join(folder, 'other.sqlite')
  symlinkSync(join(folder, 'history.sqlite'), other)
  for (const file of [join(folder, 'history.sqlite'), other]) {
    await assert.rejects(
      store.backUp(file, quiet),
      (error) => error instanceof StoreError && /it is the history itself: name another file$/.test(error.message),
    )
  }
  await store.write({ samples: [sampleOf({ at: morning + minuteMs })] })
  const reader = openedHistory(t, historyOptions(folder, { isReader: true }))
  assert.equal(reader.samples(key, all, 10).length, 2)
})

test('ten thousand flows are kept, packed, told and found again', { timeout: 120_000 }, async (t) => {
  const folder = historyFolder(t)
  const store = openedHistory(t, historyOptions(folder))
  const flows = Array.from({ length: 10_000 }, (_, flow) => `t1|a|b${flow}||10.0.0.1|443|tcp`)
  const look = (minute: number) => ({
    samples: flows.map((flow, index) => sampleOf({ key: flow, at: morning + minute * minuteMs + index })),
    readings: flows.map((subject, index) =>
      readingOf({ subject, at: morning + minute * minuteMs + index, value: index }),
    ),
  })
  for (let minute = 0; minute < 6; minute += 1) await store.write(look(minute))
  await store.tidy(morning + 25 * hourMs, quiet)
  store.close()
  const again = openedHistory(t, historyOptions(folder))
  assert.equal(again.latest().length, flows.length)
  for (const index of [0, 1, 4999, 9999]) {
    const flow = flows[index] ?? ''
    assert.equal(again.samples(flow, all, 99).length, 6)
    const [day] = again.quantiles(flow, 'tls-ms', { from: morning, to: morning + 24 * hourMs }, 24 * hourMs, [1])
    assert.deepEqual([day?.count, Math.abs((day?.values[0] ?? Number.NaN) - index) <= index * 0.01], [6, true])
  }
})

test('an hour with more readings than one row takes is told whole', async (t) => {
  const folder = historyFolder(t)
  const store = openedHistory(t, historyOptions(folder))
  const values = Array.from({ length: 12_000 }, (_, at) => at)
  const half = (odd: number) =>
    values.filter((value) => value % 2 === odd).map((value) => readingOf({ at: morning + value, value }))
  for (const odd of [1, 0]) {
    await store.write({ readings: half(odd) })
    await store.tidy(morning + odd * hourMs, quiet)
  }
  assert.deepEqual(
    store.readings('a|b', 'tls-ms', all, 1e6).map(({ value }) => value),
    values,
  )
  assert.deepEqual(
    store.quantiles('a|b', 'tls-ms', all, hourMs, [0.5]).map(({ count }) => count),
    [12_000],
  )
})

test('tidying that is stopped leaves everything that it has not removed', async (t) => {
  const folder = historyFolder(t)
  const store = openedHistory(t, historyOptions(folder))
  const samples = Array.from({ length: 200 }, (_, at) => sampleOf({ key: `k${at}`, at: morning + at * hourMs }))
  await store.write({ samples })
  const span = { from: morning, to: morning + 240 * hourMs }
  const looks = () =>
    samples.reduce((sum, each) => sum + (store.tallies(each.key, span, 240 * hourMs)[0]?.looks ?? 0), 0)
  const stop = new AbortController()
  setImmediate(() => stop.abort())
  await store.tidy(morning + 200 * hourMs, stop.signal)
  assert.equal(looks(), 200)
  await store.tidy(morning + 200 * hourMs, AbortSignal.abort())
  assert.equal(looks(), 200)
  await store.tidy(morning + 200 * hourMs, quiet)
  assert.equal(looks(), 200)
})

test('a history that is closed amid tidying and writes keeps what was written, and fails nobody', async (t) => {
  const folder = historyFolder(t)
  const samples = Array.from({ length: 300 }, (_, at) => sampleOf({ key: `k${at % 60}`, at: morning + at * hourMs }))
  for (let turns = 0; turns < 12; turns += 1) {
    const store = openedHistory(t, historyOptions(folder))
    const written = store.write({ samples, failures: samples.map(({ key: flow, at }) => aFailure(flow, at)) })
    const tidied = store.tidy(morning + (300 + turns) * hourMs, quiet)
    for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate)
    store.close()
    await Promise.all([written, tidied])
    await assert.rejects(store.write({ samples }), /closed/)
  }
})

import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import { aRequest, openedRecord, recordFolder, recordSettings, setClock } from '../../../test/recordedFolder.ts'
import type { RecordSettings } from '../../model/gate.ts'
import type { RecordStore } from './index.ts'
import { verifyRecord } from './index.ts'

const dayMs = 86_400_000
const start = Date.parse('2026-11-22T08:00:00Z')

async function filesOf(folder: string): Promise<number> {
  return (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).length
}

/** More than 1 MiB, so that the next event begins a file. */
async function fill(record: RecordStore): Promise<void> {
  for (let at = 0; at < 2500; at += 1) record.tell(aRequest)
  await record.tellDurably(aRequest)
}

async function filled(settings: RecordSettings, files: number, open: () => Promise<RecordStore>): Promise<void> {
  const record = await open()
  for (let at = 0; at < files; at += 1) await fill(record)
  await record.close()
  assert.equal((await verifyRecord(settings.folder)).problem, undefined)
}

test('a clock that is far ahead removes nothing, at the start and while it runs, and it is said once', async (t) => {
  const folder = await recordFolder(t)
  const settings = recordSettings(folder, { rotateMiB: 1 })
  await filled(settings, 3, () => openedRecord(t, settings))
  const before = await filesOf(folder)
  assert.ok(before >= 3, String(before))
  const { clock, forward } = setClock(start + 500 * dayMs)
  const faults: string[] = []
  const record = await openedRecord(t, settings, { clock, onFault: ({ what }) => faults.push(what) })
  for (let at = 0; at < 2; at += 1) {
    forward(60_000)
    await fill(record)
  }
  await record.close()
  assert.ok((await filesOf(folder)) > before)
  assert.equal(faults.length, 1, faults.join())
  assert.match(faults.join(), /the clock is far beyond the last line/)
  assert.equal((await verifyRecord(folder)).removed, undefined)
})

test('a clock that stays wrong over a second start is not believed for its own lines', async (t) => {
  const folder = await recordFolder(t)
  const settings = recordSettings(folder, { rotateMiB: 1 })
  await filled(settings, 3, () => openedRecord(t, settings))
  const before = await filesOf(folder)
  for (const ahead of [500 * dayMs, 500 * dayMs + 60_000, 500 * dayMs + 120_000]) {
    const record = await openedRecord(t, settings, { clock: setClock(start + ahead).clock })
    for (let at = 0; at < 2; at += 1) await fill(record)
    await record.close()
  }
  assert.ok((await filesOf(folder)) > before + 3)
  const { problem, removed } = await verifyRecord(folder)
  assert.deepEqual([problem, removed], [undefined, undefined])
})

test('files that are old by lines that follow each other are removed at a start', async (t) => {
  const folder = await recordFolder(t)
  const settings = recordSettings(folder, { rotateMiB: 1, keepDays: 20 })
  await filled(settings, 3, () => openedRecord(t, settings))
  const before = await filesOf(folder)
  const faults: string[] = []
  for (const days of [6, 12, 18, 24]) {
    const { clock } = setClock(start + days * dayMs)
    const record = await openedRecord(t, settings, { clock, onFault: ({ what }) => faults.push(what) })
    await record.tellDurably(aRequest)
    await record.close()
  }
  assert.ok((await filesOf(folder)) < before)
  assert.deepEqual(faults, [])
  const { problem, removed } = await verifyRecord(folder)
  assert.equal(problem, undefined)
  assert.ok(removed !== undefined)
})

test('above its size the oldest files go, with a statement, and never the one that is written', async (t) => {
  const folder = await recordFolder(t)
  const settings = recordSettings(folder, { rotateMiB: 1, mostGiB: 3 / 1024 })
  const faults: string[] = []
  const record = await openedRecord(t, settings, { onFault: ({ what }) => faults.push(what) })
  for (let at = 0; at < 6; at += 1) await fill(record)
  await record.close()
  const verdict = await verifyRecord(folder)
  assert.equal(verdict.problem, undefined)
  assert.ok(verdict.removed !== undefined && verdict.removed.through >= 2, JSON.stringify(verdict.removed))
  assert.ok(verdict.files <= 4, String(verdict.files))
  assert.equal(faults.length, 1)
  assert.match(faults.join(), /more than .* GiB, and files go/)
  const next = await openedRecord(t, recordSettings(folder, { rotateMiB: 64, mostGiB: 1 / 1024 / 1024 }))
  await next.tellDurably(aRequest)
  await next.close()
  const last = await verifyRecord(folder)
  assert.deepEqual([last.problem, last.files, last.events > 0], [undefined, 1, true])
})

test('a clock that was right after a long rest is believed once it has gone on for a week', async (t) => {
  const folder = await recordFolder(t)
  const settings = recordSettings(folder, { rotateMiB: 1 })
  await filled(settings, 3, () => openedRecord(t, settings))
  const before = await filesOf(folder)
  for (const days of [500, 503, 506, 509, 512]) {
    const record = await openedRecord(t, settings, { clock: setClock(start + days * dayMs).clock })
    await record.tellDurably(aRequest)
    await record.close()
    assert.equal((await filesOf(folder)) < before, days === 512, `after ${days} days`)
  }
  assert.equal((await verifyRecord(folder)).problem, undefined)
})

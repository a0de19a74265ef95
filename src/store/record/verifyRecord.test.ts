import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { appendFile, cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  anyEvent,
  aRequest,
  openedRecord,
  recordFolder,
  recordSettings,
  setClock,
} from '../../../test/recordedFolder.ts'
import { readEvents, verifyRecord } from './index.ts'

const first = 'record-00000001.jsonl'

async function recorded(t: TestContext, events: number): Promise<string> {
  const folder = await recordFolder(t)
  const record = await openedRecord(t, recordSettings(folder))
  for (let at = 0; at < events; at += 1) record.tell({ ...aRequest, detail: { at } })
  await record.close()
  return folder
}

test('whatever events are told, the record verifies, and holds them in their order', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyEvent, { maxLength: 12 }), async (events) => {
      const folder = await recordFolder(t)
      const record = await openedRecord(t, recordSettings(folder, { refusalsPerMinute: 10_000 }))
      await Promise.all(events.map((event, at) => (at % 3 === 0 ? record.tellDurably(event) : record.tell(event))))
      await record.close()
      const verdict = await verifyRecord(folder)
      assert.deepEqual([verdict.problem, verdict.events, verdict.unsigned], [undefined, events.length, 0])
      const kinds: string[] = []
      for await (const line of readEvents(folder, { signal: t.signal }))
        if ('event' in line) kinds.push(line.event.kind)
      assert.deepEqual(
        kinds,
        events.map(({ kind }) => kind),
      )
    }),
    { numRuns: 20 },
  )
})

test('a line can be verified with SHA-256 and nothing of ours', async (t) => {
  const lines = (await readFile(join(await recorded(t, 3), first), 'utf8')).trimEnd().split('\n')
  let chain = '0'.repeat(64)
  for (const line of lines) {
    const { chain: claimed } = JSON.parse(line) as { readonly chain: string }
    chain = hash('sha256', chain + line.replace(/,"chain":"[0-9a-f]{64}"\}$/, '}'))
    assert.equal(chain, claimed)
  }
  assert.ok(lines.length >= 5)
})

test('one octet that is another one is found, with its line', async (t) => {
  const folder = await recorded(t, 6)
  const files = [first, 'checkpoint.json']
  const texts = await Promise.all(files.map(async (name) => ({ name, octets: await readFile(join(folder, name)) })))
  const spoilt = fc.constantFrom(...texts).chain(({ name, octets }) =>
    fc.record({
      name: fc.constant(name),
      octets: fc.constant(octets),
      at: fc.integer({ min: 0, max: octets.length - 1 }),
      mask: fc.integer({ min: 1, max: 255 }),
    }),
  )
  await fc.assert(
    fc.asyncProperty(spoilt, async ({ name, octets, at, mask }) => {
      const other = Buffer.from(octets)
      other[at] = (other[at] ?? 0) ^ mask
      await writeFile(join(folder, name), other)
      const { problem } = await verifyRecord(folder)
      await writeFile(join(folder, name), octets)
      // The end of the checkpoint's only line is no part of what it says.
      if (name !== first && at === octets.length - 1) return
      assert.equal(problem?.file, name === first || problem?.code === 'bad-signature' ? name : problem?.file)
      if (name === first) assert.equal(problem?.line, octets.subarray(0, at).toString('latin1').split('\n').length)
      assert.ok(problem !== undefined)
    }),
    { numRuns: 150 },
  )
  assert.equal((await verifyRecord(folder)).ok, true)
})

test('octets of any kind in every file give a verdict', async (t) => {
  const folder = await recordFolder(t)
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.uint8Array({ maxLength: 400 }), async (one, two) => {
      for (const name of [first, 'record-00000002.jsonl']) await writeFile(join(folder, name), one)
      for (const name of ['checkpoint.json', 'record.pub', 'record.lock']) await writeFile(join(folder, name), two)
      assert.equal((await verifyRecord(folder)).ok, false)
    }),
    { numRuns: 50 },
  )
})

test('a line without an end, longer than the memory it may use, is told as no line of a record', async (t) => {
  const folder = await recorded(t, 2)
  for (let at = 0; at < 40; at += 1) await appendFile(join(folder, first), Buffer.alloc(1024 * 1024, 0x61))
  await appendFile(join(folder, first), '\n')
  const { problem } = await verifyRecord(folder)
  assert.deepEqual([problem?.code, problem?.line], ['chain-broken', 6])
})

const removals: readonly {
  readonly says: string
  readonly code: string
  readonly spoil: (lines: string[]) => string[]
}[] = [
  { says: 'an event that was taken away', code: 'chain-broken', spoil: (lines) => lines.toSpliced(3, 1) },
  {
    says: 'two events in each other’s place',
    code: 'chain-broken',
    spoil: (l) => l.with(3, l[4] ?? '').with(4, l[3] ?? ''),
  },
  { says: 'an event that stands twice', code: 'chain-broken', spoil: (lines) => lines.toSpliced(3, 0, lines[3] ?? '') },
  { says: 'a tail that was cut off', code: 'tail-missing', spoil: (lines) => lines.slice(0, 4) },
  {
    says: 'a torn end',
    code: 'line-torn',
    spoil: (lines) => lines.with(-2, (lines.at(-2) ?? '').slice(0, 20)).slice(0, -1),
  },
]
for (const { says, code, spoil } of removals) {
  test(`${says} is told as ${code}`, async (t) => {
    const folder = await recorded(t, 6)
    const text = await readFile(join(folder, first), 'utf8')
    await writeFile(join(folder, first), spoil(text.split('\n')).join('\n') + (code === 'tail-missing' ? '\n' : ''))
    const { problem } = await verifyRecord(folder)
    assert.equal(problem?.code, code)
    assert.equal(problem?.file, first)
  })
}

test('who cuts off the tail and its checkpoint is found by a checkpoint that was kept elsewhere', async (t) => {
  const folder = await recordFolder(t)
  const sent: string[] = []
  const record = await openedRecord(t, recordSettings(folder), { onCheckpoint: (line) => sent.push(line) })
  await record.tellDurably(aRequest)
  await record.checkpoint()
  await record.close()
  const [beginning = ''] = sent
  const lines = (await readFile(join(folder, first), 'utf8')).split('\n')
  await writeFile(join(folder, first), `${lines.slice(0, 2).join('\n')}\n`)
  await writeFile(join(folder, 'checkpoint.json'), `${beginning}\n`)
  assert.equal((await verifyRecord(folder)).ok, true)
  const checkpoints = [{ name: 'sent.json', octets: Buffer.from(sent.at(-1) ?? '') }]
  assert.equal((await verifyRecord(folder, { checkpoints })).problem?.code, 'tail-missing')
})

test('who writes an event otherwise and every chain anew is found at the next signature', async (t) => {
  const folder = await recorded(t, 6)
  const lines = (await readFile(join(folder, first), 'utf8')).trimEnd().split('\n')
  let previous = '0'.repeat(64)
  const forged = lines.map((line, at) => {
    const text = (at === 4 ? line.replace('10.2.0.7', '10.2.0.8') : line).slice(0, -76)
    const body = `${text.replace(/"previous":"[0-9a-f]{64}"/, `"previous":"${previous}"`)}}`
    previous = hash('sha256', previous + body)
    return `${body.slice(0, -1)},"chain":"${previous}"}\n`
  })
  await writeFile(join(folder, first), forged.join(''))
  const { problem } = await verifyRecord(folder)
  assert.deepEqual([problem?.code, problem?.file, problem?.line], ['bad-signature', first, lines.length])
  assert.match(problem?.what ?? '', /the signature is not of the key/)
})

test('a record that somebody else made and signed is told by the public key', async (t) => {
  const [ours, theirs] = [await recorded(t, 2), await recorded(t, 2)]
  const publicKey = await readFile(join(ours, 'record.pub'))
  assert.equal((await verifyRecord(theirs)).ok, true)
  assert.equal((await verifyRecord(theirs, { publicKey })).problem?.code, 'bad-signature')
})

test('files that were removed by age are not missed, and one that somebody removed is', async (t) => {
  const folder = await recordFolder(t)
  const { clock, forward } = setClock()
  const settings = recordSettings(folder, { keepDays: 3 })
  const record = await openedRecord(t, settings, { clock })
  for (let day = 0; day < 12; day += 1) {
    await record.tellDurably(aRequest)
    forward(86_400_000)
  }
  await record.close()
  const files = (await readdir(folder)).filter((name) => name.endsWith('.jsonl'))
  assert.ok(!files.includes(first) && files.length >= 2, files.join())
  const kept = await verifyRecord(folder)
  assert.equal(kept.problem, undefined)
  assert.ok(kept.removed !== undefined && kept.removed.through >= 1)
  const copy = join(await recordFolder(t), 'copy')
  await cp(folder, copy, { recursive: true })
  await rm(join(copy, files.sort()[0] ?? ''))
  const { problem } = await verifyRecord(copy)
  assert.deepEqual([problem?.code, problem?.file], ['file-missing', files[0]])
})

test('a folder without a record, or that is not there, is told as that', async (t) => {
  const folder = await recordFolder(t)
  assert.equal((await verifyRecord(folder)).problem?.code, 'no-record')
  assert.equal((await verifyRecord(join(folder, 'nowhere'))).problem?.code, 'no-record')
})

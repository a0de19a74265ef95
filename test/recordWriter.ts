/**
 * Writes a record in a process of its own, for tests that end it or take its disk away.
 *
 *   node test/recordWriter.ts endless FOLDER    durable events for ever, the number of each on stdout once it is kept
 *   node test/recordWriter.ts full FOLDER       durable events until the disk is full and after it has room again; what
 *                                               became of them as one line of JSON. FOLDER/ballast is removed for room
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { systemClock } from '../src/net/clock.ts'
import { openRecord, verifyRecord } from '../src/store/record/index.ts'
import { aRequest, recordSettings } from './recordedFolder.ts'

const [mode = '', folder = ''] = process.argv.slice(2)
const faults: string[] = []
const options = {
  clock: systemClock,
  pid: process.pid,
  onFault: ({ what }: { readonly what: string }) => faults.push(what),
}
if (mode === 'full') await writeFile(join(folder, 'ballast'), Buffer.alloc(64 * 1024))
const opened = await openRecord(recordSettings(folder, { checkpointSeconds: 1, rotateMiB: 1 }), options)
if (!opened.ok) throw new Error(opened.fault.what)
const { record } = opened
let next = 0

async function endless(): Promise<never> {
  for (;;) {
    const at = next++
    await record.tellDurably({ ...aRequest, detail: { at } })
    process.stdout.write(`${at}\n`)
  }
}

async function full(): Promise<void> {
  let kept = 0
  let code = ''
  while (code === '') {
    record.tell(aRequest)
    await record.tellDurably(aRequest).then(
      () => {
        kept += 1
      },
      (error: { readonly code: string }) => {
        code = error.code
      },
    )
  }
  const refused = await Promise.allSettled(Array.from({ length: 3 }, () => record.tellDurably(aRequest)))
  const { trouble } = record
  const whileFull = await verifyRecord(folder)
  const isEnded = (await readFile(join(folder, 'record-00000001.jsonl'))).at(-1) === 10
  await rm(join(folder, 'ballast'))
  await record.tellDurably(aRequest)
  const after = record.trouble
  await record.close()
  const { problem, events } = await verifyRecord(folder)
  const result = {
    kept,
    code,
    refused: refused.map(({ status }) => status),
    trouble,
    whileFull,
    isEnded,
    after,
    problem,
    events,
    faults,
  }
  process.stdout.write(`${JSON.stringify(result)}\n`)
}

if (mode === 'endless') await Promise.all(Array.from({ length: 8 }, endless))
else await full()

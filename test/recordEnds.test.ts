import assert from 'node:assert/strict'
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { RecordVerdict } from '../src/store/record/index.ts'
import { readEvents, verifyRecord } from '../src/store/record/index.ts'
import { openedRecord, recordFolder, recordSettings } from './recordedFolder.ts'

const writer = fileURLToPath(new URL('recordWriter.ts', import.meta.url))
/** A file system of 256 KiB that only the child sees, and that goes with it. */
const smallDisk = [
  '-rm',
  'sh',
  '-c',
  'mount -t tmpfs -o size=256k,mode=700 tmpfs "$1" && exec "$2" "$3" full "$1"',
  'sh',
]
const hasSmallDisk =
  process.platform === 'linux' && spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0

test('every event that was answered for outlives a kill -9, and the record verifies', {
  timeout: 120_000,
}, async (t) => {
  const folder = await recordFolder(t)
  const answered = new Set<number>()
  for (let run = 0; run < 3; run += 1) {
    const child = spawn(process.execPath, [writer, 'endless', folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    t.after(() => child.kill('SIGKILL'))
    let count = 0
    for await (const line of createInterface(child.stdout)) {
      answered.add(run * 1e6 + Number(line))
      count += 1
      if (count === 150 + 37 * run) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    assert.equal(child.signalCode, 'SIGKILL')
  }
  // The next start puts aside what was torn, if anything was.
  await (await openedRecord(t, recordSettings(folder))).close()
  const verdict = await verifyRecord(folder)
  assert.equal(verdict.problem, undefined)
  const kept = new Map<number, number>()
  for await (const line of readEvents(folder, { signal: t.signal })) {
    const at = 'event' in line ? Number(line.event.detail?.['at']) : assert.fail('a line cannot be read')
    kept.set(at, (kept.get(at) ?? 0) + 1)
  }
  const asked = new Map<number, number>()
  for (const each of answered) asked.set(each % 1e6, (asked.get(each % 1e6) ?? 0) + 1)
  for (const [at, times] of asked) assert.ok((kept.get(at) ?? 0) >= times, `event ${at} is gone`)
  assert.ok(answered.size >= 150 + 187 + 224)
})

test('a full disk refuses who waits, holds what nobody waits for, and tells what was lost once there is room', {
  skip: hasSmallDisk ? false : 'no small disk can be mounted here',
  timeout: 120_000,
}, async (t) => {
  const folder = await recordFolder(t)
  const { stdout } = await promisify(execFile)('unshare', [...smallDisk, folder, process.execPath, writer])
  const result = JSON.parse(stdout) as {
    readonly kept: number
    readonly code: string
    readonly refused: readonly string[]
    readonly trouble: { readonly code: string; readonly lost: number }
    readonly whileFull: RecordVerdict
    readonly isEnded: boolean
    readonly after?: object
    readonly problem?: object
    readonly events: number
    readonly faults: readonly string[]
  }
  assert.deepEqual([result.code, result.refused], ['ENOSPC', ['rejected', 'rejected', 'rejected']])
  assert.deepEqual([result.trouble.code, result.trouble.lost], ['ENOSPC', 4])
  // What did not fit left no half line.
  assert.deepEqual([result.whileFull.problem, result.isEnded], [undefined, true])
  assert.deepEqual([result.after, result.problem], [undefined, undefined])
  // Each kept one beside one that nobody waited for; the pair at which the disk was full; the last; what was lost.
  assert.equal(result.events, 2 * result.kept + 1 + 1 + 1)
  assert.match(result.faults.join(), /cannot be written \(ENOSPC\), and nobody new is signed in/)
})

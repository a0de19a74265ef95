import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { memoryHistory } from '../../test/watch/memoryHistory.ts'
import type { Mark } from '../model/sample.ts'
import { inboxOf, leaveMark } from '../store/marks/markInbox.ts'
import { takeMarks } from './takeMarks.ts'

const begun: Mark = { at: 1_800_000_000_000, kind: 'change-start', name: 'firewall-1' }

function inboxIn(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-marks-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return inboxOf(join(folder, 'history.sqlite'))
}

/** Looks so many times, and says what was taken. */
async function taken(
  folder: string,
  store: Parameters<typeof takeMarks>[1],
  looks: number,
  between: () => void = () => {},
): Promise<readonly Mark[]> {
  const ending = new AbortController()
  const marks: Mark[] = []
  let left = looks
  await takeMarks(folder, store, {
    onMark: (mark) => marks.push(mark),
    signal: ending.signal,
    async pause() {
      between()
      left -= 1
      if (left === 0) ending.abort()
      await turn()
    },
  })
  return marks
}

test('a mark that waits is in the history, told once, and waits no more', async (t) => {
  const folder = inboxIn(t)
  leaveMark(folder, begun)
  const history = memoryHistory()
  assert.deepEqual(await taken(folder, history, 3), [begun])
  assert.deepEqual(history.kept.marks, [begun])
  assert.deepEqual(readdirSync(folder), [])
})

test('one that an earlier process had taken and not removed is not taken twice', async (t) => {
  const folder = inboxIn(t)
  leaveMark(folder, begun)
  const history = memoryHistory()
  await history.write({ marks: [begun] })
  assert.deepEqual(await taken(folder, history, 2), [])
  assert.deepEqual(history.kept.marks, [begun])
  assert.deepEqual(readdirSync(folder), [])
})

for (const asked of ['read', 'written'] as const) {
  test(`while the history cannot be ${asked} a mark waits, and nobody is ended by it`, async (t) => {
    const folder = inboxIn(t)
    leaveMark(folder, begun)
    const history = memoryHistory()
    let isBroken = true
    const trouble = (): void => {
      if (isBroken) throw new Error('disk I/O error')
    }
    const store: Parameters<typeof takeMarks>[1] = {
      marks(span) {
        if (asked === 'read') trouble()
        return history.marks(span)
      },
      async write(batch) {
        trouble()
        await history.write(batch)
      },
    }
    let looks = 0
    const marks = await taken(folder, store, 3, () => {
      looks += 1
      isBroken = looks < 2
    })
    assert.deepEqual(marks, [begun])
    assert.deepEqual(readdirSync(folder), [])
  })
}

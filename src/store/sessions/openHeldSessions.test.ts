import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { holdSessions, openHeldSessions } from './index.ts'

test('sessions are held until the last of them is written, and then no longer', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-held-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 's.sqlite')
  const opened = openHeldSessions(file, { now: () => 0 })
  assert.ok('ok' in opened)
  const { store, close } = opened.ok
  const second = openHeldSessions(file, { now: () => 0 })
  assert.ok('fault' in second && second.isHeld)
  const written = store.close.bind(store)
  let isHeldMeanwhile: boolean | undefined
  store.close = () => {
    isHeldMeanwhile = 'what' in holdSessions(file)
    written()
    throw new Error('the disk is full')
  }
  assert.throws(close, /disk is full/)
  assert.equal(isHeldMeanwhile, true)
  const next = holdSessions(file)
  assert.ok('release' in next)
  next.release()
})

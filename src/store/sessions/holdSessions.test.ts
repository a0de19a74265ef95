import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { holdSessions } from './holdSessions.ts'

function fileFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-hold-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'sessions.sqlite')
}

test('one gate holds a database, and the next one when it is released', (t) => {
  const file = fileFor(t)
  const first = holdSessions(file)
  assert.ok('release' in first)
  assert.ok('what' in holdSessions(file))
  first.release()
  const next = holdSessions(file)
  assert.ok('release' in next)
  next.release()
})

test('nobody else may read what is held: whoever does could lock it', { skip: process.platform === 'win32' }, (t) => {
  const file = fileFor(t)
  writeFileSync(`${file}.gate`, '')
  chmodSync(`${file}.gate`, 0o644)
  const held = holdSessions(file)
  assert.ok('release' in held)
  assert.equal(statSync(`${file}.gate`).mode & 0o777, 0o600)
  held.release()
})

import assert from 'node:assert/strict'
import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { Mark } from '../../model/sample.ts'
import { inboxOf, leaveMark, waitingMarks } from './markInbox.ts'

function inboxIn(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-marks-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return inboxOf(join(folder, 'history.sqlite'))
}

const begun: Mark = { at: 1_800_000_000_000, kind: 'change-start', name: 'firewall-1' }
const ended: Mark = { at: 1_800_000_060_000, kind: 'change-end', name: 'firewall-1' }

test('marks wait in their order until they are removed', (t) => {
  const inbox = inboxIn(t)
  assert.deepEqual(waitingMarks(inbox), [])
  leaveMark(inbox, ended)
  leaveMark(inbox, begun)
  const waiting = waitingMarks(inbox)
  assert.deepEqual(
    waiting.map(({ mark }) => mark),
    [begun, ended],
  )
  waiting[0]?.remove()
  assert.deepEqual(
    waitingMarks(inbox).map(({ mark }) => mark),
    [ended],
  )
})

test('the same mark may be left twice, by two processes at one moment', (t) => {
  const inbox = inboxIn(t)
  leaveMark(inbox, begun)
  leaveMark(inbox, begun)
  assert.equal(waitingMarks(inbox).length, 2)
})

test('what is half written is left alone, and what is no mark is removed', (t) => {
  const inbox = inboxIn(t)
  mkdirSync(inbox)
  writeFileSync(join(inbox, '1-a.part'), '{"at":1,')
  const rows = ['', 'null', '{"at":"x","kind":"change-start","name":"a"}', '{"at":1,"kind":"site-reloaded","name":"a"}']
  for (const [index, text] of [...rows, 'x'.repeat(9000)].entries()) writeFileSync(join(inbox, `${index}-b.json`), text)
  assert.deepEqual(waitingMarks(inbox), [])
  assert.deepEqual(readdirSync(inbox), ['1-a.part'])
})

test('a mark that this process may not read is left where it is, and nothing is thrown', (t) => {
  const inbox = inboxIn(t)
  leaveMark(inbox, begun)
  // A folder is read by nobody, whoever asks.
  mkdirSync(join(inbox, '0-a.json'))
  const waiting = waitingMarks(inbox)
  assert.deepEqual(
    waiting.map(({ mark }) => mark),
    [begun],
  )
  assert.equal(readdirSync(inbox).length, 2)
})

test('a mark that cannot be removed brings nothing down: it waits on', (t) => {
  const inbox = inboxIn(t)
  leaveMark(inbox, begun)
  const [waiting] = waitingMarks(inbox)
  const [name = ''] = readdirSync(inbox)
  rmSync(join(inbox, name))
  mkdirSync(join(inbox, name))
  waiting?.remove()
  assert.deepEqual(readdirSync(inbox), [name])
})

const isRoot = process.getuid?.() === 0

test('what the administrator leaves is the watcher’s to read and to remove', {
  skip: !isRoot && 'asks for root',
}, (t) => {
  const inbox = inboxIn(t)
  const [user, group] = [12_345, 12_346]
  chownSync(dirname(inbox), user, group)
  leaveMark(inbox, begun)
  const owners = [inbox, ...readdirSync(inbox).map((name) => join(inbox, name))].map((path) => statSync(path))
  assert.deepEqual(
    owners.map(({ uid, gid }) => [uid, gid]),
    [
      [user, group],
      [user, group],
    ],
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostileTexts } from '../../../test/hostileTexts.ts'
import { anEvent, hostileAlert, openedOutlet, toolsTo } from '../../../test/outletRig.ts'
import type { AppendLines, Told } from '../outlet.ts'

test('each thing is one line of JSON that is read back as it was, whatever stands in it', async (t) => {
  const lines: string[] = []
  const asked: unknown[] = []
  const append: AppendLines = async (path, more, rotation) => {
    lines.push(...more)
    asked.push([path, rotation])
    return { octets: 17 }
  }
  const outlet = await openedOutlet('file', { path: 'alerts.jsonl', keep: 3 }, await toolsTo(t, 1, { append }))
  const told: Told[] = hostileTexts.flatMap((text): Told[] => [
    { kind: 'alert', alert: hostileAlert(text) },
    { kind: 'event', event: anEvent({ route: text }) },
  ])
  const delivery = await outlet.send(told, { timeoutMs: 1000, signal: t.signal })
  assert.deepEqual(delivery, { kind: 'taken', says: `${told.length} lines written, 17 octets` })
  assert.deepEqual(asked, [['alerts.jsonl', { mostOctets: 64 * 1_048_576, keep: 3 }]])
  for (const [at, line] of lines.entries()) {
    const one = told[at]
    assert.doesNotMatch(line, /[\r\n]/)
    assert.deepEqual(
      JSON.parse(line),
      one?.kind === 'alert' ? { kind: 'alert', ...one.alert } : JSON.parse(JSON.stringify(one?.event)),
    )
  }
})

test('in OCSF each line is one of its objects, and what cannot be written is tried again', async (t) => {
  const lines: string[] = []
  const append: AppendLines = async (_path, more) => {
    lines.push(...more)
    return { why: 'alerts.jsonl: ENOSPC' }
  }
  const outlet = await openedOutlet('file', { path: 'alerts.jsonl', format: 'ocsf' }, await toolsTo(t, 1, { append }))
  const told = [
    { kind: 'alert', alert: hostileAlert('x') },
    { kind: 'event', event: anEvent() },
  ] as const
  const delivery = await outlet.send(told, { timeoutMs: 1000, signal: t.signal })
  assert.deepEqual(delivery, { kind: 'later', says: 'alerts.jsonl: ENOSPC' })
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).class_uid),
    [2004, 3002],
  )
})

import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { handlesLeft, openHandles } from '../../test/openHandles.ts'
import { within, withinEach } from './within.ts'

const untilAborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason), { once: true }))

test('what is done in time is not disturbed, and neither timer nor listener is left', async () => {
  const outer = new AbortController()
  const before = openHandles('Timeout')
  const result = await within(600_000, outer.signal, async (signal) => {
    assert.equal(getEventListeners(outer.signal, 'abort').length, 1)
    return signal.aborted ? 'aborted' : 'done'
  })
  assert.equal(result, 'done')
  assert.equal(getEventListeners(outer.signal, 'abort').length, 0)
  assert.ok((await handlesLeft('Timeout', before)) <= before)
})

test('the signal is aborted when the time is over, the outer one is not', async () => {
  const outer = new AbortController()
  await within(1, outer.signal, untilAborted)
  assert.equal(outer.signal.aborted, false)
})

test('the outer signal ends it with its reason', async () => {
  const outer = new AbortController()
  const waiting = within(600_000, outer.signal, untilAborted)
  outer.abort('Ctrl-C')
  assert.equal(await waiting, 'Ctrl-C')
})

test('what begins after the outer signal was aborted finds its own aborted', async () => {
  assert.equal(await within(600_000, AbortSignal.abort(), async (signal) => signal.aborted), true)
})

test('a failure comes through, and leaves nothing behind', async () => {
  const outer = new AbortController()
  await assert.rejects(
    within(600_000, outer.signal, () => Promise.reject(new Error('a bug'))),
    /a bug/,
  )
  assert.equal(getEventListeners(outer.signal, 'abort').length, 0)
})

test('many things have one listener on the outer signal, and each its own time and end', async () => {
  const outer = new AbortController()
  const before = openHandles('Timeout')
  const each = withinEach(outer.signal)
  const waiting = [each(600_000, untilAborted), each(600_000, untilAborted), each(1, untilAborted)] as const
  assert.equal(await each(600_000, async () => 'done'), 'done')
  await waiting[2]
  assert.equal(getEventListeners(outer.signal, 'abort').length, 1)
  outer.abort('Ctrl-C')
  assert.deepEqual(await Promise.all(waiting.slice(0, 2)), ['Ctrl-C', 'Ctrl-C'])
  assert.equal(await each(600_000, async (signal) => signal.aborted), true)
  await assert.rejects(
    each(600_000, () => Promise.reject(new Error('a bug'))),
    /a bug/,
  )
  assert.ok((await handlesLeft('Timeout', before)) <= before)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Limits } from '../net/net.ts'
import { askTwice } from './askTwice.ts'

interface Put {
  readonly within: Limits
  readonly end: (outcome: string) => void
}

/** A question whose ends the test gives, one for each time that it is put; an abort ends it as well. */
function question() {
  const put: Put[] = []
  const waiting: PromiseWithResolvers<Put>[] = [Promise.withResolvers(), Promise.withResolvers()]
  const ask = (within: Limits) => {
    const { promise, resolve } = Promise.withResolvers<{ outcome: string; time: number }>()
    const time = put.length + 1
    const end = (outcome: string): void => resolve({ outcome, time })
    within.signal.addEventListener('abort', () => end('aborted'), { once: true })
    put.push({ within, end })
    waiting[time - 1]?.resolve({ within, end })
    return promise
  }
  const times = waiting.map(({ promise }) => promise)
  const [once = assert.fail(), twice = assert.fail()] = times
  return { ask, put, once, twice }
}

const never = new AbortController().signal
/** A third of it is over soon, and all of it is not in the time of a test. */
const timeoutMs = 60

test('a question that is answered in time is put once', async () => {
  const { ask, put, once } = question()
  const asked = askTwice(ask, { signal: never, timeoutMs: 600_000 })
  ;(await once).end('answer')
  assert.deepEqual(await asked, { first: { outcome: 'answer', time: 1 } })
  assert.equal(put.length, 1)
})

test('an answer to the first one counts when the second has been sent, which is waited for no longer', async () => {
  const { ask, once, twice } = question()
  const asked = askTwice(ask, { signal: never, timeoutMs })
  const { within } = await twice
  ;(await once).end('answer')
  assert.deepEqual(await asked, { first: { outcome: 'answer', time: 1 } })
  assert.ok(within.signal.aborted)
})

test('the second is given what is left of the wait, and its answer ends the first one', async () => {
  const { ask, twice } = question()
  const asked = askTwice(ask, { signal: never, timeoutMs })
  const { within, end } = await twice
  end('refused')
  assert.deepEqual(await asked, {
    first: { outcome: 'aborted', time: 1 },
    again: { outcome: 'refused', time: 2 },
  })
  assert.equal(within.timeoutMs, timeoutMs - timeoutMs / 3)
})

test('silence is told of both', async () => {
  const { ask, once, twice } = question()
  const asked = askTwice(ask, { signal: never, timeoutMs })
  const second = await twice
  ;(await once).end('timeout')
  second.end('timeout')
  assert.deepEqual(await asked, {
    first: { outcome: 'timeout', time: 1 },
    again: { outcome: 'timeout', time: 2 },
  })
})

test('what is no answer leaves both of them waiting, and is told of the first one', async () => {
  const { ask, once, twice } = question()
  const asked = askTwice(ask, { signal: never, timeoutMs }, () => false)
  ;(await twice).end('garbage')
  ;(await once).end('garbage')
  assert.deepEqual(await asked, { first: { outcome: 'garbage', time: 1 } })
})

test('who calls it off hears of one question, and no other is put', async () => {
  const { ask, put, once } = question()
  const stop = new AbortController()
  const asked = askTwice(ask, { signal: stop.signal, timeoutMs: 600_000 })
  await once
  stop.abort()
  assert.deepEqual(await asked, { first: { outcome: 'aborted', time: 1 } })
  assert.equal(put.length, 1)
})

test('a question that cannot be put is a fault, and ends the other one', async () => {
  const { ask, once } = question()
  const throwsLater = (within: Limits) =>
    within.timeoutMs < timeoutMs ? Promise.reject(new Error('bug')) : ask(within)
  await assert.rejects(askTwice(throwsLater, { signal: never, timeoutMs }), /^Error: bug$/)
  assert.ok((await once).within.signal.aborted)
})

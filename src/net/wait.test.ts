import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openHandles } from '../../test/openHandles.ts'
import { tcpServer } from '../../test/tcpServer.ts'
import { wait } from './wait.ts'

const never = new AbortController().signal

test('a wait gives what came, and releases what was opened, once', async () => {
  const released: string[] = []
  const outcome = await wait<string>(
    { signal: never, timeoutMs: 60_000 },
    (settle) => {
      setImmediate(() => {
        settle('first')
        settle('second')
      })
      return (with_) => released.push(with_)
    },
    (ending) => ending,
  )
  assert.equal(outcome, 'first')
  assert.deepEqual(released, ['first'])
})

test('what came in time leaves neither timer nor listener', async () => {
  const { signal } = new AbortController()
  const before = openHandles('Timeout')
  await wait<string>(
    { signal, timeoutMs: 600_000 },
    (settle) => {
      setImmediate(settle, 'done')
      return () => {}
    },
    (ending) => ending,
  )
  assert.equal(getEventListeners(signal, 'abort').length, 0)
  assert.equal(openHandles('Timeout'), before)
})

test('what is settled while it begins is released all the same', async () => {
  const released: string[] = []
  const outcome = await wait<string>(
    { signal: never, timeoutMs: 60_000 },
    (settle) => {
      settle('at once')
      return (with_) => released.push(with_)
    },
    (ending) => ending,
  )
  assert.equal(outcome, 'at once')
  assert.deepEqual(released, ['at once'])
})

test('time that runs out ends a wait as timeout', async () => {
  const released: string[] = []
  const outcome = await wait<string>(
    { signal: never, timeoutMs: 5 },
    () => (with_) => released.push(with_),
    (ending) => ending,
  )
  assert.equal(outcome, 'timeout')
  assert.deepEqual(released, ['timeout'])
})

test('what had come before this process looked again counts, though the time is over', async (t) => {
  const { address: host, port } = await tcpServer(t, (socket) => socket.resume())
  const timeoutMs = 5
  // From here on timers are looked at before what came.
  await turn()
  const outcome = await wait<string>(
    { signal: never, timeoutMs },
    (settle) => {
      const socket = connect({ host, port }, () => settle('connected')).on('error', () => {})
      // It has been sent by then; nothing is read until this is over.
      process.nextTick(() => {
        for (const began = performance.now(); performance.now() - began < 20 * timeoutMs; );
      })
      return () => socket.destroy()
    },
    (ending) => ending,
  )
  assert.equal(outcome, 'connected')
})

test('an abort ends a wait, and leaves neither timer nor listener', async () => {
  const controller = new AbortController()
  const before = openHandles('Timeout')
  const waiting = wait<string>(
    { signal: controller.signal, timeoutMs: 600_000 },
    () => () => {},
    (ending) => ending,
  )
  assert.equal(getEventListeners(controller.signal, 'abort').length, 1)
  assert.equal(openHandles('Timeout'), before + 1)
  controller.abort()
  assert.equal(await waiting, 'aborted')
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
  assert.equal(openHandles('Timeout'), before)
})

test('nothing is begun for a caller who has given up already', async () => {
  const outcome = await wait<string>(
    { signal: AbortSignal.abort(), timeoutMs: 5 },
    () => assert.fail('begun'),
    (ending) => ending,
  )
  assert.equal(outcome, 'aborted')
})

test('misuse that shows at the beginning is thrown, and leaves nothing', async () => {
  const controller = new AbortController()
  const waiting = wait<string>(
    { signal: controller.signal, timeoutMs: 600_000 },
    () => {
      throw new TypeError('no such thing')
    },
    (ending) => ending,
  )
  await assert.rejects(waiting, /no such thing/)
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
})

for (const timeoutMs of [0, -1, 600_001, Number.NaN, Number.POSITIVE_INFINITY]) {
  test(`a time-out of ${timeoutMs} ms is misuse`, () => {
    assert.throws(
      () =>
        wait<string>(
          { signal: never, timeoutMs },
          () => () => {},
          (ending) => ending,
        ),
      RangeError,
    )
  })
}

test('who still listens after a wait holds on to nothing of it', async () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const listeners: ((outcome: object) => void)[] = []
  const come: WeakRef<object>[] = []
  const waitOnce = async (): Promise<void> => {
    await wait<object>(
      { signal: never, timeoutMs: 60_000 },
      (settle) => {
        listeners.push(settle)
        const outcome = { certificates: ['one'] }
        come.push(new WeakRef(outcome))
        setImmediate(settle, outcome)
        return () => {}
      },
      () => ({}),
    )
  }
  await waitOnce()
  // What a turn has looked at through a WeakRef lives to the end of it.
  for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
  collect()
  assert.equal(listeners.length, 1)
  assert.deepEqual(
    come.map((outcome) => outcome.deref()),
    [undefined],
  )
})

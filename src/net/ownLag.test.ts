import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tcpServer } from '../../test/tcpServer.ts'
import { createNet } from './createNet.ts'
import type { OwnLag } from './ownLag.ts'
import { createOwnLag } from './ownLag.ts'

/** A machine whose clock goes as it is told, and whose timer fires when it is told. */
function machine() {
  let nowMs = 1000
  let ticks: (() => void) | undefined
  const lag = createOwnLag({
    monotonicMs: () => nowMs,
    every(_ms, act) {
      ticks = act
      return () => {
        ticks = undefined
      }
    },
  })
  const pass = (ms: number): void => {
    nowMs += ms
  }
  const tick = (): void => ticks?.()
  return { lag, pass, tick, isWatching: () => ticks !== undefined }
}

test('time that passes while the timer is on time is nobody’s lag', async () => {
  const { lag, pass, tick } = machine()
  const told = await lag.during(async () => {
    for (let at = 0; at < 50; at += 1) {
      pass(22)
      tick()
    }
    return 'answer'
  }, 'whole')
  assert.deepEqual(told, { done: 'answer' })
})

test('a timer that fires late tells for how long nobody looked', async () => {
  const { lag, pass, tick } = machine()
  const told = await lag.during(async () => {
    pass(20)
    tick()
    pass(720)
    tick()
    pass(20)
    tick()
  }, 'whole')
  assert.equal(told.ownLagMs, 700)
})

test('a timer that has not fired yet tells it too', async () => {
  const { lag, pass } = machine()
  const told = await lag.during(async () => pass(620), 'end')
  assert.equal(told.ownLagMs, 600)
})

test('one answer that is waited for is as late as the last look at it, and not as all looks before', async () => {
  const { lag, pass, tick } = machine()
  const late = (...stallsMs: readonly number[]) =>
    lag.during(async () => {
      for (const stallMs of stallsMs) {
        pass(20 + stallMs)
        tick()
      }
    }, 'end')
  assert.deepEqual(
    [(await late(700, 0, 0)).ownLagMs, (await late(700, 0, 300)).ownLagMs, (await late(0, 0)).ownLagMs],
    [undefined, 300, undefined],
  )
})

test('each is told what fell into its own time, however many wait side by side', async () => {
  const { lag, pass, tick } = machine()
  let release = (): void => {}
  const long = lag.during(() => new Promise<void>((resolve) => (release = resolve)), 'whole')
  pass(520)
  const short = await lag.during(async () => {
    pass(20)
    tick()
    return 'short'
  }, 'whole')
  pass(20)
  tick()
  release()
  assert.deepEqual([short.ownLagMs, (await long).ownLagMs], [undefined, 520])
})

test('nothing is watched while nothing is waited for, however the wait ended', async () => {
  const { lag, isWatching } = machine()
  assert.equal(isWatching(), false)
  await assert.rejects(
    lag.during(async () => {
      assert.equal(isWatching(), true)
      throw new RangeError('misuse')
    }, 'end'),
    RangeError,
  )
  assert.equal(isWatching(), false)
})

test('what is seen over the wire carries it', async (t) => {
  const { address, port } = await tcpServer(t, (socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'))
  const lag: OwnLag = { during: async (work) => ({ done: await work(), ownLagMs: 700 }) }
  const net = createNet({ trust: { site: [], machine: [], node: [] }, userAgent: 'postern/test', lag })
  const limits = { signal: t.signal, timeoutMs: 10_000 }
  const { seen, socket } = await net.connect({ address, port }, limits)
  assert.deepEqual([seen.outcome, seen.ownLagMs], ['connected', 700])
  assert.ok(socket)
  const asked = await net.request(socket, { url: `http://${address}:${port}/`, address, method: 'GET' }, limits)
  assert.deepEqual([asked.status, asked.ownLagMs], [204, 700])
})

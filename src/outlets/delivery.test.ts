import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { anAlert, anEvent } from '../../test/outletRig.ts'
import { play, SpoolInMemory } from '../../test/playedDelivery.ts'
import { deliver } from './delivery.ts'
import type { Delivery, Send, Told } from './outlet.ts'
import { refusedBy } from './refusedThings.ts'

const alertNumber = (number: number) => anAlert({ id: `alert-${number}` })
const idOf = (told: Told): string => (told.kind === 'alert' ? told.alert.id : told.event.uid)

const taken: Delivery = { kind: 'taken', says: 'answers 200' }
const down: Delivery = { kind: 'later', says: 'no connection' }

test('what waits is sent in its order, alerts one by one and events together', async (t) => {
  const sent: string[][] = []
  const events = [1, 2, 3].map((at) => anEvent({ uid: `event-${at}` }))
  const { spool, news } = await play(t, {
    bodies: [alertNumber(1), ...events, alertNumber(2), alertNumber(3)],
    atOnce: 2,
    async send(told) {
      sent.push(told.map(idOf))
      return taken
    },
  })
  assert.deepEqual(sent, [['alert-1'], ['event-1', 'event-2'], ['event-3'], ['alert-2'], ['alert-3']])
  assert.deepEqual([spool.rows, news], [[], []])
})

test('over an outage of days nothing is lost or overtaken, and it is said once that it begins and once that it ends', async (t) => {
  const days = 3 * 86_400_000
  const sent: string[] = []
  const clock = { now: 0 }
  let tries = 0
  const { spool, news, waits } = await play(t, {
    bodies: [1, 2, 3, 4, 5].map(alertNumber),
    async send([told]) {
      tries += 1
      if (clock.now < 1_000_000 + days) return down
      if (told !== undefined) sent.push(idOf(told))
      return taken
    },
    isOver({ rows }, now) {
      clock.now = now
      return rows.length === 0
    },
  })
  assert.deepEqual(
    sent,
    [1, 2, 3, 4, 5].map((at) => `alert-${at}`),
  )
  assert.deepEqual(spool.rows, [])
  assert.deepEqual(
    news.map(({ kind, says }) => [kind, says]),
    [
      ['failing', 'ops (webhook): no connection; 5 wait, next try in 2 s'],
      ['well', 'ops (webhook): takes things again, 4 more wait'],
    ],
  )
  // Doubled up to five minutes, and no further: some 860 tries in three days, and not 130,000.
  assert.deepEqual(
    waits.slice(0, 9),
    [2, 4, 8, 16, 32, 64, 128, 256, 300].map((seconds) => seconds * 1000),
  )
  assert.ok(Math.max(...waits) === 300_000 && tries < 1000)
})

test('what has to be sent again is not overtaken after a restart, and a time of another clock is not waited for', async (t) => {
  for (const [aheadMs, waits] of [
    [600_000, [600_000]],
    [86_400_000, []],
  ] as const) {
    const spool = new SpoolInMemory()
    await spool.spool('ops', JSON.stringify(alertNumber(1)), 1_000_000 + aheadMs)
    const sent: string[] = []
    const played = await play(t, {
      spool,
      bodies: [alertNumber(2)],
      async send([told]) {
        if (told !== undefined) sent.push(idOf(told))
        return taken
      },
    })
    assert.deepEqual(sent, ['alert-1', 'alert-2'])
    assert.deepEqual(played.waits.slice(0, -1), waits)
  }
})

test('the other side says when to come again, and is not asked before', async (t) => {
  const answers: Delivery[] = [{ kind: 'later', says: 'answers 429', afterMs: 17_000 }, taken]
  const { waits } = await play(t, { bodies: [alertNumber(1)], send: async () => answers.shift() ?? taken })
  assert.equal(waits[0], 17_000)
})

test('what is refused is kept with its reason, told once, and does not keep the others waiting', async (t) => {
  const sent: string[] = []
  const { spool, news, loop } = await play(t, {
    bodies: [1, 2, 3, 4, 5].map(alertNumber),
    async send([told]) {
      const id = told === undefined ? '' : idOf(told)
      if (['alert-2', 'alert-3', 'alert-4'].includes(id)) return { kind: 'refused', says: 'answers 400: invalid' }
      sent.push(id)
      return taken
    },
  })
  assert.deepEqual([sent, spool.rows], [['alert-1', 'alert-5'], []])
  const { count, newest } = refusedBy(spool, 'ops')
  assert.deepEqual(
    [count, newest.map(({ number, says }) => [number, says])],
    [3, [2, 3, 4].map((number) => [number, 'answers 400: invalid'])],
  )
  assert.deepEqual(JSON.parse(newest[0]?.body ?? ''), JSON.parse(JSON.stringify(alertNumber(2))))
  assert.deepEqual(
    news.map(({ kind }) => kind),
    ['refusing', 'well'],
  )
  assert.match(news[1]?.says ?? '', /3 that it had refused are set aside$/)
  assert.equal(await loop.retryRefused('ops'), 3)
  assert.deepEqual([spool.rows.length, refusedBy(spool, 'ops').newest], [3, []])
})

test('one event that is refused does not take those beside it along', async (t) => {
  const sent: string[] = []
  const { spool } = await play(t, {
    bodies: [1, 2, 3, 4].map((at) => anEvent({ uid: `event-${at}` })),
    async send(told) {
      const ids = told.map(idOf)
      if (ids.includes('event-2')) return { kind: 'refused', says: 'answers 413' }
      sent.push(...ids)
      return taken
    },
  })
  assert.deepEqual(sent, ['event-1', 'event-3', 'event-4'])
  assert.deepEqual(
    refusedBy(spool, 'ops').newest.map(({ number }) => number),
    [2],
  )
})

test('what cannot be read is set aside, and the rest goes on', async (t) => {
  const sent: string[] = []
  const { spool } = await play(t, {
    bodies: [{ of: 'a later version' }, alertNumber(1)],
    async send(told) {
      sent.push(...told.map(idOf))
      return taken
    },
  })
  assert.deepEqual(sent, ['alert-1'])
  assert.equal(refusedBy(spool, 'ops').newest[0]?.says, 'what waited cannot be read')
})

test('an outlet that refuses everything is asked ever more slowly', async (t) => {
  const { waits } = await play(t, {
    bodies: Array.from({ length: 12 }, (_, at) => alertNumber(at)),
    send: async () => ({ kind: 'refused', says: 'answers 401' }),
  })
  assert.deepEqual(waits.slice(0, 4), [2000, 4000, 8000, 16_000])
  assert.ok(Math.max(...waits) <= 60_000)
})

test('what was sent and cannot be noted is not sent again while it runs', async (t) => {
  const spool = new SpoolInMemory()
  spool.isFull = true
  let turns = 0
  let sends = 0
  const { news } = await play(t, {
    spool,
    bodies: [alertNumber(1)],
    async send() {
      sends += 1
      return taken
    },
    isOver({ rows }) {
      turns += 1
      spool.isFull = turns < 5
      return rows.length === 0
    },
  })
  assert.deepEqual([sends, spool.rows], [1, []])
  assert.deepEqual(
    news.map(({ kind }) => kind),
    ['spool'],
  )
})

test('a fault of an outlet is no end, and what it threw is not told', async (t) => {
  const sends: Send[] = [() => Promise.reject(new TypeError('POISON')), async () => taken]
  const { spool, news } = await play(t, {
    bodies: [alertNumber(1)],
    send: (...given) => (sends.shift() ?? (async () => taken))(...given),
  })
  assert.deepEqual(spool.rows, [])
  assert.equal(JSON.stringify(news).includes('POISON'), false)
  assert.match(news[0]?.says ?? '', /for a fault of Postern \(TypeError\)/)
})

test('an outlet that hangs is cut, told to stop, and asked again', async (t) => {
  const cut: boolean[] = []
  let sends = 0
  const { spool, news } = await play(t, {
    bodies: [alertNumber(1)],
    timeoutMs: 1,
    send(_told, { signal }) {
      sends += 1
      if (sends > 1) return Promise.resolve(taken)
      return new Promise(() => signal.addEventListener('abort', () => cut.push(true)))
    },
  })
  assert.deepEqual([cut, sends, spool.rows], [[true], 2, []])
  assert.match(news[0]?.says ?? '', /did not come to an end within/)
})

test('one that hangs keeps no other waiting, an abort ends both, and what was not taken stays', async (t) => {
  const spool = new SpoolInMemory()
  for (const outlet of ['hangs', 'well']) await spool.spool(outlet, JSON.stringify(alertNumber(1)), 0)
  const ending = new AbortController()
  const loop = deliver({
    outlets: [
      { name: 'hangs', kind: 'slack', atOnce: 1, timeoutMs: 60_000, send: () => new Promise(() => {}) },
      {
        ...{ name: 'well', kind: 'slack', atOnce: 1, timeoutMs: 60_000 },
        async send() {
          setImmediate(() => ending.abort())
          return taken
        },
      },
    ],
    spool,
    now: () => 0,
    random: () => 0,
    wait: async () => {
      await turn()
    },
    onNews: () => {},
    signal: AbortSignal.any([t.signal, ending.signal]),
  })
  await loop.ended
  assert.deepEqual(
    spool.rows.map(({ outlet }) => outlet),
    ['hangs'],
  )
})

test('who puts something there wakes the queue, which had nothing to do', async (t) => {
  const spool = new SpoolInMemory()
  const ending = new AbortController()
  const sleeping = Promise.withResolvers<void>()
  const loop = deliver({
    outlets: [
      {
        ...{ name: 'ops', kind: 'slack', atOnce: 1, timeoutMs: 1000 },
        async send() {
          ending.abort()
          return taken
        },
      },
    ],
    spool,
    now: () => 0,
    random: () => 0,
    // Sleeps until it is woken.
    wait: (_ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) resolve()
        signal.addEventListener('abort', () => resolve())
        sleeping.resolve()
      }),
    onNews: () => {},
    signal: AbortSignal.any([t.signal, ending.signal]),
  })
  await sleeping.promise
  await spool.spool('ops', JSON.stringify(alertNumber(1)), 0)
  loop.wake()
  await loop.ended
  assert.deepEqual(spool.rows, [])
})

test('a server that says come again at once is given the time of a first retry all the same', async (t) => {
  let tries = 0
  const { waits } = await play(t, {
    bodies: [alertNumber(1)],
    async send() {
      tries += 1
      return tries <= 3 ? { kind: 'later', says: 'answers 503', afterMs: 0 } : taken
    },
  })
  assert.deepEqual(waits.slice(0, 3), [2000, 2000, 2000])
})

test('a spool that cannot be counted ends no queue: what waits is sent when its outlet is back', async (t) => {
  const spool = new SpoolInMemory()
  spool.waiting = () => {
    throw new Error('disk I/O error')
  }
  let tries = 0
  const { news } = await play(t, {
    bodies: [1, 2].map(alertNumber),
    spool,
    async send() {
      tries += 1
      return tries === 1 ? down : taken
    },
  })
  assert.deepEqual(spool.rows, [])
  assert.deepEqual(
    news.map(({ kind, says }) => [kind, says]),
    [
      ['failing', 'ops (webhook): no connection; next try in 2 s'],
      ['well', 'ops (webhook): takes things again'],
    ],
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnswerSink } from '../../net/serveApi.ts'
import { EventRing } from './eventRing.ts'

/** A reader that takes so many texts, and then no more until it has room again. */
function reader(room = Number.POSITIVE_INFINITY) {
  const gone = new AbortController()
  const texts: string[] = []
  const listeners: (() => void)[] = []
  const state = { room, isEnded: false }
  const sink: AnswerSink = {
    write(text) {
      assert.equal(state.isEnded, false, 'nothing is written behind the end')
      texts.push(text)
      state.room -= 1
      return state.room > 0
    },
    onRoom: (listen) => listeners.push(listen),
    end(last) {
      if (last !== undefined) texts.push(last)
      state.isEnded = true
      gone.abort()
    },
    signal: gone.signal,
  }
  const events = () =>
    texts
      .join('')
      .split('\n\n')
      .filter((text) => text.includes('data:'))
  return {
    sink,
    state,
    texts,
    events,
    names: () => events().map((text) => /^event: (.*)$/m.exec(text)?.[1]),
    lastId: () => /^id: (.*)$/m.exec(texts.findLast((text) => text.includes('id: ')) ?? '')?.[1],
    gaveRoom(more: number) {
      state.room = more
      for (const listen of listeners) listen()
    },
    leave: () => gone.abort(),
  }
}

const gap = (at: number) =>
  ({ from: new Date(at).toISOString(), to: new Date(at).toISOString(), why: 'suspended' }) as const
const numbersOf = (events: readonly string[]) =>
  events.map((text) => Date.parse(/"from":"([^"]*)"/.exec(text)?.[1] ?? ''))

test('a reader is given what happens from then on, each with the next id', (t) => {
  const ring = new EventRing({ run: 'a' })
  ring.publish('gap', gap(1))
  const { sink, events, leave } = reader()
  t.after(leave)
  ring.follow(sink)
  ring.publish('gap', gap(2))
  ring.publish('gap', gap(3))
  assert.deepEqual(numbersOf(events()), [2, 3])
  assert.deepEqual(
    events().map((text) => /^id: (.*)$/m.exec(text)?.[1]),
    ['a-2', 'a-3'],
  )
})

test('who comes again with the last id that it saw misses nothing and sees nothing twice', (t) => {
  const ring = new EventRing({ run: 'a' })
  let lastId: string | undefined
  const seen: number[] = []
  for (let turn = 0; turn < 100; turn += 1) {
    const { sink, events, leave, lastId: idOf } = reader()
    t.after(leave)
    ring.follow(sink, lastId)
    for (let one = 0; one < 7; one += 1) ring.publish('gap', gap(turn * 10 + one))
    leave()
    // Nobody reads.
    for (let one = 7; one < 10; one += 1) ring.publish('gap', gap(turn * 10 + one))
    seen.push(...numbersOf(events()))
    lastId = idOf()
  }
  const { sink, events, leave } = reader()
  t.after(leave)
  ring.follow(sink, lastId)
  seen.push(...numbersOf(events()))
  assert.deepEqual(
    seen,
    Array.from({ length: 1000 }, (_, index) => index),
  )
})

const strange: readonly (readonly [id: string, why: string])[] = [
  ['b-1', 'restarted'],
  ['a-2', 'too-old'],
  ['a-99', 'unknown'],
  ['nonsense', 'unknown'],
  ['', 'unknown'],
  ['a-999999999999999999999', 'unknown'],
]

for (const [id, why] of strange) {
  test(`an id from which nothing can be gone on is answered by a reset: ${id === '' ? 'an empty one' : id} is ${why}`, (t) => {
    const ring = new EventRing({ run: 'a', mostEvents: 5 })
    for (let at = 1; at <= 10; at += 1) ring.publish('gap', gap(at))
    const { sink, events, names, lastId, leave } = reader()
    t.after(leave)
    ring.follow(sink, id)
    ring.publish('gap', gap(11))
    assert.deepEqual(names(), ['reset', 'gap'])
    assert.match(events()[0] ?? '', new RegExp(`"why":"${why}"`))
    assert.equal(lastId(), 'a-11')
  })
}

test('the oldest that is kept is still told, and the one before it is not', (t) => {
  const ring = new EventRing({ run: 'a', mostEvents: 5 })
  for (let at = 1; at <= 10; at += 1) ring.publish('gap', gap(at))
  const { sink, events, leave } = reader()
  t.after(leave)
  ring.follow(sink, 'a-5')
  assert.deepEqual(numbersOf(events()), [6, 7, 8, 9, 10])
})

test('a reader that has no room is written nothing, and all of it once it has', (t) => {
  const ring = new EventRing({ run: 'a' })
  const { sink, events, texts, gaveRoom, leave } = reader(3)
  t.after(leave)
  ring.follow(sink)
  for (let at = 1; at <= 1000; at += 1) ring.publish('gap', gap(at))
  assert.equal(texts.length, 3)
  gaveRoom(10_000)
  assert.deepEqual(
    numbersOf(events()),
    Array.from({ length: 1000 }, (_, index) => index + 1),
  )
})

test('a reader that is overtaken is told so, ended and counted; the others are not', (t) => {
  const ring = new EventRing({ run: 'a', mostEvents: 10 })
  const slow = reader(2)
  const quick = reader()
  t.after(quick.leave)
  ring.follow(slow.sink)
  ring.follow(quick.sink)
  for (let at = 1; at <= 50; at += 1) ring.publish('gap', gap(at))
  assert.deepEqual(slow.names(), ['gap', 'reset'])
  assert.equal(slow.state.isEnded, true)
  assert.equal(quick.events().length, 50)
  assert.deepEqual(ring.streams, { open: 1, dropped: 1 })
})

test('the ring has a bound in characters too: large events push out more', (t) => {
  const ring = new EventRing({ run: 'a', mostCharacters: 1000 })
  for (let at = 1; at <= 50; at += 1) ring.publish('gap', gap(at))
  const { sink, names, leave } = reader()
  t.after(leave)
  ring.follow(sink, 'a-1')
  assert.deepEqual(names(), ['reset'])
})

test('a stream on which nothing happens shows life, and one that takes none of it is cut', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const ring = new EventRing({ run: 'a', heartbeatMs: 1000 })
  const well = reader()
  const stuck = reader(1)
  t.after(well.leave)
  ring.follow(well.sink)
  ring.follow(stuck.sink)
  for (let beat = 0; beat < 4; beat += 1) t.mock.timers.tick(1000)
  assert.equal(well.texts.filter((text) => text === ': well\n\n').length, 4)
  assert.equal(stuck.state.isEnded, true)
  assert.deepEqual(ring.streams, { open: 1, dropped: 1 })
})

test('who has gone is written nothing more', () => {
  const ring = new EventRing({ run: 'a' })
  const { sink, texts, leave } = reader()
  ring.follow(sink)
  leave()
  const before = texts.length
  ring.publish('gap', gap(1))
  assert.equal(texts.length, before)
  assert.deepEqual(ring.streams, { open: 0, dropped: 0 })
})

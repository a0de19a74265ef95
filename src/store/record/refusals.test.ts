import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { aRefusal, aRequest } from '../../../test/recordedFolder.ts'
import { Refusals } from './refusals.ts'

const from = (address: string) => ({ ...aRefusal, src: { address, port: 1 } })

test('what was let pass or judged is told one by one', () => {
  const refusals = new Refusals(1)
  const judged = { ...aRequest, kind: 'authorization', outcome: 'denied' } as const
  for (const event of [aRequest, judged]) {
    for (let at = 0; at < 5; at += 1) assert.deepEqual(refusals.take(event, 0), [event])
  }
})

test('a flood of requests that are refused unread, or for their number, is counted, of each caller apart', () => {
  const { http, actor, ...bare } = aRequest
  assert.ok(http !== undefined && actor !== undefined)
  const unread = { ...bare, outcome: 'denied', reason: 'host-not-served' } as const
  const many = { ...bare, outcome: 'denied', reason: 'too-many-of-identity', http: { ...http, status: 429 } } as const
  const refusals = new Refusals(1)
  for (const event of [unread, { ...many, actor }]) {
    assert.deepEqual(refusals.take(event, 0), [event])
    for (let at = 0; at < 5; at += 1) assert.deepEqual(refusals.take(event, at), [])
  }
  const another = { ...many, actor: { ...actor, objectId: 'cd000000-2222-4333-8444-555555555555' } }
  assert.deepEqual(refusals.take(another, 1), [another])
  const counted = refusals.sweep(60_001).map(({ reason, actor: who, count }) => [reason, who?.objectId, count])
  assert.deepEqual(counted, [
    ['host-not-served', undefined, 5],
    ['too-many-of-identity', actor.objectId, 5],
  ])
})

test('addresses of one /64 are one, and the network is told beside the first of them', () => {
  const refusals = new Refusals(1)
  assert.equal(refusals.take(from('2001:db8::1'), 0).length, 1)
  for (const address of ['2001:db8::2', '2001:db8::ffff:1']) assert.deepEqual(refusals.take(from(address), 1), [])
  assert.equal(refusals.take(from('2001:db8:0:1::1'), 1).length, 1)
  const { reason, kind, activity, outcome, dst } = aRefusal
  assert.deepEqual(refusals.sweep(60_001), [
    {
      reason,
      kind,
      activity,
      outcome,
      dst,
      src: { address: '2001:db8::1' },
      detail: { network: '2001:db8::/64' },
      count: 2,
    },
  ])
})

test('a flood from ever new addresses takes bounded memory, and all of it is counted', () => {
  const refusals = new Refusals(1)
  let told = 0
  for (let at = 0; at < 20_000; at += 1) told += refusals.take(from(`10.0.${at >> 8}.${at & 255}`), at / 1000).length
  assert.ok(refusals.size <= 4097, String(refusals.size))
  const counted = refusals.sweep(Number.POSITIVE_INFINITY).map(({ count }) => count ?? 1)
  assert.equal(told + counted.reduce((sum, count) => sum + count, 0), 20_000)
})

test('no refusal is lost and none is told twice, whatever comes when', () => {
  const step = fc.record({ address: fc.constantFrom('192.0.2.1', '192.0.2.2', '::1'), after: fc.nat({ max: 30_000 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), fc.integer({ min: 1, max: 4 }), (steps, most) => {
      const refusals = new Refusals(most)
      let nowMs = 0
      let told = 0
      for (const { address, after } of steps) {
        nowMs += after
        for (const { count } of refusals.take(from(address), nowMs)) told += count ?? 1
        if (after % 7 === 0) for (const { count } of refusals.sweep(nowMs)) told += count ?? 1
      }
      for (const { count } of refusals.sweep(Number.POSITIVE_INFINITY)) told += count ?? 1
      assert.equal(told, steps.length)
      assert.equal(refusals.size, 0)
    }),
  )
})

test('who connects and goes again and again is told up to the rate, and leaves those who are refused their room', () => {
  const refusals = new Refusals(2)
  let told = 0
  for (let at = 0; at < 30_000; at += 1) {
    const src = { address: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`, port: 1 }
    told += refusals.take({ ...aRefusal, outcome: 'ok', reason: 'opened', src }, 0).length
  }
  assert.ok(refusals.size <= 16_385, String(refusals.size))
  const again = { ...aRefusal, outcome: 'ok', reason: 'closed', activity: 'disconnect' } as const
  for (let at = 0; at < 1000; at += 1) told += refusals.take(again, 0).length
  assert.equal(refusals.take(from('192.0.2.9'), 1).length, 1)
  assert.equal(refusals.sweep(1).length, 0)
  const counted = refusals.sweep(60_001)
  assert.equal(told + counted.reduce((sum, { count }) => sum + (count ?? 1), 0), 31_000)
  assert.ok(counted.every(({ outcome }) => outcome === 'ok'))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { aRefusal, aRequest } from '../../../test/recordedFolder.ts'
import { Refusals } from './refusals.ts'

const from = (address: string) => ({ ...aRefusal, src: { address, port: 1 } })

test('nothing but refused connections is counted', () => {
  const refusals = new Refusals(1)
  const opened = { ...aRefusal, outcome: 'ok' } as const
  for (const event of [aRequest, opened]) {
    for (let at = 0; at < 5; at += 1) assert.deepEqual(refusals.take(event, 0), [event])
  }
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

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkOf } from '../model/networkOf.ts'
import { RateLimiter } from './rateLimiter.ts'

test('so many at once and so many a minute pass, and whoever comes later is told when', () => {
  let now = 0
  const limiter = new RateLimiter(60, () => now)
  const first = Array.from({ length: 61 }, () => limiter.take('a'))
  assert.deepEqual([first.filter((wait) => wait === 0).length, first.at(-1)], [60, 1])
  assert.equal(limiter.take('b'), 0, 'another caller has a bucket of his own')
  now = 1000
  assert.deepEqual([limiter.take('a'), limiter.take('a')], [0, 1])
  now = 3_600_000
  assert.equal(Array.from({ length: 100 }, () => limiter.take('a')).filter((wait) => wait === 0).length, 60)
})

test('asking how long to wait takes nothing', () => {
  const limiter = new RateLimiter(1, () => 0)
  assert.deepEqual([limiter.wait('a'), limiter.wait('a'), limiter.take('a'), limiter.wait('a')], [0, 0, 0, 60])
})

test('who is refused does not wait longer for having asked', () => {
  let now = 0
  const limiter = new RateLimiter(6, () => now)
  for (let at = 0; at < 6; at += 1) limiter.take('a')
  for (; now < 10_000; now += 100) limiter.take('a')
  assert.equal(limiter.take('a'), 0)
})

test('of more callers than are remembered, who came least recently begins anew', () => {
  const limiter = new RateLimiter(1, () => 0, 2)
  for (const caller of ['a', 'b', 'a', 'c']) limiter.take(caller)
  assert.deepEqual([limiter.wait('a'), limiter.wait('b'), limiter.wait('c')], [60, 0, 60])
})

test('an IPv6 site is one caller, and an IPv4 address too', () => {
  assert.equal(networkOf('10.1.2.3'), '10.1.2.3')
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  assert.equal(networkOf('2001:db8::1'), networkOf('2001:db8::ffff'))
})

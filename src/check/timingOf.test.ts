import assert from 'node:assert/strict'
import { test } from 'node:test'
import { again, context, control, filed, http, limit, lookup, tcp, tls, udp } from '../../test/observed.ts'
import { timingOf } from './timingOf.ts'

const nothing = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null }

test('each phase is timed apart, and of two look-ups the slower one counts', () => {
  const seen = filed([
    lookup('answer', { ms: 9 }),
    lookup('answer', { type: 'AAAA', ms: 4 }),
    tcp('connected', { ms: 11 }),
    tls('established', { ms: 22 }),
    http('response', { ms: 60, firstByteMs: 33 }),
  ])
  assert.deepEqual(timingOf(seen), { dnsMs: 9, connectMs: 11, tlsMs: 22, firstByteMs: 33 })
})

test('a resolver that was waited for before the next was asked counts in full', () => {
  const later = '2026-11-20T10:00:03.000Z'
  const seen = filed([
    lookup('timeout', { ms: 3000 }),
    lookup('answer', { resolver: '10.1.0.6:53', at: later, ms: 2900 }),
  ])
  assert.equal(timingOf(seen).dnsMs, 5900)
})

test('a resolver whose end nobody waited for, since another one had answered, counts up to that answer', () => {
  const meanwhile = '2026-11-20T10:00:01.500Z'
  const silent = lookup('timeout', { ms: 3000 })
  const other = { resolver: '10.1.0.6:53', at: meanwhile, ms: 4 }
  assert.equal(timingOf(filed([lookup('answer', { ...other, rcode: 0 }), silent])).dnsMs, 1504)
  assert.equal(timingOf(filed([silent, lookup('server-failure', { ...other, rcode: 2 })])).dnsMs, 3000)
  const ofType = lookup('answer', { ...other, rcode: 0, type: 'AAAA' })
  assert.equal(timingOf(filed([silent, ofType])).dnsMs, 3000)
})

test('a tunnel is part of the connection, and what the proxy said to it is no first byte', () => {
  const seen = filed([
    tcp('connected', { ms: 5, proxy: 'egress' }),
    http('response', { method: 'CONNECT', ms: 900, firstByteMs: 900, status: 200, through: 'egress' }),
    http('response', { firstByteMs: 4, through: 'egress' }),
  ])
  assert.deepEqual(timingOf(seen), { ...nothing, connectMs: 905, firstByteMs: 4 })
})

test('a phase that was not passed has no time: neither a time-out nor a refusal is one', () => {
  const seen = filed([tcp('timeout', { ms: 3000 }), tls('timeout', { ms: 3000 }), udp('timeout', { ms: 3000 })])
  assert.deepEqual(timingOf(seen), nothing)
  assert.deepEqual(timingOf(filed([tcp('refused', { ms: 1 }), limit('budget')])), nothing)
})

test('repeats, controls and what other flows showed are no time of this one', () => {
  const passed = tcp('connected', { ms: 5 })
  assert.deepEqual(timingOf(filed([again(passed), control('port', passed), context(passed)])), nothing)
})

test('the answer of a name server that is itself the target is a first byte, and so is one over UDP', () => {
  assert.deepEqual(timingOf(filed([lookup('answer', { resolverRole: 'target', ms: 7 })])), {
    ...nothing,
    firstByteMs: 7,
  })
  assert.deepEqual(timingOf(filed([udp('answer', { ms: 8 })])), { ...nothing, firstByteMs: 8 })
})

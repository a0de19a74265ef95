import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { HandshakeEnd } from './handshakeFailure.ts'
import { handshakeFailure } from './handshakeFailure.ts'

const octets = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const systemError = (code: string): HandshakeEnd => ({
  error: Object.assign(new Error(code), { code, syscall: 'read' }),
})

test('an answer that is no TLS is that, however the connection ended', () => {
  for (const end of ['closed', 'timeout', systemError('ECONNRESET')] as const) {
    const { outcome, firstOctets } = handshakeFailure(end, 3, Buffer.from('HTT'))
    assert.deepEqual([outcome, firstOctets], ['not-tls', 'HTT'])
  }
  assert.equal(handshakeFailure('aborted', 3, Buffer.from('HTT')).outcome, 'aborted')
})

test('without an answer the end itself is told', () => {
  assert.equal(handshakeFailure('timeout', 0, new Uint8Array()).outcome, 'timeout')
  assert.equal(handshakeFailure(systemError('ECONNRESET'), 0, new Uint8Array()).outcome, 'reset')
  assert.equal(handshakeFailure(systemError('ETIMEDOUT'), 0).outcome, 'timeout')
})

const ends = fc.constantFrom<HandshakeEnd>(
  'closed',
  'timeout',
  'aborted',
  systemError('ECONNRESET'),
  systemError('EPIPE'),
  { error: Object.assign(new Error('hang up'), { code: 'ECONNRESET' }) },
  { error: Object.assign(new Error('SSL alert number 40'), { code: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE' }) },
  { error: Object.assign(new Error('SSL alert number 9999'), { code: 'ERR_SSL_X' }) },
  { error: 'no error at all' },
)
const known = [
  '16 0303 0004 0bffffff',
  '16 0303 ffff',
  '15 0303 0002 0228',
  '15 0303 0002 0100',
  '160303000d0b0000090000060000030000',
]
const anyFlight = fc
  .array(fc.oneof(fc.constantFrom(...known.map(octets)), fc.uint8Array({ maxLength: 60 })), { maxLength: 5 })
  .map((parts) => Uint8Array.from(Buffer.concat(parts)))

test('any octets and any end are an outcome, with few printable octets and no more certificates than came', () => {
  fc.assert(
    fc.property(ends, anyFlight, fc.boolean(), (end, came, kept) => {
      const failure = handshakeFailure(end, came.length, kept ? came : undefined)
      assert.match(failure.firstOctets ?? '', /^[\x20-\x7e]{0,320}$/)
      const spoke = failure.outcome === 'not-tls' || failure.outcome === 'aborted'
      assert.ok(failure.firstOctets === undefined || (kept && spoke))
      assert.ok(failure.certificates.reduce((sum, { length }) => sum + length, 0) <= came.length)
      assert.equal(failure.outcome === 'aborted', end === 'aborted')
    }),
    { numRuns: 500 },
  )
})

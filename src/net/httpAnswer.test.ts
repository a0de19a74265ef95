import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fieldValue } from '../wire/http-head.ts'
import type { AnswerEnd } from './httpAnswer.ts'
import { bodyOf, exchangeOutcome, headOf, octetsOfPart } from './httpAnswer.ts'

const ascii = (text: string): Buffer => Buffer.from(text, 'latin1')
const never = (): boolean => false

test('interim answers are passed over, and what follows the head is the rest', () => {
  const { head, rest } = headOf(ascii('HTTP/1.1 103 x\r\n\r\nHTTP/1.1 200 OK\r\nServer: a\r\n\r\nhi'), never)
  assert.deepEqual([head?.status, head && fieldValue(head, 'server'), Buffer.from(rest).toString()], [200, 'a', 'hi'])
})

test('interim answers without an end, and heads of more than 64 KiB, are no head', () => {
  assert.equal(headOf(ascii('HTTP/1.1 100 x\r\n\r\n'.repeat(40)), never).head, undefined)
  const long = `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`
  assert.equal(headOf(ascii(long), never).head, undefined)
  // Each is short, and all together are not.
  const slow = `HTTP/1.1 100 x\r\nX: ${'a'.repeat(9000)}\r\n\r\n`.repeat(9)
  assert.equal(headOf(ascii(`${slow}HTTP/1.1 200 OK\r\n\r\n`), never).head, undefined)
})

for (const { what, head, rest, body } of [
  { what: 'a stated length', head: 'Content-Length: 2\r\n', rest: 'hi there', body: 'hi' },
  { what: 'chunks', head: 'Transfer-Encoding: chunked\r\n', rest: '2\r\nhi\r\n0\r\n\r\n', body: 'hi' },
  { what: 'a chunk that is cut off', head: 'Transfer-Encoding: chunked\r\n', rest: '9\r\nhi', body: 'hi' },
  { what: 'a length that is none', head: 'Content-Length: -2\r\n', rest: 'hi', body: 'hi' },
  { what: 'the end of the connection', head: '', rest: 'hi', body: 'hi' },
]) {
  test(`a body with ${what} is read as far as it came`, () => {
    const split = headOf(ascii(`HTTP/1.1 200 OK\r\n${head}\r\n${rest}`), never)
    assert.ok(split.head)
    assert.equal(Buffer.from(bodyOf(split.head, split.rest)).toString(), body)
  })
}

const pieces = [
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/9 999',
  'HTTP/1.1 1000 x\r\n\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Content-Length: 3\r\n',
  'Content-Length: 999999999999999\r\n',
  'ffffffff\r\n',
  '2\r\nhi\r\n',
  '0\r\n\r\n',
  '\r\n\r\n',
  '\n\n',
  ' folded\r\n',
  ': \r\n',
]
const anyAnswer = fc
  .array(fc.oneof(fc.constantFrom(...pieces).map(ascii), fc.uint8Array({ maxLength: 80 })), { maxLength: 12 })
  .map((parts) => Buffer.concat(parts))
const anyEnd = fc.constantFrom<AnswerEnd>('answered', 'garbage', 'too-large', 'closed', 'timeout', 'aborted', {
  error: new Error('x'),
})

test('any octets are a head with a body no longer than they are, or none; and any end is an outcome', () => {
  fc.assert(
    fc.property(anyAnswer, anyEnd, fc.boolean(), (came, end, switches) => {
      const { head, rest } = headOf(came, () => switches)
      assert.ok(rest.length <= came.length)
      if (head !== undefined) {
        assert.ok(head.status >= 100 && head.status <= 999)
        assert.ok(bodyOf(head, rest).length <= Math.min(rest.length, 65_536))
      }
      const outcome = exchangeOutcome(end, head)
      assert.equal(outcome === 'response', head !== undefined && end !== 'aborted')
      const { bytesIn } = octetsOfPart(outcome, came.length)
      assert.ok(bytesIn === undefined || (bytesIn === came.length && bytesIn > 0 && outcome !== 'response'))
    }),
    { numRuns: 1000 },
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fieldValue, splitHttpHead, unchunked } from './http-head.ts'

const octets = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'))
const text = (read: Uint8Array): string => Buffer.from(read).toString('latin1')

test('a head is read with its fields, and what follows it is left', () => {
  const head = 'HTTP/1.1 407 Proxy Authentication Required\r\nVia : 1.1 p\r\nX:\r\n Y\r\nno field\r\nVia: 1.1 q\r\n\r\n'
  const split = splitHttpHead(octets(`${head}rest`))
  assert.ok(split.kind === 'head')
  assert.deepEqual(split, {
    kind: 'head',
    head: {
      status: 407,
      fields: [
        ['via', '1.1 p'],
        ['x', ' Y'],
        ['via', '1.1 q'],
      ],
      unread: 1,
    },
    used: head.length,
  })
  assert.equal(fieldValue(split.head, 'via'), '1.1 p, 1.1 q')
  assert.equal(fieldValue(split.head, 'age'), undefined)
})

for (const { what, given, kind } of [
  { what: 'nothing', given: '', kind: 'incomplete' },
  { what: 'half the name of the protocol', given: 'HTT', kind: 'incomplete' },
  { what: 'a status line alone', given: 'HTTP/1.1 200 OK\r\n', kind: 'incomplete' },
  { what: 'a status line and an empty line', given: 'HTTP/1.1 200 OK\r\n\r\n', kind: 'head' },
  { what: 'lines that end in LF', given: 'HTTP/1.0 200\nA: b\n\n', kind: 'head' },
  { what: 'a status of four digits', given: 'HTTP/1.1 2000\r\n\r\n', kind: 'not-http' },
  { what: 'no status', given: 'HTTP/1.1\r\n\r\n', kind: 'not-http' },
  { what: 'a banner', given: 'SSH-2.0', kind: 'not-http' },
  { what: 'a request', given: 'GET / HTTP/1.1\r\n\r\n', kind: 'not-http' },
]) {
  test(`${what} is ${kind}`, () => assert.equal(splitHttpHead(octets(given)).kind, kind))
}

test('any octets give a value, and the same one whether they come at once or in two pieces', () => {
  const pieces = fc.constantFrom('HTTP/1.1 200 OK\r\n', 'HTTP/', '\r\n', '\n', '\r', 'A: b\r\n', ' folded\r\n', ':')
  const any = fc.array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 9 })), { maxLength: 10 })
  fc.assert(
    fc.property(any, fc.nat(60), (parts, cut) => {
      const whole = octets(parts.join(''))
      const first = splitHttpHead(whole.subarray(0, cut))
      const searched = first.kind === 'incomplete' ? Math.min(cut, whole.length) : 0
      assert.deepEqual(splitHttpHead(whole, searched), splitHttpHead(whole))
    }),
    { numRuns: 500 },
  )
})

test('chunks are put together as far as they are whole', () => {
  assert.equal(text(unchunked(octets('4\r\nWiki\r\n6;a=b\r\npedia \r\n0\r\n\r\n'))), 'Wikipedia ')
  assert.equal(text(unchunked(octets('4\nWiki\n5\nped'))), 'Wikiped')
  assert.equal(text(unchunked(octets('x\r\nWiki'))), '')
})

test('any body comes out of its chunks, and any octets give a value', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 })), (pieces) => {
      const chunked = Buffer.concat(
        pieces.flatMap((piece) => [Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]),
      )
      assert.deepEqual(Buffer.from(unchunked(chunked)), Buffer.concat(pieces))
    }),
  )
  const pieces = fc.constantFrom('1\r\n', 'ffffffff\r\n', '\r\n', '\n', ';', '0', 'x')
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 9 }))), (parts) => {
      const given = octets(parts.join(''))
      assert.ok(unchunked(given).length <= given.length)
    }),
    { numRuns: 500 },
  )
})

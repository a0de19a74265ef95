import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readStrictHead } from './strictHead.ts'

const octets = (text: string): Uint8Array => Uint8Array.from(text, (each) => each.charCodeAt(0))

test('a head is read with its fields in their order, and with the octets that it used', () => {
  const text = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX:  a\tb \r\nX:\r\n\r\n'
  assert.deepEqual(readStrictHead(octets(`${text}rest`), 1000), {
    kind: 'head',
    status: 101,
    fields: [
      ['upgrade', 'websocket'],
      ['x', 'a\tb'],
      ['x', ''],
    ],
    used: text.length,
  })
  assert.equal(readStrictHead(octets('HTTP/1.0 200\r\n\r\n'), 1000).kind, 'head')
})

const refused = [
  'HTTP/1.1 200 OK\nX: 1\n\r\n\r\n',
  'HTTP/2 200 OK\r\n\r\n',
  'HTTP/1.1  200 OK\r\n\r\n',
  'HTTP/1.1 20 OK\r\n\r\n',
  'HTTP/1.1 600 OK\r\n\r\n',
  'HTTP/1.1 200 OK\r\nX : 1\r\n\r\n',
  'HTTP/1.1 200 OK\r\nX: 1\r\n folded\r\n\r\n',
  'HTTP/1.1 200 OK\r\nno field\r\n\r\n',
  'HTTP/1.1 200 OK\r\nX: a\u0000b\r\n\r\n',
  'HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
  `HTTP/1.1 200 OK\r\n${'X: 1\r\n'.repeat(257)}\r\n`,
  ' HTTP/1.1 200 OK\r\n\r\n',
]

test('what could be read in two ways is refused', () => {
  for (const text of refused) assert.equal(readStrictHead(octets(text), 10_000).kind, 'refused', JSON.stringify(text))
})

test('a head that does not end is waited for up to its bound', () => {
  assert.equal(readStrictHead(octets('HTTP/1.1 200 OK\r\nX: 1'), 100).kind, 'incomplete')
  assert.equal(readStrictHead(octets('x'.repeat(101)), 100).kind, 'refused')
})

test('any octets give a value, and a head that is whole is read alike whatever stands behind it', () => {
  const part = fc.constantFrom('HTTP/1.1 200 OK', '\r\n', 'X: 1', '\n', ':', ' ', 'a', '\u0000', '\r\n\r\n')
  const text = fc.oneof(
    fc.array(part).map((parts) => parts.join('')),
    fc.string(),
  )
  fc.assert(
    fc.property(text, fc.string(), (head, rest) => {
      const alone = readStrictHead(octets(head), 500)
      if (alone.kind === 'head') assert.deepEqual(readStrictHead(octets(head + rest), 500), alone)
    }),
  )
})

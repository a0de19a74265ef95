import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Row } from './attackRange.ts'
import { openRange, playRows } from './attackRange.ts'
import { closing, headOf } from './shoot.ts'

interface FramingRow extends Row {
  /** Octets as text; `{host}` is what the gate is asked by. */
  readonly send: string
}

const last = closing('GET /open/second')
const smuggled = headOf('GET /open/admin/smuggled HTTP/1.1', 'Host: {host}')
const chunked = `0\r\n\r\n`

const post = (...fields: readonly string[]): string => headOf('POST /open/first HTTP/1.1', 'Host: {host}', ...fields)

/** Refused at once: nothing of it, and nothing behind it, comes to anybody. */
const refused = (name: string, send: string, reason = 'bad-framing', status = 400): FramingRow => ({
  name,
  send,
  answers: [status],
  recorded: [reason],
})

const twoMeanings: readonly FramingRow[] = [
  ['a length and chunks', post('Content-Length: 5', 'Transfer-Encoding: chunked') + chunked + smuggled],
  ['chunks and a length', post('Transfer-Encoding: chunked', 'Content-Length: 5') + chunked + smuggled],
  ['two lengths that differ', `${post('Content-Length: 0', 'Content-Length: 60')}${smuggled}`],
  ['two lengths that are the same', `${post('Content-Length: 5', 'Content-Length: 5')}12345${last}`],
  ['a list of lengths', `${post('Content-Length: 5, 5')}12345${last}`],
  ['a length with a sign', `${post('Content-Length: +5')}12345${last}`],
  ['a length below nothing', post('Content-Length: -5') + smuggled],
  ['a length in hexadecimal', `${post('Content-Length: 0x5')}12345${last}`],
  ['a length with a blank in it', `${post('Content-Length: 5 5')}12345${last}`],
  ['a length that is no number of 64 bits', post('Content-Length: 99999999999999999999') + smuggled],
  ['a length of nothing', post('Content-Length:') + smuggled],
  ['another coding behind chunks', post('Transfer-Encoding: chunked, identity') + chunked + smuggled],
  ['another coding before chunks', post('Transfer-Encoding: gzip, chunked') + chunked + smuggled],
  ['a coding that is none', post('Transfer-Encoding: xchunked') + chunked + smuggled],
  ['the coding identity', `${post('Transfer-Encoding: identity', 'Content-Length: 5')}12345${last}`],
  ['the coding twice in one field', post('Transfer-Encoding: chunked, chunked') + chunked + smuggled],
  ['the coding in two fields', post('Transfer-Encoding: chunked', 'Transfer-Encoding: identity') + chunked + smuggled],
  ['the coding in quotes', post('Transfer-Encoding: "chunked"') + chunked + smuggled],
  ['the coding behind a vertical tab', post('Transfer-Encoding: \x0bchunked') + chunked + smuggled],
  ['the coding on the next line', post('Transfer-Encoding:\r\n chunked') + chunked + smuggled],
  ['the coding in HTTP/1.0', post('Transfer-Encoding: chunked').replace('/1.1', '/1.0') + chunked + smuggled],
  ['a blank before the colon of the coding', post('Transfer-Encoding : chunked') + chunked + smuggled],
  ['a tab before the colon of the length', `${post('Content-Length\t: 5')}12345${last}`],
  ['a field that begins with a blank', post(' Content-Length: 60') + smuggled],
  ['a folded field', post('X-Note: one\r\n Content-Length: 60') + smuggled],
  ['a field without a colon', post('Content-Length 60') + smuggled],
  ['a field without a name', post(': value') + smuggled],
  ['lines that end in LF alone', post('X-Note: one').replaceAll('\r\n', '\n') + smuggled],
  ['one field that ends in LF alone', post('X-Note: one\nContent-Length: 60') + smuggled],
  ['one field that ends in CR alone', post('X-Note: one\rContent-Length: 60') + smuggled],
  ['a head that ends in LF alone', `${post('X-Note: one').slice(0, -2)}\n${smuggled}`],
  ['an octet 0 in a value', post('X-Note: one\0two') + smuggled],
  ['an octet 0 in a name', post('X-No\0te: one') + smuggled],
  ['an octet 0 in the request line', headOf('GET /open/\0first HTTP/1.1', 'Host: {host}') + smuggled],
  ['a blank in the target', headOf('GET /open/a b HTTP/1.1', 'Host: {host}') + smuggled],
  ['no version', `GET /open/first\r\n\r\n${smuggled}`],
  ['a version that is none', headOf('GET /open/first HTTP/1.2', 'Host: {host}') + smuggled],
  ['a version of one digit', headOf('GET /open/first HTTP/2', 'Host: {host}') + smuggled],
  ['no host', headOf('GET /open/first HTTP/1.1') + smuggled],
  ['two hosts that differ', headOf('GET /open/first HTTP/1.1', 'Host: {host}', 'Host: other.example') + smuggled],
  ['two hosts that are the same', headOf('GET /open/first HTTP/1.1', 'Host: {host}', 'host: {host}') + smuggled],
  ['the absolute form', headOf('GET https://{host}/open/first HTTP/1.1', 'Host: {host}') + smuggled],
  ['the absolute form of elsewhere', headOf('GET http://169.254.169.254/ HTTP/1.1', 'Host: {host}') + smuggled],
  ['a tunnel', headOf('CONNECT 127.0.0.1:22 HTTP/1.1', 'Host: {host}') + smuggled],
  ['a method in small letters', headOf('get /open/first HTTP/1.1', 'Host: {host}') + smuggled],
].map(([name = '', send = '']) => refused(name, send))

/** A body that begins well and goes wrong: it is cut, and nothing behind it is a request. */
const badChunks: readonly (readonly [name: string, chunks: string])[] = [
  ['a chunk without a size', '\r\n12345\r\n0\r\n\r\n'],
  ['a chunk of a size below nothing', '-5\r\n12345\r\n0\r\n\r\n'],
  ['a chunk with 0x before its size', '0x5\r\n12345\r\n0\r\n\r\n'],
  ['a chunk with a blank before its size', ' 5\r\n12345\r\n0\r\n\r\n'],
  ['a chunk with a size of more than 64 bits', '10000000000000005\r\n12345\r\n0\r\n\r\n'],
  ['a chunk whose size ends in LF alone', '5\n12345\r\n0\r\n\r\n'],
  ['a chunk that ends in LF alone', '5\r\n12345\n0\r\n\r\n'],
  ['a chunk that is longer than its size', '5\r\n1234567\r\n0\r\n\r\n'],
  ['trailers that speak of a length', '5\r\n12345\r\n0\r\nContent-Length: 60\r\n\r\n'],
  ['a chunk with an extension that ends in LF alone', '5;a\n12345\r\n0\r\n\r\n'],
]

/** Of a known length. */
const inner = headOf('GET /open/admin/smuggled HTTP/1.1', 'Host: localhost').repeat(2)

/** What has one meaning after all, and what begins well: the backend gets as many requests as were judged, and no more. */
const oneMeaning: readonly FramingRow[] = [
  {
    name: 'a coding with an underscore in its name frames nothing, and goes no further',
    send: `${post('Transfer_Encoding: chunked', 'Content-Length: 5')}12345${last}`,
    answers: [200, 200],
    reaches: ['POST /open/first', 'GET /open/second'],
    recorded: ['passed', 'passed'],
  },
  {
    name: 'two requests in a body of a length are a body',
    send: `${post(`Content-Length: ${inner.length + 9}`)}${inner}POISON-17${last}`,
    answers: [200, 200],
    reaches: ['POST /open/first', 'GET /open/second'],
    recorded: ['passed', 'passed'],
  },
  {
    name: 'a request in a chunk is a body',
    send: `${post('Transfer-Encoding: chunked')}9\r\nPOISON-17\r\n0\r\n\r\n${last}`,
    answers: [200, 200],
    reaches: ['POST /open/first', 'GET /open/second'],
    recorded: ['passed', 'passed'],
  },
  {
    name: 'an extension of a chunk goes no further',
    send: `${post('Transfer-Encoding: chunked')}5;POISON-17="a"\r\n12345\r\n0\r\n\r\n${last}`,
    answers: [200, 200],
    reaches: ['POST /open/first', 'GET /open/second'],
    recorded: ['passed', 'passed'],
  },
  {
    name: 'trailers go no further',
    send: `${post('Transfer-Encoding: chunked')}5\r\n12345\r\n0\r\nX-Postern-Identity-Kind: user\r\n\r\n${last}`,
    answers: [200, 200],
    reaches: ['POST /open/first', 'GET /open/second'],
    recorded: ['passed', 'passed'],
  },
  {
    name: 'a request that is pipelined behind an open one is judged by itself',
    send: `${headOf('GET /open/first HTTP/1.1', 'Host: {host}')}${closing('GET /open/admin/smuggled')}`,
    answers: [200, 401],
    reaches: ['GET /open/first'],
    recorded: ['passed', 'not-signed-in'],
  },
  {
    name: 'a body of a GET is no second request',
    send: `${headOf('GET /open/first HTTP/1.1', 'Host: {host}', `Content-Length: ${inner.length}`)}${inner}${last}`,
    answers: [200, 200],
    reaches: ['GET /open/first', 'GET /open/second'],
    recorded: ['passed', 'passed'],
  },
  {
    name: 'a body of a request that is denied is no second request',
    send: `${headOf('POST /team/first HTTP/1.1', 'Host: {host}', `Content-Length: ${inner.length}`)}${inner}${last}`,
    answers: [401, 200],
    reaches: ['GET /open/second'],
    recorded: ['not-signed-in', 'passed'],
  },
  {
    name: 'HTTP/1.0 ends with its answer',
    send: headOf('GET /open/first HTTP/1.0', 'Host: {host}'),
    answers: [200],
    reaches: ['GET /open/first'],
    recorded: ['passed'],
  },
  {
    name: 'what comes behind the last request of a connection is none',
    send: `${headOf('GET /open/first HTTP/1.0', 'Host: {host}')}${smuggled}`,
    answers: [],
    reaches: ['GET /open/first'],
    recorded: ['bad-framing', 'client-gone'],
  },
  {
    name: 'an upgrade to HTTP/2 in plain words is not taken up',
    send: `${headOf('GET /open/first HTTP/1.1', 'Host: {host}', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__')}${smuggled}`,
    answers: [400],
    recorded: ['not-websocket'],
  },
  {
    name: 'a WebSocket with a body, behind which it would begin',
    send: `${post('Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Content-Length: 5')}12345${smuggled}`,
    answers: [400],
    recorded: ['bad-framing'],
  },
  {
    name: 'a WebSocket with a body that does not end',
    send: `${post('Connection: Upgrade', 'Upgrade: websocket', 'Content-Length: 60')}12345`,
    answers: [400],
    recorded: ['bad-framing'],
  },
  {
    name: 'a WebSocket with chunks that do not end',
    send: `${post('Connection: Upgrade', 'Upgrade: websocket', 'Transfer-Encoding: chunked')}5\\r\\n123`,
    answers: [400],
    recorded: ['bad-framing'],
  },
  {
    name: 'a tunnel with a body that does not end',
    send: headOf('CONNECT {host} HTTP/1.1', 'Host: {host}', 'Content-Length: 60'),
    answers: [400],
    recorded: ['bad-framing'],
  },
  {
    name: 'an expectation that is none goes no further',
    send: `${post('Expect: POISON-17', 'Content-Length: 5')}12345${last}`,
    answers: [200, 200],
    reaches: ['POST /open/first', 'GET /open/second'],
    recorded: ['passed', 'passed'],
  },
  {
    name: 'a head that does not end',
    send: 'GET /open/first HTTP/1.1\r\nHost: {host}\r\nX-Note: POISON-17',
    answers: [408],
    recorded: ['head-timeout'],
  },
]

test('requests that can be read in two ways come to nobody', async (t) => {
  const range = await openRange(t)
  await playRows(t, range, twoMeanings, ({ send }) => range.shoot(send))
})

test('a body whose chunks are wrong is cut, and nothing behind it is a request', async (t) => {
  const range = await openRange(t)
  const rows = badChunks.map(([name, chunks]) => ({
    name,
    send: post('Transfer-Encoding: chunked') + chunks + smuggled,
    answers: [],
    // Of the connection, and of the request that had passed by then.
    recorded: ['bad-framing', 'client-gone'],
  }))
  await playRows(t, range, rows, ({ send }) => range.shoot(send))
})

test('the backend gets as many requests as were judged', async (t) => {
  const range = await openRange(t, { edit: (yaml) => yaml.replace('limits: {', 'limits: { head-seconds: 1,') })
  range.poison.push('POISON-17')
  await playRows(
    t,
    range,
    oneMeaning,
    ({ send }) => range.shoot(send),
    (_row, _shot, octets) => {
      for (const text of octets)
        assert.doesNotMatch(text, /transfer_encoding|;POISON|x-postern-identity-kind: user|expect:/i)
    },
  )
})

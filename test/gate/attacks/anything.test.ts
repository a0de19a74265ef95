import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { endHeaders, endStream, frame } from '../../http2Frames.ts'
import type { Range } from './attackRange.ts'
import { assertJudged, openRange, reasonsOf } from './attackRange.ts'
import { headersFrame, shootHttp2, wellFormed } from './http2Shot.ts'

/** What requests are made of, and what they must not be made of. */
const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .constantFrom('GET', 'POST', 'OPTIONS', 'get', 'CONNECT')
      .map((method) => `${method} /open/{n} HTTP/1.1\r\nHost: {host}\r\n`),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('GET /team/{n} HTTP/1.1\r\nHost: {host}\r\n\r\n', 'GET /open/admin/{n} HTTP/1.0\r\n'),
  },
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      'Content-Length: 5\r\n',
      'Content-Length: 0\r\n',
      'Content-Length:60\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Transfer-Encoding: identity\r\n',
      'Transfer-Encoding:\tchunked\r\n',
      'Connection: keep-alive, content-length\r\n',
      'Connection: close\r\n',
      'Expect: 100-continue\r\n',
      'Upgrade: websocket\r\nConnection: upgrade\r\n',
      'X-Postern-Identity-Kind: user\r\n',
      'Host: {host}\r\n',
    ),
  },
  { weight: 8, arbitrary: fc.constantFrom('\r\n', '\r\n\r\n', '\n', '\r', ' ', '\t', ':', '\0', ';', ',') },
  {
    weight: 4,
    arbitrary: fc.constantFrom('5\r\n12345\r\n', '0\r\n\r\n', '12345', '5;a=b\r\n12345\r\n', 'ffffffff\r\n'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 5 }) },
)

const last = 'GET /open/{n} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n'

/** Begins well, so that something is read, and ends well, so that the connection does. */
const octets = fc
  .array(piece, { minLength: 0, maxLength: 6 })
  .map((pieces) => `GET /open/{n} HTTP/1.1\r\nHost: {host}\r\n${pieces.join('')}\r\n\r\n${last}`)

const impatient = (yaml: string): string =>
  yaml.replace('limits: {', 'limits: { head-seconds: 1, body-idle-seconds: 1,')

/** So many at a time, with somebody else who is served meanwhile. */
async function inTurns<T>(
  range: Range,
  all: readonly T[],
  shoot: (one: T, at: number) => Promise<unknown>,
): Promise<void> {
  const atOnce = 60
  for (let at = 0; at < all.length; at += atOnce) {
    const shots = all.slice(at, at + atOnce).map((one, index) => shoot(one, at + index))
    await range.bystander()
    await Promise.all(shots)
    await range.bystander()
  }
}

test('whatever is sent, nothing comes to the backend but what was judged, and others are served', async (t) => {
  const range = await openRange(t, { edit: impatient })
  const ports: number[] = []
  await inTurns(range, fc.sample(octets, 200), async (text, at) => {
    const { port } = await range.shoot(text.replaceAll('{n}', String(at)))
    ports.push(port)
  })
  const events = await range.recorded()
  assertJudged(range, events)
  assert.ok(range.backend.requests.length > 40, `${range.backend.requests.length} of it are requests`)
  for (const text of range.backend.came) assert.doesNotMatch(text, /^x-postern-identity-kind: user/im)
  for (const { target } of range.backend.requests) assert.match(target, /^\/open\/(?!admin)/)
  for (const port of ports) assert.ok(reasonsOf(events, port).length <= 20)
})

/** Frames that are well and in order, with one thing wrong, or with anything in them. */
const frames = fc.record({
  flags: fc.constantFrom(0, endStream, endHeaders, endStream | endHeaders, 0x28),
  kind: fc.constantFrom(
    'data',
    'headers',
    'priority',
    'rstStream',
    'settings',
    'ping',
    'windowUpdate',
    'continuation',
    'unknown' as const,
  ),
  stream: fc.constantFrom(0, 1, 2, 3, 5),
  payload: fc.uint8Array({ maxLength: 40 }),
})

test('whatever frames are sent, nothing comes to the backend but what was judged, and others are served', async (t) => {
  const range = await openRange(t, { edit: impatient })
  const { gate } = range
  await inTurns(range, fc.sample(fc.array(frames, { minLength: 1, maxLength: 6 }), 200), async (wrong, at) => {
    const head = headersFrame(
      gate,
      wellFormed({ ':path': `/open/${at}`, ':method': 'POST' }),
      at % 2 === 0 ? endStream : 0,
    )
    const rest = wrong.map(({ kind, flags, stream, payload }) => frame(kind, flags, stream, payload))
    // A head that is not whole is waited for, and a request that was taken back has no answer: this ends the connection.
    const isOpen = wrong.some(
      ({ kind, flags }) => kind === 'rstStream' || (kind === 'headers' && (flags & endHeaders) === 0),
    )
    await shootHttp2(gate, Buffer.concat([head, ...rest, ...(isOpen ? [frame('data', 0, 0)] : [])]))
  })
  assertJudged(range, await range.recorded())
})

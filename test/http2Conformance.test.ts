import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import type { OpenedListener } from './gateListener.ts'
import { openListener, refusalsIn } from './gateListener.ts'
import type { ReadFrame } from './http2Frames.ts'
import { endStream, frame, openHttp2, readFrames, request } from './http2Frames.ts'
import type { Http2End } from './http2Rows.ts'
import { four, http2Rows, setting } from './http2Rows.ts'

const [data, headers, reset, goaway, settings, pinged] = [0, 1, 3, 7, 4, 6]
const acknowledged = 1

/** A listener that answers a request once it is whole, and one with `x-wait` never. */
function open(t: TestContext): Promise<OpenedListener> {
  return openListener(t, {
    handlers: {
      request(asked, response) {
        asked.on('error', () => {})
        asked.resume()
        if (asked.headers['x-wait'] === undefined) asked.once('end', () => response.end('well'))
      },
    },
  })
}

const isAnswered = ({ type, flags }: ReadFrame): boolean =>
  (type === data || type === headers) && (flags & endStream) !== 0

const isEnd = (one: ReadFrame): boolean => one.type === reset || one.type === goaway || isAnswered(one)

const isPinged = ({ type, flags }: ReadFrame): boolean => type === pinged && (flags & acknowledged) !== 0

const wordOf = ({ type, stream, payload }: ReadFrame): string => {
  if (type === reset) return `reset ${payload.readUInt32BE(0)} of ${stream}`
  return type === goaway ? `goaway ${payload.readUInt32BE(4)}` : `answer of ${stream}`
}

const expected = (end: Http2End): readonly string[] => {
  if ('goaway' in end) return [`goaway ${end.goaway}`]
  if ('reset' in end) return [`reset ${end.reset} of ${end.stream}`]
  return 'answers' in end ? end.answers.map((stream) => `answer of ${stream}`) : []
}

/** What came of frames. Where nothing does, a ping behind them is answered, and that is the end. */
async function comesOf(socket: TLSSocket, sends: readonly Uint8Array[]): Promise<readonly string[]> {
  // Acknowledgements overtake what is said of streams: only that of a second one is behind all of it.
  const probes = [randomBytes(8), randomBytes(8)]
  const isProbe = (one: ReadFrame, index: number): boolean =>
    isPinged(one) && probes[index]?.equals(one.payload) === true
  const reading = readFrames(socket, (one) => {
    if (isProbe(one, 0)) socket.write(frame('ping', 0, 0, probes[1]))
    return isEnd(one) || isProbe(one, 1)
  })
  socket.write(Buffer.concat([...sends, frame('ping', 0, 0, probes[0])]))
  return (await reading).filter(isEnd).map(wordOf)
}

for (const { section, name, sends, end } of http2Rows) {
  test(`${section.startsWith('hpack') ? section.replace('hpack', 'RFC 7541') : `RFC 9113 ${section}`}: ${name}`, async (t) => {
    const { port, news, targets } = await open(t)
    const [socket, other] = [await openHttp2(port), await openHttp2(port)]
    assert.deepEqual(await comesOf(socket, sends), expected(end))
    if ('ignoredAfter' in end) assert.equal(targets.length, end.ignoredAfter)
    if ('goaway' in end) {
      // Whoever is told GOAWAY is rid of the connection as well.
      if (!socket.destroyed) await new Promise((resolve) => socket.resume().once('close', resolve))
      assert.deepEqual(refusalsIn(news), ['bad-framing'])
    } else {
      assert.deepEqual(refusalsIn(news), [])
      assert.deepEqual(await comesOf(socket, [request(99)]), ['answer of 99'])
    }
    assert.deepEqual(await comesOf(other, [request(1)]), ['answer of 1'], 'others are served')
    socket.destroy()
    other.destroy()
  })
}

test('RFC 9113 6.5.3: SETTINGS are acknowledged', async (t) => {
  const { port } = await open(t)
  const socket = await openHttp2(port)
  const read = await readFrames(socket, ({ type, flags }) => type === settings && flags === acknowledged)
  assert.ok(read.some(({ type, flags, payload }) => type === settings && flags === 1 && payload.length === 0))
  socket.destroy()
})

test('RFC 9113 6.7: PING is answered by what was in it', async (t) => {
  const { port } = await open(t)
  const socket = await openHttp2(port)
  const reading = readFrames(socket, isPinged)
  socket.write(frame('ping', 0, 0, Buffer.from('a shout!')))
  assert.deepEqual(
    (await reading).filter(isPinged).map(({ payload }) => String(payload)),
    ['a shout!'],
  )
  socket.destroy()
})

test('RFC 9113 6.9.1: no more DATA comes than the window has room for, and the rest when it grows', async (t) => {
  const { port } = await open(t)
  const socket = await openHttp2(port)
  const isData = ({ type }: ReadFrame): boolean => type === data
  const first = readFrames(socket, isData)
  socket.write(Buffer.concat([frame('settings', 0, 0, setting(4, 1)), request(1)]))
  assert.equal((await first).find(isData)?.payload.length, 1)
  const rest = readFrames(socket, isAnswered)
  socket.write(frame('windowUpdate', 0, 1, four(100)))
  const octets = (await rest).filter(isData).map(({ payload }) => String(payload))
  assert.equal(octets.join(''), 'ell')
  socket.destroy()
})

test('RFC 9113 6.9.2: a window that was made smaller than nothing has to grow above it first', async (t) => {
  const { port } = await open(t)
  const socket = await openHttp2(port)
  const isData = ({ type }: ReadFrame): boolean => type === data
  const first = readFrames(socket, isData)
  socket.write(Buffer.concat([frame('settings', 0, 0, setting(4, 3)), request(1)]))
  assert.equal(String((await first).find(isData)?.payload), 'wel')
  // Three are on their way, and none is allowed now: the window is -3.
  const quiet = comesOf(socket, [frame('settings', 0, 0, setting(4, 0)), frame('windowUpdate', 0, 1, four(3))])
  assert.deepEqual(await quiet, [])
  const rest = readFrames(socket, isAnswered)
  // One for the letter, and one so that the end may follow it.
  socket.write(frame('windowUpdate', 0, 1, four(2)))
  assert.deepEqual(
    (await rest)
      .filter(isData)
      .map(({ payload }) => String(payload))
      .join(''),
    'l',
  )
  socket.destroy()
})

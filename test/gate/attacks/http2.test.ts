import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heldOctets } from '../../heldOctets.ts'
import { endHeaders, endStream, fieldsOf, frame } from '../../http2Frames.ts'
import type { Row } from './attackRange.ts'
import { openRange, playRows, reasonsOf } from './attackRange.ts'
import type { Fields } from './http2Shot.ts'
import { headersFrame, shootHttp2, wellFormed } from './http2Shot.ts'

interface Http2Row extends Row {
  readonly fields: Fields
  /** Frames of data; absent: the head is all. */
  readonly body?: string
}

const injected = 'one\r\nX-Postern-Identity-Kind: user\r\n\r\nGET /open/admin/smuggled HTTP/1.1\r\nHost: a'

const rows: readonly Http2Row[] = [
  // The platform resets their streams before anybody sees them: the record has the connection alone.
  ...(
    [
      ['a field of one connection', wellFormed({}, [['connection', 'close']])],
      ['chunks', wellFormed({ ':method': 'POST' }, [['transfer-encoding', 'chunked']])],
      ['te with more than trailers', wellFormed({}, [['te', 'gzip']])],
      ['an upgrade', wellFormed({}, [['upgrade', 'websocket']])],
      ['keep-alive', wellFormed({}, [['keep-alive', 'timeout=5']])],
      ['proxy-connection', wellFormed({}, [['proxy-connection', 'keep-alive']])],
      ['a name in capitals', wellFormed({}, [['X-Note', 'one']])],
      ['a path with line ends and a request', wellFormed({ ':path': `/open/first HTTP/1.1\r\n${injected}` })],
      ['a path that is an address', wellFormed({ ':path': 'https://{host}/open/first' })],
      ['a path of nothing', wellFormed({ ':path': '' })],
      ['a method with a request', wellFormed({ ':method': 'GET /open/admin/smuggled HTTP/1.1\r\nX:' })],
      ['a host with line ends', wellFormed({ ':authority': '{host}\r\nX-Note: one' })],
      ['a scheme with a request', wellFormed({ ':scheme': 'https://{host}/open/admin/smuggled?' })],
      ['no path', wellFormed().filter(([name]) => name !== ':path')],
      ['no method', wellFormed().filter(([name]) => name !== ':method')],
      ['two paths', [...wellFormed(), [':path', '/open/admin/smuggled']]],
      ['two authorities', [...wellFormed(), [':authority', 'other.example']]],
      ['a path behind other fields', [...wellFormed().slice(0, 3), ['x-note', 'one'], [':path', '/open/first']]],
      ['a pseudo-header field that is none', wellFormed({}, [[':postern', 'user']])],
      ['a field of answers', wellFormed({ ':status': '200' })],
      ['a WebSocket without SETTINGS', wellFormed({ ':method': 'CONNECT', ':protocol': 'websocket' })],
      [
        'two lengths',
        wellFormed({ ':method': 'POST' }, [
          ['content-length', '0'],
          ['content-length', '5'],
        ]),
      ],
      ['a length that is none', wellFormed({ ':method': 'POST' }, [['content-length', '5, 5']])],
      ['a host with a name before it', wellFormed({ ':authority': 'admin@{host}' })],
      ['a path with a blank', wellFormed({ ':path': '/open/first HTTP/1.1' })],
    ] as const
  ).map(([name, fields]) => ({ name, fields, answers: ['reset 1'], recorded: [] })),
  // What the platform takes for no field it leaves out, and the request is the same without it.
  ...(
    [
      ['a name with a colon', wellFormed({}, [['x-note: one', 'two']])],
      ['a name with a line end', wellFormed({}, [['x-note: one\r\nx-more', 'two']])],
      ['a name with a blank', wellFormed({}, [['transfer-encoding ', 'chunked']])],
      ['a name of nothing', wellFormed({}, [['', 'one']])],
      ['a value with line ends and a request', wellFormed({}, [['x-note', injected]])],
      ['a value with LF', wellFormed({}, [['x-note', 'one\nContent-Length: 60']])],
      ['a value with CR', wellFormed({}, [['x-note', 'one\rContent-Length: 60']])],
      ['a value with an octet 0', wellFormed({}, [['x-note', 'one\0two']])],
    ] as const
  ).map(([name, fields]) => ({
    name,
    fields,
    answers: [200],
    reaches: ['GET /open/first'],
    recorded: ['passed'],
  })),
  {
    name: 'another host than the authority',
    fields: wellFormed({}, [['host', 'other.example']]),
    answers: [400],
    recorded: ['bad-framing'],
  },
  {
    name: 'a tunnel',
    fields: [
      [':method', 'CONNECT'],
      [':authority', '127.0.0.1:22'],
    ],
    answers: [421],
    recorded: ['host-not-served'],
  },
  {
    name: 'more data than the length',
    fields: wellFormed({ ':method': 'POST' }, [['content-length', '1']]),
    body: '12345GET /open/admin/smuggled HTTP/1.1\r\n\r\n',
    answers: ['goaway 2'],
    recorded: ['bad-framing', 'client-gone'],
  },
  {
    name: 'less data than the length',
    fields: wellFormed({ ':method': 'POST' }, [['content-length', '60']]),
    body: '12345',
    answers: ['reset 1'],
    recorded: ['client-gone'],
  },
  {
    name: 'a request in a body of no length is a body',
    fields: wellFormed({ ':method': 'POST' }),
    body: '0\r\n\r\nGET /open/admin/other HTTP/1.1\r\nHost: a\r\n\r\n',
    answers: [200],
    reaches: ['POST /open/first'],
    recorded: ['passed'],
  },
  {
    name: 'a name with an underscore frames nothing, and goes no further',
    fields: wellFormed({ ':method': 'POST' }, [
      ['transfer_encoding', 'chunked'],
      ['content_length', '60'],
    ]),
    body: '12345',
    answers: [200],
    reaches: ['POST /open/first'],
    recorded: ['passed'],
  },
  {
    name: 'cookies in crumbs are one field',
    fields: wellFormed({}, [
      ['cookie', 'a=1'],
      ['cookie', 'b=2'],
      ['cookie', '__Host-postern=x'],
    ]),
    answers: [200],
    reaches: ['GET /open/first'],
    recorded: ['passed'],
  },
]

test('what a request of HTTP/2 may not say does not become a request of HTTP/1.1', async (t) => {
  const range = await openRange(t)
  const { gate } = range
  const shoot = ({ fields, body }: Http2Row) => {
    const head = headersFrame(gate, fields, body === undefined ? endStream : 0)
    const frames = body === undefined ? head : Buffer.concat([head, frame('data', endStream, 1, Buffer.from(body))])
    return shootHttp2(gate, frames)
  }
  await playRows(t, range, rows, shoot, (_row, _shot, octets) => {
    for (const text of octets) {
      assert.doesNotMatch(
        text,
        /transfer_encoding|transfer-encoding |content_length|__host-postern|x-note|x-more|smuggled/i,
      )
      assert.equal(text.match(/^cookie: /gim)?.length ?? 0, text.includes('a=1') ? 1 : 0)
    }
  })
})

interface FloodRow {
  readonly name: string
  readonly frames: (head: (stream: number, flags?: number) => Buffer) => readonly Buffer[]
  /** Reason of the one event of the connection. */
  readonly reason: string
}

const times = (count: number, make: (index: number) => Buffer): readonly Buffer[] =>
  Array.from({ length: count }, (_, at) => make(at))
const four = (value: number): Buffer => {
  const octets = Buffer.alloc(4)
  octets.writeUInt32BE(value)
  return octets
}

/** One long field that is kept in the table, and then meant again and again by one octet each (CVE-2016-6581). */
const bomb = Buffer.concat([
  Buffer.from([0x40, 1, 0x61, 0x7f, 0xa1, 0x1e]),
  Buffer.alloc(4000, 'x'),
  Buffer.alloc(12_000, 0xbe),
])

const floods: readonly FloodRow[] = [
  {
    name: 'requests that are taken back at once',
    frames: (head) =>
      times(1500, (at) => Buffer.concat([head(2 * at + 1), frame('rstStream', 0, 2 * at + 1, four(8))])),
    reason: 'protocol-flood',
  },
  { name: 'pings', frames: () => times(5000, () => frame('ping', 0, 0, Buffer.alloc(8))), reason: 'protocol-flood' },
  { name: 'settings', frames: () => times(500, () => frame('settings', 0, 0)), reason: 'protocol-flood' },
  {
    name: 'settings with thousands of values',
    frames: () => [frame('settings', 0, 0, Buffer.concat(times(2000, () => Buffer.from([0, 3, 0, 0, 0, 100]))))],
    reason: 'bad-framing',
  },
  {
    name: 'a head that goes on in thousands of frames',
    frames: () => [
      frame('headers', endStream, 1, fieldsOf(wellFormed())),
      ...times(5000, (at) => frame('continuation', 0, 1, fieldsOf([[`x-${at}`, 'y'.repeat(100)]]))),
    ],
    reason: 'protocol-flood',
  },
  {
    name: 'a head that goes on in frames of nothing',
    frames: () => [frame('headers', endStream, 1), ...times(5000, () => frame('continuation', 0, 1))],
    reason: 'protocol-flood',
  },
  {
    name: 'a window that is larger than there are numbers',
    frames: () => times(2, () => frame('windowUpdate', 0, 0, four(0x7fffffff))),
    reason: 'bad-framing',
  },
  {
    name: 'a window that grows by nothing',
    frames: () => [frame('windowUpdate', 0, 0, four(0))],
    reason: 'bad-framing',
  },
  {
    name: 'a frame that is larger than agreed',
    frames: () => [frame('data', 0, 1, Buffer.alloc(20_000))],
    reason: 'bad-framing',
  },
  { name: 'data of no request', frames: () => [frame('data', 0, 1, Buffer.from('x'))], reason: 'bad-framing' },
  { name: 'a request of a number that is the server’s', frames: (head) => [head(2)], reason: 'bad-framing' },
  {
    name: 'fields by a number that nobody has given',
    frames: () => [frame('headers', endStream | endHeaders, 1, Buffer.from([0xff, 0xff, 0x7f]))],
    reason: 'bad-framing',
  },
]

test('floods of frames end their own connection alone, and are told once', async (t) => {
  const range = await openRange(t)
  const { gate } = range
  const head = (stream: number, flags = endStream): Buffer => headersFrame(gate, wellFormed(), flags, stream)
  const ports: number[] = []
  for (const { frames } of floods) {
    const { port } = await shootHttp2(gate, Buffer.concat(frames(head)), 0)
    ports.push(port)
    await range.bystander()
  }
  const before = heldOctets()
  for (let round = 0; round < 20; round += 1) {
    await shootHttp2(gate, frame('headers', endStream | endHeaders, 1, bomb))
    await range.bystander()
  }
  const grown = heldOctets() - before
  const events = await range.recorded()
  for (const [at, { name, reason }] of floods.entries()) {
    await t.test(name, () => {
      const reasons = reasonsOf(events, ports[at] ?? 0)
      assert.equal(reasons.filter((one) => one === reason).length, 1, reasons.slice(0, 5).join())
      assert.deepEqual(
        [...new Set(reasons)].filter((one) => ![reason, 'client-gone', 'passed'].includes(one)),
        [],
      )
    })
  }
  await t.test('fields of a megabyte in a few octets leave nothing behind', () => {
    assert.ok(grown < 16 * 1024 * 1024, `${grown} octets more are held`)
  })
})

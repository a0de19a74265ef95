/**
 * Frames that a client may send, or may not, with what RFC 9113 and RFC 7541 have a server do about each: the cases of h2spec
 * that other tests do not have. Floods and heads with two meanings are in `src/net/listener/serveHttp2.test.ts`, what a
 * request may not say to a backend is in `test/gate/attacks/http2.test.ts`.
 */
import { endHeaders, endStream, fieldsOf, frame, request } from './http2Frames.ts'

/** What comes of it: how the connection or its stream ends, by the number of the error code, or which request is answered. */
export type Http2End =
  | { readonly goaway: number }
  | { readonly reset: number; readonly stream: number }
  /** Streams that are answered, in order. */
  | { readonly answers: readonly number[] }
  /** Nothing is said of it; so many requests were handed over, of those before. */
  | { readonly ignoredAfter: number }

export interface Http2Row {
  /** Section of RFC 9113, or `hpack` and one of RFC 7541. */
  readonly section: string
  readonly name: string
  /** Behind the preface and empty SETTINGS. */
  readonly sends: readonly Uint8Array[]
  readonly end: Http2End
  /** Where the RFC leaves more than one way: why this one. */
  readonly why?: string
}

const [protocol, internal, flowControl, streamClosed, frameSize, compression] = [1, 2, 3, 5, 6, 9]
const padded = 8
const withPriority = 0x20

export const four = (value: number): Buffer => {
  const octets = Buffer.alloc(4)
  octets.writeUInt32BE(value)
  return octets
}

/** One parameter of SETTINGS. */
export const setting = (id: number, value: number): Buffer => Buffer.concat([Buffer.of(0, id), four(value)])

const settings = (...values: readonly Buffer[]): Buffer => frame('settings', 0, 0, Buffer.concat(values))

export const usualFields = fieldsOf([
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'gate.example'],
  [':path', '/'],
])

const headers = (stream: number, flags: number, block: Uint8Array = usualFields): Buffer =>
  frame('headers', flags, stream, block)

/** A request that nobody answers, its body yet to come or not. */
const waiting = (stream: number, flags: number = endStream): Buffer => request(stream, [['x-wait', 'yes']], flags)

/** A request whose fields end in this. */
const ending = (...octets: readonly number[]): Buffer =>
  headers(1, endStream | endHeaders, Buffer.concat([usualFields, Buffer.from(octets)]))

const connectionError = (
  section: string,
  code: number,
  rows: Readonly<Record<string, readonly Uint8Array[]>>,
  why?: string,
): readonly Http2Row[] =>
  Object.entries(rows).map(([name, sends]) => ({
    section,
    name,
    sends,
    end: { goaway: code },
    ...(why !== undefined && { why }),
  }))

const streamError = (
  section: string,
  code: number,
  rows: Readonly<Record<string, readonly Uint8Array[]>>,
  stream = 1,
): readonly Http2Row[] =>
  Object.entries(rows).map(([name, sends]) => ({ section, name, sends, end: { reset: code, stream } }))

/** What has to be passed over, or taken; a request on the stream that is named is answered behind it. */
const answered = (
  section: string,
  answers: readonly number[],
  rows: Readonly<Record<string, readonly Uint8Array[]>>,
): readonly Http2Row[] => Object.entries(rows).map(([name, sends]) => ({ section, name, sends, end: { answers } }))

const ping = (flags = 0, stream = 0, octets = 8): Buffer => frame('ping', flags, stream, Buffer.alloc(octets, 'p'))

const framing: readonly Http2Row[] = [
  ...answered('4.1', [1], {
    'a frame of no known type is passed over': [frame('unknown', 0xff, 0, Buffer.alloc(8)), request(1)],
    'flags that nobody knows are passed over': [ping(0xfe), request(1)],
    'the reserved bit of a stream is passed over': [frame('ping', 0, 0x80000000, Buffer.alloc(8)), request(1)],
  }),
  ...answered('4.2', [1], {
    'DATA of 16,384 octets is taken': [request(1, [], 0), frame('data', endStream, 1, Buffer.alloc(16_384))],
  }),
  ...connectionError('4.2', frameSize, {
    'DATA of more than was agreed': [request(1, [], 0), frame('data', endStream, 1, Buffer.alloc(16_385))],
    'HEADERS of more than was agreed': [headers(1, endStream | endHeaders, Buffer.alloc(16_385))],
  }),
  ...connectionError('4.3', protocol, {
    'PRIORITY amid a block of fields': [headers(1, endStream), frame('priority', 0, 1, Buffer.alloc(5, 1))],
    'HEADERS of another stream amid a block of fields': [headers(1, endStream), headers(3, endStream | endHeaders)],
    'a frame of no known type amid a block of fields': [headers(1, endStream), frame('unknown', 0, 1)],
  }),
]

const streams: readonly Http2Row[] = [
  ...connectionError('5.1', protocol, {
    'RST_STREAM of a stream that nobody opened': [frame('rstStream', 0, 1, four(8))],
    'WINDOW_UPDATE of a stream that nobody opened': [frame('windowUpdate', 0, 1, four(100))],
    'CONTINUATION of a stream that nobody opened': [frame('continuation', endHeaders, 1)],
    'CONTINUATION behind a request that is whole': [waiting(1), frame('continuation', endHeaders, 1)],
  }),
  ...connectionError('5.1', streamClosed, {
    'DATA behind a request that is whole': [waiting(1), frame('data', endStream, 1, Buffer.from('x'))],
    'HEADERS behind a request that is whole': [waiting(1), headers(1, endStream | endHeaders)],
  }),
  {
    section: '5.1.1',
    name: 'a stream of a lower number than the last is no request',
    sends: [waiting(5), request(3)],
    end: { ignoredAfter: 1 },
    why: 'nghttp2 takes it for trailers of a stream that is closed by now, and does not end the connection for those.',
  },
]

const frames: readonly Http2Row[] = [
  ...connectionError('6.1', protocol, {
    'DATA of no stream': [frame('data', endStream, 0, Buffer.from('x'))],
    'DATA with more padding than there is': [request(1, [], 0), frame('data', padded | endStream, 1, Buffer.of(9, 0))],
  }),
  ...connectionError('6.2', protocol, {
    'HEADERS of no stream': [headers(0, endStream | endHeaders)],
    'HEADERS with more padding than there is': [
      headers(1, padded | endStream | endHeaders, Buffer.concat([Buffer.of(0xff), usualFields])),
    ],
  }),
  ...answered('6.2', [1], {
    'HEADERS with padding and a priority are taken': [
      headers(
        1,
        padded | withPriority | endStream | endHeaders,
        Buffer.concat([Buffer.of(3), Buffer.of(0, 0, 0, 0, 16), usualFields, Buffer.alloc(3)]),
      ),
    ],
  }),
  {
    section: '6.3',
    name: 'PRIORITY of no stream is passed over',
    sends: [frame('priority', 0, 0, Buffer.of(0, 0, 0, 3, 16))],
    end: { ignoredAfter: 0 },
    why: 'Priorities are deprecated (section 5.3), and nghttp2 reads nothing of them but their length.',
  },
  ...connectionError('6.3', frameSize, { 'PRIORITY of four octets': [frame('priority', 0, 1, Buffer.alloc(4))] }),
  ...connectionError('6.4', protocol, { 'RST_STREAM of no stream': [frame('rstStream', 0, 0, four(8))] }),
  ...connectionError('6.4', frameSize, {
    'RST_STREAM of three octets': [waiting(1), frame('rstStream', 0, 1, Buffer.alloc(3))],
  }),
  ...connectionError('6.5', frameSize, {
    'an acknowledgement of SETTINGS with something in it': [frame('settings', 1, 0, setting(3, 1))],
    'SETTINGS of five octets': [frame('settings', 0, 0, Buffer.alloc(5))],
  }),
  ...connectionError('6.5', protocol, { 'SETTINGS of a stream': [frame('settings', 0, 1, setting(3, 1))] }),
  ...connectionError('6.5.2', protocol, {
    'ENABLE_PUSH that is neither 0 nor 1': [settings(setting(2, 2))],
    'MAX_FRAME_SIZE below 16,384': [settings(setting(5, 16_383))],
    'MAX_FRAME_SIZE above 16,777,215': [settings(setting(5, 16_777_216))],
  }),
  ...connectionError('6.5.2', flowControl, {
    'INITIAL_WINDOW_SIZE above 2,147,483,647': [settings(setting(4, 0x80000000))],
  }),
  ...answered('6.5.2', [1], {
    'a setting that nobody knows is passed over': [settings(setting(0xff, 1)), request(1)],
  }),
  ...connectionError('6.6', protocol, {
    'PUSH_PROMISE of a client': [
      waiting(1),
      frame('pushPromise', endHeaders, 1, Buffer.concat([four(2), usualFields])),
    ],
  }),
  ...connectionError('6.7', protocol, { 'PING of a stream': [ping(0, 1)] }),
  ...connectionError(
    '6.7',
    internal,
    { 'an answer to a PING that nobody sent': [ping(1)] },
    'The RFC does not ask for it; Node ends who makes such answers up.',
  ),
  ...connectionError('6.7', frameSize, { 'PING of six octets': [ping(0, 0, 6)] }),
  ...connectionError('6.8', protocol, { 'GOAWAY of a stream': [frame('goaway', 0, 1, Buffer.alloc(8))] }),
]

const errorOfStream =
  'An error of a stream may be taken for one of the connection (section 5.4.1), and is: streams that a client makes fail are a way to flood (CVE-2025-8671).'

const windows: readonly Http2Row[] = [
  ...connectionError('6.9', frameSize, {
    'WINDOW_UPDATE of three octets': [frame('windowUpdate', 0, 0, Buffer.alloc(3))],
  }),
  ...connectionError(
    '6.9',
    protocol,
    { 'a window of a stream that grows by nothing': [waiting(1), frame('windowUpdate', 0, 1, four(0))] },
    errorOfStream,
  ),
  ...connectionError(
    '6.9.1',
    flowControl,
    {
      'a window of a stream that is larger than there are numbers': [
        waiting(1),
        frame('windowUpdate', 0, 1, four(0x7fffffff)),
      ],
    },
    errorOfStream,
  ),
  ...connectionError('6.9.2', flowControl, {
    'SETTINGS that make a window larger than there are numbers': [
      waiting(1),
      frame('windowUpdate', 0, 1, four(0x7fff0000)),
      settings(setting(4, 0x7fffffff)),
    ],
  }),
]

const continued: readonly Http2Row[] = [
  ...answered('6.10', [1], {
    'a block of fields in three frames is taken': [
      headers(1, endStream, usualFields.subarray(0, 9)),
      frame('continuation', 0, 1, usualFields.subarray(9, 30)),
      frame('continuation', endHeaders, 1, usualFields.subarray(30)),
    ],
  }),
  ...connectionError('6.10', protocol, {
    'DATA behind CONTINUATION that goes on': [headers(1, 0), frame('continuation', 0, 1), frame('data', endStream, 1)],
    'CONTINUATION of no stream': [headers(1, endStream), frame('continuation', endHeaders, 0)],
    'CONTINUATION behind DATA': [request(1, [], 0), frame('data', 0, 1), frame('continuation', endHeaders, 1)],
  }),
]

const codes: readonly Http2Row[] = answered('7', [3], {
  'RST_STREAM with a code that nobody knows is one like any other': [
    waiting(1, 0),
    frame('rstStream', 0, 1, four(0xff)),
    request(3),
  ],
})

const messages: readonly Http2Row[] = [
  ...streamError('8.1', protocol, {
    'a second HEADERS that does not end the request': [
      waiting(1, 0),
      headers(1, endHeaders, fieldsOf([['x-more', 'y']])),
    ],
    'trailers with a pseudo-header field': [
      waiting(1, 0),
      headers(1, endStream | endHeaders, fieldsOf([[':path', '/other']])),
    ],
    'a body in two frames that is not of its length': [
      request(
        1,
        [
          ['x-wait', 'yes'],
          ['content-length', '3'],
        ],
        0,
      ),
      frame('data', 0, 1, Buffer.from('x')),
      frame('data', endStream, 1, Buffer.from('y')),
    ],
  }),
  ...answered('8.1', [1], {
    'trailers are taken': [
      request(1, [], 0),
      frame('data', 0, 1, Buffer.from('body')),
      headers(1, endStream | endHeaders, fieldsOf([['x-after', 'y']])),
    ],
  }),
]

const hpack: readonly Http2Row[] = [
  ...connectionError('hpack 2.3.3', compression, {
    'a field by a number above both tables': [ending(0xc6)],
    'a field whose name is by a number above both tables': [ending(0x7f, 0x10, 1, 0x61)],
  }),
  ...connectionError('hpack 4.2', compression, {
    'a change of the table’s size behind fields': [ending(0x20)],
  }),
  ...connectionError('hpack 5.2', compression, {
    'Huffman padding of more than seven bits': [ending(0x00, 0x81, 0x1f, 0x82, 0x1f, 0xff)],
    'Huffman padding of zeros': [ending(0x00, 0x81, 0x1f, 0x81, 0x18)],
    'the end-of-string symbol of Huffman': [ending(0x00, 0x81, 0x1f, 0x84, 0xff, 0xff, 0xff, 0xff)],
    'a text that ends behind its block': [ending(0x00, 0x01, 0x61, 0x7f)],
  }),
  ...connectionError('hpack 6.1', compression, { 'a field by the number 0': [ending(0x80)] }),
  ...connectionError('hpack 6.3', compression, {
    'a table that is larger than was agreed': [
      headers(1, endStream | endHeaders, Buffer.concat([Buffer.of(0x3f, 0xe2, 0x1f), usualFields])),
    ],
  }),
]

export const http2Rows: readonly Http2Row[] = [
  ...framing,
  ...streams,
  ...frames,
  ...windows,
  ...continued,
  ...codes,
  ...messages,
  ...hpack,
]

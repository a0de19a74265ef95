import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { heldOctets } from '../../heldOctets.ts'
import type { RawAnswer } from '../rawBackend.ts'
import { well } from '../rawBackend.ts'
import type { Range, Row } from './attackRange.ts'
import { openRange, playRows, reasonsOf } from './attackRange.ts'
import { closing, headOf, octetsOf, openSocket } from './shoot.ts'

interface BackendRow extends Row {
  /** Octets that are sent for an answer, or what is done in their place. */
  readonly sends: string | ((socket: Socket) => void)
  /** Default: GET. */
  readonly method?: string
  /** Stands in nothing that comes to the client. */
  readonly never?: RegExp
}

const poisoned = 'HTTP/1.1 200 OK\r\nContent-Length: 15\r\nSet-Cookie: POISON=1\r\n\r\nPOISON-17 well\n'
const lengthOf = (length: number | string): string => `Content-Length: ${length}`
const ok = (...fields: readonly string[]): string => headOf('HTTP/1.1 200 OK', ...fields)

/** The backend’s connection ends with what was sent. */
const thenClosed = (octets: string) => (socket: Socket) => void socket.end(octets, 'latin1')

/** @param answers of the gate in its place: 502, or what had gone on its way by then */
const bad = (
  name: string,
  sends: BackendRow['sends'],
  reason = 'bad-answer',
  answers: readonly number[] = [502],
): BackendRow => ({
  name,
  method: 'POST',
  sends,
  answers,
  recorded: [reason],
})

const passes = (name: string, sends: BackendRow['sends'], more: Partial<BackendRow> = {}): BackendRow => ({
  name,
  sends,
  answers: [200],
  recorded: ['passed'],
  ...more,
})

const rows: readonly BackendRow[] = [
  bad('two lengths that differ', `${ok(lengthOf(5), lengthOf(60))}well\n${poisoned}`),
  bad('a length and chunks', `${ok(lengthOf(5), 'Transfer-Encoding: chunked')}0\r\n\r\n${poisoned}`),
  bad('a coding before chunks', `${ok('Transfer-Encoding: gzip, chunked')}0\r\n\r\n${poisoned}`),
  bad('a coding that is none', `${ok('Transfer-Encoding: identity')}POISON-17`),
  bad('a length that is none', `${ok(lengthOf('5x'))}well\n`),
  bad('a length below nothing', `${ok(lengthOf('-5'))}well\n`),
  bad('a folded field', `${ok('X-Note: one\r\n two', lengthOf(5))}well\n`),
  bad('a blank before the colon', `${ok('Content-Length : 5')}well\n`),
  bad('an octet 0 in a value', `${ok('X-Note: one\0two', lengthOf(5))}well\n`),
  bad('a field that ends in LF alone', `${ok(`X-Note: one\nSet-Cookie: a=1`, lengthOf(5))}well\n`),
  bad('no status', `POISON-17\r\n\r\n`),
  bad('a status of four digits', `HTTP/1.1 2000 OK\r\n${lengthOf(5)}\r\n\r\nwell\n`),
  bad('another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'),
  bad('another version', `HTTP/3.0 200 OK\r\n${lengthOf(5)}\r\n\r\nwell\n`),
  bad(
    'a switch to another protocol that nobody asked for',
    headOf('HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'),
    'connection-lost',
  ),
  bad(
    'a megabyte of fields',
    ok(...Array.from({ length: 1000 }, (_, at) => `X-${at}: ${'x'.repeat(1000)}`), lengthOf(0)),
    'answer-head-too-large',
  ),
  bad('an end before the head', (socket) => socket.end(), 'connection-lost'),
  bad('a reset before the head', (socket) => socket.resetAndDestroy(), 'connection-lost'),
  bad('an end in the midst of the head', thenClosed('HTTP/1.1 200 OK\r\nX-Note: POI'), 'connection-lost'),
  bad('an end before the body is whole', thenClosed(`${ok(lengthOf(60))}well\n`), 'connection-lost', [200]),
  bad(
    'an end before the last chunk',
    thenClosed(`${ok('Transfer-Encoding: chunked')}5\r\nwell\n\r\n`),
    'connection-lost',
    [200],
  ),
  bad('a chunk without a size', `${ok('Transfer-Encoding: chunked')}5\r\nwell\n\r\nPOISON-17\r\n`, 'bad-answer', [200]),
  bad(
    'a chunk of a size below nothing',
    `${ok('Transfer-Encoding: chunked')}-5\r\nwell\n\r\n0\r\n\r\n`,
    'bad-answer',
    [200],
  ),
  bad('a head that does not come', () => {}, 'answer-timeout', [504]),
  bad('a body that stops', (socket) => socket.write(`${ok(lengthOf(60))}well\n`), 'answer-stalled', [200]),
  passes('a second answer behind the first', `${ok(lengthOf(5))}well\n${poisoned}`),
  passes('an answer with a body to HEAD', `${ok(lengthOf(poisoned.length))}${poisoned}`, { method: 'HEAD' }),
  passes(
    'an answer without content and with a body',
    `HTTP/1.1 204 No Content\r\n${lengthOf(poisoned.length)}\r\n\r\n${poisoned}`,
    { answers: [204] },
  ),
  passes('an answer that nothing has changed and with a body', `HTTP/1.1 304 Not Modified\r\n\r\n${poisoned}`, {
    answers: [304],
  }),
  passes('a length that is of the connection', `${ok('Connection: content-length', lengthOf(5))}well\n${poisoned}`),
  passes(
    'a thousand answers that are not the last',
    `${headOf('HTTP/1.1 103 Early Hints', 'Link: </POISON-17>').repeat(1000)}${ok(lengthOf(5))}well\n`,
  ),
  passes(
    'the session of the gate',
    `${ok('Set-Cookie: __Host-postern=POISON-17; Path=/', 'Set-Cookie: app=1', lengthOf(5))}well\n`,
  ),
  passes(
    'the session of the gate in capitals behind a blank',
    `${ok('Set-Cookie:  __HOST-Postern-b=POISON-17; Path=/', lengthOf(5))}well\n`,
  ),
  passes('a place beside the gate', `${ok('Alt-Svc: h2="POISON-17:443"', lengthOf(5))}well\n`),
  passes(
    'a login that signs in a connection',
    `HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate POISON-17\r\n${lengthOf(5)}\r\n\r\nwell\n`,
    { answers: [401] },
  ),
  passes(
    'fields of one connection',
    `${ok('Keep-Alive: POISON-17', 'Connection: x-note', 'X-Note: POISON-17', lengthOf(5))}well\n`,
  ),
]

const pathOf = ({ name }: BackendRow): string => `/open/${name.replaceAll(/[^a-z]+/gi, '-')}`

const answer: RawAnswer = (request, socket) => {
  const row = rows.find((one) => pathOf(one) === request.target)
  if (row === undefined) return well(request, socket)
  if (typeof row.sends === 'string') socket.write(row.sends, 'latin1')
  else row.sends(socket)
}

const soon = (yaml: string): string =>
  yaml.replace(/(app: \{ urls: \[[^\]]*\])/, '$1, answer-seconds: 1, idle-seconds: 1')

test('a backend that answers what is no answer hurts the one who asked, and gives nothing of it to others', async (t) => {
  const range = await openRange(t, { answer, edit: soon })
  range.poison.push('POISON-17')
  const expected = rows.map((row) => ({ ...row, reaches: [`${row.method ?? 'GET'} ${pathOf(row)}`] }))
  await playRows(
    t,
    range,
    expected,
    (row) => range.shoot(closing(`${row.method ?? 'GET'} ${pathOf(row)}`)),
    ({ never = /POISON/ }, { text }) => {
      assert.doesNotMatch(text, never)
    },
  )
})

/** Pours for as long as it is listened to; tells how much it could. */
function pouring(head: string, piece: Buffer) {
  const poured = { octets: 0 }
  const sockets: Socket[] = []
  const answers: RawAnswer = (request, socket) => {
    if (request.target !== '/open/endless') return well(request, socket)
    sockets.push(socket)
    const pour = (): void => {
      while (!socket.destroyed) {
        poured.octets += piece.length
        if (!socket.write(piece)) return
      }
    }
    socket.on('drain', pour)
    socket.write(head)
    pour()
  }
  return { poured, sockets, answers }
}

/** Sends a request and reads nothing but its beginning. */
async function unread(range: Range, line: string): Promise<Awaited<ReturnType<typeof openSocket>>> {
  const socket = await openSocket(range.gate)
  socket.write(octetsOf(range.gate, headOf(`${line} HTTP/1.1`, 'Host: {host}')))
  await once(socket, 'data')
  socket.pause()
  return socket
}

const piece = Buffer.alloc(65_536, 'x')

for (const [name, head, part] of [
  ['ten gigabytes', ok(lengthOf(10 * 2 ** 30)), piece],
  [
    'chunks without an end',
    ok('Transfer-Encoding: chunked'),
    Buffer.concat([Buffer.from('10000\r\n'), piece, Buffer.from('\r\n')]),
  ],
  ['a body that only the end of the connection ends', ok('Connection: close'), piece],
] as const) {
  test(`of ${name} the gate holds what the client has room for, and lets go when it leaves`, async (t) => {
    const { poured, sockets, answers } = pouring(head, part)
    const range = await openRange(t, { answer: answers })
    await range.bystander()
    const before = heldOctets()
    const socket = await unread(range, 'GET /open/endless')
    for (let round = 0; round < 30; round += 1) await range.bystander()
    const grown = heldOctets() - before
    assert.ok(grown < 32 * 1024 * 1024, `${grown} octets more are held`)
    assert.ok(poured.octets < 96 * 1024 * 1024, `${poured.octets} octets were taken`)
    const ended = sockets.map((one) => new Promise((resolve) => one.once('close', resolve)))
    socket.destroy()
    await Promise.all(ended)
    await range.bystander()
    const events = await range.recorded()
    assert.deepEqual(
      events.filter(({ http }) => http?.path === '/open/endless').map(({ reason }) => reason),
      ['client-gone'],
    )
  })
}

test('answers that are not the last, without an end, end the request that they are for', async (t) => {
  const hints = headOf('HTTP/1.1 103 Early Hints', 'Link: </a>').repeat(1000)
  const { answers, sockets } = pouring('', Buffer.from(hints))
  const range = await openRange(t, { answer: answers, edit: soon })
  await range.bystander()
  const before = heldOctets()
  const { statuses, port } = await range.shoot(closing('POST /open/endless'))
  await range.bystander()
  assert.ok(heldOctets() - before < 16 * 1024 * 1024)
  assert.ok(sockets.length === 1)
  const events = await range.recorded()
  assert.deepEqual(reasonsOf(events, port), ['bad-answer'])
  assert.deepEqual(statuses, [502])
})

test('fifty backends that hang keep nobody else waiting', async (t) => {
  const range = await openRange(t, {
    answer: (request, socket) => void (request.target === '/open/hang' || well(request, socket)),
    edit: soon,
  })
  const hung = Array.from({ length: 50 }, () => range.shoot(closing('POST /open/hang')))
  for (let round = 0; round < 50; round += 1) await range.bystander()
  for (const { statuses } of await Promise.all(hung)) assert.deepEqual(statuses, [504])
  await range.bystander()
  const events = await range.recorded()
  assert.equal(
    events.filter(({ http, reason }) => http?.path === '/open/hang' && reason === 'answer-timeout').length,
    50,
  )
})

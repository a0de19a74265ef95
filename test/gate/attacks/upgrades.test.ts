import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { RawAnswer } from '../rawBackend.ts'
import { well } from '../rawBackend.ts'
import type { Row } from './attackRange.ts'
import { openRange, playRows } from './attackRange.ts'
import { headOf } from './shoot.ts'

interface UpgradeRow extends Row {
  /** In the place of fields of the request, or beside them. */
  readonly fields?: Readonly<Record<string, string>>
  /** What the backend answers. */
  readonly answered: string
}

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
const smuggled = headOf('GET /open/admin/smuggled HTTP/1.1', 'Host: {host}')
const switching = (...fields: readonly string[]): string => headOf('HTTP/1.1 101 Switching Protocols', ...fields)
const switched = switching('Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`)

/** The backend has answered, and goes on to speak HTTP: what the client sends behind its request must not come to it. */
const refused = (name: string, answered: string, status: number, reason = 'passed'): UpgradeRow => ({
  name,
  answered,
  answers: [status],
  reaches: ['GET /open/first'],
  recorded: [reason],
})

/** The gate itself takes it for no WebSocket. */
const none = (name: string, fields: UpgradeRow['fields'], reason = 'not-websocket'): UpgradeRow => ({
  name,
  fields: fields ?? {},
  answered: switched,
  answers: [400],
  recorded: [reason],
})

const rows: readonly UpgradeRow[] = [
  refused(
    'a backend that knows another version',
    `${headOf('HTTP/1.1 426 Upgrade Required', 'Content-Length: 0')}`,
    426,
  ),
  refused(
    'a backend that answers as if nobody had asked',
    `${headOf('HTTP/1.1 200 OK', 'Content-Length: 5')}well\n`,
    200,
  ),
  refused('a backend that has nothing there', headOf('HTTP/1.1 404 Not Found', 'Content-Length: 0'), 404),
  refused('a switch without a proof', switching('Upgrade: websocket', 'Connection: Upgrade'), 502, 'not-switched'),
  refused(
    'a switch with the proof of another request',
    switched.replace(accept, 'AAAAAAAAAAAAAAAAAAAAAAAAAAA='),
    502,
    'not-switched',
  ),
  refused('a switch to another protocol', switched.replace('websocket', 'h2c'), 502, 'not-switched'),
  refused(
    'a switch that goes on in a second head',
    `${headOf('HTTP/1.1 100 Continue')}${headOf('HTTP/1.1 403 Forbidden', 'Content-Length: 0')}`,
    403,
  ),
  none('a version that nobody speaks', { 'Sec-WebSocket-Version': '777' }),
  none('no key', { 'Sec-WebSocket-Key': '' }),
  none('a key that is none', { 'Sec-WebSocket-Key': 'short' }),
  none('another protocol beside it', { Upgrade: 'websocket, h2c' }),
  none('another protocol', { Upgrade: 'TLS/1.0' }),
]

test('what a client sends behind a WebSocket that is refused comes to nobody', async (t) => {
  let answered = ''
  const answer: RawAnswer = (request, socket) => {
    if (request.target === '/open/first') socket.write(answered)
    else well(request, socket)
  }
  const range = await openRange(t, { answer })
  await playRows(t, range, rows, (row) => {
    answered = row.answered
    const fields = {
      Origin: 'https://{host}',
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': key,
      ...row.fields,
    }
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`)
    return range.shoot(headOf('GET /open/first HTTP/1.1', 'Host: {host}', ...lines) + smuggled)
  })
  for (const octets of range.backend.came) assert.doesNotMatch(octets, /smuggled/)
})

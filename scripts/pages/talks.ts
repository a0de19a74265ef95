import { createHash } from 'node:crypto'
import { locatorRecords } from '../../src/check/questionOf.ts'
import type { Scheme } from '../../src/model/service.ts'
import type { Question } from '../../src/probes/probe.ts'
import { webSocketAccept } from '../../src/wire/websocket.ts'
import { rpcServer } from '../../test/serviceReplies.ts'

/** A conversation with a probe: what is answered decides what it says next. */
export interface Talk {
  /** What brings the messages about that no other talk of the probe has; absent: its first question. */
  readonly when?: string
  readonly transport: 'tcp' | 'udp'
  readonly ask?: Partial<Question>
  /** What is said to the messages one after the other, over all connections; undefined: the connection is ended. */
  readonly answers?: (port: number) => (request: Buffer, nth: number) => Uint8Array | undefined
  /** Which messages go out together, and so arrive in any order: they are shown in that of their text, before the rest. */
  readonly together?: RegExp
  /** TLS is not answered, but taken down as it comes. */
  readonly outsideTls?: true
}

/** A message of hexadecimal digits, in parts. */
const hex = (...parts: readonly string[]): Buffer => Buffer.from(parts.join(''), 'hex')

const inTurn =
  (...said: readonly Uint8Array[]): NonNullable<Talk['answers']> =>
  () =>
  (_request, nth) =>
    said[nth]

// An entry at the root without attributes, and the end of the search (RFC 4511 §4.5.2).
const rootEntry = hex('300902010164040400', '3000', '300c02010165070a010004000400')
// An ExtendedResponse of success (RFC 4511 §4.12).
const startTlsAgreed = hex('300c02010278070a010004000400')

/** Alerts of TLS, fatal: protocol_version (RFC 8446 §6). */
const wrongVersion = hex('15030300020246')

const formatError = 1
const types = { SOA: 6, AAAA: 28, SRV: 33 } as const

/** A name server of the zone, with one domain controller that has an address of IPv6 alone. */
function zone(request: Buffer): Buffer {
  const end = request.indexOf(0, 12) + 5
  const type = request.readUInt16BE(end - 4)
  const answer = records[type]
  const record = answer && [hex('c00c'), request.subarray(end - 4, end), hex('00000258'), lengthOf(answer), answer]
  return Buffer.concat([
    request.subarray(0, 2),
    hex('85800001', record === undefined ? '0000' : '0001', '00000000'),
    request.subarray(12, end),
    ...(record ?? []),
  ])
}

const records: Readonly<Partial<Record<number, Buffer>>> = {
  [types.SOA]: hex('c00c', 'c00c', '00000001', '00000384', '00000258', '00015180', '00000e10'),
  [types.SRV]: Buffer.concat([hex('000000640185'), Buffer.from('\x04dc01\x04corp\x07example\x00')]),
  [types.AAAA]: hex('20010db8000000000000000000000010'),
}

function lengthOf(octets: Uint8Array): Buffer {
  return hex(octets.length.toString(16).padStart(4, '0'))
}

/** A name server that knows no EDNS (RFC 6891 §7). */
function withoutEdns(request: Buffer): Buffer {
  return request.readUInt16BE(10) === 0
    ? zone(request)
    : Buffer.concat([request.subarray(0, 2), hex('818', String(formatError), '0000'.repeat(4))])
}

const sha1 = (octets: Uint8Array): Uint8Array => createHash('sha1').update(octets).digest()

/** Switches to WebSocket, answers a ping, and goes at the close (RFC 6455 §5.5). */
function webSocket(request: Buffer, nth: number): Buffer | undefined {
  if (nth === 0) {
    const key = /^Sec-WebSocket-Key: (.*)\r$/m.exec(request.toString('latin1'))?.[1] ?? ''
    const fields = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${webSocketAccept(key, sha1)}\r\n`
    return Buffer.from(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n`)
  }
  if (request[0] !== 0x89) return undefined
  const mask = request.subarray(2, 6)
  const payload = request.subarray(6).map((octet, at) => octet ^ (mask[at % 4] ?? 0))
  return Buffer.concat([Buffer.from([0x8a, payload.length]), payload])
}

const redirect = Buffer.from(
  'HTTP/1.1 302 Found\r\nLocation: /start\r\nSet-Cookie: visit=1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
)

const serviceBus = 'contoso.servicebus.windows.net'
const hungUpOn: Talk = {
  when: 'the handshake, and once more where it is hung up on',
  transport: 'tcp',
  outsideTls: true,
}
const startTls: Talk = {
  when: 'where StartTLS is agreed on, the handshake',
  transport: 'tcp',
  answers: inTurn(rootEntry, startTlsAgreed),
}

/** What a probe is asked for besides its first question, in the order of the page. */
export const talks: Readonly<Partial<Record<Scheme, readonly Talk[]>>> = {
  dns: [
    {
      when: 'of a name server of the AD domain that answers, for a target that has an AAAA record only',
      transport: 'udp',
      ask: { serviceRecords: locatorRecords({ domain: 'corp.example' }) },
      answers: () => zone,
      together: /_tcp/i,
    },
    { when: 'where EDNS is not known', transport: 'udp', answers: () => withoutEdns },
  ],
  epm: [
    {
      when: 'of an endpoint mapper that answers, and then at the ports that it names',
      transport: 'tcp',
      answers: (port) => rpcServer(port),
    },
  ],
  ldap: [{ when: 'where that answers', transport: 'tcp', answers: inTurn(rootEntry) }, startTls],
  ldaps: [hungUpOn],
  gc: [{ when: 'where that answers', transport: 'tcp', answers: inTurn(rootEntry) }, startTls],
  gcs: [hungUpOn],
  winrms: [hungUpOn],
  amqps: [hungUpOn],
  http: [{ when: 'of AD FS, by port 80', transport: 'tcp', ask: { path: '/adfs/probe' } }],
  https: [
    hungUpOn,
    {
      when: 'of AD FS',
      transport: 'tcp',
      ask: { path: '/FederationMetadata/2007-06/FederationMetadata.xml' },
    },
    {
      when: 'of where people sign in; the tenant stands for common where the site names it',
      transport: 'tcp',
      ask: { name: 'login.microsoftonline.com', path: '/common/v2.0/.well-known/openid-configuration' },
    },
    {
      when: 'of an own app that sends on to /start with a cookie',
      transport: 'tcp',
      ask: { signIn: { port: 443 } },
      answers: () => (_request, nth) => (nth === 0 ? redirect : undefined),
    },
  ],
  tls: [
    hungUpOn,
    {
      when: 'where the version is refused by an alert',
      transport: 'tcp',
      outsideTls: true,
      answers: () => () => wrongVersion,
    },
  ],
  ws: [{ when: 'behind a 101', transport: 'tcp', answers: () => webSocket }],
  wss: [
    hungUpOn,
    { when: 'of Azure Service Bus', transport: 'tcp', ask: { name: serviceBus }, answers: () => webSocket },
  ],
}

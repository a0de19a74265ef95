import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Pki } from '../../src/lab/servers/pki.ts'
import type { Scheme } from '../../src/model/service.ts'
import { createNet } from '../../src/net/createNet.ts'
import type { RegisteredProbe } from '../../src/probes/index.ts'

/** One message as it leaves: what is the same each time, and where each octet is another one. */
export interface SentMessage {
  readonly octets: Uint8Array
  /** By position: whether the octet is random. */
  readonly random: readonly boolean[]
}

const host = 'dc01.corp.example'
const overTls: ReadonlySet<Scheme> = new Set(['https', 'wss', 'ldaps', 'gcs', 'winrms', 'amqps'])
const timeoutMs = 60

/** What is random is this octet all over, once each: every bit of it is another one in one of them. */
const randoms = [0x2d, 0x52, 0xad] as const

/** A message of hexadecimal digits, in lines. */
const hex = (...lines: readonly string[]): Uint8Array => Uint8Array.from(Buffer.from(lines.join(''), 'hex'))

/** What is answered to the first questions of a connection, so that the next one follows; made by hand from the fields. */
const answers: Readonly<Partial<Record<Scheme, readonly Uint8Array[]>>> = {
  // An entry at the root without attributes, and the end of the search (RFC 4511 §4.5.2).
  ldap: [hex('300902010164040400', '3000', '300c02010165070a010004000400')],
  gc: [hex('300902010164040400', '3000', '300c02010165070a010004000400')],
  // bind_ack that accepts one context (C706 §12.6.4.4).
  epm: [
    hex(
      '05000c03100000003c00000001000000',
      'd016d016f0530000',
      '0400313335000000',
      '01000000',
      '00000000',
      '045d888aeb1cc9119fe808002b10486002000000',
    ),
  ],
}

/** What a probe really sends over a transport, message by message, to a server that says as little as it can. */
export async function sentBy(
  probe: RegisteredProbe,
  transport: 'tcp' | 'udp',
  pki: Pki,
): Promise<readonly SentMessage[]> {
  const runs: (readonly Uint8Array[])[] = []
  for (const random of randoms) runs.push(await record(probe, transport, random, pki))
  const [first = [], ...others] = runs
  return first.map((octets, at) => {
    const alike = others
      .flatMap((messages) => messages.slice(at, at + 1))
      .filter(({ length }) => length === octets.length)
    return {
      octets,
      random: Array.from(octets, (octet, position) => alike.some((other) => other[position] !== octet)),
    }
  })
}

async function record(
  { scheme, load }: RegisteredProbe,
  transport: 'tcp' | 'udp',
  random: number,
  pki: Pki,
): Promise<readonly Uint8Array[]> {
  const { observe } = await load()
  const heard: Uint8Array[] = []
  const server = transport === 'udp' ? await datagrams(heard) : await connections(scheme, heard, pki)
  const net = createNet({
    trust: { site: [pki.rootPem], machine: [], node: [] },
    userAgent: 'postern',
    random: (octets) => new Uint8Array(octets).fill(random),
  })
  const limits = { signal: new AbortController().signal, timeoutMs }
  const question = { scheme, name: host, address: '127.0.0.1', port: server.port, transport, domain: 'corp.example' }
  let kept = 0
  await observe(question, net, (seen) => ({ id: `e${++kept}`, role: 'probe', ...seen }) as never, limits)
  await server.close()
  const first = transport === 'udp' ? heard.slice(0, 1) : heard
  return first.map((octets) => withoutPort(octets, server.port))
}

interface Listening {
  readonly port: number
  close(): Promise<void>
}

async function datagrams(heard: Uint8Array[]): Promise<Listening> {
  const socket = createSocket('udp4', (octets) => heard.push(Uint8Array.from(octets)))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    async close() {
      socket.close()
      await once(socket, 'close')
    },
  }
}

async function connections(scheme: Scheme, heard: Uint8Array[], pki: Pki): Promise<Listening> {
  const open = new Set<Socket>()
  const onConnection = (socket: Socket): void => {
    const left = [...(answers[scheme] ?? [])]
    open.add(socket)
    socket.on('error', () => {})
    socket.on('data', (octets: Buffer) => {
      heard.push(Uint8Array.from(octets))
      const answer = left.shift()
      if (answer === undefined) socket.end()
      else socket.write(answer)
    })
  }
  const secret = overTls.has(scheme) || scheme === 'tls' ? await pki.certificate('genuine', host) : undefined
  const server =
    secret === undefined
      ? createServer(onConnection)
      : createTlsServer({ key: secret.keyPem, cert: secret.chainPem }, onConnection)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The port of the listener, which stands in `Host`, and is another one each time. */
function withoutPort(octets: Uint8Array, port: number): Uint8Array {
  const text = Buffer.from(octets).toString('latin1')
  return Uint8Array.from(Buffer.from(text.replaceAll(`${host}:${port}`, host), 'latin1'))
}

/** Octets as lines that a person compares with a capture: text where they are text, else sixteen a line. */
export function dump({ octets, random }: SentMessage): string {
  const isText = octets.every((octet) => (octet >= 0x20 && octet < 0x7f) || octet === 0x0d || octet === 0x0a)
  if (isText) {
    const text = Array.from(octets, (octet, at) => (random[at] ? 'x' : String.fromCharCode(octet))).join('')
    return text.replaceAll('\r\n', '\n').trimEnd()
  }
  const lines: string[] = []
  for (let at = 0; at < octets.length; at += 16) {
    const row = Array.from(octets.subarray(at, at + 16), (octet, column) => ({
      octet,
      random: random[at + column] === true,
    }))
    const digits = row.map((one) => (one.random ? 'xx' : one.octet.toString(16).padStart(2, '0'))).join(' ')
    const text = row.map((one) => (one.random ? ' ' : printable(one.octet))).join('')
    lines.push(`${at.toString(16).padStart(4, '0')}  ${digits.padEnd(47)}  ${text}`.trimEnd())
  }
  return shortened(lines).join('\n')
}

function printable(octet: number): string {
  return octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '.'
}

/** Lines of nothing but random octets are told by their number. */
function shortened(lines: readonly string[]): readonly string[] {
  const isRandom = (line: string): boolean => /^[0-9a-f]{4} {2}(xx ){15}xx$/.test(line)
  return lines.flatMap((line, at) => {
    if (!isRandom(line)) return [line]
    if (at > 0 && isRandom(lines[at - 1] ?? '')) return []
    const run = lines.slice(at).findIndex((each) => !isRandom(each))
    return [`${line.slice(0, 4)}  ${(run === -1 ? lines.length - at : run) * 16} random octets`]
  })
}

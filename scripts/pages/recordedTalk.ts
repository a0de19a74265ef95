import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Pki } from '../../src/lab/servers/pki.ts'
import type { Scheme } from '../../src/model/service.ts'
import { createNet } from '../../src/net/createNet.ts'
import type { RegisteredProbe } from '../../src/probes/index.ts'
import type { Talk } from './talks.ts'

const host = 'dc01.corp.example'
const overTls: ReadonlySet<Scheme> = new Set(['https', 'wss', 'ldaps', 'gcs', 'winrms', 'amqps', 'tls'])
const silenceMs = 60
/** Octets before the question of DNS; the id in them is random. */
const dnsHeader = 12

/**
 * What a probe says in a talk, message by message, where all that is random is this octet, turned by a bit more each time:
 * a mask that were the same as what it masks would not show.
 */
export async function recordedTalk(
  { scheme, load }: RegisteredProbe,
  talk: Talk,
  random: number,
  pki: Pki,
): Promise<readonly Uint8Array[]> {
  const { observe } = await load()
  const { transport, ask } = talk
  const name = ask?.name ?? host
  const heard: Uint8Array[] = []
  const inTls = overTls.has(scheme) && talk.outsideTls === undefined
  const secret = inTls ? await pki.certificate('genuine', name) : undefined
  const server = transport === 'udp' ? await datagrams(heard, talk) : await connections(heard, talk, secret)
  let asked = 0
  const net = createNet({
    trust: { site: [pki.rootPem], machine: [], node: [] },
    userAgent: 'postern',
    random: (octets) => new Uint8Array(octets).fill(turned(random, asked++ % 8)),
  })
  // A connection is ended by the server, a datagram without an answer by the wait.
  const isSilent = transport === 'udp' && talk.answers === undefined
  const limits = { signal: new AbortController().signal, timeoutMs: isSilent ? silenceMs : 20_000 }
  const question = { scheme, name, address: '127.0.0.1', port: server.port, transport, domain: 'corp.example', ...ask }
  let kept = 0
  await observe(question, net, (seen) => ({ id: `e${++kept}`, role: 'probe', ...seen }) as never, limits)
  await server.close()
  const said = transport === 'udp' ? sortedDatagrams(heard, talk) : heard
  return said.map((octets) => withoutPort(octets, name, server.port))
}

function turned(octet: number, bits: number): number {
  return ((octet << bits) | (octet >> (8 - bits))) & 0xff
}

interface Listening {
  readonly port: number
  close(): Promise<void>
}

async function datagrams(heard: Uint8Array[], { answers }: Talk): Promise<Listening> {
  let answer: ReturnType<NonNullable<Talk['answers']>> = () => undefined
  const socket = createSocket('udp4', (octets, from) => {
    const said = answer(octets, heard.push(Uint8Array.from(octets)) - 1)
    if (said !== undefined) socket.send(said, from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  if (answers !== undefined) answer = answers(port)
  return {
    port,
    async close() {
      socket.close()
      await once(socket, 'close')
    },
  }
}

/** Without an answer the second is the first once more. */
function sortedDatagrams(heard: readonly Uint8Array[], { answers, together }: Talk): readonly Uint8Array[] {
  if (answers === undefined) return heard.slice(0, 1)
  if (together === undefined) return heard
  const text = (octets: Uint8Array): string => Buffer.from(octets.subarray(dnsHeader)).toString('latin1').toLowerCase()
  const isTogether = (octets: Uint8Array): boolean => together.test(text(octets))
  const [first, ...others] = heard
  const sorted = others.filter(isTogether).toSorted((a, b) => (text(a) < text(b) ? -1 : 1))
  return [...(first === undefined ? [] : [first]), ...sorted, ...others.filter((octets) => !isTogether(octets))]
}

async function connections(
  heard: Uint8Array[],
  { answers }: Talk,
  secret: { readonly keyPem: string; readonly chainPem: string } | undefined,
): Promise<Listening> {
  const open = new Set<Socket>()
  let answer: ReturnType<NonNullable<Talk['answers']>> = () => undefined
  const onConnection = (socket: Socket): void => {
    open.add(socket)
    socket.on('error', () => {})
    socket.on('data', (octets: Buffer) => {
      const said = answer(octets, heard.push(Uint8Array.from(octets)) - 1)
      if (said === undefined) socket.end()
      else socket.write(said)
    })
  }
  const server =
    secret === undefined
      ? createServer(onConnection)
      : createTlsServer({ key: secret.keyPem, cert: secret.chainPem }, onConnection)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  if (answers !== undefined) answer = answers(port)
  return {
    port,
    async close() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The port of the listener, which stands in `Host`, and is another one each time. */
function withoutPort(octets: Uint8Array, name: string, port: number): Uint8Array {
  const text = Buffer.from(octets).toString('latin1')
  return Uint8Array.from(Buffer.from(text.replaceAll(`${name}:${port}`, name), 'latin1'))
}

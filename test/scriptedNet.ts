import { Socket } from 'node:net'
import type { HttpExchange, NameLookup, TcpConnect, UdpExchange, Unfiled } from '../src/model/observation.ts'
import type { LookupQuestion, Net } from '../src/net/net.ts'

type Connected = TcpConnect['outcome'] | 'hang'

/** What the wire does, and what was asked of it. */
export interface Script {
  /** By `address:port`; default: connected. May throw, and may take its time. */
  readonly connect?: (place: string, time: number) => Connected | Promise<Connected>
  readonly lookup?: (question: LookupQuestion) => Partial<Unfiled<NameLookup>>
  readonly request?: (url: string, time: number) => Partial<Unfiled<HttpExchange>>
  /** Of a time server, by `address:port`; default: silence. */
  readonly time?: (place: string) => Partial<Unfiled<UdpExchange>>
}

/** A wire without sockets that does what a script says, and writes down what it was asked. Handshakes are not played. */
export function scriptedNet(script: Script): {
  readonly net: Net
  readonly dialled: string[]
  readonly looked: string[]
} {
  const dialled: string[] = []
  const looked: string[] = []
  const requested: string[] = []
  const stamp = { at: '2026-11-20T10:00:00.000Z', ms: 2 }
  const times = (list: readonly string[], one: string) => list.filter((each) => each === one).length
  const net: Net = {
    prepare() {},
    now: () => Date.parse('2026-11-20T10:00:00.000Z'),
    random: (octets) => new Uint8Array(octets),
    async lookup(question) {
      const resolver =
        question.resolver === 'system' ? 'system' : `${question.resolver.address}:${question.resolver.port}`
      looked.push(`${question.name} ${question.type} @${resolver}`)
      const { name, type, resolverRole, transport } = question
      const silence = { outcome: 'timeout', answers: [], aliases: [] } as const
      return {
        kind: 'name-lookup',
        ...stamp,
        name,
        type,
        resolver,
        resolverRole,
        transport,
        ...silence,
        ...script.lookup?.(question),
      }
    },
    sources: () => [],
    async farewell(over, said) {
      over.destroy()
      return { bytesOut: said.length, bytesIn: 0, outcome: 'ended' }
    },
    async connect({ address, port }, { signal }) {
      const place = `${address}:${port}`
      dialled.push(place)
      const outcome = (await script.connect?.(place, times(dialled, place))) ?? 'connected'
      const seen = { kind: 'tcp-connect', ...stamp, address, port } as const
      if (outcome === 'hang') {
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        return { seen: { ...seen, outcome: 'aborted' } }
      }
      if (outcome !== 'connected') return { seen: { ...seen, outcome } }
      return { seen: { ...seen, outcome, localAddress: '10.1.0.10' }, socket: new Socket() }
    },
    tunnel: () => Promise.reject(new Error('no tunnel is played')),
    handshake: () => Promise.reject(new Error('no handshake is played')),
    revocation: () => Promise.reject(new Error('no handshake is played')),
    async request(over, { url, address, method }) {
      over.destroy()
      requested.push(url)
      return {
        kind: 'http-exchange',
        ...stamp,
        url,
        address,
        method,
        outcome: 'response',
        status: 200,
        headers: {},
        firstByteMs: 2,
        body: { kind: 'binary', bytes: 9, members: {} },
        ...script.request?.(url, times(requested, url)),
      }
    },
    exchange: () => Promise.reject(new Error('no body is played')),
    askOctets: () => Promise.reject(new Error('no service is played')),
    datagram: () => Promise.reject(new Error('no datagram is played')),
    async askTime({ address, port }) {
      const place = `${address}:${port}`
      dialled.push(`${place}/udp`)
      const silence = {
        kind: 'udp-exchange',
        ...stamp,
        address,
        port,
        outcome: 'timeout',
        bytesOut: 48,
        bytesIn: 0,
      } as const
      return { ...silence, ms: 3000, ...script.time?.(place) }
    },
    upgrade: () => Promise.reject(new Error('no upgrade is played')),
  }
  return { net, dialled, looked }
}

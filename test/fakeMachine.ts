import { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { rootRows } from '../src/catalog/index.ts'
import type { Asked, Means, Ran } from '../src/machine/index.ts'
import type { HttpExchange, NameLookup, TlsHandshake, Unfiled } from '../src/model/observation.ts'
import type { LookupQuestion } from '../src/net/net.ts'

/** What differs from a machine on which all is well. */
export interface Facts {
  readonly files?: Readonly<Record<string, string>>
  readonly programs?: Readonly<Record<string, string>>
  /** What a program prints, by its whole command line. */
  readonly printed?: Readonly<Record<string, string>>
  readonly means?: Partial<Means>
  readonly lookup?: (question: LookupQuestion) => Partial<Unfiled<NameLookup>>
  /** How far each clock is ahead of this machine's, by name or address; undefined is silence. */
  readonly clocks?: Readonly<Record<string, number | undefined>>
}

const nowMs = Date.parse('2026-11-21T10:00:00.000Z')
const stamp = { at: '2026-11-21T10:00:00.000Z', ms: 12 }

const usualFiles: Readonly<Record<string, string>> = {
  '/proc/self/status': 'Name:\tnode\nUid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000002000\n',
  '/proc/self/limits':
    'Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 524288               files\n',
  '/proc/sys/net/ipv4/tcp_syn_retries': '6\n',
  '/proc/sys/net/ipv4/ip_local_port_range': '32768\t60999\n',
  '/proc/net/sockstat': 'sockets: used 165\nTCP: inuse 9 orphan 0 tw 12 alloc 9 mem 3\n',
  '/etc/resolv.conf': 'search corp.example example\nnameserver 10.1.0.5\n',
}

const published = rootRows.map(({ sha1 = '', sha256 = '' }) => ({ sha1, sha256 }))

/** A machine that is none: it has what the facts say, and dials nobody. */
export function fakeMachine({
  files = {},
  programs,
  printed = {},
  means = {},
  lookup,
  clocks = {},
}: Facts = {}): Means {
  const known = { ...usualFiles, ...files }
  const found = programs ?? { tcpdump: '/usr/bin/tcpdump', traceroute: '/usr/bin/traceroute' }
  const says: Readonly<Record<string, string>> = {
    '/usr/bin/traceroute --version': 'Modern traceroute for Linux, version 2.1.2\n',
    ...printed,
  }
  const aheadOf = (name: string): number | undefined => (name in clocks ? clocks[name] : 0)
  return {
    platform: 'linux',
    hostName: 'connect01.corp.example',
    nodeVersion: '26.10.0',
    environment: {},
    addresses: [
      { interfaceName: 'lo', address: '127.0.0.1' },
      { interfaceName: 'eth0', address: '10.1.0.10' },
    ],
    nameServers: ['10.1.0.5'],
    readText: async (path) => known[path],
    findProgram: async (name) => found[name],
    run: async (program, words): Promise<Ran> => {
      const stdout: string | undefined = says[[program, ...words].join(' ')]
      return stdout === undefined ? { kind: 'failed', why: 'ENOENT' } : { kind: 'ran', exitCode: 0, stdout }
    },
    roots: () => ({ node: published, machine: published }),
    net: {
      now: () => nowMs,
      async lookup(question) {
        const { name, type, resolver, resolverRole, transport } = question
        const answers = type === 'A' ? ['192.0.2.80'] : []
        return {
          kind: 'name-lookup',
          ...stamp,
          name,
          type,
          resolver: resolver === 'system' ? 'system' : `${resolver.address}:${resolver.port}`,
          resolverRole,
          transport,
          outcome: 'answer',
          answers,
          aliases: [],
          ...lookup?.(question),
        }
      },
      connect: async ({ address, port }) => ({
        seen: { kind: 'tcp-connect', ...stamp, address, port, outcome: 'connected' },
        socket: new Socket(),
      }),
      tunnel: async ({ address, port }) => ({
        seen: { kind: 'tcp-connect', ...stamp, address, port, outcome: 'connected' },
        socket: new Socket(),
      }),
      handshake: async (over, { address, port, serverName = '' }) => ({
        seen: shaken(address, port, serverName),
        fetched: [],
        socket: new TLSSocket(over),
      }),
      async request(over, { url, address, method }) {
        over.destroy()
        const ahead = aheadOf(new URL(url).hostname)
        const seen: Unfiled<HttpExchange> = {
          kind: 'http-exchange',
          ...stamp,
          url,
          address,
          method,
          outcome: ahead === undefined ? 'timeout' : 'response',
          headers: ahead === undefined ? {} : { date: new Date(nowMs + ahead).toUTCString() },
          firstByteMs: 12,
          body: { kind: 'empty', bytes: 0, members: {} },
        }
        return seen
      },
      async askTime({ address, port }) {
        const ahead = aheadOf(address)
        const seen = { kind: 'udp-exchange', ...stamp, address, port, bytesOut: 48 } as const
        if (ahead === undefined) return { ...seen, outcome: 'timeout', bytesIn: 0 }
        return { ...seen, outcome: 'answer', bytesIn: 48, time: { ...timeAnswer, offsetMs: ahead } }
      },
    },
    askPage: async () => ({ kind: 'failed', why: 'its name is not resolved (name error)' }),
    fetchText: async () => ({ kind: 'failed', why: 'its name is not resolved (name error)' }),
    findWpad: async (domain) => ({ kind: 'none', name: `wpad.${domain}` }),
    routeTo: async (address) =>
      address.includes(':') ? { kind: 'none', code: 'ENETUNREACH' } : { kind: 'route', localAddress: '10.1.0.10' },
    tryBind: async () => 'free',
    ownHelloOctets: async () => 1602,
    ...means,
  }
}

/** Questions without a site file and without anything given. */
export const nothingAsked: Asked = { concurrency: 256, wpad: false, settings: [], notes: [] }

function shaken(address: string, port: number, serverName: string): Unfiled<TlsHandshake> {
  return {
    kind: 'tls-handshake',
    ...stamp,
    address,
    port,
    serverName,
    offered: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', alpn: [] },
    outcome: 'established',
    bytesOut: 300,
    bytesIn: 4000,
    chain: [],
    sentCertificates: 0,
    anchoredIn: ['machine'],
    signaturesVerify: true,
    stapledOcsp: false,
  }
}

/** What a server at stratum 2 says of itself. */
const timeAnswer = {
  kind: 'time',
  leap: 'none',
  version: 4,
  stratum: 2,
  reference: '192.0.2.1',
  rootDelayMs: 2,
  rootDispersionMs: 1,
  delayMs: 10,
} as const

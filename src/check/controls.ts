import type { Socket } from 'node:net'
import { isLoopback, isPrivate, parseAddress } from '../model/cidr.ts'
import type { HttpExchange, NameLookup, Observation, TlsHandshake } from '../model/observation.ts'
import { isTunnel } from '../model/observation.ts'
import type { HelloSize, Limits, Net } from '../net/net.ts'
import { askUpgrade } from '../probes/askUpgrade.ts'
import { dial, dialPlain } from '../probes/dial.ts'
import { getUrl } from '../probes/getUrl.ts'
import type { Keep, Question } from '../probes/probe.ts'
import { protocolOfBanner } from '../wire/banner.ts'
import { atNoResolver, toControl } from './controlNames.ts'
import type { Ledger } from './ledger.ts'
import type { Resolvers } from './resolveNames.ts'

/** What the rest of the check can offer to judge one failure by. */
export interface Surroundings {
  readonly resolvers: Resolvers
  /** Ports of the same address that are worth a connection: planned ones first, not yet asked. */
  readonly otherPorts: readonly number[]
  /** Hosts that answered on the same port, for a connection that varies the host alone. */
  readonly otherHosts: readonly string[]
  /** Addresses of the same name that were not the first choice. */
  readonly otherAddresses: readonly string[]
  /** Whether a name is the site's own: no resolver outside is asked for it, and none would know. */
  readonly isOwn: (name: string) => boolean
  /** The same question by another way out: straight, where it goes through a proxy, and through a proxy, where it does not. */
  readonly otherWays: readonly Question[]
  /** The same question in the same tunnel's place, with its name or its port alone varied. */
  readonly otherTunnels: readonly OtherTunnel[]
  /** Unrelated names speak no TLS where it belongs either: what stands there may have a page to show. */
  readonly nobodySpeaksTls?: true
  /** A name that passed elsewhere, to be sent as SNI to the failing address. */
  readonly controlName?: string
  /** A server that has nothing to do with the question, and the name that it answers to. */
  readonly neutral?: { readonly address: string; readonly port: number; readonly name: string }
}

export interface OtherTunnel {
  readonly varies: 'name' | 'port'
  readonly question: Question
}

/** What controls are asked with. */
export interface Means {
  readonly net: Net
  readonly ledger: Ledger
  readonly limits: Limits
  /** Runs a piece of work when the check has a place for it; not at all once the check has ended. What it throws is kept. */
  readonly slot: (keep: Keep, work: () => Promise<void>) => Promise<void>
}

type Control = (keep: Keep, limits: Limits) => Promise<void>

/** One symptom and the controls that tell its causes apart. The first row that fits is used. */
interface Row {
  readonly when: (seen: Symptom) => boolean
  readonly controls: (target: Target) => readonly Planned[]
}

interface Planned {
  readonly role: 'repeat' | 'control'
  readonly varies?: Observation['varies']
  /** Default: one. */
  readonly connections?: 2
  readonly run: Control
}

interface Symptom {
  /** The look-up that gave the address. */
  readonly lookup?: NameLookup
  /** The question to a name server, where that is what the flow is about. */
  readonly served?: NameLookup
  readonly datagram?: Extract<Observation, { kind: 'udp-exchange' }>
  readonly connect?: Extract<Observation, { kind: 'tcp-connect' }>
  /** What the proxy said to the wish for a tunnel. */
  readonly tunnel?: Extract<Observation, { kind: 'http-exchange' }>
  readonly handshake?: TlsHandshake
  readonly exchange?: Extract<Observation, { kind: 'http-exchange' }>
}

interface Target {
  readonly question: Question
  readonly around: Surroundings
  readonly net: Net
  readonly lookup?: NameLookup
  readonly served?: NameLookup
  readonly handshake?: TlsHandshake
  readonly repeated: boolean
}

const rows: readonly Row[] = [
  {
    // The proxy gave no tunnel: is it this name, this port, or every wish? And what is there without the proxy?
    when: ({ tunnel, handshake }) => tunnel !== undefined && handshake === undefined && !isTunnel(tunnel),
    controls: (target) => [repeat(target), ...otherTunnels(target), ...otherWay(target)],
  },
  {
    // A datagram that nobody answers: is its host there?
    when: ({ datagram }) => datagram !== undefined,
    controls: (target) => otherPorts(target),
  },
  {
    // A name server that does not answer: again, by the other transport, and somebody else for comparison.
    when: ({ served }) => served !== undefined,
    controls: (target) => [...askServer(target), ...otherPorts(target)],
  },
  {
    // The conversation stood and broke off: does it every time, and at every address of the name?
    when: ({ exchange }) => exchange !== undefined && isBrokenOff(exchange),
    controls: (target) => [
      repeat(target),
      ...overTls(target),
      ...otherAddress(target),
      ...atControlAddress(target),
      ...otherWay(target),
    ],
  },
  {
    // Something answered and is not trusted, or talks of something else: is it the name's own address, and does it
    // show the same face whatever name it is called by?
    when: ({ handshake, exchange }) => handshake?.outcome === 'established' || exchange !== undefined,
    controls: (target) => [
      ...atControlAddress(target),
      ...otherServerName(target),
      ...otherWay(target),
      ...onTheWay(target),
    ],
  },
  {
    when: ({ handshake }) => handshake !== undefined,
    controls: (target) => [
      // Where the server had said something, the probe has repeated it already.
      ...(target.repeated ? [] : [repeat(target)]),
      ...overPlainHttp(target),
      ...otherAddress(target),
      ...otherWay(target),
      ...otherServerName(target),
      ...atNeutralServer(target),
      ...atControlAddress(target),
      ...onTheWay(target),
      ...otherHello(target),
    ],
  },
  {
    when: ({ connect }) => connect !== undefined,
    controls: (target) => [
      repeat(target),
      ...otherWay(target),
      ...otherPorts(target),
      ...otherHosts(target),
      ...otherAddress(target),
      ...atControlAddress(target),
    ],
  },
]

/**
 * Asks what tells the causes of one failure apart: at most six connections, controls and repeats together, all
 * at once, each varying one thing. A name that did not resolve is compared by `controlNames`.
 */
export async function askControls(
  question: Question,
  seen: readonly Observation[],
  around: Surroundings,
  { net, ledger, limits, slot }: Means,
): Promise<readonly Observation[]> {
  const into: Observation[] = []
  const symptom = symptomOf(seen, question.address)
  const row = rows.find(({ when }) => when(symptom))
  if (row === undefined) return into
  const { lookup, served } = symptom
  const shaken = seen.filter((each) => each.kind === 'tls-handshake')
  const handshake = shaken.findLast(({ role }) => role === 'probe' || role === 'repeat')
  const repeated = shaken.some(({ role }) => role === 'repeat')
  const target = {
    question,
    around,
    net,
    repeated,
    ...(lookup && { lookup }),
    ...(served && { served }),
    ...(handshake && { handshake }),
  }
  await Promise.all(
    affordable(row.controls(target)).map(({ role, varies, run }) => {
      const keep = ledger.page(into, role, varies)
      return slot(keep, () => run(keep, limits))
    }),
  )
  return into
}

const mostConnections = 6

/** The first that fit: each row names what tells most at its head. */
function affordable(planned: readonly Planned[]): readonly Planned[] {
  const chosen: Planned[] = []
  let left = mostConnections
  for (const one of planned) {
    const { connections = 1 } = one
    if (connections > left) continue
    left -= connections
    chosen.push(one)
  }
  return chosen
}

/** Asks by another way out what has no address here: a proxy may know the name. */
export async function askOtherWays(
  ways: readonly Question[],
  { net, ledger, limits, slot }: Means,
): Promise<readonly Observation[]> {
  const into: Observation[] = []
  await Promise.all(
    ways.slice(0, 1).map((way) => {
      const keep = ledger.page(into, 'control', 'proxy')
      return slot(keep, () => converse(net, way, keep, limits))
    }),
  )
  return into
}

function symptomOf(seen: readonly Observation[], address: string): Symptom {
  const last = <K extends Observation['kind']>(kind: K): Extract<Observation, { kind: K }> | undefined =>
    seen.findLast(
      (observation): observation is Extract<Observation, { kind: K }> =>
        observation.kind === kind && observation.role === 'probe',
    )
  const lookups = seen.filter((each) => each.kind === 'name-lookup' && each.role === 'probe') as NameLookup[]
  const type = address.includes(':') ? 'AAAA' : 'A'
  const lookup = lookups.find(
    (each) => each.resolverRole !== 'target' && each.type === type && each.answers.includes(address),
  )
  // The first is the question itself; what follows it (service records) was asked because it was answered.
  const served = lookups.find(({ resolverRole }) => resolverRole === 'target')
  const datagram = last('udp-exchange')
  const connect = last('tcp-connect')
  const handshake = last('tls-handshake')
  const exchanges = seen.filter((each) => each.kind === 'http-exchange' && each.role === 'probe') as HttpExchange[]
  const tunnel = exchanges.findLast(({ method }) => method === 'CONNECT')
  const exchange = exchanges.findLast(({ method }) => method !== 'CONNECT')
  return {
    ...(lookup && { lookup }),
    ...(served && { served }),
    ...(datagram && { datagram }),
    ...(connect && { connect }),
    ...(tunnel && { tunnel }),
    ...(handshake && { handshake }),
    ...(exchange && { exchange }),
  }
}

function isBrokenOff({ outcome }: Extract<Observation, { kind: 'http-exchange' }>): boolean {
  return outcome === 'timeout' || outcome === 'reset' || outcome === 'closed' || outcome === 'error'
}

/** The same question, as far as it goes: a connection alone would pass where the answer fails. */
function repeat({ question, net }: Target): Planned {
  return { role: 'repeat', run: (keep, limits) => converse(net, question, keep, limits) }
}

/** The question to the name server again, by the other transport, and to a control resolver. */
function askServer({ question, around, net, served }: Target): Planned[] {
  if (served === undefined) return []
  const { name, type, transport } = served
  const asked = {
    name,
    type,
    resolver: { address: question.address, port: question.port },
    resolverRole: 'target',
  } as const
  const [control] = around.resolvers.control
  const ask = (transport: 'udp' | 'tcp') => async (keep: Keep, limits: Limits) => {
    keep(await net.lookup({ ...asked, transport }, limits))
  }
  const planned: Planned[] = [
    { role: 'repeat', run: ask(transport === 'tcp' ? 'tcp' : 'udp') },
    { role: 'control', varies: 'transport', run: ask(transport === 'tcp' ? 'udp' : 'tcp') },
  ]
  if (control !== undefined) {
    planned.push({
      role: 'control',
      varies: 'resolver',
      run: async (keep, limits) => {
        keep(await net.lookup(toControl({ name, type }, control, around.isOwn), limits))
      },
    })
  }
  return planned
}

/** The whole question by another way out: what it meets there is not on this way, or is. */
function otherWay({ around, net }: Target): Planned[] {
  return around.otherWays.slice(0, 1).map((way) => ({
    role: 'control',
    varies: 'proxy',
    run: (keep, limits) => converse(net, way, keep, limits),
  }))
}

/** Tunnels alone: what lies behind them is another question. */
function otherTunnels({ around, net }: Target): Planned[] {
  return around.otherTunnels.map(({ varies, question }) => ({
    role: 'control',
    varies,
    run: async (keep, limits) => {
      const socket = await dial(question, net, keep, limits)
      socket?.destroy()
    },
  }))
}

function otherPorts({ question, around, net }: Target): Planned[] {
  return around.otherPorts.slice(0, 2).map((port) => ({
    role: 'control',
    varies: 'port',
    run: (keep, limits) => knock(net, question.address, port, keep, limits),
  }))
}

function otherHosts({ question, around, net }: Target): Planned[] {
  return around.otherHosts.slice(0, 1).map((address) => ({
    role: 'control',
    varies: 'host',
    run: (keep, limits) => knock(net, address, question.port, keep, limits),
  }))
}

function otherAddress({ question, around, net }: Target): Planned[] {
  return around.otherAddresses.slice(0, 1).map((address) => ({
    role: 'control',
    varies: 'address',
    run: (keep, limits) => converse(net, { ...question, address }, keep, limits),
  }))
}

function otherServerName({ question, around, net }: Target): Planned[] {
  const name = around.controlName
  if (name === undefined || name === question.name || !speaksTls(question)) return []
  return [
    { role: 'control', varies: 'server-name', run: (keep, limits) => talk(net, { ...question, name }, keep, limits) },
  ]
}

/** A hello of the other size, where the usual one got no answer, or one that speaks of what it offered. */
function otherHello({ question, net, handshake }: Target): Planned[] {
  if (handshake === undefined || !(isCut(handshake) || handshake.alert?.number === handshakeFailure)) return []
  return [
    {
      role: 'control',
      varies: 'hello-size',
      async run(keep, limits) {
        const socket = await open(net, question, keep, limits, 'post-quantum')
        socket?.destroy()
      },
    },
  ]
}

const handshakeFailure = 40

/**
 * The name that is cut, sent to a server that has nothing to do with it: what cuts it there as well stands on the way.
 * Names of the site's own are not told to anybody outside.
 */
function atNeutralServer({ question, around, net, handshake }: Target): Planned[] {
  const { name } = question
  const { neutral } = around
  if (handshake === undefined || !isCut(handshake) || name === undefined || neutral === undefined) return []
  if (around.isOwn(name) || !speaksTls(question)) return []
  const { address, port } = neutral
  return [
    {
      role: 'control',
      varies: 'host',
      connections: 2,
      async run(keep, limits) {
        await talk(net, { ...question, address, port }, keep, limits)
        // Whether it answers at all now: else its silence says nothing about the name.
        await talk(net, { ...question, ...neutral }, keep, limits)
      },
    },
  ]
}

function isCut({ outcome, bytesIn }: TlsHandshake): boolean {
  return bytesIn === 0 && (outcome === 'reset' || outcome === 'closed' || outcome === 'timeout')
}

/** A server that ends a plain request without a word may be one that speaks TLS. */
function overTls({ question, net }: Target): Planned[] {
  if (question.scheme !== 'http') return []
  return [
    {
      role: 'control',
      varies: 'tls',
      run: (keep, limits) => talk(net, { ...question, scheme: 'https' }, keep, limits),
    },
  ]
}

/** What answers a ClientHello with no TLS, and with nothing that names another protocol, may speak plain HTTP. */
function overPlainHttp({ question, around, net, handshake }: Target): Planned[] {
  if (handshake?.outcome !== 'not-tls') return []
  const protocol = protocolOfBanner(handshake.firstOctets ?? '')
  const mayShowPage = protocol === 'HTTP' && around.nobodySpeaksTls === true
  if (protocol !== undefined && !mayShowPage) return []
  return [
    {
      role: 'control',
      varies: 'plain-http',
      run: (keep, limits) => converse(net, { ...question, scheme: 'http' }, keep, limits),
    },
  ]
}

/**
 * Where the control resolver sends the name, when that is somewhere else: the same question there decides whether the
 * inside answer is an override or one of several right ones.
 */
function atControlAddress({ question, around, net, lookup }: Target): Planned[] {
  const resolver = around.resolvers.control[0]
  if (resolver === undefined || lookup === undefined || question.name === undefined) return []
  if (around.isOwn(lookup.name)) return []
  return [
    {
      role: 'control',
      varies: 'resolver',
      run: async (keep, limits) => {
        const seen = await net.lookup(toControl(lookup, resolver, around.isOwn), limits)
        keep(seen)
        const elsewhere = seen.answers.find((address) => !lookup.answers.includes(address))
        if (seen.outcome !== 'answer' || elsewhere === undefined) return
        if (!dialableControl(elsewhere, lookup)) return
        // The page's variation stands for the look-up; the conversation varies the address.
        await talk(
          net,
          { ...question, address: elsewhere },
          (made, as) => keep(made, { ...as, varies: 'address' }),
          limits,
        )
      },
    },
  ]
}

/** The name at an address that is no resolver's, where what answers for it is not the name's own. */
function onTheWay({ question, around, net, lookup, handshake }: Target): Planned[] {
  const foreign = handshake?.nameMatches === false || handshake?.outcome === 'not-tls'
  if (lookup === undefined || question.name === undefined || !foreign) return []
  return [
    {
      role: 'control',
      varies: 'resolver',
      run: async (keep, limits) => {
        await atNoResolver(lookup, around.resolvers, around.isOwn, { net, limits })?.(keep)
      },
    },
  ]
}

/** A control resolver outside must not be able to send probes into the inside: only public answers are dialled, or like for like. */
export function dialableControl(address: string, lookup: Pick<NameLookup, 'answers'>): boolean {
  const parsed = parseAddress(address)
  if (parsed === undefined) return false
  const inside = (text: string): boolean => {
    const other = parseAddress(text)
    return other !== undefined && (isLoopback(other) || isPrivate(other))
  }
  return !inside(address) || lookup.answers.some(inside)
}

function speaksTls({ scheme }: Question): boolean {
  return scheme === 'tls' || scheme === 'https' || scheme === 'ldaps' || scheme === 'gcs' || scheme === 'wss'
}

async function knock(net: Net, address: string, port: number, keep: Keep, limits: Limits): Promise<void> {
  const { seen, socket } = await net.connect({ address, port }, limits)
  socket?.destroy()
  keep(seen)
}

/** Connects and, where the question speaks TLS, shakes hands: enough to tell where a conversation breaks. */
async function talk(net: Net, question: Question, keep: Keep, limits: Limits): Promise<void> {
  const socket = await open(net, question, keep, limits)
  socket?.destroy()
}

/** The whole of the question: where it speaks HTTP, with the request. */
async function converse(net: Net, question: Question, keep: Keep, limits: Limits): Promise<void> {
  const { scheme, address } = question
  const socket = await open(net, question, keep, limits)
  if (socket === undefined) return
  if (scheme === 'http' || scheme === 'https') {
    const { via } = question
    const asked = { url: getUrl(scheme, question), address, method: 'GET' } as const
    const seen = await net.request(socket, scheme === 'http' && via ? { ...asked, proxy: via.proxy } : asked, limits)
    keep(via === undefined ? seen : { ...seen, through: via.proxy })
  } else if (scheme === 'ws' || scheme === 'wss') {
    keep(await askUpgrade(socket, scheme, question, net, limits))
  } else socket.destroy()
}

/** @returns the connection, under TLS where the question speaks it; the caller closes it */
async function open(
  net: Net,
  question: Question,
  keep: Keep,
  limits: Limits,
  hello: HelloSize = 'small',
): Promise<Socket | undefined> {
  const { address, name, via, scheme } = question
  if (question.transport === 'udp') return undefined
  const socket = await (scheme === 'http' ? dialPlain : dial)(question, net, keep, limits)
  if (socket === undefined || !speaksTls(question)) return socket
  const port = via?.port ?? question.port
  const alpn = scheme === 'https' || scheme === 'wss' ? ['http/1.1'] : []
  const asked = { address, port, ...(name !== undefined && { serverName: name }), alpn, hello, keepOctets: true }
  const shaken = await net.handshake(socket, asked, limits)
  keep(via === undefined ? shaken.seen : { ...shaken.seen, through: via.proxy })
  return shaken.socket
}

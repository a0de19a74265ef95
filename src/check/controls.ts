import { isLoopback, isPrivate, parseAddress } from '../model/cidr.ts'
import type { NameLookup, Observation, TlsHandshake } from '../model/observation.ts'
import type { Limits, LookupQuestion, Net } from '../net/net.ts'
import type { Keep, Question } from '../probes/probe.ts'
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
  /** A name that passed elsewhere, to be sent as SNI to the failing address. */
  readonly controlName?: string
}

/** The site is asked no more than this often for one failed target: controls and repeats together. */
export const mostConnections = 6

/** What controls are asked with. */
export interface Means {
  readonly net: Net
  readonly ledger: Ledger
  readonly limits: Limits
  /** Runs a piece of work when the check has a place for it; not at all once the check has ended. */
  readonly slot: (work: () => Promise<void>) => Promise<void>
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
  readonly run: Control
}

interface Symptom {
  /** The look-up that gave the address. */
  readonly lookup?: NameLookup
  /** The question to a name server, where that is what the flow is about. */
  readonly served?: NameLookup
  readonly connect?: Extract<Observation, { kind: 'tcp-connect' }>
  readonly handshake?: TlsHandshake
  readonly exchange?: Extract<Observation, { kind: 'http-exchange' }>
}

interface Target {
  readonly question: Question
  readonly around: Surroundings
  readonly net: Net
  readonly lookup?: NameLookup
  readonly served?: NameLookup
  readonly repeated: boolean
}

const rows: readonly Row[] = [
  {
    // A name server that does not answer: again, by the other transport, and somebody else for comparison.
    when: ({ served }) => served !== undefined,
    controls: (target) => [...askServer(target), ...otherPorts(target)],
  },
  {
    // Something answered and is not trusted, or talks of something else: is it the name's own address, and does it
    // show the same face whatever name it is called by?
    when: ({ handshake, exchange }) => handshake?.outcome === 'established' || exchange !== undefined,
    controls: (target) => [...atControlAddress(target), ...otherServerName(target)],
  },
  {
    when: ({ handshake }) => handshake !== undefined,
    controls: (target) => [
      // Where the server had said something, the probe has repeated it already.
      ...(target.repeated ? [] : [repeat(target)]),
      ...otherServerName(target),
      ...atControlAddress(target),
      ...otherAddress(target),
    ],
  },
  {
    when: ({ connect }) => connect !== undefined,
    controls: (target) => [
      repeat(target),
      ...otherPorts(target),
      ...otherHosts(target),
      ...otherAddress(target),
      ...atControlAddress(target),
    ],
  },
]

/**
 * Asks what tells the causes of one failure apart: at most {@link mostConnections} connections, all at once, each
 * varying one thing. A name that did not resolve is judged by {@link controlNames}.
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
  const repeated = seen.some(({ kind, role }) => kind === 'tls-handshake' && role === 'repeat')
  const target = { question, around, net, repeated, ...(lookup && { lookup }), ...(served && { served }) }
  await Promise.all(
    row
      .controls(target)
      .slice(0, mostConnections)
      .map(({ role, varies, run }) => slot(() => run(ledger.page(into, role, varies), limits))),
  )
  return into
}

/**
 * Asks what tells the causes of a failed resolution apart: the same question to the control resolvers, and to the
 * silent resolver again and over TCP.
 */
export async function controlNames(
  failed: readonly NameLookup[],
  resolvers: Resolvers,
  { net, ledger, limits, slot }: Means,
): Promise<readonly Observation[]> {
  const into: Observation[] = []
  const ask = (keep: Keep, question: LookupQuestion): Promise<void> =>
    slot(async () => {
      keep(await net.lookup(question, limits))
    })
  // Each type once: which of the two was answered first must not decide the verdict.
  const types = new Map(failed.map((lookup) => [lookup.type, lookup]))
  await Promise.all(
    [...types.values()].flatMap((lookup) => {
      const { name, type } = lookup
      const asked = resolvers.internal[0]
      const controls = resolvers.control.map((resolver) =>
        ask(ledger.page(into, 'control', 'resolver'), {
          name,
          type,
          resolver,
          resolverRole: 'control',
          transport: 'udp',
        }),
      )
      if (asked === undefined || lookup.rcode !== undefined) return controls
      const again = (['udp', 'tcp'] as const).map((transport) =>
        ask(transport === 'udp' ? ledger.page(into, 'repeat') : ledger.page(into, 'control', 'transport'), {
          name,
          type,
          resolver: asked,
          resolverRole: 'internal',
          transport,
        }),
      )
      return [...controls, ...again]
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
  const connect = last('tcp-connect')
  const handshake = last('tls-handshake')
  const exchange = last('http-exchange')
  return {
    ...(lookup && { lookup }),
    ...(served && { served }),
    ...(connect && { connect }),
    ...(handshake && { handshake }),
    ...(exchange && { exchange }),
  }
}

function repeat({ question, net }: Target): Planned {
  return { role: 'repeat', run: (keep, limits) => talk(net, question, keep, limits) }
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
        keep(await net.lookup({ name, type, resolver: control, resolverRole: 'control', transport: 'udp' }, limits))
      },
    })
  }
  return planned
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
    run: (keep, limits) => talk(net, { ...question, address }, keep, limits),
  }))
}

function otherServerName({ question, around, net }: Target): Planned[] {
  const name = around.controlName
  if (name === undefined || name === question.name || !speaksTls(question)) return []
  return [
    { role: 'control', varies: 'server-name', run: (keep, limits) => talk(net, { ...question, name }, keep, limits) },
  ]
}

/**
 * Where the control resolver sends the name, when that is somewhere else: the same question there decides whether the
 * inside answer is an override or one of several right ones.
 */
function atControlAddress({ question, around, net, lookup }: Target): Planned[] {
  const resolver = around.resolvers.control[0]
  if (resolver === undefined || lookup === undefined || question.name === undefined) return []
  const { name, type } = lookup
  return [
    {
      role: 'control',
      varies: 'resolver',
      run: async (keep, limits) => {
        const seen = await net.lookup({ name, type, resolver, resolverRole: 'control', transport: 'udp' }, limits)
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

/** A control resolver outside must not be able to send probes into the inside: only public answers are dialled, or like for like. */
function dialableControl(address: string, lookup: NameLookup): boolean {
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
  const { address, port, name } = question
  if (question.transport === 'udp') return
  const { seen, socket } = await net.connect({ address, port }, limits)
  keep(seen)
  if (socket === undefined) return
  if (!speaksTls(question)) {
    socket.destroy()
    return
  }
  const alpn = question.scheme === 'https' ? ['http/1.1'] : []
  const asked = { address, port, ...(name !== undefined && { serverName: name }), alpn, keepOctets: true }
  const shaken = await net.handshake(socket, asked, limits)
  keep(shaken.seen)
  shaken.socket?.destroy()
}

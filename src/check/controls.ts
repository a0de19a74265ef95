import type { TlsHandshake, Variation } from '../model/observation.ts'
import { isCutHello } from '../model/observation.ts'
import type { Scheme } from '../model/service.ts'
import type { Limits, Net } from '../net/net.ts'
import { dial } from '../probes/dial.ts'
import type { Keep, Question } from '../probes/probe.ts'
import { protocolOfBanner } from '../wire/banner.ts'
import { encodeRefusedHello } from '../wire/refused-hello.ts'
import { atNoResolver, toControl } from './controlNames.ts'
import { converse, knock, open, speaksTls, talk } from './converse.ts'
import { dialableControl } from './dialableControl.ts'
import type { OtherTunnel, Surroundings } from './surroundings.ts'
import type { Symptom } from './symptomOf.ts'

/** One question that failed, with what was seen of it, and what it can be compared with. */
export interface Failure extends Symptom {
  readonly question: Question
  readonly around: Surroundings
  /** Addresses of this machine that the same connection can be bound to; none where there is no choice. */
  readonly sources: readonly string[]
}

/** What is asked on one connection, or two. */
export type Conversation = (keep: Keep, net: Net, limits: Limits) => Promise<void>

/** One comparison: a line of `docs/reference/controls.md`. */
export interface Control {
  /** What is asked, for the people who read the logs of what is asked. */
  readonly what: string
  /** What differs from the question. Absent: nothing, it is a repeat. */
  readonly varies?: Variation
  /** What each of its conversations costs. Default: one. */
  readonly connections?: 1 | 2
  /** None where there is nothing to compare with. */
  readonly asks: (failure: Failure) => readonly Conversation[]
}

/** Which of them are asked when, `symptoms` says. */
export const controls = {
  again: {
    // A connection alone would pass where the answer fails.
    what: 'the same question once more, as far as it goes',
    asks: ({ question }) => [whole(question)],
  },
  againUnlessRepeated: {
    what: 'the same question once more, unless the probe has repeated its handshake by itself',
    asks: ({ question, repeated }) => (repeated ? [] : [whole(question)]),
  },
  otherWay: {
    what: 'the same question by the other way out: straight where it went through a proxy, through a proxy where it went straight',
    varies: 'proxy',
    asks: ({ around }) => around.otherWays.slice(0, 1).map(whole),
  },
  otherAddress: {
    what: 'the same question at another address of the name',
    varies: 'address',
    asks: ({ question, around }) => around.otherAddresses.slice(0, 1).map((address) => whole({ ...question, address })),
  },
  otherPorts: {
    what: 'a connection to each of two other ports of the same address, unless another port of it has answered already; of a proxy, where it stays silent and nothing else has answered',
    varies: 'port',
    // Through a proxy, what does not answer may be the target: its own ports tell nothing unless it is not reached itself.
    asks: ({ question, around, connect }) =>
      question.via !== undefined && connect?.outcome !== 'timeout'
        ? []
        : around.otherPorts.slice(0, 2).map((port) => knockAt(question.address, port)),
  },
  otherSources: {
    what: 'where this machine has several interfaces: the same connection from the address of each of two that it did not choose, those first that carry other connections of the check',
    varies: 'source',
    asks: fromOtherSources,
  },
  otherHosts: {
    what: 'a connection to the same port of another host of the plan, unless one has answered already',
    varies: 'host',
    asks: ({ question, around }) => around.otherHosts.slice(0, 1).map((address) => knockAt(address, question.port)),
  },
  tunnelToOtherPort: {
    what: 'a tunnel to port 443 of the same name, closed at once: a proxy that allows the name allows that',
    varies: 'port',
    asks: otherTunnels('port'),
  },
  tunnelToOtherName: {
    what: 'a tunnel to the same port of a name that the proxy let pass elsewhere, closed at once',
    varies: 'name',
    asks: otherTunnels('name'),
  },
  serverAgain: {
    what: 'the same question to the same name server once more',
    asks: askServer((transport) => transport),
  },
  serverOverOtherTransport: {
    what: 'the same question to the same name server over TCP, or over UDP where it was asked over TCP',
    varies: 'transport',
    asks: askServer((transport) => (transport === 'tcp' ? 'udp' : 'tcp')),
  },
  controlResolver: {
    what: 'the same question to a control resolver; in the place of a name of the site, the name servers of the root',
    varies: 'resolver',
    asks: ({ around, served }) => {
      const [control] = around.resolvers.control
      if (served === undefined || control === undefined) return []
      return [
        async (keep, net, limits) => {
          keep(await net.lookup(toControl(served, control, around.isOwn), limits))
        },
      ]
    },
  },
  atControlAddress: {
    what: 'the name, unless it is the site’s own, asked of a control resolver; and the same question, up to the end of the TLS handshake, at an address that only that one gives',
    varies: 'resolver',
    asks: atControlAddress,
  },
  whereNoResolverIs: {
    what: 'where the certificate is for another name, or what answers is not TLS: the name, unless it is the site’s own, asked at an address where no resolver is, and over TCP of a control resolver where that is answered',
    varies: 'resolver',
    asks: whereNoResolverIs,
  },
  overTls: {
    what: 'of plain HTTP, and of another question in the clear that is ended without a word: a TLS handshake on the same port, for such a server may be one that speaks TLS',
    varies: 'tls',
    asks: overTls,
  },
  overTcp: {
    what: 'of Kerberos, its password change and CLDAP: the same service at the same port over TCP, which for CLDAP is LDAP; not where it has answered another flow already',
    varies: 'transport',
    asks: overTcp,
  },
  overPlainHttp: {
    what: 'where a ClientHello is answered in no known protocol, or in HTTP and unrelated names get no TLS either: the same port in plain HTTP',
    varies: 'plain-http',
    asks: overPlainHttp,
  },
  overPlainLdap: {
    what: 'of LDAP over TLS, where a ClientHello gets no TLS and no answer that names another protocol: the same port in plain LDAP',
    varies: 'tls',
    asks: overPlainLdap,
  },
  otherServerName: {
    what: 'a TLS handshake with the same address by a name that passed elsewhere',
    varies: 'server-name',
    asks: ({ question, around: { controlName: name } }) =>
      name === undefined || name === question.name || !speaksTls(question) ? [] : [talkAs({ ...question, name })],
  },
  littleSaid: {
    what: 'where a connection stands and nothing comes back: the same once more without a word, and once with a ClientHello of some 60 octets that every server refuses; both are then closed from here, to see whether the other end closes as well',
    varies: 'payload',
    asks: littleSaid,
  },
  atNeutralServer: {
    what: 'where a ClientHello is cut: its name, unless it is the site’s own, sent to a server that has nothing to do with it; and that server by its own name',
    varies: 'host',
    connections: 2,
    asks: atNeutralServer,
  },
  otherHello: {
    what: 'where a ClientHello is cut, or answered by handshake_failure: a longer one, with a post-quantum key share',
    varies: 'hello-size',
    asks: otherHello,
  },
} satisfies Record<string, Control>

export type ControlName = keyof typeof controls

function whole(question: Question): Conversation {
  return (keep, net, limits) => converse(net, question, keep, limits)
}

function talkAs(question: Question): Conversation {
  return (keep, net, limits) => talk(net, question, keep, limits)
}

function knockAt(address: string, port: number): Conversation {
  return (keep, net, limits) => knock(net, address, port, keep, limits)
}

/** Tunnels alone: what lies behind them is another question. */
function otherTunnels(varies: OtherTunnel['varies']): Control['asks'] {
  return ({ around }) =>
    around.otherTunnels
      .filter((tunnel) => tunnel.varies === varies)
      .map(({ question }) => async (keep, net, limits) => {
        const socket = await dial(question, net, keep, limits)
        socket?.destroy()
      })
}

/** The question to the name server again, over the transport that is chosen in view of the one it was asked over. */
function askServer(choose: (askedOver: 'udp' | 'tcp') => 'udp' | 'tcp'): Control['asks'] {
  return ({ question: { address, port }, served }) => {
    if (served === undefined) return []
    const { name, type } = served
    const transport = choose(served.transport === 'tcp' ? 'tcp' : 'udp')
    const asked = { name, type, resolver: { address, port }, resolverRole: 'target', transport } as const
    return [
      async (keep, net, limits) => {
        keep(await net.lookup(asked, limits))
      },
    ]
  }
}

/**
 * From other interfaces: where the routing of this machine chooses one, another may have the way. From the one that it
 * chose, which is unknown where its own tables forbid the connection, the question is repeated anyway.
 */
function fromOtherSources({ question, sources, connect, around }: Failure): readonly Conversation[] {
  const { address, port, via } = question
  if (via !== undefined) return []
  const others = sources.filter((source) => source !== connect?.localAddress)
  const carrying = around.usedSources.filter((source) => others.includes(source))
  return [...new Set([...carrying, ...others])].slice(0, 2).map((localAddress) => async (keep, net, limits) => {
    const { seen, socket } = await net.connect({ address, port, localAddress }, limits)
    socket?.destroy()
    keep(seen)
  })
}

/**
 * What is silent to a question may be so because it hangs, because its answer is too large for the path, or because no
 * payload passes: the same connection with nothing said, and with a question whose answer is small, tells these apart.
 */
function littleSaid({ question, exchange, service, lastHandshake }: Failure): readonly Conversation[] {
  const last = exchange ?? service
  const isSilent =
    last === undefined ? lastHandshake !== undefined && isUnanswered(lastHandshake) : last.outcome === 'timeout'
  if (!isSilent || lastHandshake?.outcome === 'established' || question.via !== undefined) return []
  const { address, port, name } = question
  return [new Uint8Array(), encodeRefusedHello(name)].map((said) => async (keep, net, limits) => {
    const { seen, socket } = await net.connect({ address, port }, limits)
    keep(socket === undefined ? seen : { ...seen, farewell: await net.farewell(socket, said, limits) })
  })
}

function isUnanswered({ outcome, bytesIn }: TlsHandshake): boolean {
  return outcome === 'timeout' && bytesIn === 0
}

function overTls({ question, service }: Failure): readonly Conversation[] {
  if (question.scheme === 'http') return [talkAs({ ...question, scheme: 'https' })]
  const isEnded = service !== undefined && service.bytesIn === 0 && service.outcome !== 'answer'
  return isEnded && !speaksTls(question) && question.via === undefined ? [talkAs({ ...question, scheme: 'tls' })] : []
}

/** Services that are asked by datagram and over TCP alike, by what they are asked as over TCP. */
const overTcpAs: Readonly<Partial<Record<Scheme, Scheme>>> = Object.freeze({
  kerberos: 'kerberos',
  kpasswd: 'kpasswd',
  cldap: 'ldap',
})

function overTcp({ question, around }: Failure): readonly Conversation[] {
  const scheme = overTcpAs[question.scheme]
  return scheme === undefined || question.transport !== 'udp' || around.saidOverTcp === true
    ? []
    : [whole({ ...question, scheme, transport: 'tcp' })]
}

/** A hello of the other size, where the usual one got no answer, or one that speaks of what it offered. */
function otherHello({ question, lastHandshake }: Failure): readonly Conversation[] {
  if (lastHandshake === undefined) return []
  if (!isCutHello(lastHandshake) && lastHandshake.alert?.number !== handshakeFailure) return []
  return [
    async (keep, net, limits) => {
      const socket = await open(net, question, keep, limits, 'post-quantum')
      socket?.destroy()
    },
  ]
}

/** TLS alert 40 (RFC 8446 §6.2). */
const handshakeFailure = 40

/**
 * The name that is cut, sent to a server that has nothing to do with it: what cuts it there as well stands on the way.
 * Names of the site's own are not told to anybody outside.
 */
function atNeutralServer({ question, around, lastHandshake }: Failure): readonly Conversation[] {
  const { name } = question
  const { neutral } = around
  if (lastHandshake === undefined || !isCutHello(lastHandshake)) return []
  if (name === undefined || neutral === undefined) return []
  if (around.isOwn(name) || !speaksTls(question)) return []
  const { address, port } = neutral
  return [
    async (keep, net, limits) => {
      await talk(net, { ...question, address, port }, keep, limits)
      // Whether it answers at all now: else its silence says nothing about the name.
      await talk(net, { ...question, ...neutral }, keep, limits)
    },
  ]
}

/** What answers a ClientHello with no TLS, and with nothing that names another protocol, may speak plain HTTP. */
function overPlainHttp({ question, around, lastHandshake }: Failure): readonly Conversation[] {
  if (lastHandshake?.outcome !== 'not-tls') return []
  const protocol = protocolOfBanner(lastHandshake.firstOctets ?? '')
  const mayShowPage = protocol === 'HTTP' && around.nobodySpeaksTls === true
  if (protocol !== undefined && !mayShowPage) return []
  return [whole({ ...question, scheme: 'http' })]
}

/** LDAP and the global catalog by what they are asked as in the clear. */
const plainLdapAs: Readonly<Partial<Record<Scheme, Scheme>>> = Object.freeze({ ldaps: 'ldap', gcs: 'gc' })

/** A directory that is asked in the clear on this port ends a ClientHello, or waits for the rest of it. */
function overPlainLdap({ question, lastHandshake }: Failure): readonly Conversation[] {
  const scheme = plainLdapAs[question.scheme]
  if (scheme === undefined || question.via !== undefined || lastHandshake === undefined) return []
  const isUnknown = lastHandshake.outcome === 'not-tls' && protocolOfBanner(lastHandshake.firstOctets ?? '') !== 'HTTP'
  return isUnknown || isCutHello(lastHandshake) ? [whole({ ...question, scheme })] : []
}

/**
 * Where the control resolver sends the name, when that is somewhere else: the same question there decides whether the
 * inside answer is an override or one of several right ones.
 */
function atControlAddress({ question, around, lookup }: Failure): readonly Conversation[] {
  const resolver = around.resolvers.control[0]
  if (resolver === undefined || lookup === undefined || question.name === undefined) return []
  if (around.isOwn(lookup.name)) return []
  return [
    async (keep, net, limits) => {
      const seen = await net.lookup(toControl(lookup, resolver, around.isOwn), limits)
      keep(seen)
      const address = seen.answers.find((answer) => !lookup.answers.includes(answer))
      if (seen.outcome !== 'answer' || address === undefined || !dialableControl(address, lookup)) return
      // The page's variation stands for the look-up; the conversation varies the address.
      await talk(net, { ...question, address }, (made, as) => keep(made, { ...as, varies: 'address' }), limits)
    },
  ]
}

/** The name at an address that is no resolver's, where what answers for it is not the name's own. */
function whereNoResolverIs({ question, around, lookup, lastHandshake }: Failure): readonly Conversation[] {
  const foreign = lastHandshake?.nameMatches === false || lastHandshake?.outcome === 'not-tls'
  if (lookup === undefined || question.name === undefined || !foreign) return []
  return [
    async (keep, net, limits) => {
      await atNoResolver(lookup, around.resolvers, around.isOwn, { net, limits })?.(keep)
    },
  ]
}

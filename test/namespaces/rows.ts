import type { CauseCode, Confidence, Owner } from '../../src/model/cause.ts'
import type { VerdictKind } from '../../src/model/verdict.ts'
import type { Feature } from './features.ts'
import type { Machine } from './places.ts'
import { app, client, hops, portal, ports } from './places.ts'
import type { FlowId } from './site.ts'

/** What the check has to say of some flows. */
export interface Expected {
  readonly flows: readonly FlowId[]
  /** Not all of these need meet it; those that do not must be well. */
  readonly which?: 'some'
  readonly verdict: VerdictKind
  readonly cause: CauseCode
  readonly confidence: Confidence
  readonly owner: Owner
}

/** One thing that the kernel does to packets, how a plain client meets it, and what the check has to say. */
export interface Row {
  readonly id: string
  readonly breaks: string
  readonly needs?: readonly Feature[]
  /** Statements of the chain that the firewall's forwarded packets pass; it goes with the row. */
  readonly forward?: string
  /** Sets that these statements speak of. */
  readonly sets?: string
  /** The same of packets that the firewall sends itself, such as its ICMP messages. */
  readonly says?: string
  /** What can be read afterwards somewhere, where a client that gets through shows nothing. */
  readonly leaves?: { readonly on: Machine; readonly command: string; readonly mark: RegExp }
  /** Settings of the firewall's conntrack: name, value, and the one that it has usually. */
  readonly settings?: readonly (readonly [name: string, value: string, usual: string])[]
  /** `--hold` of the check. */
  readonly holdSeconds?: number
  /** A token bucket on an interface. */
  readonly shapes?: { readonly on: Machine; readonly device: string; readonly rate: string }
  /** `ip` commands, and what undoes each, in their order. */
  readonly ways?: readonly { readonly on: Machine; readonly set: string; readonly clear: string }[]
  /** What the plain client is to do, and what it says when the fault is in place. */
  readonly tasks: readonly string[]
  readonly shows: string
  /** What is asked for; every other flow of these must come out as in a network in order. */
  readonly asks: readonly FlowId[]
  readonly expect?: Expected
  /** Flows that the same fault rightly breaks too, in other words. */
  readonly consequences?: readonly Expected[]
  /** The longest single wait of the check in milliseconds; default 2000. */
  readonly timeoutMs?: number
}

const knockAt = (place: { readonly address: string }, port: number): string => `knock:${place.address}:${port}`
const shakeAt = (place: { readonly address: string; readonly name: string }, port: number): string =>
  `shake:${place.address}:${port}:${place.name}`

const toAlternate = `ip daddr ${app.address} tcp dport ${ports.alternate}`
const ofClient = `ip saddr ${client.address}`
const oneOfTwo = ['app-web', 'app-alternate', 'portal-alternate'] as const

/** A wait that leaves the kernel the time for a keep-alive. */
const patient = 3000

type Ways = NonNullable<Row['ways']>

/** Packets from the servers that are larger do not fit the firewall's link towards the client. */
const narrow = (octets: number): Ways => [
  // What the servers have learnt of the path in another row is forgotten.
  { on: 'cloud', set: 'route flush cache', clear: 'route flush cache' },
  { on: 'firewall', set: `link set in mtu ${octets}`, clear: 'link set in mtu 1500' },
]

/** The client's second interface is up, and what is bound to its address goes out by it. */
const secondWay: Ways[number] = {
  on: 'client',
  set: `link set ${client.secondDevice} up
route add default via ${hops.bypass} table 77
rule add pref 10 from ${client.second} lookup 77`,
  clear: `rule del pref 10
route flush table 77
link set ${client.secondDevice} down`,
}

/** The same, and the servers are reached by it. */
const tunnel: Ways = [
  secondWay,
  { on: 'client', set: `route add 10.77.50.0/24 via ${hops.bypass}`, clear: 'route del 10.77.50.0/24' },
]

/** One port of every server is left out of what the tunnel carries. */
const byPort = (action: string): Ways[number] => ({
  on: 'client',
  set: `route add default via ${hops.firewall} table 78
rule add pref 20 ipproto tcp dport ${ports.alternate} ${action}`,
  clear: `rule del pref 20
route flush table 78`,
})

export const faults: readonly Row[] = [
  {
    id: 'no-local-network',
    breaks: 'The client has its loopback interface and nothing else.',
    ways: [
      {
        on: 'client',
        set: `link set ${client.device} down`,
        clear: `link set ${client.device} up\nroute add default via ${hops.firewall}`,
      },
    ],
    tasks: [knockAt(app, ports.https)],
    shows: 'ENETUNREACH',
    asks: ['app-web', 'portal-web'],
    expect: {
      flows: ['app-web', 'portal-web'],
      verdict: 'blocked',
      cause: 'no-local-network',
      confidence: 'certain',
      owner: 'host',
    },
  },
  {
    id: 'no-route-here',
    breaks: 'The client has a route to the app and none to the portal.',
    ways: [
      {
        on: 'client',
        set: `route del default\nroute add ${app.address}/32 via ${hops.firewall}`,
        clear: `route del ${app.address}/32\nroute add default via ${hops.firewall}`,
      },
    ],
    tasks: [knockAt(portal, ports.https), knockAt(app, ports.https)],
    shows: 'ENETUNREACH, connected',
    asks: ['app-web', 'app-alternate', 'portal-web'],
    expect: { flows: ['portal-web'], verdict: 'blocked', cause: 'no-route', confidence: 'likely', owner: 'network' },
  },
  {
    id: 'no-route-beyond',
    breaks: 'A router on the way has no route to the portal, and says so.',
    ways: [
      { on: 'firewall', set: `route add unreachable ${portal.address}/32`, clear: `route del ${portal.address}/32` },
    ],
    tasks: [knockAt(portal, ports.https), knockAt(app, ports.https)],
    shows: 'EHOSTUNREACH, connected',
    asks: ['app-web', 'portal-web'],
    // The word of a router without a route is also that of a device that forbids the host.
    expect: { flows: ['portal-web'], verdict: 'blocked', cause: 'no-route', confidence: 'possible', owner: 'network' },
  },
  {
    id: 'net-unreachable',
    breaks: 'A router on the way calls the network of the portal unreachable.',
    needs: ['reject'],
    forward: `ip daddr ${portal.address} reject with icmp type net-unreachable`,
    tasks: [knockAt(portal, ports.https), knockAt(app, ports.https)],
    shows: 'ENETUNREACH, connected',
    asks: ['app-web', 'portal-web'],
    expect: { flows: ['portal-web'], verdict: 'blocked', cause: 'no-route', confidence: 'likely', owner: 'network' },
  },
  {
    id: 'filtered-silently',
    breaks: 'The firewall drops every packet to one port of the app.',
    forward: `${toAlternate} drop`,
    tasks: [knockAt(app, ports.alternate), knockAt(app, ports.https)],
    shows: 'silence, connected',
    asks: oneOfTwo,
    expect: {
      flows: ['app-alternate'],
      verdict: 'blocked',
      cause: 'filtered-silently',
      confidence: 'likely',
      owner: 'firewall',
    },
  },
  {
    id: 'refused-by-reset',
    breaks: 'The firewall answers connections to one port of the app with a reset, in the name of the app.',
    needs: ['reject'],
    forward: `${toAlternate} reject with tcp reset`,
    tasks: [knockAt(app, ports.alternate), knockAt(app, ports.https)],
    shows: 'ECONNREFUSED, connected',
    asks: oneOfTwo,
    expect: { flows: ['app-alternate'], verdict: 'blocked', cause: 'refused', confidence: 'certain', owner: 'host' },
  },
  {
    id: 'admin-prohibited',
    breaks:
      'The firewall says that one port of the app is administratively prohibited, which Linux calls EHOSTUNREACH.',
    needs: ['reject'],
    forward: `${toAlternate} reject with icmp type admin-prohibited`,
    tasks: [knockAt(app, ports.alternate), knockAt(app, ports.https)],
    shows: 'EHOSTUNREACH, connected',
    asks: oneOfTwo,
    expect: {
      flows: ['app-alternate'],
      verdict: 'blocked',
      cause: 'admin-prohibited',
      confidence: 'likely',
      owner: 'firewall',
    },
  },
  {
    id: 'admin-prohibited-whole-host',
    breaks:
      'The firewall prohibits the whole portal: the word for that is the word for no route, and neither is excluded.',
    needs: ['reject'],
    forward: `ip daddr ${portal.address} reject with icmp type admin-prohibited`,
    tasks: [knockAt(portal, ports.https), knockAt(app, ports.https)],
    shows: 'EHOSTUNREACH, connected',
    asks: ['app-web', 'portal-web'],
    expect: { flows: ['portal-web'], verdict: 'blocked', cause: 'no-route', confidence: 'possible', owner: 'network' },
  },
  {
    id: 'udp-only-filtered',
    breaks: 'The firewall lets DNS over TCP pass and drops it over UDP.',
    forward: 'udp dport 53 drop',
    tasks: ['ask:udp', 'ask:tcp'],
    shows: 'silence, connected',
    asks: ['app-web', 'names-udp', 'names-tcp'],
    expect: {
      flows: ['names-udp'],
      verdict: 'blocked',
      cause: 'udp-only-filtered',
      confidence: 'likely',
      owner: 'firewall',
    },
  },
  {
    id: 'pmtu-black-hole',
    breaks: 'A link takes 1200 octets, and the message that says so is dropped: answers in large packets vanish.',
    says: 'icmp type destination-unreachable drop',
    ways: narrow(1200),
    tasks: [`get:${app.address}:80:/small`, `get:${app.address}:80:/large`, shakeAt(app, ports.https)],
    shows: '64 octets, silence, silence after connecting',
    asks: ['app-web', 'app-alternate', 'app-plain', 'app-port', 'portal-web'],
    expect: {
      flows: ['app-web', 'app-alternate', 'portal-web'],
      verdict: 'blocked',
      cause: 'pmtu-black-hole',
      confidence: 'likely',
      owner: 'network',
    },
    timeoutMs: patient,
  },
  {
    id: 'pmtu-black-hole-once',
    breaks: 'The same seen at one name alone: a server that does not finish its handshakes would look like it.',
    says: 'icmp type destination-unreachable drop',
    ways: narrow(1200),
    tasks: [`get:${app.address}:80:/small`, shakeAt(app, ports.https)],
    shows: '64 octets, silence after connecting',
    asks: ['app-web', 'app-alternate', 'app-plain'],
    expect: {
      flows: ['app-web', 'app-alternate'],
      verdict: 'blocked',
      cause: 'pmtu-black-hole',
      confidence: 'possible',
      owner: 'network',
    },
  },
  {
    id: 'payload-dropped',
    breaks: 'The firewall lets connections to one port of the app stand and drops whatever carries payload there.',
    // Of segments to it, those longer than IP and TCP headers with all their options are none that Linux sends empty.
    forward: `${toAlternate} meta length > 60 tcp flags & syn == 0 drop`,
    tasks: [shakeAt(app, ports.alternate), shakeAt(app, ports.https)],
    shows: 'silence after connecting, handshake',
    asks: oneOfTwo,
    expect: {
      flows: ['app-alternate'],
      verdict: 'blocked',
      cause: 'payload-dropped',
      confidence: 'possible',
      owner: 'firewall',
    },
    timeoutMs: patient,
  },
  {
    id: 'asymmetric-path',
    breaks: 'The servers answer by the other router, and the firewall, which never sees their half, drops ours.',
    needs: ['conntrack'],
    forward: 'ct state invalid drop',
    ways: [
      { on: 'client', set: `link set ${client.secondDevice} up`, clear: `link set ${client.secondDevice} down` },
      {
        on: 'cloud',
        set: `route replace 10.77.1.0/24 via ${hops.backByBypass}`,
        clear: `route replace 10.77.1.0/24 via ${hops.backByFirewall}`,
      },
      {
        on: 'bypass',
        set: `route add ${client.address}/32 via ${client.second}`,
        clear: `route del ${client.address}/32`,
      },
    ],
    tasks: [knockAt(app, ports.https), shakeAt(app, ports.https)],
    shows: 'connected, silence after connecting',
    asks: ['app-web', 'app-plain'],
    expect: {
      flows: ['app-web', 'app-plain'],
      verdict: 'blocked',
      cause: 'asymmetric-path',
      confidence: 'possible',
      owner: 'network',
    },
    timeoutMs: patient,
  },
  {
    id: 'connection-limit',
    breaks: 'The firewall lets three connections of one source stand and resets those beyond.',
    needs: ['reject', 'connection count'],
    forward: `${ofClient} tcp flags & (syn | ack) == syn add @counted { ip saddr ct count over 3 } reject with tcp reset`,
    sets: 'set counted { type ipv4_addr; flags dynamic; }',
    tasks: [`crowd:${app.address}:${ports.https}:6`, knockAt(app, ports.https), knockAt(app, ports.https)],
    shows: '3 of 6 connected, connected, connected',
    asks: ['app-web', 'app-alternate', 'app-third', 'portal-web', 'portal-alternate'],
    // Which of them come first is chance.
    expect: {
      flows: ['app-web', 'app-alternate', 'app-third', 'portal-web', 'portal-alternate'],
      which: 'some',
      verdict: 'blocked',
      cause: 'connection-limit',
      confidence: 'likely',
      owner: 'firewall',
    },
  },
  {
    id: 'idle-cut',
    breaks: 'The firewall forgets connections that are quiet for two seconds, and drops what it does not know.',
    needs: ['conntrack'],
    forward: 'ct state invalid drop',
    settings: [
      ['nf_conntrack_tcp_timeout_established', '2', '432000'],
      ['nf_conntrack_tcp_loose', '0', '1'],
    ],
    tasks: [`hold:${app.address}:${ports.tcp}:0`, `hold:${app.address}:${ports.tcp}:4000`],
    shows: 'left, silence',
    asks: ['app-port', 'app-plain'],
    holdSeconds: 4,
    expect: {
      flows: ['app-port', 'app-plain'],
      verdict: 'blocked',
      cause: 'idle-cut',
      confidence: 'likely',
      owner: 'firewall',
    },
  },
  {
    id: 'split-tunnel-by-port',
    breaks: 'A VPN carries the servers, but for one port, which the firewall of the usual way drops.',
    needs: ['rules by port'],
    forward: `tcp dport ${ports.alternate} drop`,
    ways: [...tunnel, byPort('lookup 78')],
    tasks: [knockAt(app, ports.alternate), knockAt(app, ports.https)],
    shows: 'silence, connected',
    asks: ['app-web', 'app-alternate'],
    expect: {
      flows: ['app-alternate'],
      verdict: 'blocked',
      cause: 'split-tunnel-excludes',
      confidence: 'likely',
      owner: 'network',
    },
  },
  {
    id: 'split-tunnel-prohibits',
    breaks: 'A VPN carries the servers, but for one port, which its policy on the client prohibits.',
    needs: ['rules by port'],
    ways: [...tunnel, byPort('prohibit')],
    tasks: [knockAt(app, ports.alternate), knockAt(app, ports.https)],
    shows: 'EACCES, connected',
    asks: ['app-web', 'app-alternate'],
    expect: {
      flows: ['app-alternate'],
      verdict: 'blocked',
      cause: 'split-tunnel-excludes',
      confidence: 'certain',
      owner: 'network',
    },
  },
  {
    id: 'hung-service',
    breaks: 'A service of the app accepts and never reads: its kernel is there, and no path is to blame.',
    tasks: [shakeAt(app, ports.hung), shakeAt(app, ports.https)],
    shows: 'silence after connecting, handshake',
    asks: ['app-hung', 'app-web'],
    expect: {
      flows: ['app-hung'],
      verdict: 'blocked',
      cause: 'silent-service',
      confidence: 'possible',
      owner: 'app',
    },
    timeoutMs: patient,
  },
  {
    id: 'hung-services-alone',
    breaks: 'One service hangs and another hears everything and says nothing, and there is nothing to compare with.',
    tasks: [shakeAt(app, ports.hung), shakeAt(app, ports.tcp)],
    shows: 'silence after connecting, silence after connecting',
    asks: ['app-hung', 'app-mute'],
    expect: {
      flows: ['app-hung', 'app-mute'],
      verdict: 'unknown',
      cause: 'undetermined',
      confidence: 'undetermined',
      owner: 'tool',
    },
    timeoutMs: patient,
  },
  {
    id: 'filtered-beside-a-way',
    breaks: 'The firewall drops one port of the app, and a second interface, which carries nothing usually, has a way.',
    forward: `${toAlternate} drop`,
    ways: [secondWay],
    tasks: [knockAt(app, ports.alternate), knockAt(app, ports.https)],
    shows: 'silence, connected',
    asks: oneOfTwo,
    expect: {
      flows: ['app-alternate'],
      verdict: 'blocked',
      cause: 'filtered-silently',
      confidence: 'likely',
      owner: 'firewall',
    },
  },
]

/** What is odd, or broken elsewhere, and breaks none of the flows that are asked for. */
export const healthy: readonly Row[] = [
  {
    id: 'as-it-should-be',
    breaks: 'Nothing.',
    tasks: [shakeAt(app, ports.https), shakeAt(portal, ports.https), 'ask:udp', 'ask:tcp'],
    shows: 'handshake, handshake, answer, connected',
    asks: ['app-web', 'app-alternate', 'app-port', 'app-plain', 'portal-web', 'names-udp', 'names-tcp'],
  },
  {
    id: 'icmp-blocked',
    breaks: 'The firewall drops every ICMP message.',
    forward: 'ip protocol icmp drop',
    tasks: [shakeAt(app, ports.https), `get:${app.address}:80:/large`],
    shows: 'handshake, 20000 octets',
    asks: ['app-web', 'app-plain', 'app-port', 'names-udp'],
  },
  {
    id: 'narrow-path',
    breaks: 'A link takes 1400 octets, and path MTU discovery works.',
    ways: narrow(1400),
    tasks: [shakeAt(app, ports.https), `get:${app.address}:80:/large`],
    shows: 'handshake, 20000 octets',
    leaves: { on: 'cloud', command: `ip route get ${client.address} from ${app.address}`, mark: / mtu 1400 / },
    asks: ['app-web', 'app-plain', 'app-port'],
  },
  {
    id: 'other-ports-rejected',
    breaks: 'The firewall prohibits every port but those that are used.',
    needs: ['reject'],
    forward: `ip saddr ${client.address} tcp dport != { ${ports.https}, ${ports.http} } reject with icmp type admin-prohibited`,
    tasks: [knockAt(app, ports.alternate), shakeAt(app, ports.https)],
    shows: 'EHOSTUNREACH, handshake',
    asks: ['app-web', 'app-plain', 'portal-web'],
  },
  {
    id: 'slow-line',
    breaks: 'The line to the client carries a megabit a second.',
    needs: ['token bucket'],
    shapes: { on: 'firewall', device: 'in', rate: 'rate 1mbit burst 4kb latency 400ms' },
    tasks: [shakeAt(app, ports.https), `get:${app.address}:80:/large`],
    shows: 'handshake, 20000 octets',
    leaves: { on: 'firewall', command: 'tc qdisc show dev in', mark: /^qdisc tbf .* rate 1Mbit / },
    asks: ['app-web', 'app-alternate', 'app-plain', 'portal-web', 'names-udp'],
  },
  {
    id: 'limit-that-waits',
    breaks:
      'The firewall drops connections of one source beyond three: those knock again after a second and get through.',
    needs: ['connection count'],
    forward: `${ofClient} tcp flags & (syn | ack) == syn add @counted { ip saddr ct count over 3 } drop`,
    sets: 'set counted { type ipv4_addr; flags dynamic; }',
    tasks: [`crowd:${app.address}:${ports.https}:6`, knockAt(app, ports.https)],
    shows: '3 of 6 connected, connected',
    asks: ['app-web', 'app-alternate', 'app-third', 'portal-web', 'portal-alternate'],
    timeoutMs: patient,
  },
  {
    id: 'held-and-remembered',
    breaks: 'Nothing, and connections are held for a while.',
    tasks: [`hold:${app.address}:${ports.tcp}:1000`],
    shows: 'left',
    asks: ['app-port', 'app-plain', 'app-web'],
    holdSeconds: 1,
  },
  {
    id: 'second-interface',
    breaks: 'The client has a second interface, with a way of its own, that nothing usually takes.',
    ways: [secondWay],
    tasks: [shakeAt(app, ports.https)],
    shows: 'handshake',
    asks: ['app-web', 'app-plain', 'portal-web', 'names-udp'],
  },
]

export const rows: readonly Row[] = [...faults, ...healthy]

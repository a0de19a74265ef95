import { app, hops, nameServer, portal, ports } from './places.ts'
import type { Row } from './row.ts'
import { hostProhibited, hostUnreachable, knockAt, patient, portDropped, portProhibited, shakeAt } from './ways.ts'

const dot = (address: string): string => address.replaceAll('.', '\\.')
/** The router is the first hop, and what is behind it the second. */
const router = dot(hops.firewall)

/** What the path tool of the system tells beyond what the system says: behind which hop nothing is heard, and who says so. */
export const traced: readonly Row[] = [
  {
    id: 'traced-as-it-should-be',
    breaks: 'Nothing: no path is traced.',
    traces: 'nothing',
    tasks: [shakeAt(app, ports.https), 'ask:udp'],
    shows: 'handshake, answer',
    asks: ['app-web', 'app-alternate', 'app-port', 'app-plain', 'portal-web', 'names-udp', 'names-tcp'],
  },
  {
    ...portDropped,
    id: 'traced-port-dropped',
    breaks: 'The firewall drops one port of the app: packets for another one are seen to come further.',
    traces: new RegExp(
      `a trace to ${ports.alternate} hears hop 1, ${router}, as the last, where one to ${ports.https} goes on to hop 2, the host itself$`,
    ),
    expect: {
      flows: ['app-alternate'],
      verdict: 'blocked',
      cause: 'filtered-silently',
      confidence: 'likely',
      owner: 'firewall',
    },
    // Long enough for the trace to begin while the question still waits.
    timeoutMs: patient,
  },
  {
    ...portDropped,
    id: 'traced-beside-a-capture',
    breaks: 'The same, and packets are captured: what the trace sends is none of the question’s own.',
    capture: true,
    traces: new RegExp(`no packet came back; a trace to ${ports.alternate} hears hop 1, ${router}, as the last`),
    expect: {
      flows: ['app-alternate'],
      verdict: 'blocked',
      cause: 'filtered-silently',
      confidence: 'likely',
      owner: 'firewall',
    },
  },
  {
    id: 'traced-every-port-dropped',
    breaks: 'Nothing to the portal goes past the router: packets for each port end behind it, and others go on.',
    traces: new RegExp(`a trace to each of \\d+ and \\d+ hears hop 1, ${router}, as the last; `),
    forward: `ip daddr ${portal.address} drop`,
    tasks: [knockAt(portal, ports.https), knockAt(portal, ports.alternate), knockAt(app, ports.https)],
    shows: 'silence, silence, connected',
    asks: ['app-web', 'app-alternate', 'portal-web', 'portal-alternate'],
    // Of the host nothing was heard: whether a route, the host or a rule for all of it is missing stays open.
    expect: {
      flows: ['portal-web', 'portal-alternate'],
      verdict: 'blocked',
      cause: 'no-route',
      confidence: 'likely',
      owner: 'network',
    },
  },
  {
    id: 'traced-route-swallows',
    breaks: 'The router leads the portal nowhere, without a word: no hop is heard, and none is named.',
    traces: new RegExp(`; a trace to ${ports.https} hears no hop$`),
    ways: [
      { on: 'firewall', set: `route add blackhole ${portal.address}/32`, clear: `route del ${portal.address}/32` },
    ],
    tasks: [knockAt(portal, ports.https), knockAt(app, ports.https)],
    shows: 'silence, connected',
    asks: ['app-web', 'portal-web'],
    // Linux looks for the way before it counts the hop: not even this router is heard.
    expect: { flows: ['portal-web'], verdict: 'blocked', cause: 'no-route', confidence: 'possible', owner: 'network' },
  },
  {
    ...portProhibited,
    id: 'traced-prohibited',
    breaks: 'The firewall says that one port of the app is prohibited, which the trace hears with its address.',
    traces: new RegExp(`is forbidden by ${router}, hop 1 of the path`),
    expect: {
      flows: ['app-alternate'],
      verdict: 'blocked',
      cause: 'admin-prohibited',
      confidence: 'certain',
      owner: 'firewall',
    },
  },
  {
    ...hostProhibited,
    id: 'traced-whole-host-prohibited',
    breaks: 'The firewall prohibits the whole portal: without the mark of the trace it could be a missing route.',
    traces: new RegExp(`is forbidden by ${router}, hop 1 of the path`),
    expect: {
      flows: ['portal-web'],
      verdict: 'blocked',
      cause: 'admin-prohibited',
      confidence: 'certain',
      owner: 'firewall',
    },
  },
  {
    ...hostUnreachable,
    id: 'traced-no-way-on',
    breaks: 'The router calls the portal unreachable: the trace hears who it is.',
    traces: new RegExp(`^${router}, hop 1 of the path, has no way to`),
    expect: { flows: ['portal-web'], verdict: 'blocked', cause: 'no-route', confidence: 'likely', owner: 'network' },
  },
  {
    id: 'traced-datagrams-dropped',
    breaks: 'The firewall drops DNS over UDP: datagrams to that port are heard of up to it.',
    traces: new RegExp(`a trace to ${nameServer.port}/udp hears hop 1, ${router}, as the last`),
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
    ...portDropped,
    id: 'traced-silent-router',
    breaks: 'The router drops one port, and says of no packet that its time is over: it is not called down.',
    traces: new RegExp(
      `a trace to ${ports.alternate} hears no hop, where one to ${ports.https} goes on to hop 2, the host itself$`,
    ),
    says: 'icmp type time-exceeded drop',
    expect: {
      flows: ['app-alternate'],
      verdict: 'blocked',
      cause: 'filtered-silently',
      confidence: 'likely',
      owner: 'firewall',
    },
  },
]

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ldaps, run, silent } from '../../test/judged.ts'
import { again, caseOf, cloudFlow, context, dc01, dc02, flowOf, limit, path, tcp, udp } from '../../test/observed.ts'
import { diagnose } from './diagnose.ts'

const open389 = context(tcp('connected', { port: 389 }))
const silent389 = context(tcp('timeout', { port: 389 }))
const elsewhere = context(tcp('connected', { address: dc02, port: 443 }))
const [first, second] = ['10.1.0.1', '10.2.0.1']
/** To the flow's own port: the first router answers, and nobody behind it. */
const ends = path([first, ''])
const to389 = (hops: Parameters<typeof path>[0], over: Parameters<typeof path>[1] = {}) =>
  context(path(hops, { port: 389, ...over }))
const unreachable = tcp('host-unreachable')
const says = (hop: 'prohibited' | 'host-unreachable' | 'unreachable', address = second) =>
  path([first, second, { ttl: 3, address, ms: 3, says: hop }], { outcome: 'stopped' })
const echo = { tool: 'tracert', sent: 'icmp-echo' } as const

run([
  {
    name: 'where a silent port ends is told beside one that goes on',
    flow: ldaps,
    seen: [silent, again(silent), open389, ends, to389([first, second, dc01], { reply: 'syn-ack' })],
    verdict: 'blocked',
    cause: 'filtered-silently',
    confidence: 'likely',
    owner: 'firewall',
    // The way to the host is there.
    alternatives: ['connection-limit'],
    says: /; a trace to 636 hears hop 1, 10\.1\.0\.1, as the last, where one to 389 goes on to hop 2, 10\.2\.0\.1$/,
    fix: /^on 10\.1\.0\.1 or behind it: allow tcp 10\.1\.0\.10 -> 10\.1\.0\.5:636$/,
    decidedBy: ['e1', 'e2', 'e3', 'e4', 'e5'],
  },
  {
    name: 'the last hop before the host is one with the host behind it, and no more is said',
    flow: ldaps,
    seen: [silent, open389, path([first, second, '']), to389([first, second, dc01], { reply: 'syn-ack' })],
    verdict: 'blocked',
    cause: 'filtered-silently',
    says: /hears hop 2, 10\.2\.0\.1, as the last, where one to 389 goes on to hop 3, the host itself$/,
  },
  {
    name: 'a hop that is silent while later ones answer is not held against it',
    flow: ldaps,
    seen: [silent, open389, path(['', second, '']), to389(['', second, dc01])],
    verdict: 'blocked',
    cause: 'filtered-silently',
    says: /hears hop 2, 10\.2\.0\.1, as the last, where one to 389 goes on to hop 3, the host itself$/,
    fix: /^on 10\.2\.0\.1 or behind it/,
  },
  {
    name: 'where no hop is heard at all, none is named',
    flow: ldaps,
    seen: [silent, open389, path(['']), to389([first, dc01])],
    verdict: 'blocked',
    cause: 'filtered-silently',
    says: /; a trace to 636 hears no hop, where one to 389 goes on to hop 1, 10\.1\.0\.1$/,
    fix: /^allow tcp/,
  },
  {
    name: 'a port that is refused is more than possible once packets for it are seen to come further',
    flow: ldaps,
    seen: [silent, context(tcp('refused', { port: 389 })), ends, to389([first, second, ''])],
    verdict: 'blocked',
    cause: 'filtered-silently',
    confidence: 'likely',
    alternatives: ['no-route', 'connection-limit'],
  },
  {
    name: 'a reset in the name of the host shows no way to it, with a trace or without',
    flow: ldaps,
    seen: [silent, context(tcp('refused', { port: 389 })), ends, to389([first, dc01], { reply: 'reset' })],
    verdict: 'blocked',
    cause: 'filtered-silently',
    confidence: 'possible',
    alternatives: ['no-route', 'connection-limit'],
  },
  {
    name: 'a trace to the same port that is answered takes from the accusation',
    flow: ldaps,
    seen: [silent, open389, path([first, dc01], { reply: 'syn-ack' })],
    verdict: 'blocked',
    cause: 'filtered-silently',
    confidence: 'possible',
    alternatives: ['no-route', 'connection-limit', 'lossy-path'],
    says: /; a trace to the same port is answered by the address itself$/,
  },
  {
    name: 'packets for every port that was traced end behind one hop: a route, most likely',
    flow: ldaps,
    seen: [silent, silent389, elsewhere, ends, to389([first, ''])],
    verdict: 'blocked',
    cause: 'no-route',
    confidence: 'likely',
    owner: 'network',
    alternatives: ['filtered-silently'],
    says: /^636\/tcp on dc01 is silent, and so is 389 of the same host; a trace to each of 636 and 389 hears hop 1, 10\.1\.0\.1, as the last; 443 on 10\.1\.0\.6 is heard$/,
    fix: /^on 10\.1\.0\.1 or behind it: add or mend the route/,
    nextProbe: /^on 10\.1\.0\.1: its route to 10\.1\.0\.5/,
  },
  {
    name: 'the same where nothing else is heard is possible, no more',
    flow: ldaps,
    seen: [silent, silent389, ends, to389([first, ''])],
    verdict: 'blocked',
    cause: 'no-route',
    confidence: 'possible',
  },
  {
    name: 'one trace alone says where, and not why',
    flow: ldaps,
    seen: [silent, silent389, ends],
    verdict: 'unknown',
    cause: 'undetermined',
    confidence: 'undetermined',
    // Somebody answered: this machine has a network.
    alternatives: ['filtered-silently', 'no-route'],
    says: /; a trace to 636 hears hop 1, 10\.1\.0\.1, as the last$/,
  },
  {
    name: 'ports that end behind different hops have no hop in common',
    flow: ldaps,
    seen: [silent, silent389, elsewhere, ends, to389([first, second, ''])],
    verdict: 'blocked',
    cause: 'no-route',
    confidence: 'possible',
    says: /; a trace to 636 hears hop 1, 10\.1\.0\.1, as the last, where one to 389 goes on to hop 2, 10\.2\.0\.1$/,
    // What was to be run has been.
    nextProbe: /^on 10\.1\.0\.1: its route to 10\.1\.0\.5, and its rules; capture/,
  },
  {
    name: 'who goes out to the internet is kept in by a rule more often than by a route',
    flow: cloudFlow({ target: { address: '20.190.128.1' } }),
    seen: [
      tcp('timeout', { address: '20.190.128.1', port: 443 }),
      context(tcp('timeout', { address: '20.190.128.1', port: 80 })),
      path([first, ''], { address: '20.190.128.1', port: 443 }),
      context(path([first, ''], { address: '20.190.128.1', port: 80 })),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
    says: /; a trace to 443 hears hop 1, 10\.1\.0\.1, as the last$/,
  },
  {
    name: 'silence everywhere is no lack of a network where a hop answers',
    flow: ldaps,
    seen: [silent, context(tcp('timeout', { address: dc02 })), context(tcp('timeout', { address: '10.1.0.7' })), ends],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'this machine’s own word is no hop of the way',
    flow: ldaps,
    seen: [
      tcp('timeout', { localAddress: '10.1.0.10' }),
      context(tcp('timeout', { address: dc02 })),
      context(tcp('timeout', { address: '10.1.0.7' })),
      path([{ ttl: 1, address: '10.1.0.10', ms: 3060, says: 'host-unreachable' }], { outcome: 'stopped' }),
    ],
    verdict: 'blocked',
    cause: 'no-local-network',
    confidence: 'possible',
  },
  {
    name: 'who prohibits a port is named by its word to a trace, at the hop that it answered for first',
    flow: ldaps,
    seen: [unreachable, again(unreachable), open389, says('prohibited')],
    verdict: 'blocked',
    cause: 'admin-prohibited',
    confidence: 'certain',
    owner: 'firewall',
    alternatives: [],
    says: /^636\/tcp on dc01 is forbidden by 10\.2\.0\.1, hop 2 of the path, which tells a trace so/,
    fix: /^on 10\.2\.0\.1: allow tcp/,
  },
  {
    name: 'a host that prohibits it itself is its own owner',
    flow: ldaps,
    seen: [unreachable, says('prohibited', dc01)],
    verdict: 'blocked',
    cause: 'admin-prohibited',
    confidence: 'certain',
    owner: 'host',
    says: /forbidden by dc01 itself, hop 3 of the path/,
  },
  {
    name: 'who calls one port of a host unreachable that answers on another forbids it',
    flow: ldaps,
    seen: [unreachable, open389, says('host-unreachable')],
    verdict: 'blocked',
    cause: 'admin-prohibited',
    confidence: 'likely',
    says: /called unreachable by 10\.2\.0\.1, hop 2 of the path, and 389 on the same host answers/,
  },
  {
    name: 'who has no way to a host of which nothing is heard is named',
    flow: ldaps,
    seen: [unreachable, says('host-unreachable')],
    verdict: 'blocked',
    cause: 'no-route',
    confidence: 'likely',
    owner: 'network',
    alternatives: ['admin-prohibited'],
    says: /^10\.2\.0\.1, hop 2 of the path, has no way to 636\/tcp on dc01/,
  },
  {
    name: 'routers that send packets to each other are named',
    flow: ldaps,
    seen: [unreachable, path([first, second, first, second, first, second], { outcome: 'hop-limit' })],
    verdict: 'blocked',
    cause: 'no-route',
    confidence: 'certain',
    says: /^the way to 636\/tcp on dc01 does not end: 10\.1\.0\.1 and 10\.2\.0\.1 send its packets to each other$/,
  },
  {
    name: 'a hop that comes twice is a path that was changed, and no circle',
    flow: ldaps,
    seen: [silent, open389, path([first, second, first, second, ''])],
    verdict: 'blocked',
    cause: 'filtered-silently',
  },
  {
    name: 'a datagram that reaches the last hop before the host may have been left unanswered there',
    flow: flowOf({ target: { port: 88, transport: 'udp', service: 'kerberos' } }),
    seen: [
      udp('timeout', { port: 88 }),
      path([first, ''], { port: 88, sent: 'udp' }),
      context(path([first, dc01], { port: 443, reply: 'reset' })),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
    says: /; a trace to 88\/udp hears hop 1, 10\.1\.0\.1, as the last before the host$/,
  },
  {
    name: 'ICMP echo that the host answers tells that it is there, and is said to ask no port',
    flow: ldaps,
    seen: [silent, again(silent), path([first, dc01], echo)],
    verdict: 'blocked',
    cause: 'filtered-silently',
    confidence: 'possible',
    alternatives: ['connection-limit'],
    says: /^636\/tcp on dc01 is silent, and the host answers ICMP echo/,
  },
  {
    name: 'ICMP echo that ends on the way is one end for all ports',
    flow: ldaps,
    seen: [silent, silent389, elsewhere, path([first, ''], echo)],
    verdict: 'blocked',
    cause: 'no-route',
    confidence: 'likely',
    says: /; a trace by ICMP echo hears hop 1, 10\.1\.0\.1, as the last/,
  },
  {
    name: 'a trace that was cut at a hop shows no end there, and is to be made again',
    flow: ldaps,
    seen: [silent, silent389, elsewhere, path([first], { ...echo, outcome: 'cut-short' })],
    verdict: 'blocked',
    cause: 'no-route',
    confidence: 'possible',
    says: /; a trace by ICMP echo, which asks no port, hears hop 1, 10\.1\.0\.1, as the last in its time$/,
    fix: /^add or mend the route/,
    nextProbe: /^traceroute -T -p 636 10\.1\.0\.5; capture/,
  },
  {
    name: 'a port is not accused by its trace that was cut beside a whole one',
    flow: ldaps,
    seen: [
      silent,
      context(tcp('refused', { port: 389 })),
      path([first], { outcome: 'cut-short' }),
      to389([first, second, dc01]),
    ],
    verdict: 'blocked',
    cause: 'filtered-silently',
    confidence: 'possible',
    // The whole one shows that there is a way, all the same.
    alternatives: ['connection-limit'],
    says: /; a trace to 636 hears hop 1, 10\.1\.0\.1, as the last in its time$/,
    fix: /^allow tcp/,
    decidedBy: ['e1', 'e2', 'e3', 'e4'],
  },
  {
    name: 'a trace that was cut behind a silent hop shows where it grew silent, possibly for a while',
    flow: ldaps,
    seen: [silent, silent389, elsewhere, path([first, ''], { ...echo, outcome: 'cut-short' })],
    verdict: 'blocked',
    cause: 'no-route',
    confidence: 'possible',
    says: /; a trace by ICMP echo hears hop 1, 10\.1\.0\.1, as the last in its time; 443 on/,
    fix: /^on 10\.1\.0\.1 or behind it/,
  },
  {
    name: 'a host that calls its own port unreachable refuses it, and lacks no way to itself',
    flow: ldaps,
    seen: [unreachable, says('host-unreachable', dc01)],
    verdict: 'blocked',
    cause: 'admin-prohibited',
    confidence: 'likely',
    owner: 'host',
    alternatives: ['refused-by-host'],
    says: /^636\/tcp on dc01 is called unreachable by dc01 itself, hop 3 of the path/,
    fix: /^on 10\.1\.0\.5: allow tcp/,
  },
  {
    name: 'a host that refuses ICMP echo says nothing of a port',
    flow: ldaps,
    seen: [unreachable, path([first, { ttl: 2, address: dc01, says: 'unreachable' }], { ...echo, outcome: 'stopped' })],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'who says to ICMP echo that it goes no further may forbid that alone',
    flow: ldaps,
    seen: [
      unreachable,
      path([first, { ttl: 2, address: second, says: 'unreachable' }], { ...echo, outcome: 'stopped' }),
    ],
    verdict: 'blocked',
    cause: 'no-route',
    confidence: 'possible',
    says: /^10\.2\.0\.1, hop 2 of the path, has no way to/,
  },
  {
    name: 'a word to ICMP echo is not held against one port of a host that answers',
    flow: ldaps,
    seen: [
      silent,
      open389,
      path([first, { ttl: 2, address: second, says: 'unreachable' }], { ...echo, outcome: 'stopped' }),
    ],
    verdict: 'blocked',
    cause: 'filtered-silently',
    says: /; a trace by ICMP echo, which asks no port, hears hop 2, 10\.2\.0\.1, as the last$/,
  },
])

test('a path adds nothing to what another cause has settled', () => {
  const without = diagnose(caseOf(ldaps, [tcp('refused')]))
  assert.deepEqual(diagnose(caseOf(ldaps, [tcp('refused'), path([first, dc01])])).says, without.says)
  const limited = [tcp('tool-limit', { code: 'EMFILE' }), limit('no-descriptors')]
  assert.equal(diagnose(caseOf(ldaps, [...limited, ends])).says, diagnose(caseOf(ldaps, limited)).says)
})

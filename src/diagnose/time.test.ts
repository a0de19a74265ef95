import { toController } from '../../test/controllers.ts'
import type { Scenario } from '../../test/judged.ts'
import { app, appName, appTls, labRoot, ldaps, onApp, onCloud, run, signIn, silent } from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import { again, appFlow, context, control, http, leaf, lookup, series, tcp, tls } from '../../test/observed.ts'
import type { Farewell } from '../model/observation.ts'

const url = 'http://app01.corp.example:8080'
const plain = appFlow({ target: { address: '10.1.0.20', port: 8080, transport: 'tcp', service: 'http' } })
const atPort = { address: '10.1.0.20', port: 8443 } as const
const onPlain = tcp('connected', { address: '10.1.0.20', port: 8080 })
const unanswered = http('timeout', { url: `${url}/`, address: '10.1.0.20', ms: 3000 })
const answeredOther = context(http('response', { url: `${url}/other`, address: '10.1.0.20' }))
const answeredElsewhere = context(
  http('response', { url: 'http://app01.corp.example:8081/other', address: '10.1.0.20' }),
)

const slowSeries = (least: number): Draft =>
  series({ address: '20.190.128.1', port: 443, roundTripMs: { least, median: 710, p95: 730, most: 800 } })

/** A connection to a KDC, and others that were measured alone, each as long as is said. */
function toKdcIn(ms: number): readonly Draft[] {
  return [
    tcp('connected', { port: 88, ms }),
    series({ address: '10.1.0.5', port: 88, roundTripMs: { least: ms, median: ms, p95: ms, most: ms } }),
  ]
}

run([
  {
    name: 'a name that takes a second while the rest is quick is the resolver',
    flow: signIn,
    seen: [lookup('answer', { ms: 2400, answers: ['20.190.128.1'] }), onCloud, tls('established'), http('response')],
    verdict: 'degraded',
    cause: 'resolver-slow',
    confidence: 'likely',
    owner: 'dns',
    says: /took 2\.4 s .* together took 17 ms/,
  },
  {
    name: 'a resolver that is waited for in vain before the next one gives the name is to be started or taken out',
    flow: signIn,
    seen: [
      lookup('timeout', { ms: 3000 }),
      lookup('answer', { resolver: '10.1.0.6:53', answers: ['20.190.128.1'] }),
      onCloud,
      tls('established'),
      http('response'),
    ],
    verdict: 'degraded',
    cause: 'resolver-slow',
    says: /^10\.1\.0\.5:53 was asked .* did not answer within 3\.0 s; 10\.1\.0\.6:53 gave it, and .* together took 17 ms$/,
    fix: /^start the DNS service on 10\.1\.0\.5:53/,
  },
  {
    name: 'a resolver is as silent for a check that was late itself',
    flow: signIn,
    seen: [
      lookup('timeout', { ms: 3000 }),
      lookup('answer', { resolver: '10.1.0.6:53', answers: ['20.190.128.1'] }),
      tcp('connected', { address: '20.190.128.1', port: 443, ms: 280, ownLagMs: 270 }),
      tls('established', { ms: 310, ownLagMs: 280 }),
      http('response', { firstByteMs: 820, ownLagMs: 900 }),
    ],
    verdict: 'degraded',
    cause: 'resolver-slow',
    says: /did not answer within 3\.0 s; .* together took 1\.4 s$/,
  },
  {
    name: 'what a check that was late finds late is not the resolver',
    flow: signIn,
    seen: [
      lookup('answer', { ms: 3000, answers: ['20.190.128.1'] }),
      tcp('connected', { address: '20.190.128.1', port: 443, ms: 280, ownLagMs: 270 }),
      tls('established', { ms: 310, ownLagMs: 280 }),
      http('response', { firstByteMs: 820, ownLagMs: 900 }),
    ],
    verdict: 'open',
  },
  {
    name: 'a name that takes a second on a path that is as slow is not',
    flow: signIn,
    seen: [
      lookup('answer', { ms: 1200, answers: ['20.190.128.1'] }),
      tcp('connected', { address: '20.190.128.1', port: 443, ms: 610 }),
      tls('established', { ms: 30 }),
      http('response'),
    ],
    verdict: 'open',
  },
  {
    name: 'half a second for every round trip is a long way',
    flow: signIn,
    seen: [
      tcp('connected', { address: '20.190.128.1', port: 443, ms: 590 }),
      tls('established', { ms: 620 }),
      http('response', { firstByteMs: 600 }),
    ],
    verdict: 'degraded',
    cause: 'high-latency',
    confidence: 'likely',
  },
  {
    name: 'a long way says from when on the client that is known gives up',
    flow: toController('kerberos', 88),
    seen: toKdcIn(600),
    verdict: 'degraded',
    cause: 'high-latency',
    says: /takes 600 ms or more, and none was lost; the 10\.0 s that Windows waits for an answer of a KDC are used up from 5\.0 s a round trip on$/,
    fix: /^raise the time-outs of the services/,
  },
  {
    name: 'and where that comes near, what is to be raised',
    flow: toController('kerberos', 88),
    seen: toKdcIn(2500),
    verdict: 'degraded',
    cause: 'high-latency',
    says: /; that comes near the 10\.0 s that Windows waits for an answer of a KDC, which are used up from 5\.0 s a round trip on$/,
    fix: /^raise KdcWaitTime below HKLM/,
  },
  {
    name: 'it is not near before half of the wait is gone',
    flow: toController('kerberos', 88),
    seen: toKdcIn(2499),
    verdict: 'degraded',
    cause: 'high-latency',
    fix: /^raise the time-outs of the services/,
  },
  {
    name: 'a client of whom nothing is documented has the general threshold, and nothing is said of it',
    flow: signIn,
    seen: [
      tcp('connected', { address: '20.190.128.1', port: 443, ms: 2900 }),
      tls('established', { ms: 2900 }),
      http('response', { firstByteMs: 2900 }),
    ],
    verdict: 'degraded',
    cause: 'high-latency',
    says: /takes 2\.9 s or more, and none was lost$/,
    fix: /^raise the time-outs of the services/,
  },
  {
    name: 'for as long as this process did not look, the way was not long',
    flow: signIn,
    seen: [
      tcp('connected', { address: '20.190.128.1', port: 443, ms: 590, ownLagMs: 560 }),
      tls('established', { ms: 620, ownLagMs: 400 }),
      http('response', { firstByteMs: 600, ownLagMs: 550 }),
    ],
    verdict: 'open',
  },
  {
    name: 'a long way is long beyond what this process was late',
    flow: signIn,
    seen: [
      tcp('connected', { address: '20.190.128.1', port: 443, ms: 890, ownLagMs: 200 }),
      tls('established', { ms: 720 }),
      http('response', { firstByteMs: 700 }),
    ],
    verdict: 'degraded',
    cause: 'high-latency',
    says: /takes 690 ms or more/,
  },
  {
    name: 'what this process was late at the rest of an answer does not make the way to its first octet shorter',
    flow: signIn,
    seen: [
      tcp('connected', { address: '20.190.128.1', port: 443, ms: 710 }),
      tls('established', { ms: 720 }),
      http('response', { firstByteMs: 730, ms: 1400, ownLagMs: 600 }),
    ],
    verdict: 'degraded',
    cause: 'high-latency',
    confidence: 'likely',
    says: /takes 710 ms or more/,
  },
  {
    name: 'round trips that were measured alone, ten or more and none of them short, are a long way for certain',
    flow: signIn,
    seen: [
      tcp('connected', { address: '20.190.128.1', port: 443, ms: 710 }),
      tls('established', { ms: 720 }),
      http('response', { firstByteMs: 700 }),
      slowSeries(700),
    ],
    verdict: 'degraded',
    cause: 'high-latency',
    confidence: 'certain',
    owner: 'network',
    fix: /^raise the time-outs/,
  },
  {
    name: 'one of them that is short refutes it',
    flow: signIn,
    seen: [
      tcp('connected', { address: '20.190.128.1', port: 443, ms: 710 }),
      tls('established', { ms: 720 }),
      http('response', { firstByteMs: 700 }),
      slowSeries(30),
    ],
    verdict: 'open',
  },
  {
    name: 'one slow round trip among quick ones is a lost packet, and no cause',
    flow: signIn,
    seen: [tcp('connected', { address: '20.190.128.1', port: 443, ms: 1010 }), tls('established'), http('response')],
    verdict: 'open',
  },
  {
    name: 'a slow machine that talks to itself is no long way',
    flow: appFlow({ target: { address: '127.0.0.1' } }),
    seen: [
      tcp('connected', { address: '127.0.0.1', port: 8443, ms: 900 }),
      appTls([leaf(appName, 'Lab Root CA'), labRoot], { address: '127.0.0.1', ms: 900 }),
      http('response', { address: '127.0.0.1', firstByteMs: 900 }),
    ],
    verdict: 'open',
  },
  {
    name: 'silence that a repetition breaks is possibly loss',
    flow: ldaps,
    seen: [silent, again(tcp('connected'))],
    verdict: 'degraded',
    cause: 'lossy-path',
    confidence: 'possible',
    says: /works in 1 of 2 attempts/,
  },
  {
    name: 'a refusal that a repetition breaks is possibly one node of several',
    flow: ldaps,
    seen: [tcp('refused'), again(tcp('connected'))],
    verdict: 'degraded',
    cause: 'one-bad-node',
    confidence: 'possible',
  },
  {
    name: 'one slow round trip alone is no long way',
    flow: ldaps,
    seen: [tcp('connected', { ms: 900 })],
    verdict: 'open',
  },
  {
    name: 'the first three of eight at once, twice, and one alone before each: a limit, likely',
    flow: ldaps,
    seen: [tcp('refused'), again(tcp('connected')), ...crowd('+ +++-----', '+ +++-----')],
    verdict: 'blocked',
    cause: 'connection-limit',
    confidence: 'likely',
    owner: 'firewall',
    alternatives: ['saturation'],
    says: /^636\/tcp on dc01 takes the first 3 of 8 connections at once, twice, and one alone before each of the two$/,
  },
  ...[
    ['fail in between', '+ +-+-++--', '+ -++-+-+-'],
    ['fail by turns', '+ +-+-+-+-', '+ +-+-+-+-'],
    ['fail at another place each time', '+ +++-----', '+ +++++---'],
    ['all work', '+ ++++++++', '+ ++++++++'],
    ['all fail', '+ --------', '+ --------'],
    ['work first and fail as one after that', '+ ++++++++', '+ --------'],
    ['fail after one alone that failed as well', '+ +++-----', '- +++-----'],
    ['fail in the one round that there was time for', '+ +++-----'],
    ['fail in a round that was not run to its end', '+ +++-----', '+ +++---'],
  ].map(
    ([how = '', ...rounds]): Scenario => ({
      name: `connections at once that ${how} show no limit`,
      flow: ldaps,
      seen: [tcp('refused'), again(tcp('connected')), ...crowd(...rounds)],
      verdict: 'degraded',
      cause: 'one-bad-node',
      confidence: 'possible',
    }),
  ),
  {
    name: 'the queue of a server that leaves requests unanswered is as long as it is: no limit, where what is beyond runs out of time',
    flow: app,
    seen: [
      tcp('timeout', atPort),
      again(onApp),
      again(tls('timeout', { ...atPort, serverName: appName })),
      context(appTls([leaf(appName, 'Lab Root CA'), labRoot])),
      ...roundsOf((stands) => tcp(stands ? 'connected' : 'timeout', atPort), '+ +++-----', '+ +++-----'),
    ],
    verdict: 'degraded',
    cause: 'lossy-path',
  },
  {
    name: 'what a machine says to itself is not lost: who is there is busy',
    flow: { ...ldaps, target: { ...ldaps.target, address: '127.0.0.1' } },
    seen: [tcp('timeout', { address: '127.0.0.1' }), again(tcp('connected', { address: '127.0.0.1' }))],
    verdict: 'degraded',
    cause: 'saturation',
    confidence: 'possible',
    alternatives: ['connection-limit', 'one-bad-node'],
  },
  {
    name: 'a port that refuses one flow and takes another of the same check is not shut',
    flow: ldaps,
    seen: [tcp('refused'), again(tcp('refused')), context(tcp('connected'))],
    verdict: 'degraded',
    cause: 'one-bad-node',
    confidence: 'possible',
    alternatives: ['connection-limit', 'saturation'],
    says: /works in 1 of 3 attempts/,
  },
  {
    name: 'a request that is left unanswered beside others that are answered at the same place: it is busy, or hangs at one path',
    flow: plain,
    seen: [onPlain, unanswered, again(onPlain), again(unanswered), answeredOther],
    verdict: 'unknown',
    cause: 'undetermined',
    alternatives: ['saturation', 'connection-limit', 'silent-service'],
    says: /leaves it unanswered for 3\.0 s; others at the same place were answered at that time \(http:\/\/app01\.corp\.example:8080\/other\)$/,
  },
  {
    name: 'an answer of another port of the host does not show that this one is busy',
    flow: plain,
    seen: [onPlain, unanswered, again(onPlain), again(unanswered), answeredElsewhere],
    verdict: 'blocked',
    cause: 'silent-service',
  },
  {
    name: 'a connection that is reset at once each time is no service that is proven',
    flow: ldaps,
    seen: [endedAtOnce('reset'), again(endedAtOnce('reset'))],
    verdict: 'unknown',
    cause: 'undetermined',
    alternatives: ['not-the-service', 'connection-limit', 'saturation', 'one-bad-node'],
    says: /^636\/tcp on dc01 accepts the connection and resets it at once, before anything is said, 2 times: /,
  },
  {
    name: 'one that is ended at once and stands the next time is possibly one node of several',
    flow: ldaps,
    seen: [endedAtOnce('ended'), again(tcp('connected'))],
    verdict: 'degraded',
    cause: 'one-bad-node',
    confidence: 'possible',
    says: /1 of 2 times ends it at once/,
  },
  {
    name: 'one that stands and is ended at once the next time is the same',
    flow: ldaps,
    seen: [tcp('connected'), again(endedAtOnce('ended'))],
    verdict: 'degraded',
    cause: 'one-bad-node',
    confidence: 'possible',
    says: /1 of 2 times ends it at once/,
  },
  {
    name: 'a goodbye that is answered at once, and three times not after a quiet while: forgotten on the way, likely',
    flow: ldaps,
    seen: [tcp('connected'), ...held([1, 'ended'], [300_000, 'silence'], [300_001, 'silence'], [300_002, 'silence'])],
    verdict: 'degraded',
    cause: 'idle-cut',
    confidence: 'likely',
    owner: 'firewall',
    alternatives: ['silent-service'],
    says: /and none of 3 after 5 min without a word/,
    decidedBy: ['e2', 'e3', 'e4', 'e5'],
  },
  {
    name: 'connections that are forgotten after some time, and not after less, bracket the time-out of the path',
    flow: ldaps,
    seen: [
      tcp('connected'),
      ...held([1, 'ended'], [37_500, 'ended'], [75_000, 'ended'], [75_003, 'ended']),
      ...held([150_000, 'silence'], [150_001, 'silence'], [300_000, 'silence'], [300_001, 'silence']),
    ],
    verdict: 'degraded',
    cause: 'idle-cut',
    says: /answers a goodbye after 75.0 s without a word, and none of 4 after 3 min and more: connections that are quiet/,
  },
  ...[
    held([1, 'ended'], [300_000, 'ended'], [300_000, 'ended'], [300_000, 'ended']),
    // Alike, and some lived on: no time-out of the path.
    held([1, 'ended'], [150_000, 'silence'], [150_000, 'silence'], [150_000, 'silence'], [150_001, 'ended']),
    held([1, 'ended'], [75_000, 'silence'], [75_000, 'silence'], [75_000, 'silence'], [150_000, 'ended']),
    // A server that has had enough, or an end that is nobody's silence.
    held([1, 'ended'], [60_000, 'ended'], [60_000, 'ended'], [60_000, 'ended']),
    held([1, 'ended'], [60_000, 'reset'], [60_000, 'reset'], [60_000, 'reset']),
    held([1, 'ended'], [300_000, 'silence'], [300_000, 'silence'], [300_000, 'ended']),
    held([1, 'ended'], [300_000, 'silence'], [300_000, 'silence']),
    held([1, 'ended'], [300_000, 'aborted'], [300_000, 'aborted'], [300_000, 'aborted']),
    // Who never says goodbye says nothing by not saying it later.
    held([1, 'silence'], [300_000, 'silence'], [300_000, 'silence'], [300_000, 'silence']),
  ].map(
    (seen): Scenario => ({
      name: `connections that were held do not accuse the path: ${seen.map(({ seen }) => 'farewell' in seen && seen.farewell?.outcome).join(', ')}`,
      flow: ldaps,
      seen: [tcp('connected'), ...seen],
      verdict: 'open',
    }),
  ),
])

/** Rounds: one connection alone, a space, and those at once, in the order in which they were sent. */
function crowd(...rounds: readonly string[]): readonly Draft[] {
  return roundsOf((stands) => tcp(stands ? 'connected' : 'refused'), ...rounds)
}

function roundsOf(made: (stands: boolean) => Draft, ...rounds: readonly string[]): readonly Draft[] {
  return rounds.flatMap((round) => {
    const [alone, many = ''] = round.split(' ')
    return [again(made(alone === '+')), ...[...many].map((one) => control('crowd', made(one === '+')))]
  })
}

/** A connection that the other end left within a moment. */
function endedAtOnce(outcome: 'ended' | 'reset'): Draft {
  return tcp('connected', { farewell: { heldMs: 11, bytesOut: 0, bytesIn: 0, outcome } })
}

/** Connections that were held for so many milliseconds, and left then. */
function held(...each: readonly (readonly [heldMs: number, outcome: Farewell['outcome']])[]): readonly Draft[] {
  return each.map(([heldMs, outcome]) =>
    control('idle', tcp('connected', { farewell: { heldMs, bytesOut: 0, bytesIn: 0, outcome } })),
  )
}

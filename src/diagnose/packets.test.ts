import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ldaps, run, silent } from '../../test/judged.ts'
import { again, cloudFlow, context, control, dc01, flowOf, leaf, packets, tcp, tls, udp } from '../../test/observed.ts'
import { icmpErrorName, icmpMeaning } from './icmpErrors.ts'

const refused = tcp('refused')
const open389 = context(tcp('connected', { port: 389 }))
/** The host's own answer on 389, seen in packets; it is the third observation of each row that has one. */
const answer = (ttl: number, afterMs = 1) => context(packets('e2', { port: 389, synAck: { ttl, afterMs }, icmp: [] }))
const reset = (ttl: number, afterMs = 1, of = 'e1') => packets(of, { rst: { ttl, afterMs, before: 'syn-ack' } })
const router = '10.1.0.1'
const icmp = (type: number, code: number, from = router, family: 4 | 6 = 4) =>
  packets('e1', { icmp: [{ from, family, type, code }] })
const unreachable = tcp('host-unreachable')

const cloud = cloudFlow({ target: { address: '20.190.128.1' } })
const connected = tcp('connected', { address: '20.190.128.1', port: 443 })
const otherName = control(
  'server-name',
  tls('established', { serverName: 'other.example', chain: [leaf('other.example', 'Some CA')] }),
)
/** A reset within the connection that `connected` made. */
const inside = (hostTtl: number, ttl: number, before: 'payload' | 'end' = 'payload') =>
  packets('e1', {
    address: '20.190.128.1',
    port: 443,
    synAck: { ttl: hostTtl, afterMs: 2 },
    rst: { ttl, afterMs: 3, before },
  })

run([
  {
    name: 'a reset with the time to live of the host’s answers is the host’s own',
    flow: ldaps,
    seen: [refused, open389, answer(63), reset(63)],
    verdict: 'blocked',
    cause: 'refused-by-host',
    confidence: 'certain',
    owner: 'host',
    alternatives: [],
    says: /^636\/tcp on dc01 is refused by dc01 itself: its reset has as much left of its time to live \(63\) as its answers on 389$/,
    fix: /^start LDAP over TLS on dc01/,
    decidedBy: ['e1', 'e4', 'e3'],
  },
  {
    name: 'a reset from nearer than the host answers from is a firewall’s',
    flow: ldaps,
    seen: [refused, open389, answer(62), reset(64)],
    verdict: 'blocked',
    cause: 'refused-by-firewall',
    confidence: 'certain',
    owner: 'firewall',
    alternatives: [],
    says: /refused by a device on the way, the next hop, in the name of dc01: its reset has 64 left .* on 389 have 62$/,
    fix: /^allow tcp 10\.1\.0\.10 -> 10\.1\.0\.5:636$/,
  },
  {
    name: 'a device that sends with another first value is told by its hops, not by the number',
    flow: ldaps,
    seen: [refused, open389, answer(124), reset(254)],
    verdict: 'blocked',
    cause: 'refused-by-firewall',
    confidence: 'certain',
    says: /1 hop from here/,
  },
  {
    name: 'a reset that has come as far, with another first value, leaves both origins open',
    flow: ldaps,
    seen: [refused, open389, answer(126), reset(62)],
    verdict: 'blocked',
    cause: 'refused',
    confidence: 'certain',
    alternatives: ['refused-by-host', 'refused-by-firewall'],
  },
  {
    name: 'a reset from further away than the host leaves both origins open',
    flow: ldaps,
    seen: [refused, open389, answer(63), reset(60)],
    verdict: 'blocked',
    cause: 'refused',
    confidence: 'certain',
  },
  {
    name: 'a reset without an answer of the host to compare it with leaves both origins open',
    flow: ldaps,
    seen: [refused, tcp('refused', { port: 389 }), packets('e2', { port: 389 }), reset(63)],
    verdict: 'blocked',
    cause: 'refused',
    confidence: 'certain',
  },
  {
    name: 'the answers of another host are no measure',
    flow: ldaps,
    seen: [
      refused,
      context(tcp('connected', { address: '10.1.0.6' })),
      context(packets('e2', { address: '10.1.0.6', synAck: { ttl: 62, afterMs: 1 } })),
      reset(64),
    ],
    verdict: 'blocked',
    cause: 'refused',
    confidence: 'certain',
  },
  {
    name: 'resets that come from different distances accuse nobody alone',
    flow: ldaps,
    seen: [refused, open389, answer(62), reset(64), again(refused), reset(62, 1, 'e5')],
    verdict: 'blocked',
    cause: 'refused',
    confidence: 'certain',
  },
  {
    name: 'a reset with the host’s time to live that comes much sooner than the host answers is a device’s, likely',
    flow: ldaps,
    seen: [refused, open389, answer(54, 80), reset(54, 2)],
    verdict: 'blocked',
    cause: 'refused-by-firewall',
    confidence: 'likely',
    alternatives: ['refused-by-host'],
    says: /sooner than any answer of the host on 389$/,
  },
  {
    name: 'on a quick path a reset that is a little sooner is the host’s all the same',
    flow: ldaps,
    seen: [refused, open389, answer(63, 4), reset(63, 0.3)],
    verdict: 'blocked',
    cause: 'refused-by-host',
    confidence: 'certain',
  },
  {
    name: 'through the internet one hop may be another way: likely, no more',
    flow: cloudFlow({ target: { address: '20.190.128.1' } }),
    seen: [
      tcp('refused', { address: '20.190.128.1', port: 443 }),
      context(tcp('connected', { address: '20.190.128.1', port: 80 })),
      context(packets('e2', { address: '20.190.128.1', port: 80, synAck: { ttl: 112, afterMs: 12 } })),
      packets('e1', { address: '20.190.128.1', port: 443, rst: { ttl: 113, afterMs: 12, before: 'syn-ack' } }),
    ],
    verdict: 'blocked',
    cause: 'refused-by-firewall',
    confidence: 'likely',
    alternatives: ['refused-by-host'],
  },
  {
    name: 'a port that another device calls unreachable is refused by that device',
    flow: ldaps,
    seen: [refused, icmp(3, 3)],
    verdict: 'blocked',
    cause: 'refused-by-firewall',
    confidence: 'certain',
    owner: 'firewall',
    says: /refused by 10\.1\.0\.1, which is not dc01: port unreachable \(ICMP 3\/3\)$/,
    fix: /^on 10\.1\.0\.1: allow tcp/,
  },
  {
    name: 'a port that the host itself calls unreachable is refused by the host',
    flow: ldaps,
    seen: [refused, icmp(3, 3, dc01)],
    verdict: 'blocked',
    cause: 'refused-by-host',
    confidence: 'certain',
  },
  {
    name: 'the same over UDP: the host has nobody there',
    flow: flowOf({ target: { port: 88, transport: 'udp', service: 'kerberos' } }),
    seen: [
      udp('refused'),
      packets('e1', { port: 88, transport: 'udp', icmp: [{ from: dc01, family: 4, type: 3, code: 3 }] }),
    ],
    verdict: 'blocked',
    cause: 'refused-by-host',
    confidence: 'certain',
  },
  {
    name: 'over UDP the word of another device is a firewall’s',
    flow: flowOf({ target: { port: 88, transport: 'udp', service: 'kerberos' } }),
    seen: [
      udp('refused'),
      packets('e1', { port: 88, transport: 'udp', icmp: [{ from: router, family: 4, type: 3, code: 3 }] }),
    ],
    verdict: 'blocked',
    cause: 'refused-by-firewall',
    confidence: 'certain',
  },
  {
    name: 'a prohibition names the device that says it',
    flow: ldaps,
    seen: [unreachable, icmp(3, 13)],
    verdict: 'blocked',
    cause: 'admin-prohibited',
    confidence: 'certain',
    owner: 'firewall',
    says: /^636\/tcp on dc01 is forbidden by 10\.1\.0\.1: communication administratively prohibited \(ICMP 3\/13\)$/,
    fix: /^on 10\.1\.0\.1: allow tcp/,
  },
  {
    name: 'a prohibition that a patient system waits through is the same',
    flow: ldaps,
    seen: [silent, icmp(3, 10)],
    verdict: 'blocked',
    cause: 'admin-prohibited',
    confidence: 'certain',
  },
  {
    name: 'the host’s own prohibition is its own firewall’s',
    flow: ldaps,
    seen: [unreachable, icmp(1, 1, dc01, 6)],
    verdict: 'blocked',
    cause: 'admin-prohibited',
    confidence: 'certain',
    owner: 'host',
    says: /forbidden by dc01 itself/,
  },
  {
    name: 'prohibitions of two devices name neither',
    flow: ldaps,
    seen: [
      unreachable,
      packets('e1', {
        icmp: [
          { from: router, family: 4, type: 3, code: 13 },
          { from: '10.1.0.2', family: 4, type: 3, code: 13 },
        ],
      }),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a router without a way on is named; that it forbids is not excluded',
    flow: ldaps,
    seen: [unreachable, icmp(3, 1)],
    verdict: 'blocked',
    cause: 'no-route',
    confidence: 'likely',
    owner: 'network',
    alternatives: ['admin-prohibited'],
    says: /^10\.1\.0\.1 has no way to 636\/tcp on dc01: host unreachable \(ICMP 3\/1\)$/,
  },
  {
    name: 'a host that answers on another port has a way to it: who calls it unreachable forbids the port',
    flow: ldaps,
    seen: [unreachable, open389, icmp(3, 1)],
    verdict: 'blocked',
    cause: 'admin-prohibited',
    confidence: 'likely',
    alternatives: ['no-route'],
    says: /called unreachable by 10\.1\.0\.1 .*389 on the same host answers/,
  },
  {
    name: 'a packet that has come too far goes in circles',
    flow: ldaps,
    seen: [unreachable, icmp(11, 0)],
    verdict: 'blocked',
    cause: 'no-route',
    confidence: 'certain',
    says: /does not end: at 10\.1\.0\.1 the time to live exceeded \(ICMP 11\/0\)$/,
  },
  {
    name: 'an error that says nothing about the way decides nothing',
    flow: ldaps,
    seen: [unreachable, icmp(12, 0)],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'an answer that comes and is not taken is this machine’s matter',
    flow: ldaps,
    seen: [silent, packets('e1', { sent: 3, synAck: { ttl: 63, afterMs: 1 } })],
    verdict: 'blocked',
    cause: 'asymmetric-path',
    confidence: 'likely',
    owner: 'host',
    alternatives: ['filtered-silently'],
    says: /SYN-ACK reaches an interface of this machine, and this machine does not take it/,
  },
  {
    name: 'an answer that this machine resets came too late',
    flow: ldaps,
    seen: [silent, packets('e1', { sent: 2, synAck: { ttl: 63, afterMs: 1900 }, ownRst: true })],
    verdict: 'degraded',
    cause: 'high-latency',
    confidence: 'likely',
    says: /answers, but only after the 3\.0 s that it was given$/,
  },
  {
    name: 'an answer to one attempt of two is neither',
    flow: ldaps,
    seen: [silent, again(silent), packets('e1', { synAck: { ttl: 63, afterMs: 1 } }), packets('e2', { sent: 3 })],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'silence beside refusals is likely filtered once packets show that nothing came',
    flow: ldaps,
    seen: [silent, control('port', tcp('refused', { port: 443 })), packets('e1', { sent: 2 })],
    verdict: 'blocked',
    cause: 'filtered-silently',
    confidence: 'likely',
    says: /; 2 SYNs left this machine and no packet came back$/,
    decidedBy: ['e1', 'e2', 'e3'],
  },
  {
    name: 'a capture that lost packets strengthens no silence',
    flow: ldaps,
    seen: [silent, control('port', tcp('refused', { port: 443 })), packets('e1', { sent: 2, lost: 7 })],
    verdict: 'blocked',
    cause: 'filtered-silently',
    confidence: 'possible',
  },
  {
    name: 'packets alone make no filter: a host that is off is as silent',
    flow: ldaps,
    seen: [silent, packets('e1', { sent: 2 })],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a router that asks for smaller packets in vain is a black hole on this machine',
    flow: cloudFlow({ target: { address: '20.190.128.1' } }),
    seen: [
      tcp('connected', { address: '20.190.128.1', port: 443 }),
      tls('timeout'),
      packets('e1', {
        address: '20.190.128.1',
        port: 443,
        synAck: { ttl: 60, afterMs: 2 },
        resent: 3,
        icmp: [{ from: router, family: 4, type: 3, code: 4, mtu: 1200 }],
      }),
    ],
    verdict: 'blocked',
    cause: 'pmtu-black-hole',
    confidence: 'likely',
    says: /10\.1\.0\.1 asks for smaller packets of at most 1200 octets/,
  },
  {
    name: 'a router that asks for smaller packets and gets them is well',
    flow: ldaps,
    seen: [tcp('connected'), packets('e1', { icmp: [{ from: router, family: 4, type: 3, code: 4, mtu: 1200 }] })],
    verdict: 'open',
  },
  {
    name: 'a name that is cut from nearer than the host answers is filtered by that name, certainly',
    flow: cloud,
    seen: [connected, tls('reset'), otherName, inside(62, 64)],
    verdict: 'blocked',
    cause: 'sni-filter',
    confidence: 'certain',
    owner: 'firewall',
    alternatives: [],
    says: /gets an answer; the reset comes from nearer than the host: 64 is left of its time to live, of the SYN-ACK of the same connection 62$/,
  },
  {
    name: 'a name that the host itself cuts may lack a binding there',
    flow: cloud,
    seen: [connected, tls('reset'), otherName, inside(62, 62)],
    verdict: 'blocked',
    cause: 'sni-filter',
    confidence: 'possible',
  },
  {
    name: 'whatever is said is cut by a device on the way: the firewall refuses what the connection carries',
    flow: cloud,
    seen: [
      connected,
      tls('reset'),
      control('server-name', tls('reset', { serverName: 'other.example' })),
      inside(62, 64),
    ],
    verdict: 'blocked',
    cause: 'refused-by-firewall',
    confidence: 'certain',
    owner: 'firewall',
    alternatives: [],
    says: /^a device on the way lets connections to 443\/tcp on .* stand and ends them once something is said/,
  },
  {
    name: 'a reset after the host has spoken is no device’s refusal',
    flow: cloud,
    seen: [connected, tls('reset', { bytesIn: 1400 }), inside(62, 64, 'end')],
    verdict: 'unknown',
    cause: 'undetermined',
  },
])

test('errors are named by type and code of their family', () => {
  assert.equal(icmpErrorName({ family: 6, type: 1, code: 4 }), 'port unreachable (ICMPv6 1/4)')
  assert.equal(icmpErrorName({ family: 4, type: 3, code: 99 }), 'ICMP 3/99')
  assert.equal(icmpMeaning({ family: 4, type: 1, code: 1 }), undefined)
  assert.equal(icmpMeaning({ family: 6, type: 3, code: 0 }), 'exceeded')
})

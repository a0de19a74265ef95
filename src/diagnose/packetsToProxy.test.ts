import type { Scenario } from '../../test/judged.ts'
import { run } from '../../test/judged.ts'
import { again, cloudFlow, context, control, packets, tcp, toProxy } from '../../test/observed.ts'

const flow = cloudFlow({ via: 'egress' })
const proxy = { address: '10.1.0.9', port: 3128 } as const
const router = '10.1.0.1'
const said = (type: number, code: number, from: string = router, of = 'e1') =>
  packets(of, { ...proxy, icmp: [{ from, family: 4, type, code }] })
const reset = (ttl: number, of = 'e1') => packets(of, { ...proxy, rst: { ttl, afterMs: 1, before: 'syn-ack' } })
/** Another port of the proxy's host stands, and answers so. */
const open22 = context(tcp('connected', { address: proxy.address, port: 22 }))
const answer = (ttl: number) =>
  context(packets('e2', { address: proxy.address, port: 22, synAck: { ttl, afterMs: 1 }, icmp: [] }))

const blocked = { flow, verdict: 'blocked' } as const satisfies Partial<Scenario>

run([
  {
    ...blocked,
    name: 'a device that forbids the way to the proxy is named, and the rule leads to the proxy',
    seen: [toProxy('admin-prohibited'), said(3, 13)],
    cause: 'admin-prohibited',
    confidence: 'certain',
    owner: 'firewall',
    alternatives: [],
    says: /^the proxy egress \(10\.1\.0\.9:3128\) is forbidden by 10\.1\.0\.1: communication administratively prohibited \(ICMP 3\/13\)$/,
    fix: /^on 10\.1\.0\.1: allow tcp connect01 -> 10\.1\.0\.9:3128$/,
    decidedBy: ['e1', 'e2'],
  },
  {
    ...blocked,
    name: 'a proxy whose own host forbids it is its own to mend',
    seen: [toProxy('admin-prohibited'), said(3, 10, proxy.address)],
    cause: 'admin-prohibited',
    confidence: 'certain',
    owner: 'proxy',
    says: /is forbidden by its own host/,
  },
  {
    ...blocked,
    name: 'a reset as far away as the proxy’s host is the proxy’s own',
    seen: [toProxy('refused'), open22, answer(63), reset(63)],
    cause: 'refused-by-host',
    confidence: 'certain',
    owner: 'proxy',
    says: /^the proxy egress \(10\.1\.0\.9:3128\) refuses connections itself: .* \(63\) as the answers of the host on 22$/,
    fix: /^start the proxy egress/,
    decidedBy: ['e1', 'e4', 'e3'],
  },
  {
    ...blocked,
    name: 'so is the word of its host that nothing listens there',
    seen: [toProxy('refused'), said(3, 3, proxy.address)],
    cause: 'refused-by-host',
    confidence: 'certain',
    owner: 'proxy',
  },
  {
    ...blocked,
    name: 'a reset from nearer than the proxy is a firewall’s, before the proxy',
    seen: [toProxy('refused'), open22, answer(62), reset(64)],
    cause: 'refused-by-firewall',
    confidence: 'certain',
    owner: 'firewall',
    alternatives: [],
    says: /^the proxy egress .* is refused by a device on the way, the next hop, in its name: the reset has 64 left/,
    fix: /^allow tcp 10\.1\.0\.10 -> 10\.1\.0\.9:3128$/,
  },
  {
    ...blocked,
    name: 'so is the word of another device that nobody takes it',
    seen: [toProxy('refused'), said(3, 3)],
    cause: 'refused-by-firewall',
    confidence: 'certain',
    fix: /^on 10\.1\.0\.1: allow tcp/,
  },
  {
    ...blocked,
    name: 'a router that has no way to the proxy is named',
    seen: [toProxy('host-unreachable'), said(3, 1)],
    cause: 'no-route',
    confidence: 'likely',
    says: /^10\.1\.0\.1 has no way to the proxy egress \(10\.1\.0\.9:3128\): host unreachable \(ICMP 3\/1\)$/,
    fix: /to 10\.1\.0\.9, or bring the proxy up$/,
  },
  {
    ...blocked,
    name: 'a reset with nothing to hold it against says no more than that the proxy is not there',
    seen: [toProxy('refused'), reset(63)],
    cause: 'proxy-dead',
  },
  {
    flow,
    name: 'attempts that heard different devices accuse none of them',
    seen: [toProxy('host-unreachable'), said(3, 13), again(toProxy('host-unreachable')), said(3, 13, '10.1.0.2', 'e3')],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    flow,
    verdict: 'unknown',
    cause: 'undetermined',
    name: 'what packets say of the way straight to the target is not told of the proxy',
    seen: [
      toProxy('timeout'),
      control('proxy', tcp('host-unreachable', { address: '20.190.128.1', port: 443 })),
      control(
        'proxy',
        packets('e2', { address: '20.190.128.1', port: 443, icmp: [{ from: router, family: 4, type: 3, code: 13 }] }),
      ),
    ],
  },
])

import { dns, run, soa } from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import { context, control, flowOf, lookup, tcp } from '../../test/observed.ts'

const dnsTcp = flowOf({
  flow: 't1-dns',
  to: 'dns01',
  toRole: 'dns-server',
  target: { name: 'dns01.corp.example', port: 53, transport: 'tcp', service: 'dns' },
})
const srv = (outcome: Parameters<typeof lookup>[0], name: string): Draft =>
  lookup(outcome, {
    name,
    type: 'SRV',
    resolverRole: 'target',
    authoritative: true,
    ...(outcome === 'answer' && { answers: ['0 100 389 dc01.corp.example'] }),
  })
const host = (outcome: Parameters<typeof lookup>[0], name: string, type: 'A' | 'AAAA' = 'A'): Draft =>
  lookup(outcome, {
    name,
    type,
    resolverRole: 'target',
    authoritative: true,
    ...(outcome === 'answer' && { answers: [type === 'A' ? '10.1.0.5' : '2001:db8::5'] }),
  })

run([
  {
    name: 'a service record that leads to a host without an address is an incomplete set, for certain',
    flow: dns,
    known: { domain: 'corp.example' },
    seen: [soa('answer'), srv('answer', '_ldap._tcp.dc._msdcs.corp.example'), host('name-error', 'dc01.corp.example')],
    verdict: 'blocked',
    cause: 'srv-incomplete',
    confidence: 'certain',
    owner: 'dns',
    says: /^_ldap\._tcp\.dc\._msdcs\.corp\.example leads to dc01\.corp\.example, which has no address there$/,
  },
  {
    name: 'a host that has an IPv6 address alone is one',
    flow: dns,
    known: { domain: 'corp.example' },
    seen: [
      soa('answer'),
      srv('answer', '_ldap._tcp.dc._msdcs.corp.example'),
      host('no-data', 'dc01.corp.example'),
      host('answer', 'dc01.corp.example', 'AAAA'),
    ],
    verdict: 'open',
  },
  {
    name: 'a host whose address was not heard of is not called missing',
    flow: dns,
    known: { domain: 'corp.example' },
    seen: [soa('answer'), srv('answer', '_ldap._tcp.dc._msdcs.corp.example'), host('timeout', 'dc01.corp.example')],
    verdict: 'open',
  },
  {
    name: 'DNS over TCP that is refused while UDP answers is blocked for TCP',
    flow: dnsTcp,
    seen: [soa('refused', { transport: 'tcp' }), control('transport', soa('answer'))],
    verdict: 'blocked',
    cause: 'dns-tcp-blocked',
    confidence: 'likely',
  },
  {
    name: 'DNS over TCP that times out on a host that is alive may have been accepted: it is not called dropped',
    flow: dnsTcp,
    seen: [soa('timeout', { transport: 'tcp' }), context(tcp('connected', { port: 389 }))],
    verdict: 'unknown',
    cause: 'undetermined',
    alternatives: ['resolver-unreachable', 'filtered-silently', 'silent-service', 'no-route'],
  },
  {
    name: 'DNS over TCP that times out without anything else is undetermined',
    flow: dnsTcp,
    seen: [soa('timeout', { transport: 'tcp' })],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a DNS service that is silent over both transports beside another that answers is unreachable',
    flow: dns,
    seen: [
      soa('timeout'),
      control('transport', soa('timeout', { transport: 'tcp' })),
      control('resolver', soa('answer', { resolver: '10.1.0.6:53', resolverRole: 'control' })),
    ],
    verdict: 'blocked',
    cause: 'resolver-unreachable',
    confidence: 'likely',
  },
  {
    name: 'a DNS service that does not know the zone misses it',
    flow: dns,
    seen: [soa('name-error', { authoritative: true })],
    verdict: 'blocked',
    cause: 'name-missing',
    confidence: 'certain',
  },
  {
    name: 'a DNS service that refuses the zone filters it, possibly',
    flow: dns,
    seen: [soa('refused-by-policy')],
    verdict: 'blocked',
    cause: 'resolver-filters',
    confidence: 'possible',
    alternatives: ['name-missing'],
  },
  {
    name: 'a DNS service that fails on the zone is undetermined',
    flow: dns,
    seen: [soa('server-failure')],
    verdict: 'unknown',
    cause: 'undetermined',
    confidence: 'undetermined',
  },
  {
    name: 'a DNS service that refuses the root serves all the same',
    flow: dns,
    seen: [lookup('refused-by-policy', { name: '.', type: 'NS', resolverRole: 'target' })],
    verdict: 'open',
    confidence: 'certain',
  },
  {
    name: 'a domain without its service records is incomplete for certain',
    flow: dns,
    seen: [soa('answer'), srv('answer', '_kerberos._tcp.corp.example'), srv('name-error', '_gc._tcp.corp.example')],
    verdict: 'blocked',
    cause: 'srv-incomplete',
    confidence: 'certain',
    says: /_gc\._tcp\.corp\.example is not in it/,
  },
  {
    name: 'a zone without any service record is no fault unless the site calls it its domain',
    flow: dns,
    seen: [soa('answer'), srv('name-error', '_gc._tcp.corp.example')],
    verdict: 'open',
  },
  {
    name: 'the same zone is incomplete when the site calls it its domain',
    flow: dns,
    seen: [soa('answer'), srv('name-error', '_gc._tcp.corp.example')],
    known: { domain: 'Corp.Example.' },
    verdict: 'blocked',
    cause: 'srv-incomplete',
  },
  {
    name: 'the same for a DNS service over TCP that answers over UDP',
    flow: dnsTcp,
    seen: [soa('tool-limit', { transport: 'tcp', detail: 'EMFILE' }), control('transport', soa('answer'))],
    verdict: 'unknown',
    cause: 'tool-limit',
  },
  ...(['closed without an answer', 'ECONNRESET'] as const).map((detail) => ({
    name: `a DNS service that takes a TCP connection and ends it (${detail}) is reached over TCP`,
    flow: dnsTcp,
    seen: [soa('unreachable', { transport: 'tcp', detail }), control('transport', soa('answer'))],
    verdict: 'unknown' as const,
    cause: 'undetermined' as const,
    says: /takes the connection and ends it without an answer; 10\.1\.0\.5:53 answered over udp/,
  })),
  {
    name: 'something that is not DNS on 53/tcp is not a filter',
    flow: dnsTcp,
    seen: [soa('malformed', { transport: 'tcp' }), control('transport', soa('answer'))],
    verdict: 'unknown',
    cause: 'undetermined',
    alternatives: ['not-the-service', 'dns-tampered', 'connection-limit'],
  },
  {
    name: 'no way to 53/tcp of a DNS service that answers over UDP is a filter of TCP',
    flow: dnsTcp,
    seen: [soa('unreachable', { transport: 'tcp', detail: 'EHOSTUNREACH' }), control('transport', soa('answer'))],
    verdict: 'blocked',
    cause: 'dns-tcp-blocked',
  },
])

import { connected, netlogon, rootDse, saidAt, saidByUdp, toController } from '../../test/controllers.ts'
import { labRoot, run } from '../../test/judged.ts'
import { context, flowOf, leaf, lookup, tls } from '../../test/observed.ts'

const ldap = toController('ldap', 389)
const cldap = toController('cldap', 389, 'udp')
const known = { domain: 'corp.example' } as const
const resolved = (over: Parameters<typeof lookup>[1] = {}) =>
  lookup('answer', { name: 'dc01.corp.example', answers: ['10.1.0.5'], ...over })
const asDc02 = saidAt(389, rootDse({ dnsHostName: 'dc02.corp.example' }))

run([
  {
    name: 'a controller that calls itself by another name has the address of the one that was asked for',
    flow: ldap,
    known,
    seen: [resolved(), connected(389), asDc02],
    verdict: 'blocked',
    cause: 'stale-record',
    confidence: 'certain',
    owner: 'dns',
    says: /dc01\.corp\.example leads to 10\.1\.0\.5, and the domain controller there calls itself dc02\.corp\.example \(rootDSE on 389\)/,
    decidedBy: ['e1', 'e3'],
  },
  {
    name: 'over CLDAP as well',
    flow: cldap,
    known,
    seen: [resolved(), saidByUdp(389, netlogon({ host: 'dc02.corp.example' })), context(asDc02)],
    verdict: 'blocked',
    cause: 'stale-record',
    confidence: 'certain',
    decidedBy: ['e1', 'e3', 'e2'],
  },
  {
    name: 'an address that the site file gives may as well be translated',
    flow: ldap,
    known,
    seen: [connected(389), asDc02],
    verdict: 'blocked',
    cause: 'stale-record',
    confidence: 'likely',
    alternatives: ['wrong-target-dnat'],
  },
  {
    name: 'an alias that DNS shows leads there on purpose',
    flow: ldap,
    known,
    seen: [resolved({ aliases: ['DC02.corp.example.'] }), connected(389), asDc02],
    verdict: 'open',
  },
  {
    name: 'a name behind which several controllers answer at one address is the name of none',
    flow: ldap,
    known,
    seen: [resolved(), connected(389), asDc02, context(saidByUdp(389, netlogon({ host: 'dc03.corp.example' })))],
    verdict: 'open',
  },
  {
    name: 'a name for which the machine there has a certificate leads there on purpose',
    flow: toController('ldaps', 636),
    known,
    seen: [
      resolved(),
      connected(636),
      tls('established', {
        address: '10.1.0.5',
        port: 636,
        serverName: 'dc01.corp.example',
        chain: [leaf('dc01.corp.example', 'Lab Root CA'), labRoot],
        anchoredIn: ['site'],
      }),
      saidAt(636, rootDse({ dnsHostName: 'dc02.corp.example' }), { inTls: true }),
    ],
    verdict: 'open',
  },
  {
    name: 'a name of several machines is the name of none',
    flow: ldap,
    known,
    seen: [resolved({ answers: ['10.1.0.5', '10.1.0.6'] }), connected(389), asDc02],
    verdict: 'open',
  },
  {
    name: 'the name of the domain itself leads to any of its controllers',
    flow: flowOf({ target: { name: 'corp.example', port: 389, service: 'ldap' } }),
    known,
    seen: [lookup('answer', { name: 'corp.example', answers: ['10.1.0.5'] }), connected(389), asDc02],
    verdict: 'open',
  },
  {
    name: 'case and dot are no difference, and neither is the suffix',
    flow: ldap,
    known,
    seen: [resolved(), connected(389), saidAt(389, rootDse({ dnsHostName: 'DC01.hq.corp.example.' }))],
    verdict: 'open',
  },
  {
    name: 'a name that the site file leads elsewhere is led there on purpose',
    flow: ldap,
    known: { ...known, names: { 'dc01.corp.example': '10.1.0.5' } },
    seen: [connected(389), asDc02],
    verdict: 'open',
  },
  {
    name: 'ports of one address that call themselves differently are two machines',
    flow: ldap,
    known,
    seen: [resolved(), connected(389), asDc02, context(saidByUdp(389, netlogon()))],
    verdict: 'wrong',
    cause: 'wrong-target-dnat',
    confidence: 'likely',
    says: /rootDSE on 389 at 10\.1\.0\.5 calls itself dc02\.corp\.example, and CLDAP on 389 at the same address dc01\.corp\.example/,
  },
  {
    name: 'inside TLS the word of the machine makes certain what its certificate makes likely',
    flow: flowOf(),
    known,
    seen: [
      resolved(),
      connected(636),
      tls('established', {
        address: '10.1.0.5',
        port: 636,
        serverName: 'dc01.corp.example',
        nameMatches: false,
        chain: [leaf('dc02.corp.example', 'Lab Root CA'), labRoot],
        anchoredIn: ['site'],
      }),
      saidAt(636, rootDse({ dnsHostName: 'dc02.corp.example' }), { inTls: true }),
    ],
    verdict: 'blocked',
    cause: 'stale-record',
    confidence: 'certain',
  },
])

import { netlogon, saidByUdp } from '../../test/controllers.ts'
import { run, signIn } from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import {
  again,
  cloudFlow,
  context,
  control,
  dc01,
  dc02,
  flowOf,
  http,
  lookup,
  said,
  service,
  tcp,
  tls,
  udp,
} from '../../test/observed.ts'

const flow = cloudFlow({ target: { address: '20.190.128.1' } })
const given = lookup('answer', { answers: ['20.190.128.1', '20.190.128.2'] })
const at = (address: string, outcome: Parameters<typeof tcp>[0]) => tcp(outcome, { address, port: 443 })
const onFirst = at('20.190.128.1', 'connected')
const cut = tls('reset')
const bad = at('20.190.128.1', 'refused')

const domain = flowOf({ target: { name: 'corp.example', address: dc01, port: 389, service: 'ldap' } })
const domainGiven = lookup('answer', { name: 'corp.example', answers: [dc01, dc02] })
const saidElsewhere: Draft = {
  ...context(said({ kind: 'ldap-result', code: 1 }, { address: dc02 })),
  varies: 'address',
}

const domainByUdp = flowOf({
  target: { name: 'corp.example', address: dc01, port: 389, transport: 'udp', service: 'cldap' },
})
const unheard = udp('timeout', { port: 389, asked: 'netlogon-ping' })
const pongElsewhere: Draft = { ...context(saidByUdp(389, netlogon(), { address: dc02 })), varies: 'address' }

run([
  {
    name: 'an address that refuses while another one of the name accepts is one bad node, likely',
    flow,
    seen: [given, bad, again(bad), control('address', at('20.190.128.2', 'connected'))],
    verdict: 'degraded',
    cause: 'one-bad-node',
    confidence: 'likely',
    alternatives: ['refused-by-host', 'refused-by-firewall'],
    says: /fails at 20\.190\.128\.1:443 \(refused\), and 20\.190\.128\.2:443 under the same name works$/,
  },
  {
    name: 'an address that is silent may be filtered by itself',
    flow,
    seen: [given, at('20.190.128.1', 'timeout'), control('address', at('20.190.128.2', 'connected'))],
    verdict: 'degraded',
    cause: 'one-bad-node',
    alternatives: ['filtered-silently', 'no-route'],
  },
  {
    name: 'an address whose service says nothing while that of another one answers is one bad node',
    flow: domain,
    seen: [domainGiven, tcp('connected', { port: 389 }), service('timeout'), saidElsewhere],
    verdict: 'degraded',
    cause: 'one-bad-node',
    alternatives: ['silent-service', 'payload-dropped'],
    says: /fails at 10\.1\.0\.5:389 \(no answer to the question\), and 10\.1\.0\.6:389 under the same name works$/,
  },
  {
    name: 'an address whose service is as silent as that of another one is not',
    flow: domain,
    seen: [domainGiven, tcp('connected', { port: 389 }), service('timeout')],
    verdict: 'blocked',
    cause: 'silent-service',
  },
  {
    name: 'an address that only another resolver gives is no other node of the name',
    flow,
    seen: [lookup('answer', { answers: ['20.190.128.1'] }), bad, control('address', at('20.190.128.2', 'connected'))],
    verdict: 'blocked',
    cause: 'refused',
  },
  {
    name: 'an address that refuses like the other one is refused',
    flow,
    seen: [given, bad, control('address', at('20.190.128.2', 'refused'))],
    verdict: 'blocked',
    cause: 'refused',
  },
  {
    name: 'a limit of this machine is no bad node',
    flow,
    seen: [given, at('20.190.128.1', 'tool-limit'), control('address', at('20.190.128.2', 'connected'))],
    verdict: 'unknown',
    cause: 'tool-limit',
  },
  {
    name: 'an address of the other family says nothing of a node',
    flow,
    seen: [
      lookup('answer', { answers: ['20.190.128.1'] }),
      lookup('answer', { type: 'AAAA', answers: ['2603:1006::1'] }),
      bad,
      control('address', at('2603:1006::1', 'connected')),
    ],
    verdict: 'blocked',
    cause: 'refused',
  },
  {
    name: 'an IPv6 address that refuses while IPv4 of the name works is one bad node: clients fall back',
    flow: cloudFlow({ target: { address: '2603:1006::1' } }),
    seen: [
      lookup('answer', { answers: ['20.190.128.1'] }),
      lookup('answer', { type: 'AAAA', answers: ['2603:1006::1'] }),
      at('2603:1006::1', 'refused'),
      control('address', at('20.190.128.1', 'connected')),
    ],
    verdict: 'degraded',
    cause: 'one-bad-node',
    confidence: 'likely',
    says: /fails at \[2603:1006::1\]:443 \(refused\), and 20\.190\.128\.1:443 under the same name works$/,
    fix: /^mend 2603:1006::1, or take it out of the records/,
  },
  {
    name: 'an IPv6 address that is silent while IPv4 of the name works may lack a way for all of IPv6',
    flow: cloudFlow({ target: { address: '2603:1006::1' } }),
    seen: [
      lookup('answer', { answers: ['20.190.128.1'] }),
      lookup('answer', { type: 'AAAA', answers: ['2603:1006::1'] }),
      at('2603:1006::1', 'timeout'),
      control('address', at('20.190.128.1', 'connected')),
    ],
    verdict: 'blocked',
    cause: 'filtered-silently',
  },
  {
    name: 'an address that takes the connection and speaks another protocol does not work',
    flow: domain,
    seen: [
      lookup('answer', { name: 'corp.example', answers: [dc01, dc02, '10.1.0.7'] }),
      tcp('refused', { port: 389 }),
      control('address', tcp('connected', { address: dc02, port: 389 })),
      saidElsewhere,
      control('address', tcp('connected', { address: '10.1.0.7', port: 389 })),
      control('address', service('other-protocol', { address: '10.1.0.7', firstOctets: 'HTTP/1.1 400' })),
    ],
    verdict: 'degraded',
    cause: 'one-bad-node',
    says: /fails at 10\.1\.0\.5:389 \(refused\), and 10\.1\.0\.6:389 under the same name works$/,
  },
  {
    name: 'an address that speaks another protocol is a matter of its host',
    flow: domain,
    seen: [domainGiven, tcp('connected', { port: 389 }), service('other-protocol'), saidElsewhere],
    verdict: 'degraded',
    cause: 'one-bad-node',
    owner: 'host',
  },
  {
    name: 'a handshake that is cut at one address of the name and stands at another one is one bad node, likely',
    flow,
    seen: [given, onFirst, cut, again(cut), control('address', tls('established', { address: '20.190.128.2' }))],
    verdict: 'degraded',
    cause: 'one-bad-node',
    confidence: 'likely',
    alternatives: ['sni-filter', 'payload-dropped'],
    says: /fails at 20\.190\.128\.1:443 \(reset after the ClientHello\), and 20\.190\.128\.2:443/,
  },
  {
    name: 'a handshake that stands at an address which only another resolver gives is no other node of the name',
    flow,
    seen: [given, onFirst, cut, control('address', tls('established', { address: '20.190.128.9' }))],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'another machine with the wrong certificate at the other address vouches for nothing',
    flow,
    seen: [
      given,
      onFirst,
      cut,
      control('address', tls('established', { address: '20.190.128.2', nameMatches: false })),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a request that one node leaves unanswered and another one answers is one bad node, likely',
    flow,
    seen: [
      given,
      onFirst,
      tls('established'),
      http('timeout'),
      control('address', http('response', { address: '20.190.128.2' })),
    ],
    verdict: 'degraded',
    cause: 'one-bad-node',
    confidence: 'likely',
    alternatives: ['silent-service', 'payload-dropped'],
  },
  {
    name: 'an address that is silent over UDP while another one of the name answers is one bad node, likely',
    flow: domainByUdp,
    seen: [domainGiven, unheard, again(unheard), pongElsewhere, control('port', tcp('timeout', { port: 389 }))],
    verdict: 'degraded',
    cause: 'one-bad-node',
    confidence: 'likely',
    alternatives: ['udp-only-filtered', 'filtered-silently', 'no-route'],
    says: /fails at 10\.1\.0\.5:389 \(silence\), and 10\.1\.0\.6:389 under the same name works$/,
    nextProbe: /^postern check cldap:\/\/10\.1\.0\.5:389$/,
  },
  {
    name: 'an address that is as silent over UDP as the other one is no node by itself',
    flow: domainByUdp,
    seen: [
      domainGiven,
      unheard,
      again(unheard),
      { ...context(udp('timeout', { address: dc02, port: 389, asked: 'netlogon-ping' })), varies: 'address' },
      control('port', tcp('timeout', { port: 389 })),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a controller of another domain at the other address vouches for nothing',
    flow: domainByUdp,
    seen: [
      domainGiven,
      unheard,
      again(unheard),
      {
        ...context(saidByUdp(389, { kind: 'no-netlogon', asked: 'corp.example' }, { address: dc02 })),
        varies: 'address',
      },
      control('port', tcp('timeout', { port: 389 })),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'an IPv6 address that is silent over UDP while IPv4 answers may lack a way for all of IPv6',
    flow: flowOf({ target: { ...domainByUdp.target, address: '2001:db8::5' } }),
    seen: [
      domainGiven,
      lookup('answer', { name: 'corp.example', type: 'AAAA', answers: ['2001:db8::5'] }),
      udp('timeout', { address: '2001:db8::5', port: 389, asked: 'netlogon-ping' }),
      pongElsewhere,
      control('port', tcp('timeout', { address: '2001:db8::5', port: 389 })),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a name that works at its first address is open',
    flow: signIn,
    seen: [given, at('20.190.128.1', 'connected')],
    verdict: 'open',
  },
])

import { run } from '../../test/judged.ts'
import { again, control, flowOf, lookup, service, tcp, tls, udp } from '../../test/observed.ts'

const banner = 'postern listen 0.1.0 dc01 389/tcp; you are 10.1.0.10:50123\\x0D\\x0A'
const ldap = flowOf({ flow: 't1-ldap', target: { port: 389, service: 'ldap' } })
const connected = tcp('connected', { port: 389 })

run([
  {
    name: 'the words of a listener in the place of LDAP are a path that is open both ways, and no proof of LDAP',
    flow: ldap,
    seen: [connected, service('other-protocol', { firstOctets: banner })],
    verdict: 'open',
    confidence: 'possible',
    says: /^the path to 389\/tcp on dc01 is open both ways: postern listen answers for dc01; LDAP itself is not proven$/,
  },
  {
    name: 'the same in the place of TLS, whose first handshake keeps no octets',
    flow: flowOf(),
    seen: [tcp('connected'), tls('not-tls'), again(tls('not-tls', { firstOctets: banner }))],
    verdict: 'open',
    confidence: 'possible',
  },
  {
    name: 'a datagram of a listener is an answer on both ways',
    flow: flowOf({ flow: 't1-ldap', target: { port: 389, service: 'cldap', transport: 'udp' } }),
    seen: [
      udp('answer', { port: 389, asked: 'netlogon-ping', bytesIn: 40, listener: 'postern listen 0.1.0\\x0D\\x0A' }),
    ],
    verdict: 'open',
    confidence: 'possible',
    says: /answers for dc01; CLDAP itself is not proven/,
  },
  {
    name: 'a listener in the place of a name server has no part in forged answers',
    flow: flowOf({ flow: 't1-dns', target: { port: 53, service: 'dns', transport: 'udp' } }),
    seen: [
      lookup('mismatch', {
        resolver: '10.1.0.5:53',
        resolverRole: 'target',
        listener: 'postern listen 0.1.0\\x0D\\x0A',
      }),
    ],
    verdict: 'open',
    confidence: 'possible',
  },
  {
    name: 'a listener that stands for another host is another host, and that is said of the path',
    flow: ldap,
    seen: [connected, service('other-protocol', { firstOctets: banner.replace('dc01', 'dc02') })],
    verdict: 'wrong',
    cause: 'wrong-target-dnat',
    confidence: 'possible',
    says: /answered by postern listen for dc02, not for dc01/,
  },
  {
    name: 'a service that answered as well is the service, whatever else was met',
    flow: ldap,
    seen: [
      connected,
      service('other-protocol', { firstOctets: banner }),
      again(service('answer', { answer: { kind: 'ldap-result', code: 1, name: 'operationsError' } })),
    ],
    verdict: 'degraded',
    cause: 'one-bad-node',
    says: /^(?!.*postern listen)/,
  },
  {
    name: 'a listener on another port says nothing of this one',
    flow: ldap,
    seen: [
      tcp('timeout', { port: 389 }),
      control('port', service('other-protocol', { port: 445, firstOctets: banner.replace('389', '445') })),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'what must be closed and is met by a listener is open',
    flow: flowOf({ expect: 'closed', target: { port: 389, service: 'ldap' } }),
    seen: [connected, service('other-protocol', { firstOctets: banner })],
    verdict: 'open',
    says: /must be closed/,
  },
])

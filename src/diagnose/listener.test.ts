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
    says: /^the path to 389\/tcp on dc01 is open both ways: a listener of Postern’s answers for dc01; LDAP itself is not proven$/,
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
    says: /answered by a listener of Postern’s for dc02, not for dc01/,
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
    says: /^(?!.*listener of Postern)/,
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
    name: 'a listener in the place of the endpoint mapper proves its port, and nothing of the ports that a mapper would name',
    flow: flowOf({
      flow: 't1-rpc-dynamic',
      target: { port: null, range: { first: 49_152, last: 65_535 }, service: 'rpc' },
    }),
    seen: [
      tcp('connected', { port: 135 }),
      service('other-protocol', {
        asked: 'rpc-bind',
        of: 'epm',
        port: 135,
        firstOctets: banner.replace('389', '135'),
      }),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
    says: /^49152-65535\/tcp on dc01 could not be asked: .*, and 135\/tcp on the same host is answered by a listener of Postern’s$/,
    fix: /^check this once the service itself answers on 135\/tcp; until then check a port of the range by itself: tcp:\/\/dc01.corp.example:49152$/,
  },
  {
    name: 'what must be closed and is met by a listener is open',
    flow: flowOf({ expect: 'closed', target: { port: 389, service: 'ldap' } }),
    seen: [connected, service('other-protocol', { firstOctets: banner })],
    verdict: 'open',
    says: /must be closed/,
  },
])

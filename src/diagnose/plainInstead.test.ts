import { run } from '../../test/judged.ts'
import { control, flowOf, said, service, tcp, tls } from '../../test/observed.ts'

const flow = flowOf({ target: { port: 389 } })
const open = tcp('connected', { port: 389 })
const cut = tls('closed', { address: '10.1.0.5', port: 389, serverName: 'dc01.corp.example' })

run([
  {
    name: 'a port that answers LDAP in the clear, and no ClientHello, speaks plain LDAP, and the next step asks for that',
    flow,
    seen: [open, cut, control('tls', said({ kind: 'ldap-result', code: 1 }))],
    verdict: 'wrong',
    cause: 'not-the-service',
    confidence: 'certain',
    alternatives: [],
    says: /^389\/tcp on dc01 speaks plain LDAP where LDAP over TLS belongs: a ClientHello gets no TLS, a question in the clear is answered$/,
    nextProbe: /^postern check ldap:\/\/dc01\.corp\.example:389$/,
    decidedBy: ['e2', 'e3'],
  },
  {
    name: 'a port that is silent in the clear as well is no plain LDAP',
    flow,
    seen: [open, cut, control('tls', service('timeout'))],
    verdict: 'unknown',
    cause: 'undetermined',
  },
])

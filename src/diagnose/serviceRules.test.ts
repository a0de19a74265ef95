import type { Scenario } from '../../test/judged.ts'
import { run } from '../../test/judged.ts'
import {
  again,
  context,
  control,
  dc01,
  flowOf,
  http,
  kerberosError,
  rootDse,
  said,
  service,
  smb,
  tcp,
  tls,
  udp,
} from '../../test/observed.ts'
import type { Farewell } from '../model/observation.ts'
import type { Scheme } from '../model/service.ts'

const to = (scheme: Scheme, port: number, transport: 'tcp' | 'udp' = 'tcp') =>
  flowOf({ flow: scheme, target: { port, transport, service: scheme } })
const on = (port: number) => tcp('connected', { port })
const ldap = to('ldap', 389)
const silent = service('timeout')
const left = (outcome: Farewell['outcome'], bytesOut = 0, bytesIn = 0) =>
  control('payload', tcp('connected', { port: 389, farewell: { bytesOut, bytesIn, outcome } }))
const smbOpen = context(tcp('connected', { port: 445 }))
const foreign = { verdict: 'wrong', cause: 'not-the-service', confidence: 'certain' } as const
const winrm = (over: Parameters<typeof http>[1]) =>
  http('response', { url: 'http://dc01.corp.example:5985/wsman', address: dc01, method: 'POST', ...over })
const ping = (outcome: 'answer' | 'timeout', over: Parameters<typeof udp>[1] = {}) =>
  udp(outcome, { port: 389, asked: 'netlogon-ping', of: 'corp.example', ...over })
const asRequest = (outcome: 'answer' | 'timeout', over: Parameters<typeof udp>[1] = {}) =>
  udp(outcome, { asked: 'kerberos-as-request', of: 'CORP.EXAMPLE', ...over })

const scenarios: readonly Scenario[] = [
  {
    name: 'a banner of another protocol names what stands there',
    flow: ldap,
    seen: [on(389), service('other-protocol', { firstOctets: 'SSH-2.0-OpenSSH_9.6\\x0D\\x0A' })],
    ...foreign,
    owner: 'directory',
    says: /^389\/tcp on dc01 speaks SSH where LDAP belongs: "SSH-2\.0-OpenSSH_9\.6"$/,
    decidedBy: ['e2'],
  },
  {
    name: 'a connection that is closed after a banner is told by the banner',
    flow: to('smb', 445),
    seen: [
      on(445),
      service('closed', { asked: 'smb2-negotiate', port: 445, bytesIn: 24, firstOctets: 'HTTP/1.1 400 Bad Request' }),
    ],
    ...foreign,
    says: /speaks HTTP where SMB belongs/,
  },
  {
    name: 'a TLS alert to a question in the clear is TLS',
    flow: ldap,
    seen: [on(389), service('other-protocol', { firstOctets: '\\x15\\x03\\x03\\x00\\x02\\x02\\x16', bytesIn: 7 })],
    ...foreign,
    says: /speaks TLS where LDAP belongs/,
  },
  {
    name: 'octets that nobody knows are something else',
    flow: to('mssql', 1433),
    seen: [
      on(1433),
      service('other-protocol', { asked: 'tds-pre-login', port: 1433, firstOctets: 'hello\\x0A', bytesIn: 6 }),
    ],
    ...foreign,
    says: /speaks something else where SQL Server belongs: "hello"$/,
  },
  {
    name: 'the right protocol with an answer to another question is told as that',
    flow: ldap,
    seen: [on(389), service('other-protocol', { detail: 'the answer to another message' })],
    ...foreign,
    says: /answers, and not what LDAP answers to this question: the answer to another message$/,
  },
  {
    name: 'one odd answer among right ones is no other service',
    flow: ldap,
    seen: [on(389), service('other-protocol', { firstOctets: 'SSH-2.0-x' }), again(said(rootDse()))],
    verdict: 'degraded',
    cause: 'one-bad-node',
  },
  {
    name: 'one odd answer and one silence leave open which of them it is',
    flow: ldap,
    seen: [on(389), service('other-protocol', { firstOctets: 'SSH-2.0-x' }), again(silent)],
    verdict: 'unknown',
    cause: 'undetermined',
    says: /another answer each time that it is asked \(other-protocol and timeout\)/,
  },
  {
    name: 'a directory that is no Active Directory stands in the place of a domain controller',
    flow: ldap,
    seen: [on(389), said(rootDse({ activeDirectory: false, product: 'OpenLDAP' }))],
    ...foreign,
    says: /answers LDAP as OpenLDAP, which is no Active Directory, where a domain controller belongs/,
  },
  {
    name: 'SMB 1 alone is not the service of today',
    flow: to('smb', 445),
    seen: [on(445), said({ kind: 'smb-refused', why: 'it speaks SMB 1 only' }, { asked: 'smb2-negotiate', port: 445 })],
    ...foreign,
    says: /it speaks SMB 1 only/,
  },
  {
    name: 'SMB that answers is not judged by it',
    flow: to('smb', 445),
    seen: [on(445), said(smb({ signing: 'enabled' }), { asked: 'smb2-negotiate', port: 445 })],
    verdict: 'open',
    confidence: 'certain',
  },
  {
    name: 'AMQP of another version is not the service',
    flow: to('amqps', 5671),
    seen: [
      on(5671),
      tls('established', { address: dc01, port: 5671, serverName: 'dc01.corp.example' }),
      said({ kind: 'amqp-other', offered: 'AMQP 0-9-1' }, { asked: 'amqp-header', port: 5671, inTls: true }),
    ],
    ...foreign,
    says: /it offers AMQP 0-9-1/,
  },
  {
    name: 'a framing port that knows no AD Web Services is not the service',
    flow: to('adws', 9389),
    seen: [
      on(9389),
      said({ kind: 'framing', said: 'fault', fault: 'EndpointNotFound' }, { asked: 'framing-preamble', port: 9389 }),
    ],
    ...foreign,
    says: /EndpointNotFound/,
  },
  {
    name: 'a ticket for nobody is no KDC',
    flow: to('kerberos', 88),
    seen: [on(88), said({ kind: 'kerberos-reply', realm: 'CORP.EXAMPLE' }, { asked: 'kerberos-as-request', port: 88 })],
    ...foreign,
  },
  {
    name: 'DCE/RPC without an endpoint mapper is not the service',
    flow: to('epm', 135),
    seen: [
      on(135),
      said(
        { kind: 'rpc-refused', interface: 'epm', reason: 'provider_rejection: abstract_syntax_not_supported' },
        { asked: 'rpc-bind', of: 'epm', port: 135 },
      ),
    ],
    ...foreign,
    says: /knows no endpoint mapper/,
  },
  {
    name: 'Windows without WinRM is not the service',
    flow: to('winrm', 5985),
    seen: [on(5985), winrm({ status: 404, answer: { kind: 'ws-management', said: 'not-registered' } })],
    ...foreign,
    says: /WinRM is not registered there/,
  },
  {
    name: 'a web server where WinRM belongs is likely not the service',
    flow: to('winrm', 5985),
    seen: [
      on(5985),
      winrm({ status: 200, headers: { server: 'nginx' }, body: { kind: 'html', bytes: 9, members: {} } }),
    ],
    verdict: 'wrong',
    cause: 'not-the-service',
    confidence: 'likely',
    says: /answers HTTP 200 \(nginx\), and nothing of WS-Management/,
  },
  {
    name: 'an error of a server may be told by what stands before WinRM',
    flow: to('winrm', 5985),
    seen: [on(5985), winrm({ status: 503 })],
    verdict: 'open',
    confidence: 'likely',
  },
  {
    name: 'a datagram that answers another question is likely not the service',
    flow: to('cldap', 389, 'udp'),
    seen: [ping('answer', { detail: 'no message of LDAP' })],
    verdict: 'wrong',
    cause: 'not-the-service',
    confidence: 'likely',
    says: /answers, and not what CLDAP answers to this question: no message of LDAP$/,
  },
  {
    name: 'a datagram that is answered rightly the second time is no other service',
    flow: to('kerberos', 88, 'udp'),
    seen: [asRequest('answer', { detail: 'no Kerberos' }), again(asRequest('answer', { answer: kerberosError() }))],
    verdict: 'degraded',
    cause: 'one-bad-node',
  },
  {
    name: 'a question in the clear that is ended, and a ClientHello that is answered, is likely TLS',
    flow: ldap,
    seen: [
      on(389),
      service('closed'),
      control('tls', tls('established', { address: dc01, port: 389, serverName: 'dc01.corp.example' })),
    ],
    verdict: 'wrong',
    cause: 'not-the-service',
    confidence: 'likely',
    says: /speaks TLS where LDAP belongs/,
  },
  {
    name: 'a connection that is ended after the question names no cause by itself',
    flow: ldap,
    seen: [on(389), service('closed'), again(service('closed'))],
    verdict: 'unknown',
    cause: 'undetermined',
    says: /ends it after the question/,
    alternatives: ['not-the-service', 'payload-dropped', 'connection-limit', 'silent-service'],
  },
  {
    name: 'a connection that is reset after the question names no cause by itself either',
    flow: ldap,
    seen: [on(389), service('reset', { code: 'ECONNRESET' }), smbOpen],
    verdict: 'unknown',
    cause: 'undetermined',
    says: /resets it after the question/,
  },
  {
    name: 'an answer that began is no silence',
    flow: ldap,
    seen: [on(389), service('timeout', { bytesIn: 500 }), smbOpen],
    verdict: 'unknown',
    cause: 'undetermined',
    says: /began its answer and did not finish it: 500 octets in/,
  },
  {
    name: 'a question without an answer, where another port of the host answers, is possibly a service that hangs',
    flow: ldap,
    seen: [on(389), silent, again(silent), smbOpen],
    verdict: 'blocked',
    cause: 'silent-service',
    confidence: 'possible',
    owner: 'directory',
    says: /leaves a valid question unanswered for 3\.0 s, 2 times; 445 on the same host answers$/,
    decidedBy: ['e2', 'e3', 'e4'],
  },
  {
    name: 'who says goodbye after few octets has read them: likely the service hangs',
    flow: ldap,
    seen: [on(389), silent, left('ended'), left('ended', 60)],
    verdict: 'blocked',
    cause: 'silent-service',
    confidence: 'likely',
    alternatives: ['not-the-service', 'pmtu-black-hole'],
  },
  {
    name: 'a question without an answer proves nothing without comparison',
    flow: ldap,
    seen: [on(389), silent, again(silent)],
    verdict: 'unknown',
    cause: 'undetermined',
    says: /nothing comparable answered$/,
  },
  {
    name: 'inside TLS a question without an answer is likely a service that hangs: payload passes',
    flow: to('ldaps', 636),
    seen: [
      on(636),
      tls('established', { address: dc01, port: 636, serverName: 'dc01.corp.example' }),
      service('timeout', { port: 636, inTls: true }),
    ],
    verdict: 'blocked',
    cause: 'silent-service',
    confidence: 'likely',
  },
  {
    name: 'who says goodbye to an empty connection, and is not heard after few octets, loses payload',
    flow: ldap,
    seen: [on(389), silent, left('ended'), left('silence', 60), smbOpen],
    verdict: 'blocked',
    cause: 'payload-dropped',
    confidence: 'possible',
  },
  {
    name: 'a connection whose keep-alive is lost has a way there and none back',
    flow: ldap,
    seen: [on(389), silent, left('lost'), left('silence', 60)],
    verdict: 'blocked',
    cause: 'asymmetric-path',
    confidence: 'possible',
  },
  {
    name: 'Kerberos that proves itself over TCP and is silent twice over UDP is filtered for UDP only',
    flow: to('kerberos', 88, 'udp'),
    seen: [
      asRequest('timeout'),
      again(asRequest('timeout')),
      control('transport', on(88)),
      control('transport', said(kerberosError(), { asked: 'kerberos-as-request', port: 88 })),
    ],
    verdict: 'blocked',
    cause: 'udp-only-filtered',
    confidence: 'likely',
    alternatives: [],
    says: /^88\/udp on dc01 is silent over UDP each time and answers the same over TCP$/,
    fix: /^allow udp 10\.1\.0\.10 -> 10\.1\.0\.5:88$/,
    decidedBy: ['e1', 'e2', 'e4'],
  },
  {
    name: 'CLDAP is held against LDAP of the same host',
    flow: to('cldap', 389, 'udp'),
    seen: [ping('timeout'), again(ping('timeout')), context(said(rootDse()))],
    verdict: 'blocked',
    cause: 'udp-only-filtered',
    confidence: 'likely',
    says: /answers LDAP over TCP/,
  },
  {
    name: 'one datagram may be lost: possible, and no more',
    flow: to('cldap', 389, 'udp'),
    seen: [ping('timeout'), context(said(rootDse()))],
    verdict: 'blocked',
    cause: 'udp-only-filtered',
    confidence: 'possible',
    alternatives: ['lossy-path'],
  },
  {
    name: 'LDAP of another host says nothing of this one',
    flow: to('cldap', 389, 'udp'),
    seen: [ping('timeout'), again(ping('timeout')), context(said(rootDse(), { address: '10.1.0.6' }))],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a directory that is no Active Directory need not answer CLDAP',
    flow: to('cldap', 389, 'udp'),
    seen: [ping('timeout'), again(ping('timeout')), context(said(rootDse({ activeDirectory: false })))],
    verdict: 'unknown',
    cause: 'undetermined',
    says: /LDAP on the same host is no Active Directory, which has none to give$/,
  },
]

run(scenarios)

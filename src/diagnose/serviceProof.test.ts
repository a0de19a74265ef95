import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kerberosError, netlogon, rootDse, smb } from '../../test/controllers.ts'
import type { Scenario } from '../../test/judged.ts'
import { run } from '../../test/judged.ts'
import {
  bound,
  caseOf,
  context,
  dc01,
  flowOf,
  http,
  mapped,
  mapping,
  posture,
  said,
  service,
  tcp,
  tls,
  udp,
} from '../../test/observed.ts'
import type { Scheme } from '../model/service.ts'
import { diagnose } from './diagnose.ts'

const to = (scheme: Scheme, port: number, transport: 'tcp' | 'udp' = 'tcp') =>
  flowOf({ flow: scheme, target: { port, transport, service: scheme } })
const on = (port: number) => tcp('connected', { port })
const shaken = (port: number) =>
  tls('established', { address: dc01, port, serverName: 'dc01.corp.example', nameMatches: true })
const open = { verdict: 'open', confidence: 'certain' } as const

const scenarios: readonly Scenario[] = [
  {
    name: 'an error of a KDC proves Kerberos, and nothing is said of the realm that it repeats',
    flow: to('kerberos', 88),
    seen: [on(88), said(kerberosError(), { asked: 'kerberos-as-request', of: 'CORP.EXAMPLE', port: 88 })],
    ...open,
    says: /^88\/tcp on dc01 answers Kerberos as it should \(KDC_ERR_C_PRINCIPAL_UNKNOWN: nobody has the name that was asked for\); its clock agrees with this machine's$/,
    decidedBy: ['e1', 'e2'],
  },
  {
    name: 'where no domain is known it is said which realm was asked about, and how to give the right one',
    flow: to('kerberos', 88),
    seen: [on(88), said(kerberosError(), { asked: 'kerberos-as-request', of: 'POSTERN.INVALID', port: 88 })],
    ...open,
    says: /; asked about the realm POSTERN\.INVALID, since its domain is not known: ask by the full name of the host, or give domain: in the site file$/,
  },
  {
    name: 'a KDC that names its own realm is quoted, and the realm that was asked stands beside it',
    flow: to('kerberos', 88),
    seen: [
      on(88),
      said(kerberosError({ code: 68, name: 'KDC_ERR_WRONG_REALM', realm: 'CORP.EXAMPLE' }), {
        asked: 'kerberos-as-request',
        of: 'BRANCH.EXAMPLE',
        port: 88,
      }),
    ],
    ...open,
    says: /; its own realm is CORP\.EXAMPLE, and not BRANCH\.EXAMPLE, which was asked about$/,
  },
  {
    name: 'the same by datagram, with a clock that is off by less than Kerberos minds',
    flow: to('kerberos', 88, 'udp'),
    seen: [udp('answer', { asked: 'kerberos-as-request', answer: kerberosError({ skewMs: -4000 }) })],
    ...open,
    says: /^88\/udp on dc01 answers Kerberos .*its clock is 4\.0 s behind this machine's$/,
  },
  {
    name: 'the password service proves itself by its own result',
    flow: to('kpasswd', 464),
    seen: [
      on(464),
      said(kerberosError({ resultCode: 2, resultText: 'KRB5_KPASSWD_HARDERROR' }), {
        asked: 'kpasswd-request',
        port: 464,
      }),
    ],
    ...open,
    says: /password changes over Kerberos \(KRB5_KPASSWD_HARDERROR\); its clock/,
  },
  {
    name: 'so does one that gives no result, as Windows does',
    flow: to('kpasswd', 464),
    seen: [
      on(464),
      said(kerberosError({ code: 41, name: 'KRB_AP_ERR_MODIFIED' }), { asked: 'kpasswd-request', port: 464 }),
    ],
    ...open,
    says: /^464\/tcp on dc01 answers password changes over Kerberos \(KRB_AP_ERR_MODIFIED\); its clock agrees/,
  },
  {
    name: 'a domain controller says which one it is',
    flow: to('ldap', 389),
    seen: [on(389), said(rootDse())],
    ...open,
    says: /^389\/tcp on dc01 is dc01\.corp\.example, a domain controller of corp\.example, site HQ$/,
  },
  {
    name: 'inside TLS it says so too, and over which version',
    flow: to('ldaps', 636),
    seen: [on(636), shaken(636), said(rootDse(), { port: 636, inTls: true })],
    ...open,
    says: /a domain controller of corp\.example, site HQ, over TLSv1\.3$/,
  },
  {
    name: 'a handshake alone proves no directory behind it',
    flow: to('ldaps', 636),
    seen: [on(636), shaken(636)],
    verdict: 'open',
    confidence: 'likely',
    says: /not proven/,
  },
  {
    name: 'a global catalog says so',
    flow: to('gc', 3268),
    seen: [on(3268), said(rootDse(), { port: 3268 })],
    ...open,
    says: /a global catalog of the forest corp\.example, site HQ, ready$/,
  },
  {
    name: 'a directory of another make proves LDAP where no domain controller belongs',
    flow: flowOf({ toRole: 'published-app', target: { port: 389, service: 'ldap' } }),
    seen: [on(389), said(rootDse({ activeDirectory: false, product: 'OpenLDAP' }))],
    ...open,
    says: /answers LDAP: OpenLDAP$/,
  },
  {
    name: 'a directory that refuses to show its root is reached, and no more',
    flow: to('ldap', 389),
    seen: [on(389), said({ kind: 'ldap-result', code: 52, name: 'unavailable' })],
    verdict: 'open',
    confidence: 'likely',
    says: /no root entry: result 52 \(unavailable\)/,
  },
  {
    name: 'a ping over CLDAP names controller, domain and site',
    flow: to('cldap', 389, 'udp'),
    seen: [udp('answer', { port: 389, asked: 'netlogon-ping', answer: netlogon() })],
    ...open,
    says: /is dc01\.corp\.example, a domain controller of corp\.example, site HQ/,
  },
  {
    name: 'SMB tells its dialect and whether it wants signing',
    flow: to('smb', 445),
    seen: [on(445), said(smb(), { asked: 'smb2-negotiate', port: 445 })],
    ...open,
    says: /speaks SMB 3\.1\.1, signing required$/,
  },
  {
    name: 'SQL Server tells its version',
    flow: to('mssql', 1433),
    seen: [
      on(1433),
      said(
        { kind: 'tds', version: '16.0.1000', product: 'SQL Server 2022', encryption: 'off' },
        { asked: 'tds-pre-login', port: 1433 },
      ),
    ],
    ...open,
    says: /is SQL Server 2022 \(16\.0\.1000\), encrypts logins only$/,
  },
  {
    name: 'AD Web Services agree to negotiate',
    flow: to('adws', 9389),
    seen: [on(9389), said({ kind: 'framing', said: 'upgrade' }, { asked: 'framing-preamble', port: 9389 })],
    ...open,
    says: /AD Web Services/,
  },
  {
    name: 'a preamble that is taken without security is not what AD Web Services do',
    flow: to('adws', 9389),
    seen: [on(9389), said({ kind: 'framing', said: 'acknowledged' }, { asked: 'framing-preamble', port: 9389 })],
    verdict: 'open',
    confidence: 'likely',
    says: /takes the preamble without the security that AD Web Services want$/,
  },
  {
    name: 'another fault of the framing shows that something of its kind is there, and no more',
    flow: to('adws', 9389),
    seen: [
      on(9389),
      said(
        { kind: 'framing', said: 'fault', fault: 'EndpointAccessDenied' },
        { asked: 'framing-preamble', port: 9389 },
      ),
    ],
    verdict: 'open',
    confidence: 'likely',
    says: /EndpointAccessDenied/,
  },
  {
    name: 'AMQP tells its mechanisms',
    flow: to('amqps', 5671),
    seen: [
      on(5671),
      shaken(5671),
      said({ kind: 'amqp', mechanisms: ['MSSBCBS', 'PLAIN'] }, { asked: 'amqp-header', port: 5671, inTls: true }),
    ],
    ...open,
    says: /speaks AMQP 1\.0 with SASL \(MSSBCBS and PLAIN\), over TLSv1\.3$/,
  },
  {
    name: 'WinRM wants a sign-in, as Windows does',
    flow: to('winrm', 5985),
    seen: [
      on(5985),
      http('response', {
        url: 'http://dc01.corp.example:5985/wsman',
        address: dc01,
        method: 'POST',
        status: 401,
        answer: { kind: 'ws-management', said: 'sign-in', schemes: ['Negotiate', 'Kerberos'] },
      }),
    ],
    ...open,
    says: /wants a sign-in \(Negotiate and Kerberos\)$/,
  },
  {
    name: 'the endpoint mapper is judged by what it says, and not by the ports that it names',
    flow: to('epm', 135),
    seen: [
      on(135),
      bound('epm'),
      mapped('drsuapi', 49_153),
      mapped('lsarpc', 49_153),
      tcp('timeout', { port: 49_153 }),
    ],
    ...open,
    says: /names ports: drsuapi and lsarpc on 49153$/,
    decidedBy: ['e1', 'e2', 'e3', 'e4'],
  },
  {
    name: 'an endpoint mapper that tells strangers nothing is open all the same',
    flow: to('epm', 135),
    seen: [
      on(135),
      bound('epm'),
      mapping('drsuapi', { kind: 'rpc-fault', interface: 'drsuapi', status: 5, name: 'access denied' }),
    ],
    ...open,
    says: /gives no ports to who does not sign in \(access denied\): policy, not network$/,
  },
  {
    name: 'an endpoint mapper that is bound and then silent is reached, and no more',
    flow: to('epm', 135),
    seen: [on(135), bound('epm'), service('timeout', { asked: 'endpoint-map', of: 'drsuapi', port: 135 })],
    verdict: 'open',
    confidence: 'likely',
    says: /leaves the question for ports without an answer$/,
  },
]

run(scenarios)

test('what a service says is learnt, and of a realm that is only repeated nothing is', () => {
  const agreed = posture('tls', said({ kind: 'ldap-result', code: 0 }, { asked: 'ldap-start-tls' }))
  const ldap = diagnose(caseOf(to('ldap', 389), [on(389), said(rootDse()), agreed])).learnt
  assert.equal(ldap['dnsHostName'], 'dc01.corp.example')
  assert.equal(ldap['startTls'], 'agreed')
  assert.deepEqual(ldap['saslMechanisms'], ['GSSAPI', 'GSS-SPNEGO'])
  const echo = said(kerberosError(), { asked: 'kerberos-as-request', port: 88 })
  assert.equal(diagnose(caseOf(to('kerberos', 88), [on(88), echo])).learnt['realm'], undefined)
  const blind = said(kerberosError(), { asked: 'kerberos-as-request', of: 'POSTERN.INVALID', port: 88 })
  assert.equal(diagnose(caseOf(to('kerberos', 88), [on(88), blind])).learnt['realmAsked'], 'POSTERN.INVALID')
  assert.equal(diagnose(caseOf(to('kerberos', 88), [on(88), echo])).learnt['realmAsked'], undefined)
  const own = said(kerberosError({ code: 68, realm: 'OTHER.EXAMPLE' }), { asked: 'kerberos-as-request', port: 88 })
  assert.equal(diagnose(caseOf(to('kerberos', 88), [on(88), own])).learnt['realm'], 'OTHER.EXAMPLE')
  const passwords = said(kerberosError({ realm: 'CORP.EXAMPLE' }), { asked: 'kpasswd-request', port: 464 })
  assert.equal(diagnose(caseOf(to('kpasswd', 464), [on(464), passwords])).learnt['realm'], 'CORP.EXAMPLE')
  const refusal = (over: Parameters<typeof kerberosError>[0]): unknown => {
    const answer = said(kerberosError(over), { asked: 'kpasswd-request', port: 464 })
    return diagnose(caseOf(to('kpasswd', 464), [on(464), answer])).learnt['kerberosError']
  }
  const { name: _, ...unnamed } = kerberosError({ code: 2, resultCode: 2, resultText: 'KRB5_KPASSWD_HARDERROR' })
  const bySamba = said(unnamed, { asked: 'kpasswd-request', port: 464 })
  const samba = diagnose(caseOf(to('kpasswd', 464), [on(464), bySamba])).learnt
  assert.deepEqual([samba['kerberosError'], samba['kpasswdResult']], Array(2).fill('KRB5_KPASSWD_HARDERROR'))
  assert.equal(refusal({ code: 41, name: 'KRB_AP_ERR_MODIFIED' }), 'KRB_AP_ERR_MODIFIED')
  assert.equal(refusal({ code: 60, name: 'KRB_ERR_GENERIC', resultCode: 3 }), 'KRB_ERR_GENERIC')
  const ports = [on(135), bound('epm'), mapped('samr', 49_154), mapped('drsuapi', 49_153), bound('samr', 49_154)]
  const epm = diagnose(caseOf(to('epm', 135), ports)).learnt
  assert.deepEqual(epm['rpcPorts'], ['49153 drsuapi', '49154 samr'])
  assert.deepEqual(epm['rpcPortsBound'], ['49154'])
})

test('what another flow learnt is no fact of this one', () => {
  const learnt = diagnose(caseOf(to('smb', 445), [on(445), context(said(rootDse()))])).learnt
  assert.equal(learnt['dnsHostName'], undefined)
})

test('StartTLS that is refused or met with silence is told as that', () => {
  const told = (answer: Parameters<typeof posture>[1]) =>
    diagnose(caseOf(to('ldap', 389), [on(389), said(rootDse()), posture('tls', answer)])).learnt['startTls']
  assert.equal(
    told(said({ kind: 'ldap-result', code: 52, name: 'unavailable' }, { asked: 'ldap-start-tls' })),
    'unavailable',
  )
  assert.equal(told(service('timeout', { asked: 'ldap-start-tls' })), 'unanswered')
  assert.equal(told(service('aborted', { asked: 'ldap-start-tls' })), undefined)
})

import { connected, kerberosError, rootDse, saidAt, saidByUdp, toController } from '../../test/controllers.ts'
import { labRoot, run } from '../../test/judged.ts'
import { context, flowOf, leaf, lookup, tls, withoutName } from '../../test/observed.ts'

const ldap = toController('ldap', 389)
const cldap = toController('cldap', 389, 'udp')
const kpasswd = toController('kpasswd', 464)
const kerberos = toController('kerberos', 88)
const known = { domain: 'corp.example' } as const
const foreign = { domain: 'other.example', forest: 'other.example', dnsHostName: 'dc09.other.example' } as const
const foreignDse = saidAt(389, rootDse(foreign))
const nothing = saidByUdp(389, { kind: 'no-netlogon', asked: 'corp.example' })
const resolved = (over: Parameters<typeof lookup>[1] = {}) =>
  lookup('answer', { name: 'dc01.corp.example', answers: ['10.1.0.5'], ...over })

run([
  {
    name: 'a directory whose naming context is another domain is a controller of that one',
    flow: ldap,
    known,
    seen: [resolved(), connected(389), foreignDse],
    verdict: 'wrong',
    cause: 'wrong-domain',
    confidence: 'certain',
    owner: 'dns',
    alternatives: [],
    says: /389\/tcp on dc01 is answered by a domain controller of other\.example, not of corp\.example, by its own rootDSE/,
    fix: /correct the DNS record of dc01\.corp\.example.*leads to 10\.1\.0\.5/,
    decidedBy: ['e3'],
  },
  {
    name: 'where the site file gave the address, no record is to be corrected',
    flow: ldap,
    known,
    seen: [connected(389), foreignDse],
    verdict: 'wrong',
    cause: 'wrong-domain',
    fix: /correct the address of dc01, or the domain, in the site file/,
  },
  {
    name: 'the domain of the site is right, in any case and with its dot',
    flow: ldap,
    known: { domain: 'Corp.Example.' },
    seen: [connected(389), saidAt(389, rootDse())],
    verdict: 'open',
  },
  {
    name: 'so is the root of its forest',
    flow: withoutName(ldap),
    known: { domain: 'emea.corp.example', forest: 'corp.example' },
    seen: [connected(389), saidAt(389, rootDse())],
    verdict: 'open',
  },
  {
    name: 'and the domain that the planned name lies in',
    flow: flowOf({ target: { name: 'dc01.other.example', port: 389, service: 'ldap' } }),
    known,
    seen: [connected(389), saidAt(389, rootDse({ ...foreign, dnsHostName: 'dc01.other.example' }))],
    verdict: 'open',
  },
  {
    name: 'another domain of the same forest is less than certain where the host has no name in the site file',
    flow: withoutName(ldap),
    known,
    seen: [connected(389), saidAt(389, rootDse({ domain: 'emea.corp.example' }))],
    verdict: 'wrong',
    cause: 'wrong-domain',
    confidence: 'likely',
    fix: /give it its full name in the site file/,
  },
  {
    name: 'a site without a domain accuses nobody',
    flow: ldap,
    seen: [connected(389), saidAt(389, rootDse({ ...foreign, dnsHostName: 'dc01.other.example' }))],
    verdict: 'open',
  },
  {
    name: 'nor does a target of the command line',
    flow: { ...ldap, toRole: 'any' },
    known,
    seen: [connected(389), foreignDse],
    verdict: 'open',
  },
  {
    name: 'a controller that knows nothing of the domain over CLDAP is likely one of another, unless its Netlogon does not run',
    flow: cldap,
    known,
    seen: [nothing],
    verdict: 'wrong',
    cause: 'wrong-domain',
    confidence: 'likely',
    alternatives: ['dc-not-ready'],
    says: /knows nothing of corp\.example: empty answer over CLDAP/,
  },
  {
    name: 'what its rootDSE says names the other domain',
    flow: cldap,
    known,
    seen: [nothing, context(foreignDse)],
    verdict: 'wrong',
    cause: 'wrong-domain',
    says: /of other\.example, not of corp\.example, by its own rootDSE and empty answer over CLDAP/,
    decidedBy: ['e2', 'e1'],
  },
  {
    name: 'a host that is planned in another domain need not know the site’s',
    flow: flowOf({ target: { name: 'dc01.other.example', port: 389, transport: 'udp', service: 'cldap' } }),
    known,
    seen: [nothing],
    verdict: 'open',
  },
  {
    name: 'a controller of the domain by its rootDSE is no other one because its locator knows nothing',
    flow: cldap,
    known,
    seen: [nothing, context(saidAt(389, rootDse()))],
    verdict: 'blocked',
    cause: 'dc-not-ready',
    confidence: 'possible',
    alternatives: ['wrong-domain'],
  },
  {
    name: 'the realm that a password service has is its own',
    flow: kpasswd,
    known,
    seen: [connected(464), saidAt(464, kerberosError({ realm: 'OTHER.EXAMPLE' }), { asked: 'kpasswd-request' })],
    verdict: 'wrong',
    cause: 'wrong-domain',
    confidence: 'certain',
    says: /other\.example/,
  },
  {
    name: 'a realm in capitals is the domain',
    flow: kpasswd,
    known,
    seen: [connected(464), saidAt(464, kerberosError(), { asked: 'kpasswd-request' })],
    verdict: 'open',
  },
  {
    name: 'Kerberos error 68 says that the realm is another one',
    flow: kerberos,
    known,
    seen: [
      connected(88),
      saidAt(88, kerberosError({ code: 68, name: 'KDC_ERR_WRONG_REALM', realm: 'OTHER.EXAMPLE' }), {
        of: 'CORP.EXAMPLE',
      }),
    ],
    verdict: 'wrong',
    cause: 'wrong-domain',
    says: /of other\.example.*WRONG_REALM/,
  },
  {
    name: 'an error about the principal says nothing of the realm, which a KDC repeats',
    flow: kerberos,
    known,
    seen: [connected(88), saidAt(88, kerberosError({ realm: 'OTHER.EXAMPLE' }), { of: 'CORP.EXAMPLE' })],
    verdict: 'open',
  },
  {
    name: 'behind TLS the wrong domain is told, and not the certificate that follows from it',
    flow: flowOf(),
    known,
    seen: [
      connected(636),
      tls('established', {
        address: '10.1.0.5',
        port: 636,
        serverName: 'dc01.corp.example',
        nameMatches: false,
        chain: [leaf('dc09.other.example', 'Lab Root CA'), labRoot],
        anchoredIn: [],
      }),
      saidAt(636, rootDse(foreign), { inTls: true }),
    ],
    verdict: 'wrong',
    cause: 'wrong-domain',
  },
])

import { app, appName, appPage, appTls, labRoot, onApp, run } from '../../test/judged.ts'
import { certificate, flowOf, leaf, root, tcp, tls } from '../../test/observed.ts'

const serverAuth = '1.3.6.1.5.5.7.3.1'
const clientAuth = '1.3.6.1.5.5.7.3.2'
const any = '2.5.29.37.0'

const meant = (...extendedKeyUsage: readonly string[]) => leaf(appName, 'Lab Root CA', { extendedKeyUsage })
const presenting = (shown: Parameters<typeof appTls>[0][number], ...above: Parameters<typeof appTls>[0]) => [
  onApp,
  appTls([shown, ...above, labRoot]),
  appPage,
]

const refused = { flow: app, verdict: 'blocked', cause: 'wrong-key-usage', confidence: 'certain' } as const
const well = { flow: app, verdict: 'open' } as const

run([
  {
    ...refused,
    name: 'a trusted certificate that was issued for a client is refused by clients',
    seen: presenting(meant(clientAuth)),
    owner: 'pki',
    alternatives: [],
    says: /was issued for clientAuth, and not for a TLS server/,
    fix: /issue a certificate for "app01\.corp\.example" with serverAuth \(1\.3\.6\.1\.5\.5\.7\.3\.1\) in its extended key usage, and let app01/,
    decidedBy: ['e2'],
  },
  {
    ...refused,
    name: 'of many purposes some are named, and what has no name by its number',
    seen: presenting(meant(clientAuth, '1.3.6.1.4.1.311.20.2.2', '1.2.3.4', '1.3.6.1.5.5.7.3.4', '1.3.6.1.5.5.7.3.3')),
    says: /issued for clientAuth, Smart Card Logon, 1\.2\.3\.4 and emailProtection and 1 more, and not/,
  },
  {
    ...refused,
    name: 'for a domain controller the template is named that has it',
    flow: flowOf(),
    seen: [
      tcp('connected'),
      tls('established', {
        address: '10.1.0.5',
        port: 636,
        serverName: 'dc01.corp.example',
        chain: [leaf('dc01.corp.example', 'Corp Root CA', { extendedKeyUsage: [clientAuth] }), root('Corp Root CA')],
        sentCertificates: 2,
        anchoredIn: ['machine'],
      }),
    ],
    owner: 'pki',
    fix: /Kerberos Authentication/,
  },
  {
    ...well,
    name: 'one that is for servers and clients is a server’s',
    seen: presenting(meant(clientAuth, serverAuth)),
  },
  { ...well, name: 'one for any purpose is a server’s as well', seen: presenting(meant(any)) },
  { ...well, name: 'one that names no purpose is not limited', seen: presenting(leaf(appName, 'Lab Root CA')) },
  { ...well, name: 'nor is one whose list is empty', seen: presenting(meant()) },
  {
    ...well,
    name: 'what a CA’s own certificate says of what it issues is no matter of the server',
    seen: presenting(
      leaf(appName, 'Issuing CA'),
      certificate({ subject: 'CN=Issuing CA', issuer: 'CN=Lab Root CA', extendedKeyUsage: [clientAuth] }),
    ),
  },
  {
    flow: app,
    name: 'a date that is over is told before it',
    seen: presenting(
      leaf(appName, 'Lab Root CA', { extendedKeyUsage: [clientAuth], notAfter: '2026-11-18T10:00:05.000Z' }),
    ),
    verdict: 'blocked',
    cause: 'cert-expired',
  },
  {
    flow: app,
    name: 'and a root that nobody trusts: whose certificate it is, is not known',
    seen: [onApp, appTls([meant(clientAuth), root('Corp Root CA')], { anchoredIn: [] }), appPage],
    verdict: 'blocked',
    cause: 'root-missing',
  },
  {
    flow: app,
    name: 'and a signature that does not verify',
    seen: [
      onApp,
      appTls([meant(clientAuth), root('Lab Root CA')], { anchoredIn: [], signaturesVerify: false }),
      appPage,
    ],
    verdict: 'unknown',
    cause: 'undetermined',
  },
])

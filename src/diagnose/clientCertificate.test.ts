import { run } from '../../test/judged.ts'
import type { Draft, FlowParts } from '../../test/observed.ts'
import { control, flowOf, leaf, root, tcp, tls } from '../../test/observed.ts'
import type { Role } from '../model/role.ts'

const name = 'sts.corp.example'
const address = '10.1.0.30'

const signIn = (toRole: Role = 'wap', over: NonNullable<FlowParts['target']> = {}) =>
  flowOf({
    flow: 't5-certauth',
    from: 'desk01',
    fromRole: 'user-client',
    to: 'wap01',
    toRole,
    target: { name, address, port: 49443, service: 'tls', ...over },
  })
const connected = (port = 49443): Draft => tcp('connected', { address, port })
const shaken = (over: Parameters<typeof tls>[1] = {}): Draft =>
  tls('established', {
    address,
    port: 49443,
    serverName: name,
    chain: [leaf(name, 'Corp Root CA'), root('Corp Root CA', 'site')],
    sentCertificates: 2,
    anchoredIn: ['site'],
    ...over,
  })
const asks = { clientCertificateRequested: true } as const
const tls12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', alpn: [] } as const

run([
  {
    name: 'a farm that asks for the certificate is well',
    flow: signIn(),
    seen: [connected(), shaken(asks)],
    verdict: 'open',
    says: /speaks TLSv1\.3 and asks for a client certificate$/,
  },
  {
    name: 'no request in TLS 1.3, which lets nobody ask later, is something before the farm',
    flow: signIn(),
    seen: [connected(), shaken()],
    verdict: 'wrong',
    cause: 'mtls-terminated',
    confidence: 'likely',
    owner: 'network',
    says: /^49443\/tcp on wap01, where people sign in with a certificate, asks for none in TLSv1\.3/,
    decidedBy: ['e2'],
  },
  {
    name: 'no request in TLS 1.2 is possible at most: the farm may negotiate anew for the certificate',
    flow: signIn(),
    seen: [connected(), shaken({ version: 'TLSv1.2' })],
    verdict: 'wrong',
    cause: 'mtls-terminated',
    confidence: 'possible',
    says: /or asks later by negotiating anew$/,
  },
  {
    name: 'a request in any of several handshakes is a request',
    flow: signIn(),
    seen: [connected(), shaken(), control('tls-version', shaken({ version: 'TLSv1.2', offered: tls12, ...asks }))],
    verdict: 'open',
  },
  {
    name: 'TLS 1.1 hides whether a certificate is asked for, and is a fault of its own',
    flow: signIn(),
    seen: [connected(), shaken({ version: 'TLSv1.1' })],
    verdict: 'blocked',
    cause: 'tls-version',
  },
  {
    name: 'a certificate of another name comes before what is asked for',
    flow: signIn(),
    seen: [connected(), shaken({ nameMatches: false, chain: [leaf('www.corp.example', 'Corp Root CA')] })],
    verdict: 'wrong',
    cause: 'name-mismatch',
  },
  {
    name: 'the name that AD FS keeps for certificates at 443 counts as the port does',
    flow: signIn('wap', { name: `certauth.${name}`, port: 443 }),
    seen: [connected(443), shaken({ port: 443, serverName: `certauth.${name}` })],
    verdict: 'wrong',
    cause: 'mtls-terminated',
  },
  {
    name: 'a laboratory that serves the port elsewhere is judged by the planned one',
    flow: signIn('adfs', { port: 20_443, plannedPort: 49443 }),
    seen: [connected(20_443), shaken({ port: 20_443 })],
    verdict: 'wrong',
    cause: 'mtls-terminated',
    fix: /on 49443/,
  },
  {
    name: 'the sign-in page at 443 asks for no certificate, and need not',
    flow: signIn('wap', { port: 443 }),
    seen: [connected(443), shaken({ port: 443 })],
    verdict: 'open',
  },
  {
    name: 'another service at 49443 is nobody’s farm',
    flow: signIn('published-app'),
    seen: [connected(), shaken()],
    verdict: 'open',
  },
])

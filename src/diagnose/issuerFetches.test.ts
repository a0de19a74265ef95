import { app, appName, appTls, labRoot, onApp, onCloud, run, signIn } from '../../test/judged.ts'
import {
  aia,
  appFlow,
  certificate,
  cloudFlow,
  context,
  http,
  leaf,
  publishedRoot,
  shaken,
  throughTunnel,
  toProxy,
  tunnel,
} from '../../test/observed.ts'

const shortOwn = leaf(appName, 'Issuing CA', { caIssuers: ['http://ca.corp.example/issuing.crt'] })
const shortMicrosoft = certificate({
  issuer: 'CN=Microsoft TLS G2 RSA CA OCSP 04',
  caIssuers: ['http://caissuers.microsoft.com/x.crt'],
})
const proxiedApp = appFlow({ via: 'egress' })
const tunnelled = [toProxy('connected'), tunnel(200)]

run([
  {
    name: 'what a proxy was asked for completes the chain as well, and it is said that the proxy gave it',
    flow: proxiedApp,
    seen: [
      ...tunnelled,
      throughTunnel('established', {
        serverName: appName,
        chain: [leaf(appName, 'Issuing CA'), leaf('Issuing CA', 'Lab Root CA', { from: 'aia' }), labRoot],
        sentCertificates: 1,
        anchoredIn: ['site'],
      }),
      aia('certificate', { through: 'egress' }),
    ],
    verdict: 'blocked',
    cause: 'chain-incomplete',
    confidence: 'certain',
    owner: 'app',
    says: /fetched from http:\/\/ca\.corp\.example\/issuing\.crt through egress it completes the chain/,
  },
  {
    name: 'what was fetched for another flow is not said of this one',
    flow: proxiedApp,
    seen: [
      ...tunnelled,
      throughTunnel('established', { serverName: appName, chain: [shortOwn], sentCertificates: 1, anchoredIn: [] }),
      aia('http-status', { status: 403, through: 'egress' }),
      context(aia('unreachable', { detail: 'ECONNREFUSED' })),
    ],
    verdict: 'blocked',
    cause: 'chain-incomplete',
    says: /could not be had: http:\/\/ca\.corp\.example\/issuing\.crt answers 403 through egress$/,
  },
  {
    name: "Microsoft's own short chain that the proxy completes is no fault",
    flow: cloudFlow({ via: 'egress' }),
    seen: [
      ...tunnelled,
      throughTunnel('established', {
        serverName: 'login.microsoftonline.com',
        chain: [certificate(), certificate({ subject: 'CN=Microsoft TLS RSA Root G2', from: 'aia' }), publishedRoot],
      }),
      aia('certificate', { url: 'http://caissuers.microsoft.com/x.crt', through: 'egress' }),
      http('response', { through: 'egress' }),
    ],
    verdict: 'open',
    confidence: 'certain',
  },
  ...(
    [
      ['timeout', {}, 'proxy', /http:\/\/caissuers\.microsoft\.com\/x\.crt does not answer through egress$/],
      ['http-status', { status: 407 }, 'proxy', /x\.crt answers 407 through egress$/],
    ] as const
  ).map(([outcome, over, owner, says]) => ({
    name: `Microsoft's own short chain whose issuer the proxy does not give (${outcome}) is the proxy's matter`,
    flow: cloudFlow({ via: 'egress' }),
    seen: [
      ...tunnelled,
      throughTunnel('established', {
        serverName: 'login.microsoftonline.com',
        chain: [shortMicrosoft],
        sentCertificates: 1,
        anchoredIn: [],
      }),
      aia(outcome, { url: 'http://caissuers.microsoft.com/x.crt', through: 'egress', ...over }),
    ],
    verdict: 'blocked' as const,
    cause: 'chain-incomplete' as const,
    confidence: 'likely' as const,
    owner,
    says,
    fix: /^let egress pass plain HTTP to caissuers\.microsoft\.com unchanged and without sign-in/,
  })),
  {
    name: "Microsoft's issuer under a name that leads inside is a matter of DNS, and was not asked for",
    flow: signIn,
    seen: [
      onCloud,
      shaken('login.microsoftonline.com', [shortMicrosoft], []),
      aia('refused-address', {
        url: 'http://caissuers.microsoft.com/x.crt',
        detail: 'caissuers.microsoft.com is 10.1.0.5, which is not public',
      }),
    ],
    verdict: 'blocked',
    cause: 'chain-incomplete',
    confidence: 'possible',
    owner: 'dns',
    says: /x\.crt was not asked: caissuers\.microsoft\.com is 10\.1\.0\.5, which is not public$/,
    fix: /^let caissuers\.microsoft\.com lead to a public address from here/,
  },
  ...(
    [
      ['timeout', {}, /, and its issuer could not be had: http:\/\/ca\.corp\.example\/issuing\.crt does not answer$/],
      [
        'timeout',
        { detail: '12 octets of it came', bytesIn: 12 },
        /does not finish its answer \(12 octets of it came\)$/,
      ],
      ['unreachable', { detail: 'ECONNREFUSED' }, /is not reached \(ECONNREFUSED\)$/],
      ['http-status', { status: 404 }, /issuing\.crt answers 404$/],
      ['not-a-certificate', { detail: 'no HTTP' }, /issuing\.crt gives no certificate \(no HTTP\)$/],
      ['wrong-issuer', { subject: 'CN=Stranger' }, /issuing\.crt gives "Stranger", which did not sign it$/],
      ['refused-address', {}, /issuing\.crt was not asked: the address is not public$/],
    ] as const
  ).map(([outcome, over, says]) => ({
    name: `an own chain whose issuer is ${outcome} says so in words`,
    flow: app,
    seen: [onApp, appTls([shortOwn], { anchoredIn: [] }), aia(outcome, over)],
    verdict: 'blocked' as const,
    cause: 'chain-incomplete' as const,
    confidence: 'possible' as const,
    owner: 'app' as const,
    says,
  })),
])

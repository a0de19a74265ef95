import type { Scenario } from '../../test/judged.ts'
import { appName, goodApp, onApp, run } from '../../test/judged.ts'
import type { FlowParts } from '../../test/observed.ts'
import { appFlow, cloudFlow, context, control, http } from '../../test/observed.ts'
import type { JudgementContext } from '../model/report.ts'
import type { SignInRequest } from '../model/signInRequest.ts'
import type { OwnApp } from '../model/site.ts'

const tenant = '11111111-2222-3333-4444-555555555555'
const stranger = '99999999-2222-3333-4444-555555555555'
const client = '00001111-aaaa-2222-bbbb-3333cccc4444'
const origin = `https://${appName}:8443`
const registered = `${origin}/signin-oidc`
const entra = (who = tenant, host = 'login.microsoftonline.com') => `https://${host}/${who}/oauth2/v2.0/authorize`
const ownIdp = 'https://idp.corp.example/realms/corp/protocol/openid-connect/auth'

const asking = (over: Partial<SignInRequest> = {}) =>
  http('response', {
    url: `${origin}/`,
    address: '10.1.0.20',
    status: 302,
    body: { kind: 'empty', bytes: 0, members: {} },
    signIn: {
      protocol: 'openid-connect',
      by: 'redirect',
      endpoint: entra(),
      clientId: client,
      redirectUri: registered,
      ...over,
    },
  })
const knowing = (app: Partial<OwnApp> = {}, over: Partial<JudgementContext> = {}): Partial<JudgementContext> => ({
  tenant,
  apps: { payroll: { url: origin, redirectUris: [registered], client, ...app } },
  ...over,
})
const seen = (over: Partial<SignInRequest> = {}) => [onApp, goodApp, asking(over)]
const people: FlowParts = { fromRole: 'user-client', toRole: 'app-8443' }

/** What is registered, what the app sends, and the part that differs. */
const mismatches: readonly (readonly [sent: string, says: RegExp, fix: RegExp])[] = [
  [`https://${appName}/signin-oidc`, /: port differs; users see AADSTS50011/, /X-Forwarded-Port .*or register exactly/],
  [`http://${appName}:8443/signin-oidc`, /: scheme differs/, /send https:.*X-Forwarded-Proto (?!.*register)/],
  [`http://${appName}/signin-oidc`, /: scheme and port differ/, /X-Forwarded-Proto and X-Forwarded-Port/],
  ['https://web-7f:8443/signin-oidc', /: host differs/, /X-Forwarded-Host (?!.*register)/],
  [`${origin}/SignIn-oidc`, /: letter case of the path differs/, /register exactly https:.*\/SignIn-oidc for client/],
  [`${registered}/`, /: slash at the end differs/, /register exactly/],
  [`${origin}/payroll/signin-oidc`, /: path differs/, /register exactly/],
  [origin, /: path differs/, /register exactly/],
  [`${origin}/signin%2Doidc`, /: path differs/, /register exactly/],
]

const alike: readonly (readonly [why: string, sent: string, app: Partial<OwnApp>])[] = [
  ['the host in capitals', `HTTPS://${appName.toUpperCase()}:8443/signin-oidc`, {}],
  ['the second of several', 'https://payroll.example/cb', { redirectUris: [registered, 'https://payroll.example/cb'] }],
  ['the default port written out', 'https://payroll.example:443/cb', { redirectUris: ['https://payroll.example/cb'] }],
  ['no path, and the root', 'https://payroll.example', { redirectUris: ['https://payroll.example/'] }],
  ['localhost at another port', 'http://localhost:5001/cb', { redirectUris: ['http://localhost/cb'] }],
  ['a query behind it', `${registered}?x=1`, {}],
  ['another path, where only the address of the app is known', `${origin}/cb`, { redirectUris: [] }],
  ['a host of its own for sign-ins, where no redirect URI is given', 'https://auth.example/cb', { redirectUris: [] }],
  ['the scheme of an app on a phone', 'msal00001111://auth', {}],
]

const wrong: readonly Scenario[] = [
  ...mismatches.map(
    ([redirectUri, says, fix]): Scenario => ({
      name: `${redirectUri} is not what is registered, and the part is named`,
      flow: appFlow(),
      seen: seen({ redirectUri }),
      known: knowing(),
      verdict: 'blocked',
      cause: 'reply-url-mismatch',
      confidence: 'certain',
      owner: 'app',
      alternatives: [],
      says,
      fix,
      decidedBy: ['e3'],
    }),
  ),
  {
    name: 'a mismatch on a page further within the app is the flow’s own',
    flow: appFlow(),
    seen: [
      onApp,
      goodApp,
      http('response', { url: `${origin}/`, status: 302 }),
      control('path', asking({ redirectUri: 'https://x/' })),
    ],
    known: knowing(),
    verdict: 'blocked',
    cause: 'reply-url-mismatch',
    decidedBy: ['e4'],
  },
  {
    name: 'WS-Federation comes back to a reply URL too',
    flow: appFlow(),
    seen: seen({
      protocol: 'ws-federation',
      clientId: 'urn:payroll',
      endpoint: `https://login.microsoftonline.com/${tenant}/wsfed`,
      redirectUri: `${origin}/`,
    }),
    known: knowing(),
    verdict: 'blocked',
    cause: 'reply-url-mismatch',
    says: /path differs/,
  },
  {
    name: 'of several that are registered the nearest is told',
    flow: appFlow(),
    seen: seen({ redirectUri: `${registered}/` }),
    known: knowing({ redirectUris: ['https://payroll.example/cb', registered] }),
    verdict: 'blocked',
    cause: 'reply-url-mismatch',
    says: /and https:\/\/app01.corp.example:8443\/signin-oidc is registered, the nearest of 2: slash/,
  },
  {
    name: 'http is never registered with Entra ID, whatever the site file says of the app',
    flow: appFlow(),
    seen: seen({ redirectUri: `http://${appName}:8443/cb` }),
    verdict: 'blocked',
    cause: 'reply-url-mismatch',
    confidence: 'certain',
    says: /registers http for localhost alone; users see AADSTS50011/,
    fix: /X-Forwarded-Proto/,
  },
  {
    name: 'localhost is the machine of whoever signs in',
    flow: appFlow(),
    seen: seen({ redirectUri: 'https://localhost:5001/signin-oidc' }),
    verdict: 'blocked',
    cause: 'reply-url-mismatch',
    confidence: 'likely',
    fix: /X-Forwarded-Host/,
  },
  ...(
    ['https://app01/signin-oidc', 'https://10.1.0.20:5001/signin-oidc', `https://${appName}/signin-oidc`] as const
  ).map(
    (redirectUri): Scenario => ({
      name: `people who are sent back to ${redirectUri} may come out elsewhere`,
      flow: appFlow(people),
      seen: seen({ redirectUri }),
      verdict: 'blocked',
      cause: 'reply-url-mismatch',
      confidence: 'possible',
      nextProbe: /redirect URIs of the app registration 00001111/,
    }),
  ),
  {
    name: 'where the site file says at which address the app is opened, another port is likely wrong',
    flow: appFlow(),
    seen: seen({ redirectUri: `https://${appName}/signin-oidc` }),
    known: knowing({ redirectUris: [] }),
    verdict: 'blocked',
    cause: 'reply-url-mismatch',
    confidence: 'likely',
    says: /is opened at app01.corp.example:8443, and port differs/,
  },
  {
    name: 'another tenant than that of the site',
    flow: appFlow(),
    seen: seen({ endpoint: entra(stranger) }),
    known: knowing(),
    verdict: 'blocked',
    cause: 'wrong-registration',
    confidence: 'likely',
    owner: 'app',
    says: /tenant 99999999/,
  },
  {
    name: 'another tenant than that of the issuer',
    flow: appFlow(),
    seen: seen({ endpoint: entra(tenant) }),
    known: knowing({ issuer: `https://sts.windows.net/${stranger}/` }),
    verdict: 'blocked',
    cause: 'wrong-registration',
    confidence: 'certain',
  },
  {
    name: 'another cloud than that of the site',
    flow: appFlow(),
    seen: seen({ endpoint: entra('common', 'login.microsoftonline.us') }),
    known: knowing(),
    verdict: 'blocked',
    cause: 'wrong-registration',
    confidence: 'likely',
    says: /cloud worldwide/,
  },
  {
    name: 'another cloud than that of the issuer',
    flow: appFlow(),
    seen: seen({ endpoint: entra(tenant, 'login.partner.microsoftonline.cn') }),
    known: knowing({ issuer: `https://login.microsoftonline.com/${tenant}/v2.0` }),
    verdict: 'blocked',
    cause: 'wrong-registration',
    confidence: 'certain',
    says: /another cloud/,
  },
  {
    name: 'another identity provider than the issuer',
    flow: appFlow(),
    seen: seen({ endpoint: ownIdp }),
    known: knowing({ issuer: `https://login.microsoftonline.com/${tenant}/v2.0` }),
    verdict: 'blocked',
    cause: 'wrong-registration',
    confidence: 'likely',
  },
  {
    name: 'another client id',
    flow: appFlow(),
    seen: seen({ clientId: stranger }),
    known: knowing(),
    verdict: 'blocked',
    cause: 'wrong-registration',
    confidence: 'certain',
    says: /as client 99999999.* its registration is 00001111/,
  },
  {
    name: 'with the AD FS that the site file names, what is registered there counts',
    flow: appFlow(),
    seen: seen({ endpoint: 'https://sts.contoso.com/adfs/oauth2/authorize/', redirectUri: `${origin}/cb` }),
    known: knowing({ issuer: 'http://sts.contoso.com/adfs/services/trust' }),
    verdict: 'blocked',
    cause: 'reply-url-mismatch',
    says: /path differs$/,
  },
]

const well = { verdict: 'open', confidence: 'certain' } as const
const right: readonly Scenario[] = [
  { name: 'what is registered is well', flow: appFlow(), seen: seen(), known: knowing(), ...well },
  ...alike.map(
    ([why, redirectUri, app]): Scenario => ({
      name: `no mismatch: ${why}`,
      flow: appFlow(),
      seen: seen({ redirectUri }),
      known: knowing(app),
      ...well,
    }),
  ),
  { name: 'nothing is compared of an app of which nothing is known', flow: appFlow(), seen: seen(), ...well },
  {
    name: 'another host or port accuses nobody where others than people ask, and nothing is known of the app',
    flow: appFlow(),
    seen: seen({ redirectUri: 'https://payroll.msappproxy.net/signin-oidc' }),
    ...well,
  },
  {
    name: 'people may be sent back to a public name of the app',
    flow: appFlow(people),
    seen: seen({ redirectUri: 'https://payroll.example/signin-oidc' }),
    ...well,
  },
  ...['common', 'organizations', 'contoso.onmicrosoft.com'].map(
    (who): Scenario => ({
      name: `the tenant ${who} may be that of the site`,
      flow: appFlow(),
      seen: seen({ endpoint: entra(who) }),
      known: knowing({ issuer: `https://login.microsoftonline.com/${tenant}/v2.0` }),
      ...well,
    }),
  ),
  {
    name: 'a tenant that the site file has by its name is compared with no id',
    flow: appFlow(),
    seen: seen({ endpoint: entra(stranger) }),
    known: knowing({}, { tenant: 'contoso.onmicrosoft.com' }),
    ...well,
  },
  {
    name: 'another tenant accuses nobody where the site file does not know the app',
    flow: appFlow(),
    seen: seen({ endpoint: entra(stranger) }),
    known: { tenant },
    ...well,
  },
  {
    name: 'another identity provider registers what it likes, where the site file names no issuer',
    flow: appFlow(),
    seen: seen({ endpoint: ownIdp, redirectUri: `http://${appName}/cb`, clientId: 'web' }),
    known: knowing(),
    ...well,
  },
  {
    name: 'a pushed request shows no redirect_uri to compare',
    flow: appFlow(),
    seen: [
      onApp,
      goodApp,
      http('response', {
        url: `${origin}/`,
        status: 302,
        signIn: { protocol: 'openid-connect', by: 'redirect', endpoint: entra() },
      }),
    ],
    known: knowing(),
    ...well,
  },
  {
    name: 'the port that names: leads to is the planned one, since the app knows it from our own request',
    flow: appFlow({ target: { port: 33_333, plannedPort: 8443 } }),
    seen: [onApp, goodApp, asking({ redirectUri: `https://${appName}:33333/signin-oidc` })],
    known: knowing(),
    ...well,
  },
  {
    name: 'what another flow of the check was answered is not this app',
    flow: appFlow(),
    seen: [
      onApp,
      goodApp,
      http('response', { url: `${origin}/`, status: 200 }),
      context(asking({ redirectUri: 'http://x/' })),
    ],
    known: knowing(),
    ...well,
  },
  {
    name: 'a service of Microsoft’s is no own app, whatever it asks for',
    flow: cloudFlow(),
    seen: seen({ redirectUri: 'http://x/' }),
    verdict: 'open',
  },
  {
    name: 'an app that answers 401 sends nobody anywhere',
    flow: appFlow(),
    seen: [onApp, goodApp, http('response', { url: `${origin}/`, status: 401 })],
    known: knowing(),
    ...well,
  },
]

run([...wrong, ...right])

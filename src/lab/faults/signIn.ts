import type { RequestListener } from 'node:http'
import { sendsOnTo, signsInAt } from '../control.ts'
import { fault, oddity } from '../fault.ts'
import type { Network } from '../network.ts'
import { appAnswers } from '../servers/app.ts'
import { errorAnswers } from '../servers/errorAnswers.ts'
import { sendPage } from '../servers/page.ts'
import type { SignIn } from '../servers/signIn.ts'
import { registration, signInAnswers } from '../servers/signIn.ts'
import { tenant } from '../servers/tenant.ts'
import { appName } from '../site.ts'

const origin = `https://${appName}:8443`
const registered = `${origin}${registration.callback}`
const strangerTenant = 'a0c51e27-4b0d-4f8e-8a7c-6e2d93f1b548'
const strangerClient = '7c1f0a94-2e6b-4c58-9d03-5ab4e8d27f16'

const app = { flow: 'lab-app', verdict: 'blocked', confidence: 'certain', owner: 'app' } as const

/** The app asks for its sign-in so, and everything else of it is as it should be. */
const asks =
  (signIn: SignIn) =>
  ({ app: front }: Network) =>
    front.conduct(appName, { does: 'serve', certificate: 'genuine', answers: signInAnswers(signIn) })

/** An app that answers with its own address; to those that keep a cookie, where it is to, with its page. */
const toItself =
  (looksForCookies: boolean): RequestListener =>
  (request, response) => {
    if (looksForCookies && request.headers.cookie === 'kept=1') return appAnswers(request, response)
    response.setHeader('server', 'nginx')
    response.setHeader('set-cookie', 'kept=1; Path=/; Secure')
    response.setHeader('location', `${origin}/`)
    sendPage(response, 302, 'Moved', 'The page is at another address.')
  }

const control = (network: Network): Promise<string> => signsInAt(network, network.app.door, appName, '/account/sign-in')

/** What a redirect URI that is registered nowhere looks like, by the part that is wrong. */
const mismatches = [
  {
    id: 'reply-url-port',
    title: 'redirect URI without its port',
    breaks: 'The reverse proxy tells the app its name without the port: the redirect URI leads to 443.',
    redirectUri: `https://${appName}${registration.callback}`,
    says: ': port differs',
  },
  {
    id: 'reply-url-http',
    title: 'redirect URI with http',
    breaks: 'TLS ends at the reverse proxy, and the app takes http for its own address.',
    redirectUri: `http://${appName}:8443${registration.callback}`,
    says: ': scheme differs',
  },
  {
    id: 'reply-url-host',
    title: 'redirect URI inside the proxy’s network',
    breaks: 'The reverse proxy writes Host anew, and the app takes the name of its own machine for its address.',
    redirectUri: `https://web-7f:8443${registration.callback}`,
    says: ': host differs',
  },
  {
    id: 'reply-url-case',
    title: 'redirect URI in other letters',
    breaks: 'The app was moved to a path that is written with a capital letter, and was registered with a small one.',
    redirectUri: `${origin}/SignIn-OIDC`,
    says: 'letter case of the path differs',
  },
  {
    id: 'reply-url-slash',
    title: 'redirect URI with a slash too many',
    breaks: 'A slash at the end of the redirect URI is registered nowhere.',
    redirectUri: `${registered}/`,
    says: 'slash at the end differs',
  },
] as const

export const signInFaults = [
  ...mismatches.map(({ redirectUri, says, ...row }) =>
    fault({
      ...row,
      expect: { ...app, cause: 'reply-url-mismatch', says },
      consequences: [],
      inject: asks({ redirectUri }),
      shows: `${tenant.id} ${redirectUri}`,
      control,
    }),
  ),
  fault({
    id: 'sign-in-other-tenant',
    title: 'sign-in with another tenant',
    breaks: 'The app was set up with the tenant of the test environment, where nobody of the company is.',
    expect: { ...app, cause: 'wrong-registration', confidence: 'likely', says: strangerTenant },
    consequences: [],
    inject: asks({ redirectUri: registered, tenant: strangerTenant }),
    shows: `${strangerTenant} ${registered}`,
    control,
  }),
  fault({
    id: 'sign-in-other-client',
    title: 'sign-in as another app',
    breaks: 'The app signs its users in under the client id of another app.',
    expect: { ...app, cause: 'wrong-registration', says: strangerClient },
    consequences: [],
    inject: asks({ redirectUri: registered, client: strangerClient }),
    shows: `${tenant.id} ${registered}`,
    control,
  }),
  fault({
    id: 'app-redirect-loop',
    title: 'app that sends to itself without end',
    breaks:
      'TLS ends at the reverse proxy, and the app sends whoever comes by http, as it believes, to its https address.',
    expect: { ...app, cause: 'redirect-loop', says: 'round in a circle (/)' },
    consequences: [],
    inject: ({ app: front }) =>
      front.conduct(appName, { does: 'serve', certificate: 'genuine', answers: toItself(false) }),
    shows: `https://${appName}:8443/`,
    control: (network) => sendsOnTo(network, network.app.door, appName, '/'),
  }),
] as const

export const signInOddRows = [
  oddity({
    id: 'app-looks-for-cookies',
    title: 'app that looks whether cookies are kept',
    breaks:
      'The app sends its visitors to the same address again, once, and gives its page to those that keep a cookie.',
    inject: ({ app: front }) =>
      front.conduct(appName, { does: 'serve', certificate: 'genuine', answers: toItself(true) }),
    shows: `https://${appName}:8443/`,
    control: (network) => sendsOnTo(network, network.app.door, appName, '/'),
  }),
  oddity({
    id: 'sign-in-registered',
    title: 'sign-in as it is registered',
    breaks: 'The app sends whoever comes to the sign-in by way of a page of its own, and asks for what is registered.',
    inject: asks({ redirectUri: registered }),
    shows: `${tenant.id} ${registered}`,
    control,
  }),
  oddity({
    id: 'sign-in-second-uri',
    title: 'second of two redirect URIs, written otherwise',
    breaks:
      'The app has two redirect URIs and asks for the second, with its host in capitals and its port written out.',
    inject: asks({ redirectUri: `https://EXPENSES.CORP.EXAMPLE:443${registration.callback}` }),
    shows: `${tenant.id} https://EXPENSES.CORP.EXAMPLE:443${registration.callback}`,
    control,
  }),
  oddity({
    id: 'sign-in-by-form',
    title: 'sign-in by a form that sends itself off',
    breaks: 'The app hands the request for the sign-in to the browser in a page, and not by a redirect.',
    inject: asks({ redirectUri: registered, by: 'page' }),
    shows: 'a page',
    control,
  }),
  oddity({
    id: 'sign-in-many-tenants',
    title: 'sign-in that takes every tenant',
    breaks: 'The app sends its users to the common endpoint, as apps of several tenants do.',
    inject: asks({ redirectUri: registered, tenant: 'common' }),
    shows: `common ${registered}`,
    control,
  }),
  oddity({
    id: 'sign-in-elsewhere',
    title: 'sign-in with another identity provider',
    breaks: 'The app signs its users in with an identity provider of its own, which registers what it likes.',
    inject: asks({ redirectUri: `http://${appName}/callback`, endpoint: 'https://idp.corp.example/realms/corp/auth' }),
    shows: `realms http://${appName}/callback`,
    control,
  }),
  oddity({
    id: 'app-wants-token',
    title: 'app that wants a token',
    breaks: 'The app is an API: it answers 401 and sends nobody anywhere.',
    inject: ({ app: front }) =>
      front.conduct(appName, { does: 'serve', certificate: 'genuine', answers: errorAnswers(401) }),
    shows: 'no redirect',
    control,
  }),
] as const

import { patienceMs, read, readPlain, shake, silenceMs } from '../control.ts'
import { fault } from '../fault.ts'
import { blockPageAnswers } from '../servers/blockPage.ts'
import { consoleAnswers } from '../servers/console.ts'
import { captiveAnswers } from '../servers/errorAnswers.ts'
import { tenant } from '../servers/tenant.ts'
import { appName } from '../site.ts'

const app = { flow: 'lab-app' } as const

export const protocolFaults = [
  fault({
    id: 'plain-http',
    title: 'plain HTTP on a TLS port',
    breaks: 'The app was started without its certificate and speaks HTTP on the port that is meant for HTTPS.',
    expect: { ...app, verdict: 'wrong', cause: 'not-the-service', confidence: 'certain', owner: 'app' },
    consequences: [],
    inject: ({ app: front }) => front.conduct('*', { does: 'speak-http' }),
    shows: 'not TLS',
    control: (network) => shake(network, network.app.door, appName),
  }),
  fault({
    id: 'console',
    title: 'firewall console behind a wrong NAT rule',
    breaks: 'The address translation of the app’s port leads to the firewall itself, whose console answers.',
    expect: { ...app, verdict: 'wrong', cause: 'wrong-target-dnat', confidence: 'certain', owner: 'firewall' },
    consequences: [],
    inject: ({ app: front }) => front.conduct('*', { does: 'serve', certificate: 'console', answers: consoleAnswers }),
    shows: 'issued by FGT60F-CONSOLE',
    control: (network) => shake(network, network.app.door, appName),
  }),
  fault({
    id: 'tls-old',
    title: 'TLS 1.0 and 1.1 only',
    breaks: 'The app’s server has never been updated and offers no version of TLS that is still in use.',
    expect: { ...app, verdict: 'blocked', cause: 'tls-version', confidence: 'certain', owner: 'app' },
    consequences: [],
    inject: ({ app: front }) => front.conduct('*', { does: 'serve', certificate: 'genuine', versions: 'old' }),
    shows: 'alert',
    control: (network) => shake(network, network.app.door, appName),
  }),
  fault({
    id: 'tls-groups',
    title: 'key exchange that few clients know',
    breaks:
      'The app’s server takes the post-quantum group X25519MLKEM768 and no other: browsers come in, services on Windows do not.',
    expect: {
      ...app,
      verdict: 'blocked',
      cause: 'tls-parameters',
      confidence: 'likely',
      owner: 'app',
      says: 'X25519MLKEM768',
    },
    consequences: [],
    inject: ({ app: front }) => front.conduct('*', { does: 'serve', certificate: 'genuine', group: 'X25519MLKEM768' }),
    shows: 'alert with the groups of Windows, genuine with the new one',
    control: async (network) => {
      const met = (ecdhCurve: string) => shake(network, network.app.door, appName, patienceMs, { ecdhCurve })
      return `${await met('X25519:P-256:P-384')} with the groups of Windows, ${await met('X25519MLKEM768')} with the new one`
    },
  }),
  fault({
    id: 'silent-service',
    title: 'accepts and never answers',
    breaks: 'The app hangs: connections are accepted, and nothing that is sent is ever answered.',
    expect: { ...app, verdict: 'blocked', cause: 'silent-service', confidence: 'possible', owner: 'app' },
    consequences: [],
    inject: ({ app: front }) => front.conduct('*', { does: 'stay-silent' }),
    shows: 'silence',
    control: (network) => shake(network, network.app.door, appName, silenceMs),
  }),
  fault({
    id: 'http-page-on-api',
    title: 'block page in the place of an API',
    breaks: 'A web filter answers for the sign-in service with its own page where JSON is expected.',
    expect: {
      flow: 'app-oidc',
      target: 'login.microsoftonline.com',
      verdict: 'wrong',
      cause: 'http-page-on-api',
      confidence: 'likely',
      owner: 'proxy',
    },
    consequences: [],
    inject: ({ cloud }) =>
      cloud.conduct('login.microsoftonline.com', {
        does: 'serve',
        certificate: 'genuine',
        answers: blockPageAnswers,
      }),
    shows: 'Web Page Blocked',
    control: (network) =>
      read(
        network,
        network.cloud.door,
        'login.microsoftonline.com',
        `/${tenant.id}/v2.0/.well-known/openid-configuration`,
      ),
  }),
  fault({
    id: 'garbage',
    title: 'octets of no protocol',
    breaks: 'Something else listens on the app’s port and answers a ClientHello with octets of no known protocol.',
    expect: { ...app, verdict: 'wrong', cause: 'not-the-service', confidence: 'certain', owner: 'app' },
    consequences: [],
    inject: ({ app: front }) => front.conduct('*', { does: 'babble' }),
    shows: 'not TLS',
    control: (network) => shake(network, network.app.door, appName),
  }),
  fault({
    id: 'hangs-up',
    title: 'accepts and hangs up',
    breaks: 'Something takes each connection to the app’s port and ends it again before a word is said.',
    expect: { ...app, verdict: 'unknown', cause: 'undetermined', confidence: 'undetermined', owner: 'tool' },
    consequences: [],
    inject: ({ app: front }) => front.conduct('*', { does: 'hang-up' }),
    shows: 'closed',
    control: (network) => shake(network, network.app.door, appName),
  }),
  fault({
    id: 'captive-portal',
    title: 'network that wants a sign-in of its own',
    breaks: 'The network sends every request over plain HTTP to its own sign-in page, whatever name it was for.',
    expect: {
      flow: 'pnc-http',
      verdict: 'wrong',
      cause: 'captive-portal',
      confidence: 'likely',
      owner: 'network',
    },
    consequences: [{ verdict: 'degraded', cause: 'revocation-unreachable' }],
    inject: ({ web }) => web.conduct(captiveAnswers),
    shows: '302',
    control: (network) => readPlain(network, network.web, '/'),
  }),
  fault({
    id: 'captive-portal-tls',
    title: 'sign-in page where TLS belongs',
    breaks: 'The network answers every connection to the cloud in plain HTTP with a way to its own sign-in page.',
    expect: {
      flow: 'app-oidc',
      target: 'login.microsoftonline.com',
      verdict: 'wrong',
      cause: 'captive-portal',
      confidence: 'likely',
      owner: 'network',
    },
    consequences: [
      { flow: 'pnc-https', verdict: 'wrong', cause: 'captive-portal' },
      { flow: 'app-graph', verdict: 'wrong', cause: 'captive-portal' },
      { flow: 'app-oidc', verdict: 'wrong', cause: 'captive-portal' },
    ],
    inject: ({ cloud }) => cloud.conduct('*', { does: 'speak-http', answers: captiveAnswers }),
    shows: 'not TLS',
    control: (network) => shake(network, network.cloud.door, 'login.microsoftonline.com'),
  }),
] as const

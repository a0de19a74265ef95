import type { CauseCode, Confidence } from '../../model/cause.ts'
import type { VerdictKind } from '../../model/verdict.ts'
import { knock, silenceMs, wish } from '../control.ts'
import type { Consequence, Expectation, Fault } from '../fault.ts'
import { fault } from '../fault.ts'
import { swallow } from '../servers/blackHole.ts'
import type { ProxyConduct } from '../servers/proxy.ts'
import { openTlsFront } from '../servers/tlsFront.ts'
import { partnerName, proxiedVantage } from '../site.ts'

const login = 'login.windows.net'

interface Told {
  readonly title: string
  readonly breaks: string
  readonly cause: CauseCode
  readonly confidence?: Confidence
  readonly verdict?: VerdictKind
  /** What a plain client meets that wants a tunnel to the sign-in service. */
  readonly shows: string
  readonly wishes?: string
  /** Default: every flow that goes out, in the same words. */
  readonly consequences?: readonly Consequence[]
  readonly about?: Pick<Expectation, 'flow' | 'target'>
}

/** The proxy does something else than pass on. */
const proxied = <const Id extends string>(id: Id, conduct: ProxyConduct, told: Told): Fault<Id> => {
  const { title, breaks, cause, confidence = 'certain', verdict = 'blocked', shows, wishes = `${login}:443` } = told
  return fault({
    id,
    title,
    breaks,
    expect: {
      from: proxiedVantage,
      ...(told.about ?? { flow: 'pnc-https', target: login }),
      verdict,
      cause,
      confidence,
      owner: 'proxy',
    },
    consequences: told.consequences ?? [{ verdict, cause }],
    inject: ({ proxy }) => proxy.conduct(conduct),
    shows,
    control: (network) => wish(network, network.proxy, wishes),
  })
}

export const proxyFaults = [
  proxied(
    'proxy-auth',
    { does: 'authenticate', schemes: ['Negotiate', 'NTLM'] },
    {
      title: 'proxy wants to know who asks',
      breaks: 'The proxy was set to authenticate everybody; services send no credentials.',
      cause: 'proxy-auth',
      shows: '407',
    },
  ),
  proxied(
    'proxy-name-denied',
    { does: 'deny-names', names: [login] },
    {
      title: 'proxy denies one name',
      breaks: 'The list of allowed names on the proxy lacks the sign-in service.',
      cause: 'proxy-name-denied',
      shows: '403',
      consequences: [],
    },
  ),
  proxied(
    'proxy-port-denied',
    { does: 'allow-ports', ports: [443, 80] },
    {
      title: 'proxy denies one port',
      breaks: 'The proxy opens tunnels to 443 alone; the partner listens on 8443.',
      cause: 'proxy-port-denied',
      shows: '403',
      wishes: `${partnerName}:8443`,
      about: { flow: 'lab-partner' },
      consequences: [],
    },
  ),
  proxied(
    'proxy-dns',
    { does: 'fail-to-resolve' },
    {
      title: 'proxy without a resolver',
      breaks: 'The resolver that the proxy uses does not answer it.',
      cause: 'proxy-dns',
      shows: '503',
    },
  ),
  proxied(
    'proxy-kept-in',
    { does: 'lose', names: [login] },
    {
      title: 'proxy that does not get out',
      breaks: 'The firewall behind the proxy keeps it from the sign-in service.',
      cause: 'proxy-unreachable-target',
      confidence: 'likely',
      shows: '503',
      consequences: [],
    },
  ),
  proxied(
    'proxy-answers-itself',
    { does: 'answer-itself', title: 'Welcome to Corp Example' },
    {
      title: 'proxy that answers for the server',
      breaks: 'The proxy says that the tunnel stands, and shows its own page in it.',
      cause: 'http-page-on-api',
      verdict: 'wrong',
      shows: 'not TLS',
      consequences: [
        { verdict: 'wrong', cause: 'http-page-on-api' },
        { verdict: 'wrong', cause: 'captive-portal' },
      ],
    },
  ),
  fault({
    id: 'proxy-dead',
    title: 'proxy that is down',
    breaks: 'The proxy was taken out of service; machines that use it were not told.',
    expect: {
      from: proxiedVantage,
      flow: 'pnc-https',
      target: login,
      verdict: 'blocked',
      cause: 'proxy-dead',
      confidence: 'certain',
      owner: 'proxy',
    },
    consequences: [
      { verdict: 'blocked', cause: 'proxy-dead' },
      { flow: 'pnc-proxy-connect', verdict: 'blocked', cause: 'refused' },
    ],
    async inject({ proxy }) {
      await proxy.shut()
      return () => proxy.open()
    },
    shows: 'refused',
    control: (network) => wish(network, network.proxy, `${login}:443`),
  }),
  fault({
    id: 'proxy-silent',
    title: 'proxy that is not heard',
    breaks: 'The proxy is gone, or a firewall drops what is for it: every SYN to it vanishes.',
    expect: {
      from: proxiedVantage,
      flow: 'pnc-https',
      target: login,
      verdict: 'blocked',
      cause: 'proxy-dead',
      confidence: 'likely',
      owner: 'proxy',
    },
    consequences: [
      { verdict: 'blocked', cause: 'proxy-dead' },
      { flow: 'pnc-proxy-connect', verdict: 'blocked', cause: 'filtered-silently' },
    ],
    needs: 'accept-queue',
    inject: ({ proxy, signal }) => swallow(proxy, signal),
    shows: 'silence',
    control: (network) => wish(network, network.proxy, `${login}:443`, silenceMs),
  }),
  fault({
    id: 'proxy-bumps',
    title: 'proxy that breaks TLS open',
    breaks: 'The proxy was set to inspect TLS, and re-signs every name with a root that nobody here trusts.',
    expect: {
      from: proxiedVantage,
      flow: 'pnc-https',
      target: login,
      verdict: 'wrong',
      cause: 'interception-untrusted',
      confidence: 'certain',
      owner: 'proxy',
    },
    consequences: [{ verdict: 'wrong', cause: 'interception-untrusted' }],
    async inject({ proxy, pki, cloudAnswers }) {
      const front = await openTlsFront({
        address: proxy.address,
        port: 0,
        pki,
        name: login,
        serves: () => true,
        usual: { does: 'serve', certificate: 'inspected' },
        answers: cloudAnswers,
      })
      const undo = proxy.conduct({ does: 'lead-to', to: front.door })
      return async () => {
        undo()
        await front.close()
      }
    },
    shows: 'issued by Corp TLS Inspection CA',
    control: (network) => wish(network, network.proxy, `${login}:443`),
  }),
  fault({
    id: 'proxy-required',
    title: 'no way out but the proxy',
    breaks: 'The firewall lets the proxy out and nobody else; this machine was set up without it.',
    expect: {
      flow: 'app-oidc',
      target: 'login.microsoftonline.com',
      verdict: 'blocked',
      cause: 'proxy-required',
      confidence: 'certain',
      owner: 'proxy',
    },
    consequences: [{ verdict: 'blocked', cause: 'proxy-required' }],
    async inject({ cloud, proxy, pki, cloudAnswers }) {
      const beyond = await openTlsFront({
        address: proxy.address,
        port: 0,
        pki,
        name: login,
        serves: () => true,
        answers: cloudAnswers,
      })
      const undo = proxy.conduct({ does: 'lead-to', to: beyond.door })
      await cloud.door.shut()
      return async () => {
        undo()
        await Promise.all([beyond.close(), cloud.door.open()])
      }
    },
    shows: 'refused',
    control: (network) => knock(network, network.cloud.door),
  }),
] as const

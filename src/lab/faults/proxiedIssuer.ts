import type { Site } from '../../model/site.ts'
import { readPlain, wish } from '../control.ts'
import { fault } from '../fault.ts'
import type { Network } from '../network.ts'
import { partnerName, pkiName, proxiedVantage } from '../site.ts'

const partner = `${partnerName}:8443`
const issuer = `http://${pkiName}/aia/issuing.crt`

/** Straight, the hosts of revocation lists and missing issuers are reached by nobody: the proxy finds them by itself. */
export function publishedBehindProxy(site: Site, { closed }: Network): Site {
  return { ...site, names: { ...site.names, [`${pkiName}:80`]: `${closed.address}:${closed.port}` } }
}

/** What the proxy says to whoever asks it for the missing issuer: a status. */
export function issuerByProxy(network: Network): Promise<string> {
  return readPlain(network, network.proxy, issuer)
}

const showsChain = async (network: Network): Promise<string> =>
  `${await wish(network, network.proxy, partner)}, ${await issuerByProxy(network)} for it`

/** A server beyond the proxy sends its own certificate alone. */
export const proxiedIssuerFaults = [
  fault({
    id: 'chain-incomplete-beyond-proxy',
    title: 'issuing CA not sent, beyond the proxy',
    breaks:
      'The partner sends its own certificate alone, and only the proxy gets to where the missing issuer is to be had.',
    expect: {
      from: proxiedVantage,
      flow: 'lab-partner',
      verdict: 'blocked',
      cause: 'chain-incomplete',
      confidence: 'certain',
      owner: 'app',
      says: `fetched from ${issuer} through egress it completes the chain`,
    },
    consequences: [],
    site: publishedBehindProxy,
    inject: ({ app }) => app.conduct('*', { does: 'serve', certificate: 'incomplete' }),
    shows: 'issuer missing, 200 for it',
    control: showsChain,
  }),
  fault({
    id: 'issuer-denied-by-proxy',
    title: 'issuing CA not sent, and denied by the proxy',
    breaks:
      'The partner sends its own certificate alone, and the proxy denies the place where the missing issuer is to be had.',
    expect: {
      from: proxiedVantage,
      flow: 'lab-partner',
      verdict: 'blocked',
      cause: 'chain-incomplete',
      confidence: 'possible',
      owner: 'app',
      says: `${issuer} answers 403 through egress`,
    },
    // Where revocation is told the proxy denies as well.
    consequences: [{ verdict: 'degraded', cause: 'revocation-unreachable' }],
    inject({ app, proxy }) {
      const undo = [
        app.conduct('*', { does: 'serve', certificate: 'incomplete' }),
        proxy.conduct({ does: 'deny-names', names: [pkiName] }),
      ]
      return () => {
        for (const one of undo) one()
      }
    },
    shows: 'issuer missing, 403 for it',
    control: showsChain,
  }),
] as const

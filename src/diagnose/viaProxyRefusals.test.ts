import { run } from '../../test/judged.ts'
import {
  again,
  cloudFlow,
  context,
  control,
  http,
  proxiedGet,
  throughTunnel,
  tls,
  toProxy,
  tunnel,
} from '../../test/observed.ts'
import type { HttpExchange } from '../model/observation.ts'

const login = 'login.microsoftonline.com'
const flow = cloudFlow({ via: 'egress' })
const queue = cloudFlow({ via: 'egress', target: { port: 5671, service: 'amqps', name: 'x.servicebus.windows.net' } })
const crl = cloudFlow({ via: 'egress', target: { name: 'crl.microsoft.com', port: 80, service: 'http' } })
const there = toProxy('connected')
const stands = tunnel(200)
const page = (title: string): HttpExchange['body'] => ({ kind: 'html', bytes: 400, title, members: {} })
const squid = (error: string) => ({
  headers: { 'x-squid-error': `${error} 0` },
  body: page('ERROR: The requested URL'),
})
const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', alpn: [] }
const noAnswer = http('timeout', { url: `${login}:443`, address: '10.1.0.9', method: 'CONNECT', through: 'egress' })
const otherNamePasses = context(tunnel(200, 'graph.microsoft.com:443'))

run([
  // Its rules.
  {
    name: 'the name is denied where another name passes on the port',
    flow,
    seen: [there, tunnel(403, `${login}:443`, squid('ERR_ACCESS_DENIED')), otherNamePasses],
    verdict: 'blocked',
    cause: 'proxy-name-denied',
    confidence: 'certain',
    alternatives: [],
    says: /denies login\.microsoftonline\.com:443 \(403, ERR_ACCESS_DENIED\), and passes graph\.microsoft\.com:443$/,
    fix: /^allow login\.microsoftonline\.com on the proxy$/,
    decidedBy: ['e2', 'e3'],
  },
  {
    name: 'the port is denied where the same name passes on 443',
    flow: queue,
    seen: [
      there,
      tunnel(403, 'x.servicebus.windows.net:5671'),
      control('port', tunnel(200, 'x.servicebus.windows.net:443')),
    ],
    verdict: 'blocked',
    cause: 'proxy-port-denied',
    confidence: 'certain',
    alternatives: [],
    fix: /^allow CONNECT to port 5671 on the proxy/,
  },
  {
    name: 'a name denied on one port, where both the name and the port pass otherwise, is a rule for the two together',
    flow: queue,
    seen: [
      there,
      tunnel(403, 'x.servicebus.windows.net:5671'),
      control('port', tunnel(200, 'x.servicebus.windows.net:443')),
      control('name', tunnel(200, 'y.servicebus.windows.net:5671')),
    ],
    verdict: 'blocked',
    cause: 'proxy-port-denied',
    confidence: 'likely',
    alternatives: ['proxy-name-denied'],
    fix: /^allow x\.servicebus\.windows\.net:5671 on the proxy/,
  },
  {
    name: 'a name that is denied on 443 too, where others pass, is denied by its name',
    flow: queue,
    seen: [
      there,
      tunnel(403, 'x.servicebus.windows.net:5671'),
      control('port', tunnel(403, 'x.servicebus.windows.net:443')),
      otherNamePasses,
    ],
    verdict: 'blocked',
    cause: 'proxy-name-denied',
    confidence: 'certain',
    says: /denies x\.servicebus\.windows\.net:5671 and x\.servicebus\.windows\.net:443 \(403\), and passes graph/,
  },
  {
    name: 'a denial without a comparison may be of the name or of the port',
    flow: queue,
    seen: [there, tunnel(403, 'x.servicebus.windows.net:5671')],
    verdict: 'blocked',
    cause: 'proxy-name-denied',
    confidence: 'possible',
    alternatives: ['proxy-port-denied'],
  },
  {
    name: 'a denial is compared with tunnels of the same proxy alone',
    flow,
    seen: [there, tunnel(403), context(tunnel(200, 'graph.microsoft.com:443', { through: 'other' }))],
    verdict: 'blocked',
    cause: 'proxy-name-denied',
    confidence: 'possible',
  },
  {
    name: 'a proxy that sends a refused client to a page denies, or wants a sign-in',
    flow,
    seen: [
      there,
      tunnel(302, `${login}:443`, { headers: { location: 'http://block.corp.example/' } }),
      otherNamePasses,
    ],
    verdict: 'blocked',
    cause: 'proxy-name-denied',
    confidence: 'likely',
    alternatives: ['captive-portal'],
    says: /\(302 to http:\/\/block\.corp\.example\/\)/,
  },
  {
    name: 'a denial that is written into Proxy-Status counts under any code',
    flow,
    seen: [
      there,
      tunnel(502, `${login}:443`, { headers: { 'proxy-status': 'egress; error=http_request_denied' } }),
      otherNamePasses,
    ],
    verdict: 'blocked',
    cause: 'proxy-name-denied',
    confidence: 'certain',
  },
  {
    name: 'plain HTTP that the proxy denies names the proxy, and what passes beside it',
    flow: crl,
    seen: [
      there,
      proxiedGet(403, 'http://crl.microsoft.com/', squid('ERR_ACCESS_DENIED')),
      context(proxiedGet(200, 'http://ocsp.digicert.com/')),
    ],
    verdict: 'blocked',
    cause: 'proxy-name-denied',
    confidence: 'certain',
    says: /^the proxy egress denies crl\.microsoft\.com:80 \(403, ERR_ACCESS_DENIED\), and passes ocsp\.digicert\.com:80$/,
  },
  ...[
    proxiedGet(403, 'http://ocsp.digicert.com/', squid('ERR_ACCESS_DENIED')),
    proxiedGet(200, 'http://ocsp.digicert.com/', { through: 'other' }),
  ].map((beside, at) => ({
    name: `what was not passed by the same proxy is no comparison (${at})`,
    flow: crl,
    seen: [there, proxiedGet(403, 'http://crl.microsoft.com/', squid('ERR_ACCESS_DENIED')), context(beside)],
    verdict: 'blocked' as const,
    cause: 'proxy-name-denied' as const,
    confidence: 'possible' as const,
  })),
  {
    name: 'a 403 of the origin itself to plain HTTP through the proxy accuses nobody',
    flow: crl,
    seen: [there, proxiedGet(403, 'http://crl.microsoft.com/', { headers: { server: 'ECAcc', via: '1.1 egress' } })],
    verdict: 'open',
  },
  {
    name: "a server's own 403 inside the tunnel accuses nobody",
    flow,
    seen: [
      there,
      stands,
      throughTunnel('established'),
      http('response', { url: `https://${login}/`, through: 'egress', status: 403, body: page('Forbidden') }),
    ],
    verdict: 'open',
  },
  {
    name: 'a proxy that takes a header out on the way accuses nobody',
    flow: crl,
    seen: [there, proxiedGet(200, 'http://crl.microsoft.com/', { headers: {} })],
    verdict: 'open',
  },

  // What lies behind it.
  {
    name: 'a proxy that reaches others and not this one is kept from it',
    flow,
    seen: [there, tunnel(503, `${login}:443`, squid('ERR_CONNECT_FAIL')), otherNamePasses],
    verdict: 'blocked',
    cause: 'proxy-unreachable-target',
    confidence: 'likely',
    says: /does not get through to 443\/tcp on login\.microsoftonline\.com \(503, ERR_CONNECT_FAIL\), and to graph\.microsoft\.com:443 it does$/,
  },
  {
    name: 'a proxy that serves others and is silent here waits for the target, possibly',
    flow,
    seen: [there, noAnswer, otherNamePasses],
    verdict: 'blocked',
    cause: 'proxy-unreachable-target',
    confidence: 'possible',
    alternatives: ['proxy-dns', 'proxy-name-denied', 'cloud-side'],
    says: /it says nothing within 3\.0 s, and to graph\.microsoft\.com:443 it does$/,
  },
  {
    name: 'plain HTTP whose server the proxy does not reach is not called open',
    flow: crl,
    seen: [there, proxiedGet(503, 'http://crl.microsoft.com/', squid('ERR_CONNECT_FAIL'))],
    verdict: 'blocked',
    cause: 'proxy-unreachable-target',
    confidence: 'possible',
  },
  {
    name: 'plain HTTP whose server itself answers 503 is reached',
    flow: crl,
    seen: [there, proxiedGet(503, 'http://crl.microsoft.com/')],
    verdict: 'open',
    confidence: 'likely',
  },

  // What is no proxy.
  {
    name: 'what takes the connection and says nothing is possibly no proxy',
    flow,
    seen: [there, noAnswer],
    verdict: 'blocked',
    cause: 'proxy-dead',
    confidence: 'possible',
    alternatives: ['proxy-unreachable-target', 'proxy-dns', 'not-the-service'],
  },
  ...[
    [
      http('not-http', { url: `${login}:443`, method: 'CONNECT', through: 'egress', firstOctets: 'SSH-2.0-x' }),
      /no HTTP \("SSH-2\.0-x"\)/,
    ],
    [http('closed', { url: `${login}:443`, method: 'CONNECT', through: 'egress' }), /ends the connection \(closed\)/],
    [http('too-large', { url: `${login}:443`, method: 'CONNECT', through: 'egress' }), /sends more than the head/],
    [tunnel(405), /answers 405 when/],
  ].map(([seen, says], at) => ({
    name: `what listens there is no proxy (${at})`,
    flow,
    seen: [there, seen as typeof noAnswer],
    verdict: 'blocked' as const,
    cause: 'proxy-dead' as const,
    confidence: at === 1 ? ('possible' as const) : ('likely' as const),
    says: says as RegExp,
  })),
  ...(['not-http', 'closed', 'too-large'] as const).map((outcome) => ({
    name: `plain HTTP that ends in ${outcome} at the proxy speaks of what listens there, and not of the server`,
    flow: crl,
    seen: [there, http(outcome, { url: 'http://crl.microsoft.com/', address: '10.1.0.9', through: 'egress' })],
    verdict: 'blocked' as const,
    cause: 'proxy-dead' as const,
    confidence: outcome === 'closed' ? ('possible' as const) : ('likely' as const),
    owner: 'proxy' as const,
  })),
  {
    name: 'plain HTTP that the proxy leaves unanswered possibly waits for the server, where it serves others',
    flow: crl,
    seen: [
      there,
      http('timeout', { url: 'http://crl.microsoft.com/', address: '10.1.0.9', through: 'egress' }),
      context(proxiedGet(200, 'http://ocsp.digicert.com/')),
    ],
    verdict: 'blocked',
    cause: 'proxy-unreachable-target',
    confidence: 'possible',
  },
  {
    name: 'and where nothing is known of others, what listens there is possibly no proxy',
    flow: crl,
    seen: [there, http('timeout', { url: 'http://crl.microsoft.com/', address: '10.1.0.9', through: 'egress' })],
    verdict: 'blocked',
    cause: 'proxy-dead',
    confidence: 'possible',
  },
  {
    name: 'a server that ends the connection in the tunnel is no proxy',
    flow,
    seen: [there, stands, throughTunnel('established'), http('closed', { through: 'egress', address: '10.1.0.9' })],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a ClientHello that is lost in the tunnel accuses nobody, whatever other tunnels carry',
    flow,
    seen: [
      there,
      stands,
      throughTunnel('timeout'),
      again(throughTunnel('timeout')),
      context(throughTunnel('established', { serverName: 'graph.microsoft.com' })),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
    says: /^443\/tcp on login\.microsoftonline\.com through the proxy egress accepts the connection and leaves/,
  },
  {
    name: 'a server that takes old versions alone is found out through the tunnel as well',
    flow,
    seen: [
      there,
      stands,
      throughTunnel('alert', { alert: { number: 70, name: 'protocol_version' }, bytesIn: 7 }),
      control('tls-version', throughTunnel('established', { version: 'TLSv1', offered: old })),
    ],
    verdict: 'blocked',
    cause: 'tls-version',
    decidedBy: ['e3', 'e4'],
  },
  {
    name: 'what passes others is a proxy, whatever it says here',
    flow,
    seen: [there, tunnel(400), otherNamePasses],
    verdict: 'unknown',
    cause: 'undetermined',
  },

  // What comes in the tunnel.
  {
    name: 'a page in the tunnel is the proxy, where the target speaks TLS straight from here',
    flow,
    seen: [
      there,
      stands,
      throughTunnel('not-tls', { firstOctets: 'HTTP/1.1 200 OK' }),
      control('proxy', tls('established')),
    ],
    verdict: 'wrong',
    cause: 'http-page-on-api',
    confidence: 'certain',
    alternatives: [],
  },
  {
    name: 'a page in the tunnel that nobody asked for is likely the proxy',
    flow,
    seen: [there, stands, throughTunnel('not-tls', { firstOctets: 'HTTP/1.1 403 Forbidden' })],
    verdict: 'wrong',
    cause: 'http-page-on-api',
    confidence: 'likely',
  },
  {
    name: 'a server of plain HTTP behind the tunnel is not the proxy',
    flow: cloudFlow({ via: 'egress', target: { name: 'api.partner.example', port: 8443 } }),
    seen: [
      there,
      tunnel(200, 'api.partner.example:8443'),
      throughTunnel('not-tls', { firstOctets: 'HTTP/1.1 400 Bad Request' }),
    ],
    verdict: 'wrong',
    cause: 'not-the-service',
  },
  {
    name: 'a page that comes straight as well is not the proxy',
    flow,
    seen: [
      there,
      stands,
      throughTunnel('not-tls', { firstOctets: 'HTTP/1.1 200 OK' }),
      control('proxy', tls('not-tls', { firstOctets: 'HTTP/1.1 200 OK' })),
    ],
    verdict: 'wrong',
    cause: 'not-the-service',
  },
])

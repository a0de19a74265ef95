import { run } from '../../test/judged.ts'
import { appFlow, context, control, http, tcp } from '../../test/observed.ts'

const plain = appFlow({ target: { service: 'http', port: 80 } })
const connected = tcp('connected', { address: '10.1.0.20', port: 80 })
const page = { kind: 'html', bytes: 400, title: 'ERROR', members: {} } as const
const squid = (error: string, status: number) =>
  http('response', { url: 'http://app01.corp.example/', status, headers: { 'x-squid-error': error }, body: page })

run([
  {
    name: 'a proxy that cannot resolve the name says so for certain',
    flow: plain,
    seen: [connected, squid('ERR_DNS_FAIL 0', 503)],
    verdict: 'blocked',
    cause: 'proxy-dns',
    confidence: 'certain',
    owner: 'proxy',
  },
  {
    name: 'a proxy that denies one name and passes another denies the name for certain',
    flow: plain,
    seen: [
      connected,
      squid('ERR_ACCESS_DENIED 0', 403),
      control('name', http('response', { url: 'http://crl.microsoft.com/' })),
    ],
    verdict: 'blocked',
    cause: 'proxy-name-denied',
    confidence: 'certain',
    alternatives: [],
    says: /crl\.microsoft\.com passes$/,
  },
  {
    name: 'a proxy that denies one name alone may deny the port as well',
    flow: plain,
    seen: [connected, squid('ERR_ACCESS_DENIED 0', 403)],
    verdict: 'blocked',
    cause: 'proxy-name-denied',
    confidence: 'possible',
    alternatives: ['proxy-port-denied'],
  },
  {
    name: 'a server that denies on its own account is no proxy',
    flow: plain,
    seen: [connected, http('response', { url: 'http://app01.corp.example/', status: 403, body: page })],
    verdict: 'open',
  },
  {
    name: 'a redirect that a second name does not share is no portal',
    flow: plain,
    seen: [
      connected,
      http('response', {
        url: 'http://app01.corp.example/',
        status: 302,
        headers: { location: 'http://portal.hotel.test/' },
      }),
      context(http('response', { url: 'http://crl.microsoft.com/' })),
    ],
    verdict: 'open',
  },
])

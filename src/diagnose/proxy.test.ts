import { run } from '../../test/judged.ts'
import { appFlow, cloudFlow, context, control, http, tcp } from '../../test/observed.ts'

const plain = appFlow({ target: { service: 'http', port: 80 } })
const connected = tcp('connected', { address: '10.1.0.20', port: 80 })
const page = { kind: 'html', bytes: 400, title: 'ERROR', members: {} } as const
const squid = (error: string, status: number) =>
  http('response', { url: 'http://app01.corp.example/', status, headers: { 'x-squid-error': error }, body: page })
const redirect = (url: string) =>
  http('response', { url, status: 302, headers: { location: 'http://portal.hotel.test/' } })
const crl = cloudFlow({ target: { name: 'crl.microsoft.com', port: 80, service: 'http' } })
const connectedCrl = tcp('connected', { address: '20.190.128.1', port: 80 })
const blockPage = (url: string, status = 200) =>
  http('response', { url, status, body: { kind: 'html', bytes: 900, title: 'Access blocked', members: {} } })

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
  {
    name: 'two unrelated names that are sent to one foreign host are behind a portal',
    flow: plain,
    seen: [connected, redirect('http://app01.corp.example/'), context(redirect('http://crl.microsoft.com/'))],
    verdict: 'wrong',
    cause: 'captive-portal',
    confidence: 'likely',
    says: /all redirected to portal\.hotel\.test$/,
  },
  {
    name: 'two unrelated names outside that show one page are behind what shows it',
    flow: crl,
    seen: [connectedCrl, blockPage('http://crl.microsoft.com/'), context(blockPage('http://ocsp.digicert.com/'))],
    verdict: 'wrong',
    cause: 'captive-portal',
    confidence: 'possible',
    says: /all show the page "Access blocked"$/,
  },
  {
    name: 'one page alone is the page of that name',
    flow: crl,
    seen: [connectedCrl, blockPage('http://crl.microsoft.com/')],
    verdict: 'open',
  },
  {
    name: 'a page that two names of one owner share is theirs',
    flow: crl,
    seen: [connectedCrl, blockPage('http://crl.microsoft.com/'), context(blockPage('http://www.microsoft.com/'))],
    verdict: 'open',
  },
  {
    name: 'the same error from two servers is their own',
    flow: crl,
    seen: [
      connectedCrl,
      blockPage('http://crl.microsoft.com/', 404),
      context(blockPage('http://ocsp.digicert.com/', 404)),
    ],
    verdict: 'open',
  },
  {
    name: 'servers inside that show the page that they were installed with are no portal',
    flow: plain,
    seen: [connected, blockPage('http://app01.corp.example/'), context(blockPage('http://www.contoso.test/'))],
    verdict: 'open',
  },
])

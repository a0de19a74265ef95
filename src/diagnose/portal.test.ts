import { app, onApp, onCloud, run, signIn } from '../../test/judged.ts'
import { again, context, control, http, leaf, root, tls } from '../../test/observed.ts'

const plain = tls('not-tls', { bytesIn: 300, firstOctets: 'HTTP/1.1 302 Found' })
const redirect = control(
  'plain-http',
  http('response', {
    url: 'http://login.microsoftonline.com:443/',
    status: 302,
    headers: { location: 'http://login.hotspot.example/welcome' },
    body: { kind: 'html', bytes: 90, title: 'Sign in', members: {} },
  }),
)
const elsewhere = context(tls('not-tls', { serverName: 'www.contoso.com', address: '203.0.113.9', bytesIn: 300 }))
const portal = leaf('login.hotspot.example', 'Hotspot CA')
const shownFor = (serverName: string) =>
  tls('established', { serverName, nameMatches: false, chain: [portal, root('Hotspot CA')], anchoredIn: [] })
const page = http('response', { body: { kind: 'html', bytes: 90, title: 'Sign in to the network', members: {} } })

run([
  {
    name: 'plain HTTP with a redirect on the TLS port of unrelated names is a portal, likely',
    flow: signIn,
    seen: [onCloud, plain, again(plain), redirect, elsewhere],
    verdict: 'wrong',
    cause: 'captive-portal',
    confidence: 'likely',
    owner: 'network',
    says: /a redirect to login\.hotspot\.example, and www\.contoso\.com, which has nothing in common with it/,
  },
  {
    name: 'the same under one name alone is not the service',
    flow: signIn,
    seen: [onCloud, plain, again(plain), redirect],
    verdict: 'wrong',
    cause: 'not-the-service',
  },
  {
    name: 'an app inside that speaks plain HTTP is not the service, whatever others do',
    flow: app,
    seen: [onApp, tls('not-tls', { address: '10.1.0.20', port: 8443, serverName: 'app01.corp.example' }), elsewhere],
    verdict: 'wrong',
    cause: 'not-the-service',
  },
  {
    name: 'one foreign certificate under unrelated names, with a page behind it, is a portal, likely',
    flow: signIn,
    seen: [onCloud, shownFor('login.microsoftonline.com'), page, context(shownFor('www.contoso.com'))],
    verdict: 'wrong',
    cause: 'captive-portal',
    confidence: 'likely',
    alternatives: ['resolver-filters', 'http-page-on-api', 'interception-untrusted'],
    says: /certificate of "login\.hotspot\.example"; behind it is the page "Sign in to the network"/,
  },
  {
    name: 'a foreign certificate under one name is that name’s own matter',
    flow: signIn,
    seen: [onCloud, shownFor('login.microsoftonline.com'), page],
    verdict: 'wrong',
    cause: 'name-mismatch',
  },
])

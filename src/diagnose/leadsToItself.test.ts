import { onCloud, run, signIn } from '../../test/judged.ts'
import { http, tls } from '../../test/observed.ts'

const metadata = 'https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration'
const sentTo = (location: string, status = 302) => [
  onCloud,
  tls('established'),
  http('response', {
    url: metadata,
    status,
    headers: { location },
    body: { kind: 'html', bytes: 150, title: '302 Found', members: {} },
  }),
]

run([
  {
    name: 'metadata that leads to itself is a circle of the service’s own, small page and all',
    flow: signIn,
    seen: sentTo(metadata),
    verdict: 'open',
    confidence: 'likely',
    says: /: the path is open, and the service sends whoever asks to the same address again, in a circle; that it works is not proven$/,
  },
  {
    name: 'and so is one by a relative address',
    flow: signIn,
    seen: sentTo(new URL(metadata).pathname, 307),
    verdict: 'open',
    says: /in a circle/,
  },
  {
    name: 'a page that leads to another host is one in the place of the document',
    flow: signIn,
    seen: sentTo('https://filter.corp.example/blocked'),
    verdict: 'wrong',
    cause: 'http-page-on-api',
    says: /sends on to filter\.corp\.example$/,
  },
  {
    name: 'and so is one that leads to another path of the same host, as access gateways do',
    flow: signIn,
    seen: sentTo('/my.policy'),
    verdict: 'wrong',
    cause: 'http-page-on-api',
  },
  {
    name: 'a page that is no redirect leads nowhere, whatever its fields say',
    flow: signIn,
    seen: sentTo(metadata, 200),
    verdict: 'wrong',
    cause: 'http-page-on-api',
  },
])

import { run } from '../../test/judged.ts'
import { cloudFlow, http, tcp } from '../../test/observed.ts'

run([
  {
    name: 'the page of a device on the way out is its block page or a translation: possible, and no more',
    flow: cloudFlow({ target: { name: 'crl.microsoft.com', port: 80, service: 'http' } }),
    seen: [
      tcp('connected', { address: '20.190.128.1', port: 80 }),
      http('response', {
        url: 'http://crl.microsoft.com/',
        status: 403,
        body: { kind: 'html', bytes: 900, title: 'FortiGate: web page blocked', members: {} },
      }),
    ],
    verdict: 'wrong',
    cause: 'wrong-target-dnat',
    confidence: 'possible',
    alternatives: ['interception-untrusted', 'resolver-filters', 'captive-portal'],
  },
])

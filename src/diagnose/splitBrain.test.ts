import { appName, appTls, console60f, goodApp, labRoot, onCloud, run, signIn } from '../../test/judged.ts'
import { appFlow, control, http, leaf, lookup, outside, tcp, tls } from '../../test/observed.ts'

const given = outside('answer', { answers: ['20.190.128.1'] })
const insideAnswer = lookup('answer', { answers: ['10.60.0.10'] })
const insideConnect = tcp('connected', { address: '10.60.0.10', port: 443 })
const insideTls = tls('established', { address: '10.60.0.10', chain: [console60f], anchoredIn: [], nameMatches: false })

run([
  {
    name: 'a private answer for a public name with a wrong certificate there is an override for certain',
    flow: signIn,
    seen: [insideAnswer, insideConnect, insideTls, given],
    verdict: 'wrong',
    cause: 'split-brain-override',
    confidence: 'certain',
    owner: 'dns',
    alternatives: [],
  },
  {
    name: 'the right certificate at the control address makes an override of an own name certain',
    flow: appFlow({ target: { name: appName, address: '10.60.0.10' } }),
    seen: [
      lookup('answer', { name: appName, answers: ['10.60.0.10'] }),
      tcp('connected', { address: '10.60.0.10', port: 8443 }),
      appTls([leaf('other.corp.example', 'Lab Root CA'), labRoot], { address: '10.60.0.10', nameMatches: false }),
      outside('answer', { name: appName, answers: ['10.1.0.20'] }),
      control('address', goodApp),
    ],
    verdict: 'wrong',
    cause: 'split-brain-override',
    confidence: 'certain',
    alternatives: ['name-mismatch'],
  },
  {
    name: 'a certificate that is wrong at both addresses is the certificate, not DNS',
    flow: appFlow({ target: { name: appName, address: '10.60.0.10' } }),
    seen: [
      lookup('answer', { name: appName, answers: ['10.60.0.10'] }),
      tcp('connected', { address: '10.60.0.10', port: 8443 }),
      appTls([leaf('other.corp.example', 'Lab Root CA'), labRoot], { address: '10.60.0.10', nameMatches: false }),
      outside('answer', { name: appName, answers: ['10.1.0.20'] }),
      control('address', appTls([leaf('other.corp.example', 'Lab Root CA'), labRoot], { nameMatches: false })),
    ],
    verdict: 'wrong',
    cause: 'name-mismatch',
  },
  {
    name: 'a private answer for a public name where nothing serves is an override, likely',
    flow: signIn,
    seen: [insideAnswer, tcp('timeout', { address: '10.60.0.10', port: 443 }), given],
    verdict: 'wrong',
    cause: 'split-brain-override',
    confidence: 'likely',
  },
  {
    name: 'without a control resolver a private public name with a wrong certificate is likely',
    flow: signIn,
    seen: [insideAnswer, insideConnect, insideTls],
    verdict: 'wrong',
    cause: 'split-brain-override',
    confidence: 'likely',
    alternatives: ['wrong-target-dnat', 'name-mismatch'],
  },
  {
    name: 'a private endpoint is no override: its alias says privatelink',
    flow: signIn,
    seen: [
      lookup('answer', { answers: ['10.60.0.10'], aliases: ['login.privatelink.microsoftonline.com'] }),
      tcp('timeout', { address: '10.60.0.10', port: 443 }),
      given,
    ],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'different addresses with a valid certificate are load balancing',
    flow: signIn,
    seen: [
      lookup('answer', { answers: ['20.190.128.1'] }),
      onCloud,
      tls('established'),
      http('response'),
      outside('answer', { answers: ['40.126.0.1'] }),
    ],
    verdict: 'open',
    confidence: 'certain',
  },
])

import { run, signIn } from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import { context, control, flowOf, lookup, outside } from '../../test/observed.ts'

const failed = lookup('server-failure', { rcode: 2 })
const silent = lookup('timeout', { ms: 3000 })
const known = { domain: 'corp.example' }
const zone = control(
  'name',
  lookup('answer', { name: 'corp.example', type: 'SOA', authoritative: true, answers: ['dc01.corp.example 42'] }),
)
const beside = (name: string, over: Parameters<typeof lookup>[1] = {}): Draft =>
  context(lookup('server-failure', { rcode: 2, name, ...over }))
const another = beside('ocsp.digicert.com')
const given = outside('answer', { answers: ['20.190.128.1'] })

run([
  {
    name: 'a resolver that answers for its zone and fails at unrelated names outside does not get out, likely',
    flow: signIn,
    known,
    seen: [failed, zone, another],
    verdict: 'blocked',
    cause: 'forwarding-fails',
    confidence: 'likely',
    owner: 'dns',
    alternatives: ['resolver-filters', 'no-route'],
    says: /^10\.1\.0\.5:53 answers for corp\.example and says SERVFAIL for login\.microsoftonline\.com, as for ocsp\.digicert\.com: .* forward fails$/,
    fix: /^on 10\.1\.0\.5:53 put forwarders .*udp and tcp 10\.1\.0\.5 -> FORWARDER:53/,
    nextProbe: /Get-DnsServerForwarder.*postern check dns:\/\/FORWARDER$/,
    decidedBy: ['e1', 'e2', 'e3'],
  },
  {
    name: 'where it lets them run to their limit it may be slow as well, and a resolver outside rules out the rest',
    flow: signIn,
    known,
    seen: [silent, zone, beside('ocsp.digicert.com', { outcome: 'timeout', ms: 3000 }), given],
    verdict: 'blocked',
    cause: 'forwarding-fails',
    confidence: 'likely',
    alternatives: ['resolver-slow', 'resolver-filters'],
    says: /did not answer within 3\.0 s for login.*9\.9\.9\.9:53 has it$/,
  },
  {
    name: 'that it gives a zone outside which it serves itself does not show that it gets out',
    flow: signIn,
    known,
    seen: [
      failed,
      zone,
      another,
      context(lookup('answer', { name: 'intranet.net', authoritative: true, answers: ['10.1.0.9'] })),
    ],
    verdict: 'blocked',
    cause: 'forwarding-fails',
  },
  {
    name: 'one name outside that it gives shows that it gets out: the failing ones are their own',
    flow: signIn,
    known,
    seen: [failed, zone, another, context(lookup('answer', { name: 'www.fabrikam.com', answers: ['192.0.2.9'] }))],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'so does one that it denies without being its server',
    flow: signIn,
    known,
    seen: [failed, zone, another, context(lookup('name-error', { name: 'www.fabrikam.com', rcode: 3 }))],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a single name, or two of one organisation, may be a broken zone or a filter',
    flow: signIn,
    known,
    seen: [failed, zone, beside('device.login.microsoftonline.com')],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a resolver that does not answer for the zone either is broken as a whole',
    flow: signIn,
    known,
    seen: [failed, control('name', lookup('server-failure', { name: 'corp.example', type: 'SOA', rcode: 2 })), another],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'an answer for the zone by another resolver says nothing of this one',
    flow: signIn,
    known,
    seen: [
      failed,
      control(
        'name',
        lookup('answer', { name: 'corp.example', type: 'SOA', resolver: '10.1.0.6:53', answers: ['dc02'] }),
      ),
      another,
    ],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a name that no resolver outside gets through to either is not held against the forwarders',
    flow: signIn,
    known,
    seen: [failed, zone, another, outside('server-failure', { rcode: 2 })],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a name of the domain that fails is nothing that is forwarded',
    flow: flowOf({ target: { name: 'dc01.corp.example' } }),
    known,
    seen: [lookup('server-failure', { rcode: 2, name: 'dc01.corp.example' }), zone, another],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'refusals are a policy and not a way that fails',
    flow: signIn,
    known,
    seen: [
      lookup('refused-by-policy', { rcode: 5 }),
      zone,
      beside('ocsp.digicert.com', { outcome: 'refused-by-policy', rcode: 5 }),
      given,
    ],
    verdict: 'blocked',
    cause: 'resolver-filters',
  },
])

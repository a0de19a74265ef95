import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  app,
  appName,
  appPage,
  appTls,
  dns,
  goodApp,
  labRoot,
  ldaps,
  onApp,
  onCloud,
  run,
  signIn,
  silent,
  soa,
} from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import {
  again,
  caseOf,
  cloudFlow,
  context,
  control,
  dc01,
  flowOf,
  http,
  leaf,
  limit,
  lookup,
  tcp,
  tls,
  udp,
} from '../../test/observed.ts'
import type { Farewell } from '../model/observation.ts'
import { diagnose } from './diagnose.ts'

run([
  {
    name: 'a healthy sign-in host accuses nobody',
    flow: signIn,
    seen: [
      lookup('answer', { answers: ['20.190.128.1'] }),
      lookup('no-data', { type: 'AAAA' }),
      onCloud,
      tls('established'),
      http('response'),
    ],
    verdict: 'open',
    confidence: 'certain',
    says: /^443\/tcp on login\.microsoftonline\.com answers HTTP 200 over TLSv1\.3$/,
  },
  {
    name: 'a healthy own app accuses nobody',
    flow: app,
    seen: [onApp, goodApp, appPage],
    verdict: 'open',
    confidence: 'certain',
  },
  {
    name: 'a service of its own error is reached',
    flow: app,
    seen: [onApp, goodApp, http('response', { status: 503 })],
    verdict: 'open',
    confidence: 'likely',
    says: /the service itself reports an error/,
  },
  ...[
    {
      status: 404,
      headers: {},
      says: /HTTP 404.*: the path is open, and the service does not give its OpenID document; that it works is not proven$/,
    },
    { status: 403, headers: {}, says: /does not give its OpenID document/ },
    {
      status: 503,
      headers: {},
      says: /the service itself reports an error, and its OpenID document is not to be had$/,
    },
    {
      status: 302,
      headers: { location: '/again' },
      says: /the service sends on to \/again; that it works is not proven$/,
    },
  ].map(({ status, headers, says }) => ({
    name: `OpenID metadata that is answered with ${status} leaves the service unproven, and says so`,
    flow: signIn,
    seen: [onCloud, tls('established'), http('response', { status, headers })],
    verdict: 'open' as const,
    confidence: 'likely' as const,
    says,
  })),
  {
    name: 'a path that publishes no document proves the service by any answer',
    flow: signIn,
    seen: [onCloud, tls('established'), http('response', { url: 'https://login.microsoftonline.com/', status: 404 })],
    verdict: 'open',
    confidence: 'certain',
  },
  {
    name: 'an open port is possible, not proven, for a service without a probe of its own',
    flow: ldaps,
    seen: [tcp('connected')],
    verdict: 'open',
    confidence: 'possible',
    says: /^636\/tcp on dc01 accepts connections; that the service behind it is LDAP over TLS is not proven$/,
  },
  {
    name: 'an open port is all that tcp asks for',
    flow: flowOf({ target: { service: 'tcp' } }),
    seen: [tcp('connected')],
    verdict: 'open',
    confidence: 'certain',
  },
  {
    name: 'a DNS service that answers is open',
    flow: dns,
    seen: [soa('answer')],
    verdict: 'open',
    confidence: 'certain',
  },
  {
    name: 'a valid datagram that is answered is open',
    flow: flowOf({ target: { port: 123, transport: 'udp', service: 'ntp' } }),
    seen: [udp('answer', { port: 123 })],
    verdict: 'open',
    confidence: 'certain',
  },
  {
    name: 'a flow that must be closed and refuses is well',
    flow: flowOf({ expect: 'closed' }),
    seen: [tcp('refused')],
    verdict: 'blocked',
    confidence: 'certain',
    says: /is closed, as it must be/,
  },
  {
    name: 'a flow that must be closed and stays silent is possibly closed',
    flow: flowOf({ expect: 'closed' }),
    seen: [silent],
    verdict: 'blocked',
    confidence: 'possible',
  },
  {
    name: 'a flow that must be closed and is silent on a host that answers is likely closed',
    flow: flowOf({ expect: 'closed' }),
    seen: [silent, context(tcp('connected', { port: 389 }))],
    verdict: 'blocked',
    confidence: 'likely',
  },
  {
    name: 'a flow that must be closed and answers is open',
    flow: flowOf({ expect: 'closed' }),
    seen: [tcp('connected')],
    verdict: 'open',
    confidence: 'certain',
    says: /must be closed/,
  },
  {
    name: 'a flow that must be closed and could not be asked is unknown',
    flow: flowOf({ expect: 'closed' }),
    seen: [tcp('tool-limit', { code: 'EMFILE' })],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a target without a name to try is not run, with the reason',
    flow: flowOf({ target: { undialled: 'no name to try' } }),
    seen: [],
    verdict: 'not-run',
    says: /^no name to try$/,
  },
  {
    name: 'a legacy row that was not asked is not required',
    flow: flowOf({ necessity: 'legacy' }),
    seen: [],
    verdict: 'not-required',
  },
  {
    name: 'a legacy row that was asked is judged',
    flow: flowOf({ necessity: 'legacy' }),
    seen: [tcp('refused')],
    verdict: 'blocked',
    cause: 'refused',
  },
  {
    name: 'a negative row that was not asked is not run',
    flow: flowOf({ necessity: 'not-required', expect: 'closed', target: { undialled: 'left to audit' } }),
    seen: [],
    verdict: 'not-run',
    says: /^left to audit$/,
  },
  {
    name: 'no probe yet is not run',
    flow: ldaps,
    seen: [limit('no-probe-yet', 'no probe yet: LDAP over UDP')],
    verdict: 'not-run',
    says: /no probe yet/,
  },
  {
    name: 'a name that resolves for a service without a probe is not run for that reason',
    flow: signIn,
    seen: [lookup('answer', { answers: ['20.190.128.1'] }), limit('no-probe-yet', 'no probe yet: AMQP over UDP')],
    verdict: 'not-run',
    says: /^no probe yet: AMQP over UDP$/,
    decidedBy: ['e2'],
  },
  {
    name: 'a check that ended before the question is not run',
    flow: ldaps,
    seen: [limit('budget', 'the time for the whole check was over')],
    verdict: 'not-run',
  },
  {
    name: 'a check that ended during the handshake is not run',
    flow: app,
    seen: [onApp, tls('aborted', { address: '10.1.0.20', port: 8443 })],
    verdict: 'not-run',
    says: /ended during the TLS handshake; until then nothing failed/,
  },
  {
    name: 'a check that ended after a failure judges the failure',
    flow: ldaps,
    seen: [tcp('refused'), again(tcp('aborted'))],
    verdict: 'blocked',
    cause: 'refused',
  },
  { name: 'nothing asked is not run', flow: ldaps, seen: [], verdict: 'not-run' },
  {
    name: 'a name that resolves and is not dialled is not run',
    flow: signIn,
    seen: [lookup('answer', { answers: ['20.190.128.1'] })],
    verdict: 'not-run',
  },
  {
    name: 'a question whose own time was over is unknown, with what was reached',
    flow: app,
    seen: [
      onApp,
      tls('aborted', { address: '10.1.0.20', port: 8443 }),
      limit('question-budget', 'the time for one question (12.0 s) was over'),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
    confidence: 'undetermined',
    says: /the time for one question \(12\.0 s\) was over during the TLS handshake; until then the connection stood/,
    decidedBy: ['e2', 'e3'],
  },
  {
    name: 'a probe that failed is a limit of the tool, whatever worked before',
    flow: app,
    seen: [onApp, limit('fault', 'the https probe of Postern failed: x is not a function')],
    verdict: 'unknown',
    cause: 'tool-limit',
    owner: 'tool',
    says: /x is not a function; until then the connection stood$/,
  },
  {
    name: 'a probe that failed before anything was asked is a limit of the tool',
    flow: app,
    seen: [limit('fault', 'the https probe of Postern failed: no')],
    verdict: 'unknown',
    cause: 'tool-limit',
  },
  {
    name: 'a certificate that was seen before the check ended is judged',
    flow: app,
    seen: [
      onApp,
      appTls([leaf(appName, 'Lab Root CA', { notAfter: '2026-11-01T00:00:00.000Z' }), labRoot]),
      http('aborted', { url: `https://${appName}:8443/`, address: '10.1.0.20' }),
    ],
    verdict: 'blocked',
    cause: 'cert-expired',
  },
  {
    name: 'a good certificate that was seen before the check ended leaves the rest not run',
    flow: app,
    seen: [onApp, goodApp, http('aborted', { url: `https://${appName}:8443/`, address: '10.1.0.20' })],
    verdict: 'not-run',
    says: /ended during the HTTP request; until then nothing failed/,
  },
  {
    name: 'a slow name in a conversation that was cut short is not called slow: the rest is not known',
    flow: signIn,
    seen: [lookup('answer', { ms: 2400, answers: ['20.190.128.1'] }), onCloud, tls('aborted')],
    verdict: 'not-run',
  },
  {
    name: 'a flow that must be closed and accepted before the check ended is open',
    flow: flowOf({ expect: 'closed', target: { service: 'https' } }),
    seen: [tcp('connected'), tls('aborted', { address: dc01, port: 636 })],
    verdict: 'open',
  },
  {
    name: 'a flow that must be closed and was not answered before the check ended is not run',
    flow: flowOf({ expect: 'closed' }),
    seen: [tcp('aborted')],
    verdict: 'not-run',
  },
  {
    name: 'a flow that must be closed and whose name alone was resolved before the check ended is not run',
    flow: flowOf({ expect: 'closed' }),
    seen: [lookup('answer', { name: 'dc01.corp.example', answers: [dc01] }), tcp('aborted')],
    verdict: 'not-run',
  },
  {
    name: 'a question whose time was over before it was connected is unknown',
    flow: signIn,
    seen: [
      lookup('answer', { answers: ['20.190.128.1'] }),
      tcp('aborted', { address: '20.190.128.1', port: 443 }),
      limit('question-budget', 'the time for one question (12.0 s) was over'),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
    says: /during the connection attempt; until then the name was resolved/,
  },
  {
    name: 'a question whose time was over and that a repetition answered is answered',
    flow: flowOf({ target: { service: 'tcp' } }),
    seen: [
      tcp('aborted'),
      limit('question-budget', 'the time for one question (12.0 s) was over'),
      again(tcp('connected')),
    ],
    verdict: 'open',
  },
])

test('what the answers gave away is learnt whatever the verdict', () => {
  const { learnt } = diagnose(
    caseOf(signIn, [
      lookup('answer', { answers: ['20.190.128.1'], aliases: ['ak.privatelink.msidentity.com'] }),
      onCloud,
      tls('established', { alpn: 'http/1.1', cipher: 'TLS_AES_256_GCM_SHA384' }),
      http('response', {
        headers: { server: 'ests', date: 'Fri, 20 Nov 2026 10:01:00 GMT' },
        body: { kind: 'json', bytes: 900, members: { issuer: 'https://login.microsoftonline.com/t/v2.0' } },
      }),
    ]),
  )
  assert.deepEqual(learnt['addresses'], ['20.190.128.1'])
  assert.equal(learnt['certificateIssuer'], 'DigiCert Global G2 TLS RSA SHA256 2020 CA1')
  assert.equal(learnt['certificateDaysLeft'], 49)
  assert.equal(learnt['chain'], 'genuine')
  assert.equal(learnt['tlsVersion'], 'TLSv1.3')
  assert.equal(learnt['server'], 'ests')
  assert.equal(learnt['openIdIssuer'], 'https://login.microsoftonline.com/t/v2.0')
  assert.equal(learnt['clockSkewSec'], 60)
})

test('how many held connections heard our goodbye is learnt, and of none where none was held', () => {
  const left = (heldMs: number, outcome: Farewell['outcome']) =>
    control('idle', tcp('connected', { farewell: { heldMs, bytesOut: 0, bytesIn: 0, outcome } }))
  const learntOf = (...held: readonly Draft[]) => diagnose(caseOf(ldaps, [tcp('connected'), ...held])).learnt
  const { heldSec, held, heldHeard } = learntOf(
    left(1, 'ended'),
    left(300_000, 'ended'),
    left(300_001, 'reset'),
    left(300_000, 'silence'),
  )
  assert.deepEqual({ heldSec, held, heldHeard }, { heldSec: 300, held: 3, heldHeard: 2 })
  assert.equal(learntOf(left(1, 'ended'))['held'], undefined)
  // Ctrl-C after the first of them: those that were called off are no goodbyes without an answer.
  const early = learntOf(left(1, 'ended'), left(37_500, 'ended'), left(45_000, 'aborted'), left(45_000, 'aborted'))
  assert.deepEqual([early['heldSec'], early['held'], early['heldHeard']], [38, 1, 1])
})

test('the clock of another server is not learnt of this one', () => {
  const { learnt } = diagnose(
    caseOf(signIn, [
      tcp('refused', { address: '20.190.128.1', port: 443 }),
      context(http('response', { url: 'http://crl.example/', headers: { date: 'Fri, 20 Nov 2026 10:01:00 GMT' } })),
    ]),
  )
  assert.equal(learnt['clockSkewSec'], undefined)
})

test('the serial of the zone is learnt from its SOA', () => {
  const { learnt } = diagnose(caseOf(dns, [soa('answer')]))
  assert.equal(learnt['soaSerial'], 42)
  assert.equal(learnt['soaPrimary'], 'dc01.corp.example')
})

test('the pattern is what a rule towards the cloud has to name', () => {
  const flow = cloudFlow({ target: { name: 'x.msappproxy.net', pattern: '*.msappproxy.net' } })
  const verdict = diagnose(
    caseOf(flow, [
      tcp('timeout', { address: '20.1.1.1', port: 443 }),
      control('port', tcp('connected', { address: '20.1.1.1', port: 80 })),
    ]),
  )
  assert.equal(verdict.fix, 'allow tcp 10.1.0.10 -> *.msappproxy.net:443')
})

test('an address of the site is what a rule inside has to name', () => {
  const verdict = diagnose(caseOf(ldaps, [silent, control('port', tcp('connected', { address: dc01, port: 389 }))]))
  assert.equal(verdict.fix, 'allow tcp 10.1.0.10 -> 10.1.0.5:636')
})

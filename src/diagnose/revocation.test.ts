import assert from 'node:assert/strict'
import { test } from 'node:test'
import { app, appName, appPage, appTls, labRoot, onApp, onCloud, run, signIn } from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import { caseOf, certificate, context, http, leaf, publishedRoot, state, tls } from '../../test/observed.ts'
import { diagnose } from './diagnose.ts'

const own = leaf(appName, 'Issuing CA')
const issuing = leaf('Issuing CA', 'Lab Root CA')
const well: readonly Draft[] = [onApp, appTls([own, issuing, labRoot]), appPage]
const dated = http('response', {
  url: `https://${appName}:8443/`,
  address: '10.1.0.20',
  headers: { date: 'Fri, 20 Nov 2026 10:00:01 GMT' },
})
const ocsp = { method: 'ocsp', url: 'http://ocsp.corp.example' } as const
const staple = { method: 'staple' } as const
const second = { url: 'http://crl2.corp.example/b.crl' } as const
const issuingGood = state(issuing, 'good')
const closed = { detail: 'ECONNREFUSED' }
const past = { thisUpdate: '2026-11-10T00:00:00.000Z', nextUpdate: '2026-11-18T10:00:05.000Z' }

run([
  {
    name: 'a list that names the certificate is certain, and says when and why',
    flow: app,
    seen: [...well, state(own, 'revoked', { revokedAt: '2026-05-06T07:08:09.000Z', reason: 'keyCompromise' })],
    verdict: 'blocked',
    cause: 'revoked',
    confidence: 'certain',
    owner: 'pki',
    says: /^the certificate on 8443\/tcp on app01 was revoked on 2026-05-06 \(keyCompromise\), says the list at http:\/\/crl\.corp/,
    fix: /^replace the certificate of "app01\.corp\.example" and its key/,
  },
  {
    name: 'what another way still calls good does not undo a revocation',
    flow: app,
    seen: [...well, state(own, 'good', ocsp), state(own, 'revoked', { revokedAt: '2026-05-06T07:08:09.000Z' })],
    verdict: 'blocked',
    cause: 'revoked',
  },
  {
    name: 'a revoked issuer counts like the leaf',
    flow: app,
    seen: [...well, state(own, 'good'), state(issuing, 'revoked', { reason: 'certificateHold' })],
    verdict: 'blocked',
    cause: 'revoked',
    says: /the issuing certificate "Issuing CA" above that/,
    fix: /hold/,
  },
  {
    name: 'a stapled answer that says revoked counts by itself',
    flow: app,
    seen: [...well, state(own, 'revoked', { ...staple, revokedAt: '2026-05-06T07:08:09.000Z' })],
    verdict: 'blocked',
    cause: 'revoked',
    confidence: 'certain',
    owner: 'pki',
    says: /was revoked on 2026-05-06, says the answer that the server staples$/,
    decidedBy: ['e2', 'e4'],
  },
  {
    name: 'a stapled answer that says revoked is not undone by a responder that says good',
    flow: app,
    seen: [...well, state(own, 'revoked', staple), state(own, 'good', ocsp)],
    verdict: 'blocked',
    cause: 'revoked',
  },
  {
    name: 'a stapled answer that says good is enough where nothing else is reached',
    flow: app,
    seen: [...well, state(own, 'good', staple), state(own, 'unreachable', closed), issuingGood],
    verdict: 'open',
  },
  {
    name: 'a stapled answer that does not count is told beside what else failed',
    flow: app,
    seen: [...well, state(own, 'bad-signature', staple), state(own, 'unreachable', closed), issuingGood],
    verdict: 'degraded',
    cause: 'revocation-unreachable',
    says: /: the answer that the server staples has no signature of the issuer and crl\.corp\.example:80 is not reached/,
  },
  {
    name: 'what was seen of another flow accuses this one of nothing',
    flow: app,
    seen: [...well, context(state(own, 'revoked'))],
    verdict: 'open',
  },
  {
    name: 'a responder that is not reached accuses nobody while the list tells',
    flow: app,
    seen: [...well, state(own, 'unreachable', { ...ocsp, ...closed }), state(own, 'good'), issuingGood],
    verdict: 'open',
  },
  {
    name: 'a second address that tells is enough',
    flow: app,
    seen: [...well, state(own, 'timeout'), state(own, 'good', second), issuingGood],
    verdict: 'open',
  },
  {
    name: 'two addresses that do not tell are both named',
    flow: app,
    seen: [
      ...well,
      state(own, 'timeout', { detail: '12 octets of it came', bytesIn: 12 }),
      state(own, 'unreachable', { ...second, ...closed }),
      issuingGood,
    ],
    verdict: 'degraded',
    cause: 'revocation-unreachable',
    says: /crl\.corp\.example:80 does not finish its answer \(12 octets of it came\) and crl2\.corp\.example:80 is not reached/,
    fix: /-> crl\.corp\.example:80 and crl2\.corp\.example:80; if it is, let the server listen there$/,
  },
  {
    name: 'a list that is out of date at one address and in date at another is no trouble',
    flow: app,
    seen: [...well, state(own, 'stale', past), state(own, 'good', second), issuingGood],
    verdict: 'open',
  },
  {
    name: 'a list that is out of date accuses nobody while the responder tells',
    flow: app,
    seen: [...well, state(own, 'good', ocsp), state(own, 'stale', past), issuingGood],
    verdict: 'open',
  },
  {
    name: 'a closed port 80 is told with host, port and how',
    flow: app,
    seen: [...well, state(own, 'unreachable', { ...ocsp, ...closed }), state(own, 'unreachable', closed), issuingGood],
    verdict: 'degraded',
    cause: 'revocation-unreachable',
    confidence: 'certain',
    owner: 'firewall',
    says: /ocsp\.corp\.example:80 is not reached \(ECONNREFUSED\) and crl\.corp\.example:80 is not reached/,
    fix: /^allow tcp 10\.1\.0\.10 -> ocsp\.corp\.example:80 and crl\.corp\.example:80; if it is, let the server listen there$/,
  },
  {
    name: 'a name that no resolver answers for in time is not said to answer in part',
    flow: app,
    seen: [...well, state(own, 'timeout', { detail: 'crl.corp.example was not resolved: timeout' }), issuingGood],
    verdict: 'degraded',
    cause: 'revocation-unreachable',
    confidence: 'likely',
    owner: 'dns',
    says: /: crl\.corp\.example:80 is not reached \(crl\.corp\.example was not resolved: timeout\)$/,
  },
  {
    name: 'silence is likely: it may have been a slow list',
    flow: app,
    seen: [...well, state(own, 'timeout'), issuingGood],
    verdict: 'degraded',
    cause: 'revocation-unreachable',
    confidence: 'likely',
    owner: 'firewall',
  },
  {
    name: 'the flow of the catalog that is missing is named where there is one',
    flow: signIn,
    seen: microsoft('unreachable', closed),
    verdict: 'degraded',
    cause: 'revocation-unreachable',
    fix: /^allow tcp 10\.1\.0\.10 -> crl3\.digicert\.com:80 \(t2-http-crl of the plan\)$/,
  },
  {
    name: 'a page in place of the list is the web filter',
    flow: app,
    seen: [...well, state(own, 'not-an-answer', { title: 'Blocked', detail: '90 octets of text/html' }), issuingGood],
    verdict: 'degraded',
    cause: 'revocation-unreachable',
    confidence: 'certain',
    owner: 'proxy',
    says: /answers with a web page "Blocked"/,
    fix: /^let the web filter pass plain HTTP to crl\.corp\.example:80/,
  },
  {
    name: 'a proxy that wants to know who asks is the proxy',
    flow: app,
    seen: [...well, state(own, 'http-status', { status: 407, through: 'egress' }), issuingGood],
    verdict: 'degraded',
    cause: 'revocation-unreachable',
    owner: 'proxy',
    says: /answers 407 through egress/,
  },
  {
    name: 'a list that is gone is a matter of the CA',
    flow: app,
    seen: [...well, state(own, 'http-status', { status: 404 }), issuingGood],
    verdict: 'degraded',
    cause: 'revocation-unreachable',
    owner: 'pki',
  },
  {
    name: 'a name that is not resolved is a matter of DNS',
    flow: app,
    seen: [...well, state(own, 'unreachable', { detail: 'crl.corp.example was not resolved: name-error' })],
    verdict: 'degraded',
    cause: 'revocation-unreachable',
    owner: 'dns',
  },
  {
    name: 'a list that is past its end is likely while no other clock bears it out',
    flow: app,
    seen: [...well, state(own, 'stale', past), issuingGood],
    verdict: 'degraded',
    cause: 'crl-stale',
    confidence: 'likely',
    owner: 'pki',
    alternatives: ['clock-wrong'],
    says: /was to be replaced on 2026-11-18, 2 days ago, and nothing else tells/,
  },
  {
    name: 'and certain when one does, also when the responder is not reached',
    flow: app,
    seen: [...well, dated, state(own, 'timeout', ocsp), state(own, 'stale', past), issuingGood],
    verdict: 'degraded',
    cause: 'crl-stale',
    confidence: 'certain',
    says: /ocsp\.corp\.example:80 does not answer$/,
    fix: /^let "Issuing CA" publish anew/,
  },
  {
    name: 'what was not gone to its end says nothing',
    flow: app,
    seen: [...well, state(own, 'refused-address', ocsp), state(own, 'unreachable', closed)],
    verdict: 'open',
  },
  {
    name: 'a conversation that failed is told before who could not say whether the certificate counts',
    flow: app,
    seen: [
      onApp,
      appTls([own, issuing, labRoot]),
      http('timeout', { url: `https://${appName}:8443/`, address: '10.1.0.20' }),
      state(own, 'unreachable', closed),
    ],
    verdict: 'blocked',
    cause: 'silent-service',
  },
])

function microsoft(outcome: 'unreachable' | 'good', over: Parameters<typeof state>[2]): readonly Draft[] {
  const known = certificate()
  const shaken = tls('established', { chain: [known, publishedRoot] })
  return [onCloud, shaken, http('response'), state(known, outcome, { url: 'http://crl3.digicert.com/a.crl', ...over })]
}

test('the flow of the catalog is among what was learnt, and only where its host was not reached', () => {
  const learnt = (seen: readonly Draft[]) => diagnose(caseOf(signIn, seen)).learnt['revocationFlows']
  assert.deepEqual(learnt(microsoft('unreachable', closed)), ['t2-http-crl'])
  assert.equal(learnt(microsoft('good', {})), undefined)
})

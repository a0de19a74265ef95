import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyCheckReport } from '../../../test/anyReport.ts'
import { filed, state } from '../../../test/observed.ts'
import { checkReportOf, flowReportOf, sampleCheck, samplePlan } from '../../../test/reports.ts'
import { handshakeOf } from '../../../test/sampleEvidence.ts'
import type { FlowReport } from '../../model/report.ts'
import { checkHtml } from './checkHtml.ts'
import { checkMarkdown } from './checkMarkdown.ts'
import { checkText } from './checkText.ts'

const planned = samplePlan.flows[0] ?? assert.fail()
const page = { colour: false, width: 80, long: false }

/** What a server gave away that takes what it should: the answers of a check with `--posture`. */
const learnt = {
  tlsVersionsTaken: ['TLSv1.2', 'TLSv1.3'],
  tlsVersionsRefused: ['TLSv1', 'TLSv1.1'],
  helloOctets: 391,
  longHelloOctets: 1562,
  longHello: 'answered',
  otherNames: 'another certificate',
  certificateKey: 'rsa 2048',
  certificateSignature: 'sha256WithRSAEncryption',
  certificateRoot: 'DigiCert Global Root G2',
  certificateDaysLeft: 88,
  rootOfMicrosoft: true,
}

const own = handshakeOf({ role: 'probe', outcome: 'established', anchoredIn: ['node', 'machine'] })
const leaf = own.chain[0] ?? assert.fail()
const states = filed([
  state(leaf, 'good', { method: 'ocsp', url: 'http://ocsp.example/' }),
  state(leaf, 'good', { url: 'http://crl.example/a.crl' }),
  state({ subject: 'CN=Issuing CA 1', serial: '77' }, 'timeout', { url: 'http://crl.example/b.crl' }),
])

function server(name: string, over: FlowReport['learnt'] = {}, flow = 'row-1'): FlowReport {
  const target = { name, port: 443, transport: 'tcp', service: 'https' } as const
  return flowReportOf({ ...planned, flow, target }, { learnt: { ...learnt, ...over }, evidence: [own, ...states] })
}

function told(flows: readonly FlowReport[]): string {
  const text = checkText(checkReportOf(flows), page)
  const at = text.indexOf('what TLS servers also accept')
  return at === -1 ? '' : text.slice(at)
}

test('what a server takes is told in words: versions, hellos, names, certificate, stores and who was asked of its state', () => {
  assert.equal(
    told([server('a.example')]).split('\n\n')[0],
    `what TLS servers also accept, and what they show: 1 server
  tcp/443  a.example  88 days left
             ClientHello  391 octets answered
                          1562 octets (post-quantum share) answered
             versions     TLS 1.2 and 1.3 taken; TLS 1.0 and 1.1 refused
             other name   another certificate
             client cert  not asked for in the handshake
             key          rsa 2048
             signature    sha256WithRSAEncryption
             root         DigiCert Global Root G2, one of Microsoft's list
             trusted by   the list of Node.js and the store of this machine
             revocation   the certificate: not revoked (responder of
                          ocsp.example and list of crl.example)
                          "Issuing CA 1": no answer (list of crl.example)
                          no answer stapled`,
  )
})

test('servers that do the same are told once, each with its days; the odd ones come first', () => {
  const alike = Array.from({ length: 29 }, (_, at) =>
    server(`host-${at}.example`, { helloOctets: 380 + at, certificateDaysLeft: at - 1 }),
  )
  const text = told([...alike, server('old.example', { longHello: 'unanswered' })])
  assert.match(
    text,
    /^what TLS servers also accept, and what they show: 30 servers, in 2 kinds\n {2}tcp\/443 {2}old\.example /,
  )
  assert.equal(text.match(/versions /g)?.length, 2)
  assert.match(text, /380 to 408 octets answered/)
  assert.match(text, /1562 octets \(post-quantum share\) unanswered/)
  assert.match(text, /host-0\.example {3}certificate ended 1 day ago/)
  assert.match(text, /host-2\.example {3}1 day left/)
})

test('where no long hello was sent nothing is said of one, whoever else is alike', () => {
  const { longHello: _, longHelloOctets: __, ...short } = learnt
  const silent: FlowReport = { ...server('short.example'), learnt: short }
  for (const flows of [
    [silent, server('a.example')],
    [server('a.example'), silent],
  ]) {
    const text = told(flows)
    assert.match(text, /2 servers$/m)
    assert.equal(text.match(/versions /g)?.length, 2)
    const [, ofShort = ''] = /short\.example(.*?)versions/s.exec(text) ?? []
    const [, ofLong = ''] = / a\.example(.*?)versions/s.exec(text) ?? []
    assert.match(ofShort, /391 octets answered; no long one was sent/)
    assert.match(ofLong, /1562 octets \(post-quantum share\) answered/)
    assert.doesNotMatch(text, /unanswered/)
  }
  const unmeasured = told([server('a.example', { longHelloOctets: 'unknown' })])
  assert.match(unmeasured, /the long one \(post-quantum share\) answered/)
})

test('a version that got no answer is told as that, and not as refused', () => {
  const cut = {
    tlsVersionsTaken: ['TLSv1.3'],
    tlsVersionsRefused: ['TLSv1'],
    tlsVersionsUnanswered: ['TLSv1.1', 'TLSv1.2'],
  }
  const words = (text: string): string => text.replaceAll(/\s+/g, ' ')
  const text = words(told([server('a.example', cut)]))
  assert.match(text, /versions TLS 1\.3 taken TLS 1\.0 refused no answer to TLS 1\.1 and 1\.2 by itself other name/)
  const { tlsVersionsTaken: _, tlsVersionsRefused: __, ...none } = learnt
  const untold = { ...server('a.example'), learnt: none }
  assert.match(words(told([untold])), /versions none tried by itself other name/)
})

test('a server that several flows go to is told once', () => {
  assert.match(told([server('a.example'), server('a.example', {}, 'row-2')]), /: 1 server\n/)
})

test('a request for a client certificate is told', () => {
  const asks = handshakeOf({ ...own, clientCertificateRequested: true })
  assert.match(told([{ ...server('a.example'), evidence: [asks] }]), /client cert {2}asked for in the handshake/)
})

test('nothing is told where it was not asked', () => {
  assert.equal(told(sampleCheck.flows), '')
  assert.doesNotMatch(checkMarkdown(sampleCheck), /TLS servers/)
  assert.doesNotMatch(checkHtml(sampleCheck), /TLS servers/)
})

test('Markdown and HTML tell the same, with a table of their own and a link to it', () => {
  const report = checkReportOf([server('a.example')])
  const markdown = checkMarkdown(report)
  assert.match(markdown, /\n### What TLS servers also accept, and what they show: 1 server\n\n\| What \| 1 server \|\n/)
  assert.match(markdown, /\n\| versions \| TLS 1\.2 and 1\.3 taken; TLS 1\.0 and 1\.1 refused \|\n/)
  const page = checkHtml(report)
  assert.match(page, /<a href="#posture">.*<h2 id="posture">/s)
  assert.match(page, /<span class="quiet">root:<\/span> DigiCert Global Root G2, one of Microsoft&#39;s list/)
})

test('any report with any such fact is told without a throw', () => {
  fc.assert(
    fc.property(
      anyCheckReport,
      fc.dictionary(fc.constantFrom(...Object.keys(learnt)), fc.string()),
      (report, facts) => {
        const flows = report.flows.map((flow) => ({ ...flow, learnt: { ...facts, rootOfMicrosoft: false } }))
        for (const render of [checkText, checkMarkdown, checkHtml]) render({ ...report, flows }, page)
      },
    ),
  )
})

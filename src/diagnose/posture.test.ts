import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onCloud, signIn } from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import {
  caseOf,
  certificate,
  context,
  control,
  egress,
  filed,
  nameless,
  posture,
  publishedRoot,
  tls,
  withoutName,
} from '../../test/observed.ts'
import type { CauseCode } from '../model/cause.ts'
import type { CertificateFacts } from '../model/certificateFacts.ts'
import type { TlsHandshake } from '../model/observation.ts'
import type { Verdict } from '../model/verdict.ts'
import { diagnose } from './diagnose.ts'
import { isServerItself, weaknessesOf } from './posture.ts'

const apart = (version: string, outcome: Parameters<typeof tls>[0]): Draft =>
  posture('tls-version', tls(outcome, { offered: { minVersion: version, maxVersion: version, alpn: [] }, version }))
const long = tls('established', {
  offered: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', alpn: [], hello: 'post-quantum', helloOctets: 1560 },
})
const shown = (over: Partial<CertificateFacts> = {}): CertificateFacts =>
  certificate({ key: { type: 'rsa', bits: 2048 }, signature: 'sha256WithRSAEncryption', ...over })
const works = (chain: readonly CertificateFacts[]): Draft =>
  tls('established', {
    chain,
    offered: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', alpn: [], helloOctets: 383 },
  })

test('a posture is learnt: versions taken and refused, sizes of the hello, other names, key, signature and root', () => {
  const leaf = shown()
  const { verdict, learnt } = diagnose(
    caseOf(signIn, [
      onCloud,
      works([leaf, publishedRoot]),
      apart('TLSv1.3', 'established'),
      apart('TLSv1', 'alert'),
      apart('TLSv1.2', 'established'),
      apart('TLSv1.1', 'alert'),
      posture('hello-size', long),
      posture('server-name', tls('established', { serverName: 'postern.invalid', nameMatches: false, chain: [leaf] })),
    ]),
  )
  assert.equal(verdict, 'open')
  const { tlsVersionsTaken, tlsVersionsRefused, helloOctets, longHelloOctets, longHello, otherNames } = learnt
  assert.deepEqual(
    { tlsVersionsTaken, tlsVersionsRefused, helloOctets, longHelloOctets, longHello, otherNames },
    {
      tlsVersionsTaken: ['TLSv1.2', 'TLSv1.3'],
      tlsVersionsRefused: ['TLSv1', 'TLSv1.1'],
      helloOctets: 383,
      longHelloOctets: 1560,
      longHello: 'answered',
      otherNames: 'the same certificate',
    },
  )
  const { certificateKey, certificateSignature, rootOfMicrosoft } = learnt
  assert.deepEqual(
    [certificateKey, certificateSignature, rootOfMicrosoft],
    ['rsa 2048', 'sha256WithRSAEncryption', true],
  )
})

test('where no posture was asked for, none is learnt, whatever controls were', () => {
  const offered = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', alpn: [] }
  const controls = [
    control('hello-size', long),
    control('tls-version', tls('established', { offered })),
    control('server-name', tls('alert', { serverName: 'graph.microsoft.com' })),
  ]
  for (const seen of [[], controls, [context(long)]]) {
    const { learnt } = diagnose(caseOf(signIn, [onCloud, works([shown(), publishedRoot]), ...seen]))
    for (const fact of ['tlsVersionsTaken', 'longHello', 'otherNames', 'rootOfMicrosoft']) {
      assert.equal(learnt[fact], undefined, fact)
    }
  }
})

test('only an alert refuses a version: an end without one, and silence, are told as no answer', () => {
  const { learnt } = diagnose(
    caseOf(signIn, [
      onCloud,
      works([shown(), publishedRoot]),
      apart('TLSv1', 'reset'),
      apart('TLSv1.1', 'closed'),
      apart('TLSv1.2', 'timeout'),
      apart('TLSv1.3', 'alert'),
    ]),
  )
  assert.deepEqual(
    [learnt['tlsVersionsTaken'], learnt['tlsVersionsRefused'], learnt['tlsVersionsUnanswered']],
    [undefined, ['TLSv1.3'], ['TLSv1', 'TLSv1.1', 'TLSv1.2']],
  )
})

const stranger = { serverName: 'postern.invalid' } as const
for (const { what, seen, told } of [
  { what: 'another certificate', seen: tls('established', stranger), told: 'another certificate' },
  {
    what: 'an alert',
    seen: tls('alert', { ...stranger, alert: { number: 112, name: 'unrecognized_name' } }),
    told: 'turned away (alert 112, unrecognized_name)',
  },
  { what: 'a reset', seen: tls('reset', stranger), told: 'no answer' },
  { what: 'silence', seen: tls('timeout', stranger), told: 'no answer' },
]) {
  test(`to a name that is nobody's: ${what}`, () => {
    const { learnt } = diagnose(caseOf(signIn, [onCloud, works([shown()]), posture('server-name', seen)]))
    assert.equal(learnt['otherNames'], told)
  })
}

test('a posture of a server without a name is learnt as that of one with a name is', () => {
  const drafts = [works([shown()]), apart('TLSv1.2', 'established'), posture('hello-size', long)].map(nameless)
  const { learnt } = diagnose(
    caseOf(withoutName(signIn), [onCloud, ...drafts, posture('server-name', tls('alert', stranger))]),
  )
  assert.deepEqual(
    [learnt['tlsVersionsTaken'], learnt['longHello'], learnt['otherNames']],
    [['TLSv1.2'], 'answered', 'turned away'],
  )
})

test('through a proxy the other name of a posture is told, and that of another tunnel is not', () => {
  const through = (draft: Draft): Draft => ({
    ...draft,
    seen: { ...draft.seen, ...egress, through: 'egress' } as Draft['seen'],
  })
  const drafts = [
    works([shown()]),
    control('name', tls('established', { serverName: 'graph.microsoft.com' })),
    posture('server-name', tls('alert', stranger)),
  ].map(through)
  const { learnt } = diagnose(caseOf({ ...signIn, via: 'egress' }, drafts))
  assert.equal(learnt['otherNames'], 'turned away')
})

const weakIn = (...drafts: readonly Draft[]): readonly string[] =>
  weaknessesOf(
    filed(drafts).filter((seen) => seen.kind === 'tls-handshake'),
    'tcp/443 x',
  ).map(({ code }) => code)

const sha1 = { signature: 'sha1WithRSAEncryption' }
for (const { what, chain, codes } of [
  { what: 'a key of 2048 bits and SHA-256', chain: [shown(), publishedRoot], codes: [] },
  { what: 'a key of 1024 bits', chain: [shown({ key: { type: 'rsa', bits: 1024 } })], codes: ['weak-key'] },
  { what: 'an elliptic curve', chain: [shown({ key: { type: 'ec' } })], codes: [] },
  { what: 'a leaf that is signed with SHA-1', chain: [shown(sha1), publishedRoot], codes: ['weak-signature'] },
  { what: 'an intermediate that is signed with SHA-1', chain: [shown(), shown(sha1)], codes: ['weak-signature'] },
  { what: 'a root that is signed with SHA-1', chain: [shown(), shown({ ...sha1, selfSigned: true })], codes: [] },
  { what: 'an issuer of a trust store', chain: [shown(), shown({ ...sha1, from: 'machine' })], codes: [] },
]) {
  test(`${what}: ${codes.join() || 'nothing weak'}`, () => {
    assert.deepEqual(weakIn(works(chain)), codes)
  })
}

test('TLS 1.0 and 1.1 beside newer versions are a weakness; refused they are none', () => {
  assert.deepEqual(weakIn(works([shown()]), apart('TLSv1.1', 'established')), ['old-tls'])
  assert.deepEqual(weakIn(works([shown()]), apart('TLSv1.1', 'alert')), [])
})

test('a server that did not work is judged by its cause, and not by what is weak', () => {
  assert.deepEqual(weakIn(tls('alert'), apart('TLSv1.1', 'established')), [])
})

const itself = (verdict: Verdict['verdict'], cause?: CauseCode, over: Partial<TlsHandshake> = {}): boolean =>
  isServerItself(
    { verdict, ...(cause !== undefined && { cause }) },
    filed([tls('established', { chain: [shown(), publishedRoot], ...over })]).filter(
      (seen) => seen.kind === 'tls-handshake',
    ),
  )

test('a server whose flow is wrong is the one that was meant where a store vouches for its certificate and it has the name', () => {
  for (const cause of ['mtls-terminated', 'wrong-domain', 'not-the-service', 'reply-url-mismatch'] as const) {
    const verdict = cause === 'reply-url-mismatch' ? 'blocked' : 'wrong'
    assert.ok(itself(verdict, cause), cause)
    assert.ok(!itself(verdict, cause, { nameMatches: false }), cause)
    assert.ok(!itself(verdict, cause, { signaturesVerify: false }), cause)
    assert.ok(!itself(verdict, cause, { anchoredIn: [] }), cause)
  }
})

test('where somebody else answers, or nobody knows, what is weak is not the server’s', () => {
  for (const cause of [
    'interception-trusted',
    'interception-partial',
    'captive-portal',
    'wrong-target-dnat',
  ] as const) {
    assert.ok(!itself('wrong', cause), cause)
  }
  assert.ok(!itself('unknown', 'undetermined'))
  assert.ok(!itself('not-run'))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { certificate, filed, judgedAt, leaf, publishedRoot, root, shaken } from '../../test/observed.ts'
import type { CertificateFacts, TrustStore } from '../model/certificateFacts.ts'
import type { TlsHandshake } from '../model/observation.ts'
import type { JudgementContext } from '../model/report.ts'
import type { ChainVerdict } from './chain.ts'
import { expectationOf, judgeChain } from './chain.ts'

const context: JudgementContext = { judgedAt, cloud: 'worldwide', trusted: [], names: {} }
const signIn = 'login.microsoftonline.com'

function handshake(
  name: string,
  chain: readonly CertificateFacts[],
  anchoredIn: readonly TrustStore[],
  over: Parameters<typeof shaken>[3] = {},
): TlsHandshake {
  const [seen] = filed([shaken(name, chain, anchoredIn, over)])
  assert.ok(seen?.kind === 'tls-handshake')
  return { ...seen, id: `e-${name}` }
}

interface Row {
  readonly name: string
  readonly shaken: TlsHandshake
  readonly peers?: readonly TlsHandshake[]
  readonly known?: Partial<JudgementContext>
  readonly expect: Partial<Record<string, unknown>> & { readonly kind: ChainVerdict['kind'] }
}

const inspector = root('Corp TLS Inspection CA', 'machine')
const resigned = (name: string, anchoredIn: readonly TrustStore[] = ['machine']): TlsHandshake =>
  handshake(name, [leaf(name, 'Corp TLS Inspection CA'), inspector], anchoredIn)
const genuine = (name: string): TlsHandshake => handshake(name, [leaf(name, 'DigiCert'), publishedRoot], ['node'])
const labRoot = root('Lab Root CA', 'site')
const mapped = { names: { [signIn]: '127.0.0.1' }, trusted: [labRoot.sha256] }
const g2 = certificate({ subject: 'CN=Microsoft TLS RSA Root G2', issuer: 'CN=DigiCert Global Root G2', from: 'aia' })

const rows: readonly Row[] = [
  {
    name: 'a short chain that says it ends in a published root is not foreign for the word of a product in it',
    shaken: handshake(signIn, [leaf(signIn, 'Zscaler CA'), leaf('Zscaler CA', 'DigiCert Global Root G2')], []),
    expect: { kind: 'cannot-know', because: 'short' },
  },
  {
    name: 'an unrelated name whose certificate is not for it was signed for somebody else',
    shaken: resigned(signIn),
    peers: [{ ...resigned('graph.microsoft.com'), nameMatches: false }],
    expect: { kind: 'intercepted', confidence: 'possible', alsoSigned: [] },
  },
  {
    name: 'the genuine chain of the very name at another address is no other name',
    shaken: resigned(signIn),
    peers: [genuine(signIn)],
    expect: { kind: 'intercepted', partial: false, genuineNames: [] },
  },
  {
    name: 'a genuine chain under a name that is not its own says nothing about that name',
    shaken: resigned(signIn),
    peers: [{ ...genuine('graph.microsoft.com'), nameMatches: false }],
    expect: { kind: 'intercepted', partial: false, genuineNames: [] },
  },
  {
    name: 'an own server that shows the certificate of another name is no proof of the inspector that signed it',
    shaken: handshake('app01.corp.example', [leaf('app02.corp.example', 'Corp TLS Inspection CA'), inspector], [], {
      nameMatches: false,
    }),
    peers: [resigned('graph.microsoft.com', [])],
    expect: { kind: 'cannot-know', because: 'private-root' },
  },
  {
    name: 'a mapped name that lacks trust beside genuine ones is likely inspected in part: its root may be missing',
    shaken: resigned(signIn, []),
    peers: [genuine('graph.microsoft.com')],
    known: mapped,
    expect: { kind: 'intercepted', partial: true, confidence: 'likely', alternatives: ['root-missing'] },
  },
  {
    name: 'a chain to a published root is genuine',
    shaken: genuine(signIn),
    expect: { kind: 'genuine', by: 'microsoft-root', anchored: true, fetched: false },
  },
  {
    name: 'a chain to a published root that no store holds is genuine all the same',
    shaken: handshake(signIn, [certificate(), publishedRoot], []),
    expect: { kind: 'genuine', anchored: false },
  },
  {
    name: 'a short chain that fetching completes is genuine',
    shaken: handshake(signIn, [certificate(), g2, publishedRoot], ['node']),
    expect: { kind: 'genuine', fetched: true },
  },
  {
    name: 'a short chain of an issuer named like Microsoft’s is not interception',
    shaken: handshake(
      signIn,
      [certificate({ issuer: 'CN=Microsoft TLS G2 RSA CA OCSP 04,O=Microsoft Corporation' })],
      [],
    ),
    expect: { kind: 'cannot-know', because: 'short' },
  },
  {
    name: 'a short chain of an unknown issuer is not interception either',
    shaken: handshake(signIn, [leaf(signIn, 'Anything')], []),
    expect: { kind: 'cannot-know', because: 'short' },
  },
  {
    name: 'a short chain whose issuer carries the sign of a product is',
    shaken: handshake(signIn, [leaf(signIn, 'Zscaler Intermediate Root CA')], []),
    expect: { kind: 'intercepted', trusted: false, vendor: 'Zscaler', confidence: 'likely' },
  },
  {
    name: 'a public root that is not published cannot be known',
    shaken: handshake(signIn, [certificate(), root('New Public Root', 'node')], ['node']),
    expect: { kind: 'cannot-know', because: 'unlisted-public-root' },
  },
  {
    name: 'a public root with the word of a product in it accuses nobody',
    shaken: handshake(signIn, [leaf(signIn, 'Cisco Public CA'), root('Cisco Public Root', 'node')], ['node']),
    expect: { kind: 'cannot-know', because: 'unlisted-public-root' },
  },
  {
    name: 'the root whose fingerprint nobody published cannot be known, trusted or not',
    shaken: handshake(signIn, [certificate(), root('Microsoft TLS ECC Root G2', 'machine')], ['machine']),
    expect: { kind: 'cannot-know', because: 'unpublished-fingerprint' },
  },
  {
    name: 'the name of a published root with another fingerprint is foreign',
    shaken: handshake(signIn, [certificate(), root('DigiCert Global Root G2')], []),
    expect: { kind: 'intercepted', trusted: false },
  },
  {
    name: 'a root in the machine’s store alone is possibly an inspector’s: it may as well be new',
    shaken: resigned(signIn),
    expect: { kind: 'intercepted', trusted: true, partial: false, confidence: 'possible', alsoSigned: [] },
  },
  {
    name: 'a CA of the site that signs a name of Microsoft’s is likely one',
    shaken: handshake(signIn, [leaf(signIn, 'Lab Root CA'), labRoot], ['site']),
    known: { trusted: [labRoot.sha256] },
    expect: { kind: 'intercepted', trusted: true, confidence: 'likely', expectation: 'microsoft' },
  },
  {
    name: 'a root that only the machine holds, above an issuer named like Microsoft’s, may be Microsoft’s newest',
    shaken: handshake(
      signIn,
      [
        leaf(signIn, 'Microsoft TLS G3', { issuer: 'CN=Microsoft TLS G2 RSA CA OCSP 99,O=Microsoft Corporation,C=US' }),
        root('Microsoft TLS RSA Root G9', 'machine'),
      ],
      ['machine'],
    ),
    expect: { kind: 'cannot-know', because: 'unlisted-public-root' },
  },
  {
    name: 'the same under a root that nobody trusts is foreign',
    shaken: handshake(
      signIn,
      [
        leaf(signIn, 'Microsoft TLS G3', { issuer: 'CN=Microsoft TLS G2 RSA CA OCSP 99,O=Microsoft Corporation,C=US' }),
        root('Microsoft TLS RSA Root G9'),
      ],
      [],
    ),
    expect: { kind: 'intercepted', trusted: false, confidence: 'likely' },
  },
  {
    name: 'and is genuine when it was fetched and ends in a published root',
    shaken: handshake(
      signIn,
      [
        leaf(signIn, 'Microsoft TLS G2 RSA CA OCSP 98'),
        certificate({
          subject: 'CN=Microsoft TLS G2 RSA CA OCSP 98',
          issuer: 'CN=Microsoft TLS RSA Root G2',
          from: 'aia',
        }),
        g2,
        publishedRoot,
      ],
      ['machine'],
    ),
    expect: { kind: 'genuine', by: 'microsoft-root', anchored: true, fetched: true },
  },
  {
    name: 'a product is not named where this machine trusts the chain',
    shaken: handshake(signIn, [leaf(signIn, 'Cisco Corp CA'), root('Corp Root', 'machine')], ['machine']),
    expect: { kind: 'intercepted', trusted: true, vendor: undefined, confidence: 'possible' },
  },
  {
    name: 'names that share one issuer and show it genuinely elsewhere are re-signed in part',
    shaken: resigned(signIn, []),
    peers: [resigned('graph.microsoft.com', []), genuine('aadcdn.msauth.net')],
    expect: {
      kind: 'intercepted',
      trusted: false,
      partial: true,
      confidence: 'certain',
      alsoSigned: ['graph.microsoft.com'],
      genuineNames: ['aadcdn.msauth.net'],
    },
  },
  {
    name: 'a directory over TLS under the CA of the company accuses nobody, whatever is re-signed beside it',
    shaken: handshake(
      'dc01.corp.example',
      [leaf('dc01.corp.example', 'Corp Enterprise CA'), root('Corp Enterprise CA', 'machine')],
      ['machine'],
    ),
    peers: [resigned(signIn)],
    expect: { kind: 'genuine', by: 'trust-store', expectation: 'any-store' },
  },
  {
    name: 'nor does one whose CA this machine lacks',
    shaken: handshake('dc01.corp.example', [leaf('dc01.corp.example', 'Corp Enterprise CA')], []),
    peers: [resigned(signIn), genuine('graph.microsoft.com')],
    expect: { kind: 'cannot-know', because: 'short', expectation: 'any-store' },
  },
  {
    name: 'the same issuer on an unrelated name makes it certain',
    shaken: resigned(signIn),
    peers: [resigned('graph.microsoft.com')],
    expect: { kind: 'intercepted', confidence: 'certain', alsoSigned: ['graph.microsoft.com'] },
  },
  {
    name: 'a related name adds nothing',
    shaken: resigned(signIn),
    peers: [resigned('aadg.microsoftonline.com')],
    expect: { kind: 'intercepted', confidence: 'possible', alsoSigned: [] },
  },
  {
    name: 'the same certificate under another name is the same server, not an inspector',
    shaken: handshake(signIn, [leaf(signIn, 'CA', { sha256: 'AA' }), inspector], ['machine']),
    peers: [handshake('graph.microsoft.com', [leaf(signIn, 'CA', { sha256: 'AA' }), inspector], ['machine'])],
    expect: { kind: 'intercepted', confidence: 'possible', alsoSigned: [] },
  },
  {
    name: 'genuine names beside it make it partial and certain',
    shaken: resigned(signIn),
    peers: [genuine('graph.microsoft.com')],
    expect: { kind: 'intercepted', partial: true, confidence: 'certain', genuineNames: ['graph.microsoft.com'] },
  },
  {
    name: 'a genuine server of the company beside it does not',
    shaken: resigned(signIn),
    peers: [handshake('app01.corp.example', [leaf('app01.corp.example', 'Lab Root CA'), labRoot], ['site'])],
    expect: { kind: 'intercepted', partial: false },
  },
  {
    name: 'a self-signed certificate of the right name is possibly one, or a wrong translation',
    shaken: handshake(signIn, [{ ...root(signIn), from: 'handshake' }], []),
    expect: { kind: 'intercepted', confidence: 'possible', alternatives: ['wrong-target-dnat'] },
  },
  {
    name: 'a foreign chain for another name says nothing about interception',
    shaken: handshake(signIn, [leaf('console.corp.example', 'X'), inspector], ['machine'], { nameMatches: false }),
    expect: { kind: 'cannot-know', because: 'other-name' },
  },
  {
    name: 'signatures that do not verify prove no chain',
    shaken: handshake(signIn, [certificate()], [], { signaturesVerify: false }),
    expect: { kind: 'cannot-know', because: 'signature' },
  },
  {
    name: 'no certificate proves nothing',
    shaken: handshake(signIn, [], []),
    expect: { kind: 'cannot-know', because: 'no-certificate' },
  },
  {
    name: 'a mapped name is genuine under the site’s CA',
    shaken: handshake(signIn, [leaf(signIn, 'Lab Root CA'), labRoot], ['site']),
    known: mapped,
    expect: { kind: 'genuine', by: 'site-root', expectation: 'site' },
  },
  {
    name: 'a mapped name is genuine under the site’s CA by its fingerprint alone',
    shaken: handshake(signIn, [leaf(signIn, 'Lab Root CA'), labRoot], []),
    known: mapped,
    expect: { kind: 'genuine', by: 'site-root' },
  },
  {
    name: 'a mapped name under a root of the machine is possibly intercepted',
    shaken: resigned(signIn),
    known: mapped,
    expect: { kind: 'intercepted', trusted: true, confidence: 'possible', expectation: 'site' },
  },
  {
    name: 'and certainly when unrelated names of Microsoft’s are',
    shaken: resigned(signIn),
    peers: [resigned('graph.microsoft.com')],
    known: mapped,
    expect: { kind: 'intercepted', confidence: 'certain' },
  },
  {
    name: 'a server of the company that the same CA signs says nothing about a mapped name',
    shaken: resigned(signIn),
    peers: [resigned('app01.corp.example')],
    known: mapped,
    expect: { kind: 'intercepted', confidence: 'possible', alsoSigned: [] },
  },
  {
    name: 'a mapped name under an unknown root may lack its root',
    shaken: resigned(signIn, []),
    known: mapped,
    expect: { kind: 'intercepted', trusted: false, confidence: 'possible', alternatives: ['root-missing'] },
  },
  {
    name: 'a mapped name of a site without a CA is judged by the stores',
    shaken: resigned(signIn),
    known: { names: mapped.names },
    expect: { kind: 'genuine', by: 'trust-store', expectation: 'any-store' },
  },
  {
    name: 'an own server is trusted by whatever store holds its root',
    shaken: handshake(
      'app01.corp.example',
      [leaf('app01.corp.example', 'Corp CA'), root('Corp CA', 'machine')],
      ['machine'],
    ),
    expect: { kind: 'genuine', by: 'trust-store', expectation: 'any-store' },
  },
  {
    name: 'an own server under a private root is not known',
    shaken: handshake('app01.corp.example', [leaf('app01.corp.example', 'Corp CA'), root('Corp CA')], []),
    expect: { kind: 'cannot-know', because: 'private-root' },
  },
  {
    name: 'an own server with a self-signed certificate is not known',
    shaken: handshake('app01.corp.example', [root('app01.corp.example')], []),
    expect: { kind: 'cannot-know', because: 'self-signed' },
  },
  {
    name: 'an own server that the inspector of Microsoft names signed is intercepted',
    shaken: handshake('app01.corp.example', [leaf('app01.corp.example', 'Corp TLS Inspection CA'), inspector], []),
    peers: [resigned('graph.microsoft.com', [])],
    expect: { kind: 'intercepted', trusted: false, confidence: 'certain' },
  },
]

for (const row of rows) {
  test(row.name, () => {
    const verdict = judgeChain(row.shaken, row.peers ?? [], undefined, { ...context, ...row.known })
    const entries: readonly [string, unknown][] = Object.entries(verdict)
    const told = Object.fromEntries(Object.keys(row.expect).map((key) => [key, new Map(entries).get(key)]))
    assert.deepEqual(told, row.expect)
  })
}

test('what is expected under a name follows from whose it is and where it is served', () => {
  assert.equal(expectationOf(undefined, context, 443), 'any-store')
  assert.equal(expectationOf('app01.corp.example', context, 443), 'any-store')
  assert.equal(expectationOf('LOGIN.microsoftonline.com.', context, 443), 'microsoft')
  assert.equal(expectationOf(signIn, { ...context, ...mapped }, 443), 'site')
  assert.equal(expectationOf(signIn, { ...context, names: mapped.names }, 443), 'any-store')
})

test('a mapping of one port says nothing of a name on another', () => {
  const at = (names: Record<string, string>, dialled: number) =>
    expectationOf(signIn, { ...context, ...mapped, names }, dialled)
  assert.equal(at({ '*:80': ':8080' }, 443), 'microsoft')
  assert.equal(at({ [`${signIn}:8443`]: ':9443' }, 443), 'microsoft')
  assert.equal(at({ '*:443': ':9443' }, 9443), 'site')
  assert.equal(at({ [`${signIn}:443`]: '[::1]:9443' }, 9443), 'site')
  assert.equal(at({ [`${signIn}:443`]: '10.1.0.5' }, 443), 'site')
})

test('what decided names the peers that made it so', () => {
  const verdict = judgeChain(
    resigned(signIn),
    [resigned('graph.microsoft.com'), genuine('aadcdn.msauth.net')],
    undefined,
    context,
  )
  assert.ok(verdict.kind === 'intercepted')
  assert.deepEqual(verdict.decidedBy, [`e-${signIn}`, 'e-graph.microsoft.com', 'e-aadcdn.msauth.net'])
})

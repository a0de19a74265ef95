import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { certificateId, openList, readList, readOcsp } from '../../net/revocationAnswer.ts'
import { ocspRequest } from '../../wire/ocsp.ts'
import { loadX509 } from './loadX509.ts'
import { type CertificateKind, openPki } from './pki.ts'

const now = Date.UTC(2026, 2, 1)
const name = 'app01.corp.example'
const open = () => openPki({ clock: () => now, publishedAt: 'http://pki.corp.example' })

const certificatesIn = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((one) => new X509Certificate(one))

test('a genuine certificate leads by its issuing CA to the root', async () => {
  const pki = await open()
  const { chainPem, keyPem, leafPem } = await pki.certificate('genuine', name)
  const [leaf, issuing, ...others] = certificatesIn(chainPem)
  const root = new X509Certificate(pki.rootPem)
  assert.ok(leaf && issuing)
  assert.equal(others.length, 0)
  assert.equal(leaf.fingerprint256, new X509Certificate(leafPem).fingerprint256)
  assert.ok(leaf.checkIssued(issuing) && leaf.verify(issuing.publicKey))
  assert.ok(issuing.ca && issuing.checkIssued(root) && issuing.verify(root.publicKey))
  assert.ok(root.ca && root.verify(root.publicKey))
  assert.ok(leaf.checkPrivateKey(createPrivateKey(keyPem)))
  assert.equal(leaf.ca, false)
  assert.equal(leaf.checkHost(name), name)
  assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  assert.match(leaf.infoAccess ?? '', /CA Issuers - URI:http:\/\/pki\.corp\.example\/aia\/issuing\.crt/)
  const days = (leaf.validToDate.getTime() - leaf.validFromDate.getTime()) / 86_400_000
  assert.equal(days, 90)
})

interface Row {
  readonly kind: CertificateKind
  readonly is: string
  readonly sends: number
  readonly holds: (leaf: X509Certificate, issuing: X509Certificate) => boolean
}

const forClients = '1.3.6.1.5.5.7.3.2'

const rows: readonly Row[] = [
  { kind: 'expired', is: 'has run out', sends: 2, holds: (leaf) => leaf.validToDate.getTime() < now },
  { kind: 'not-yet-valid', is: 'has not begun', sends: 2, holds: (leaf) => leaf.validFromDate.getTime() > now },
  { kind: 'wrong-name', is: 'names another host', sends: 2, holds: (leaf) => leaf.checkHost(name) === undefined },
  { kind: 'private-root', is: 'is of another root', sends: 2, holds: (leaf, issuing) => !leaf.checkIssued(issuing) },
  { kind: 'inspected', is: 'is of the inspector', sends: 2, holds: (leaf) => /Inspection CA/.test(leaf.issuer) },
  { kind: 'inspected-by-product', is: 'is of a product', sends: 2, holds: (leaf) => /FortiGate/.test(leaf.issuer) },
  { kind: 'namesake', is: 'is of a CA below the root', sends: 2, holds: (leaf) => /Barracuda Works/.test(leaf.issuer) },
  { kind: 'of-a-client', is: 'is for clients', sends: 2, holds: ({ keyUsage }) => keyUsage.join() === forClients },
  { kind: 'of-any-purpose', is: 'has no purpose', sends: 2, holds: ({ keyUsage }) => keyUsage === undefined },
  { kind: 'incomplete', is: 'is sent alone', sends: 1, holds: (leaf, issuing) => leaf.verify(issuing.publicKey) },
  { kind: 'console', is: 'is self-signed', sends: 1, holds: (leaf) => leaf.verify(leaf.publicKey) },
]

for (const { kind, is, sends, holds } of rows) {
  test(`a certificate of the kind ${kind} ${is}, and has nothing else wrong`, async () => {
    const pki = await open()
    const [leaf, ...others] = certificatesIn((await pki.certificate(kind, name)).chainPem)
    const issuing = new X509Certificate(pki.certificatePem('issuing'))
    assert.ok(leaf)
    assert.equal(1 + others.length, sends)
    assert.ok(holds(leaf, issuing))
    const own = kind === 'console' || kind === 'wrong-name'
    assert.equal(leaf.checkHost(name) === name, !own)
    const dated = leaf.validFromDate.getTime() <= now && now <= leaf.validToDate.getTime()
    assert.equal(dated, kind !== 'expired' && kind !== 'not-yet-valid')
    const signer = others[0] ?? (kind === 'console' ? leaf : issuing)
    assert.ok(leaf.verify(signer.publicKey))
  })
}

test('a name gets one certificate of a kind, however often and at once it is asked for', async () => {
  const pki = await open()
  const [one, same, other] = await Promise.all([
    pki.certificate('genuine', name),
    pki.certificate('genuine', name),
    pki.certificate('inspected', name),
  ])
  assert.equal(one, same)
  assert.notEqual(one.leafPem, other.leafPem)
})

test('each authority publishes a revocation list that it has signed and that is in force', async () => {
  const pki = await open()
  const x509 = await loadX509()
  for (const authority of ['root', 'issuing'] as const) {
    const list = new x509.X509Crl(await pki.revocationList(authority))
    const certificate = new x509.X509Certificate(pki.certificateDer(authority))
    assert.ok(await list.verify({ publicKey: certificate.publicKey }))
    assert.equal(list.issuer, certificate.subject)
    assert.ok(list.thisUpdate.getTime() <= now && now < (list.nextUpdate?.getTime() ?? 0))
    assert.deepEqual(list.entries, [])
  }
})

for (const { how, outcome } of [
  { how: 'usual', outcome: 'good' },
  { how: 'stale', outcome: 'stale' },
  { how: 'forged', outcome: 'bad-signature' },
  { how: 'other', outcome: 'other-certificate' },
] as const) {
  test(`what is published as ${how} is read as ${outcome}, list and answer alike`, async () => {
    const pki = await open()
    const [certificate, issuer] = certificatesIn((await pki.certificate('genuine', name)).chainPem)
    assert.ok(certificate && issuer)
    const issued = { certificate, issuer }
    const list = openList(await pki.revocationList('issuing', how))
    assert.equal(readList(list, issued, now).outcome, outcome)
    const id = certificateId(issued)
    assert.ok(id)
    const answer = await pki.ocspAnswer('issuing', ocspRequest(id), how)
    assert.equal(readOcsp(answer ?? new Uint8Array(), issued, now).outcome, outcome)
  })
}

test('a revoked certificate is called so by the list or by the responder, and what is no request gets no answer', async () => {
  const pki = await open()
  const before = await pki.revocationList('issuing')
  for (const [kind, inList, atResponder] of [
    ['revoked-in-list', 'revoked', 'good'],
    ['revoked-at-responder', 'good', 'revoked'],
  ] as const) {
    const [certificate, issuer] = certificatesIn((await pki.certificate(kind, name)).chainPem)
    assert.ok(certificate && issuer)
    const issued = { certificate, issuer }
    const id = certificateId(issued)
    assert.ok(id)
    const answer = await pki.ocspAnswer('issuing', ocspRequest(id))
    assert.deepEqual(
      [
        readList(openList(await pki.revocationList('issuing')), issued, now).outcome,
        readOcsp(answer ?? new Uint8Array(), issued, now).outcome,
        readList(openList(before), issued, now).outcome,
      ],
      [inList, atResponder, 'good'],
    )
  }
  assert.equal(await pki.ocspAnswer('issuing', Buffer.from('what?')), undefined)
})

test('two infrastructures share no key', async () => {
  const [one, other] = await Promise.all([open(), open()])
  const leaf = new X509Certificate((await one.certificate('genuine', name)).leafPem)
  assert.equal(leaf.verify(new X509Certificate(other.certificatePem('issuing')).publicKey), false)
})

import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeCertificate } from '../../test/pki.ts'
import { certificateFacts, hasSigned, isSelfSigned } from './certificateFacts.ts'

test('a certificate is told by its names, dates, prints and the addresses that it gives', async () => {
  const root = await makeCertificate({ subject: 'C=US,O=Test,CN=Root\\, of all', ca: true })
  const leaf = await makeCertificate({
    subject: 'O=Contoso,CN=dc01.corp.example',
    issuer: root,
    names: [
      { type: 'dns', value: 'DC01.corp.example' },
      { type: 'dns', value: '*.corp.example' },
      { type: 'ip', value: '10.1.0.5' },
      { type: 'ip', value: '2001:db8::5' },
      { type: 'email', value: 'a@corp.example' },
    ],
    caIssuers: ['http://pki.corp.example/root.crt', 'ldap:///CN=Root'],
    notBefore: new Date('2026-01-02T03:04:05Z'),
    notAfter: new Date('2051-01-02T03:04:05Z'),
  })
  const { serial, sha1, sha256, ...facts } = certificateFacts(new X509Certificate(leaf.pem))
  assert.deepEqual(facts, {
    subject: 'CN=dc01.corp.example,O=Contoso',
    issuer: 'CN=Root\\, of all,O=Test,C=US',
    notBefore: '2026-01-02T03:04:05.000Z',
    notAfter: '2051-01-02T03:04:05.000Z',
    subjectAltNames: ['dns:dc01.corp.example', 'dns:*.corp.example', 'ip:10.1.0.5', 'ip:2001:db8::5'],
    caIssuers: ['http://pki.corp.example/root.crt', 'ldap:///CN=Root'],
    selfSigned: false,
    key: { type: 'ec', curve: 'P-256' },
    signature: 'ecdsa-with-SHA256',
  })
  assert.match(serial, /^[0-9a-f]+$/)
  assert.match(sha1, /^[0-9A-F]{40}$/)
  assert.match(sha256, /^[0-9A-F]{64}$/)
})

test('a name inside another kind of entry is not taken for an entry of its own', async () => {
  const leaf = await makeCertificate({
    subject: 'CN=x',
    names: [
      { type: 'url', value: 'http://x/, DNS:evil.example' },
      { type: 'dns', value: 'good.example, DNS:evil.example' },
    ],
  })
  const { subjectAltNames } = certificateFacts(new X509Certificate(leaf.pem))
  assert.deepEqual(subjectAltNames, ['dns:good.example, dns:evil.example'])
})

test('a certificate that is meant to fill a report is told in few words, and its names are counted', async () => {
  const hostile = await makeCertificate({
    subject: `CN=${'x'.repeat(30_000)}`,
    names: Array.from({ length: 4000 }, (_, at) => ({ type: 'dns', value: `${at}.${'y'.repeat(1000)}.example` })),
    caIssuers: Array.from({ length: 1000 }, (_, at) => `http://${at}.example/${'z'.repeat(at < 10 ? 5000 : 10)}`),
  })
  const facts = certificateFacts(new X509Certificate(hostile.pem))
  assert.deepEqual([facts.subjectAltNames.length, facts.subjectAltNameCount], [64, 4000])
  assert.deepEqual([facts.caIssuers.length, facts.caIssuers[0]?.startsWith('http://10.example/')], [8, true])
  assert.ok(JSON.stringify(facts).length < 40_000)
})

test('names that are all kept are not counted', async () => {
  const names = Array.from({ length: 64 }, (_, at) => ({ type: 'dns' as const, value: `${at}.example` }))
  const facts = certificateFacts(new X509Certificate((await makeCertificate({ subject: 'CN=x', names })).pem))
  assert.deepEqual([facts.subjectAltNames.length, 'subjectAltNameCount' in facts], [64, false])
})

const clientAuth = '1.3.6.1.5.5.7.3.2'

for (const [what, wish, expected] of [
  ['two purposes', { purposes: [clientAuth, '1.2.3.4'] }, [clientAuth, '1.2.3.4']],
  ['none', {}, undefined],
  ['a list that is empty', { purposes: [] }, undefined],
  ['a list that is made to fill a report', { purposes: Array.from({ length: 33 }, (_, at) => `1.2.${at}`) }, undefined],
  ['the purposes of what a CA issues', { purposes: [clientAuth], ca: true }, undefined],
] as const) {
  test(`what a certificate may be used for is kept as it says: ${what}`, async () => {
    const made = await makeCertificate({ subject: 'CN=x', ...wish })
    assert.deepEqual(certificateFacts(new X509Certificate(made.pem)).extendedKeyUsage, expected)
  })
}

test('self-signed is what its own key signed, not what names itself as issuer', async () => {
  const root = await makeCertificate({ subject: 'CN=Root', ca: true })
  const forged = await makeCertificate({ subject: 'CN=Root', ca: true, forged: true })
  assert.equal(isSelfSigned(new X509Certificate(root.pem)), true)
  assert.equal(isSelfSigned(new X509Certificate(forged.pem)), false)
})

test('an issuer has signed what its key verifies, not what bears its name', async () => {
  const root = await makeCertificate({ subject: 'CN=Root', ca: true })
  const namesake = await makeCertificate({ subject: 'CN=Root', ca: true })
  const leaf = new X509Certificate((await makeCertificate({ subject: 'CN=x', issuer: root })).pem)
  const forged = new X509Certificate((await makeCertificate({ subject: 'CN=x', issuer: root, forged: true })).pem)
  assert.equal(hasSigned(new X509Certificate(root.pem), leaf), true)
  assert.equal(hasSigned(new X509Certificate(namesake.pem), leaf), false)
  assert.equal(hasSigned(new X509Certificate(root.pem), forged), false)
})

test('a certificate with any octets flipped gives facts or is none', async () => {
  const { der } = await makeCertificate({
    subject: 'CN=x,O=y',
    names: [
      { type: 'dns', value: 'x.example' },
      { type: 'ip', value: '::1' },
    ],
    caIssuers: ['http://x.example/'],
  })
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(der.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), (flips) => {
      const octets = Uint8Array.from(der)
      for (const [offset, value] of flips) octets[offset] = value
      let certificate: X509Certificate
      try {
        certificate = new X509Certificate(octets)
      } catch {
        return
      }
      const facts = certificateFacts(certificate)
      assert.equal(facts.sha256.length, 64)
    }),
    { numRuns: 1500 },
  )
})

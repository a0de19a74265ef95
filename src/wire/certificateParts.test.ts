import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeCertificate } from '../../test/pki.ts'
import { certificateParts } from './certificateParts.ts'
import { encoded, tags } from './der.ts'

test('a certificate says where its state is told, by plain HTTP, and whether it may tell that of others', async () => {
  const crl = ['ldap:///CN=x', 'http://a.example/1.crl', 'https://a.example/2.crl', 'http://b.example/3.crl']
  const made = await makeCertificate({
    subject: 'CN=x',
    crl,
    ocsp: ['http://o.example'],
    caIssuers: ['http://i.example'],
    signsOcsp: true,
  })
  const parts = certificateParts(made.der)
  assert.ok(parts)
  assert.deepEqual(parts.crl, ['http://a.example/1.crl', 'http://b.example/3.crl'])
  assert.deepEqual([parts.ocsp, parts.signsOcsp], [['http://o.example'], true])
  assert.equal(
    Buffer.from(parts.serial).toString('hex').replace(/^0+/, ''),
    new X509Certificate(made.der).serialNumber.toLowerCase().replace(/^0+/, ''),
  )
  assert.deepEqual(parts.issuer, parts.subject)
})

test('one that says nothing of it has no addresses', async () => {
  const { der } = await makeCertificate({ subject: 'CN=x' })
  const parts = certificateParts(der)
  assert.deepEqual([parts?.crl, parts?.ocsp, parts?.signsOcsp], [[], [], false])
})

test('addresses that lie as deep as in no certificate are passed over', () => {
  const empty = encoded(tags.sequence)
  const nested = (depth: number): Uint8Array => {
    let point: Uint8Array = encoded(0x86, Buffer.from('http://a.example/'))
    for (let level = 0; level < depth; level += 1) point = encoded(tags.context(0), point)
    const value = encoded(tags.octetString, encoded(tags.sequence, point))
    const extension = encoded(tags.sequence, encoded(tags.objectIdentifier, Uint8Array.of(0x55, 0x1d, 0x1f)), value)
    const key = encoded(tags.sequence, empty, encoded(tags.bitString, Uint8Array.of(0, 4)))
    const fields = [encoded(tags.integer, Uint8Array.of(1)), empty, empty, empty, empty, key]
    const extensions = encoded(tags.context(3), encoded(tags.sequence, extension))
    return encoded(tags.sequence, encoded(tags.sequence, ...fields, extensions))
  }
  assert.deepEqual(certificateParts(nested(3))?.crl, ['http://a.example/'])
  assert.deepEqual(certificateParts(nested(15_000))?.crl, [])
})

test('any octets are read without a throw', async () => {
  const { der } = await makeCertificate({ subject: 'CN=x', crl: ['http://a.example/'], ocsp: ['http://b.example/'] })
  fc.assert(
    fc.property(fc.nat(der.length - 1), fc.nat(255), fc.nat(der.length), (at, octet, length) => {
      const changed = Uint8Array.from(der)
      changed[at] = octet
      certificateParts(changed)
      certificateParts(changed.subarray(0, length))
    }),
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => void certificateParts(octets)))
})

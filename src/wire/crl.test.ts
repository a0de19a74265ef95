import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { before, test } from 'node:test'
import fc from 'fast-check'
import type { MadeCertificate } from '../../test/pki.ts'
import { makeCertificate, makeRevocationList } from '../../test/pki.ts'
import { certificateParts } from './certificateParts.ts'
import { readRevocationList } from './crl.ts'
import { element, elements, objectIdentifier, tags, time } from './der.ts'

const at = new Date('2026-03-04T05:06:07Z')
const until = new Date('2051-01-02T03:04:05Z')
let ca: MadeCertificate

before(async () => {
  ca = await makeCertificate({ subject: 'O=Test,CN=Test Issuing CA', ca: true })
})

test('a list tells its dates, its issuer, and who is on it for what reason', async () => {
  const der = await makeRevocationList(ca, {
    thisUpdate: at,
    nextUpdate: until,
    revoked: [
      { serial: '00ff01', at },
      { serial: '7f', at, reason: 1 },
      { serial: '80aabbccddeeff00112233445566778899aabbcc', at, reason: 6 },
    ],
  })
  const list = readRevocationList(der)
  assert.ok(list)
  // A date beyond 2049 is a GeneralizedTime (RFC 5280 §5.1.2.5), one before it a UTCTime.
  assert.deepEqual([list.thisUpdate, list.nextUpdate], [at.getTime(), until.getTime()])
  assert.deepEqual(list.issuer, certificateParts(ca.der)?.subject)
  assert.equal(list.delta, false)
  assert.deepEqual(list.find('ff01'), { at: at.getTime() })
  assert.deepEqual(list.find('7f'), { at: at.getTime(), reason: 'keyCompromise' })
  assert.equal(list.find('80aabbccddeeff00112233445566778899aabbcc')?.reason, 'certificateHold')
  for (const serial of ['1', 'ff', '7f00', 'aabb']) assert.equal(list.find(serial), undefined, serial)
})

test('the octets that were signed are the ones that come out', async () => {
  const list = readRevocationList(await makeRevocationList(ca, { revoked: [{ serial: '01', at }] }))
  assert.ok(list)
  assert.equal(list.algorithm, '1.2.840.10045.4.3.2')
  const { verify } = await import('node:crypto')
  assert.ok(verify('sha256', list.signed, new X509Certificate(ca.pem).publicKey, list.signature))
})

test('an empty list is a list', async () => {
  const list = readRevocationList(await makeRevocationList(ca))
  assert.equal(list?.entryOctets, 0)
  assert.equal(list?.find('01'), undefined)
})

test('what is no list is none', () => {
  const page = new TextEncoder().encode('<!DOCTYPE html><title>Access denied</title>')
  for (const octets of [new Uint8Array(), page, ca.der]) assert.equal(readRevocationList(octets), undefined)
})

test('a certificate tells where its state is asked', async () => {
  const made = await makeCertificate({
    subject: 'CN=localhost',
    issuer: ca,
    crl: ['http://crl.example/a.crl', 'ldap:///CN=a', 'http://second.example/b.crl'],
    ocsp: ['http://ocsp.example/', 'https://ocsp.example/'],
    caIssuers: ['http://aia.example/ca.crt'],
  })
  const parts = certificateParts(made.der)
  assert.ok(parts)
  assert.deepEqual(parts.crl, ['http://crl.example/a.crl', 'http://second.example/b.crl'])
  assert.deepEqual(parts.ocsp, ['http://ocsp.example/'])
  assert.equal(parts.signsOcsp, false)
  assert.deepEqual(parts.issuer, certificateParts(ca.der)?.subject)
  const serial = new X509Certificate(made.pem).serialNumber
  assert.equal(BigInt(`0x${Buffer.from(parts.serial).toString('hex')}`), BigInt(`0x${serial}`))
  const responder = await makeCertificate({ subject: 'CN=responder', issuer: ca, signsOcsp: true })
  assert.equal(certificateParts(responder.der)?.signsOcsp, true)
})

test('times are read as RFC 5280 writes them, and no other way', () => {
  const read = (tag: number, text: string) => {
    const octets = Uint8Array.from([tag, text.length, ...new TextEncoder().encode(text)])
    const found = element(octets, 0, octets.length)
    return found === undefined ? undefined : time(octets, found)
  }
  assert.equal(read(tags.utcTime, '490102030405Z'), Date.UTC(2049, 0, 2, 3, 4, 5))
  assert.equal(read(tags.utcTime, '500102030405Z'), Date.UTC(1950, 0, 2, 3, 4, 5))
  assert.equal(read(tags.generalizedTime, '20500102030405Z'), Date.UTC(2050, 0, 2, 3, 4, 5))
  for (const text of ['4901020304Z', '490102030405', '490102030405+0100', '491302030405Z', '20500102030405Z']) {
    assert.equal(read(tags.utcTime, text), undefined, text)
  }
})

test('object identifiers are read as X.690 writes them', () => {
  const octets = Uint8Array.of(6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b)
  const found = element(octets, 0, octets.length)
  assert.equal(found && objectIdentifier(octets, found), '1.2.840.113549.1.1.11')
})

test('any octets are walked to an end, and cut lists never throw', async () => {
  const der = await makeRevocationList(ca, { revoked: [{ serial: '7f', at, reason: 4 }] })
  const bent = fc
    .tuple(fc.nat({ max: der.length - 1 }), fc.integer({ min: 0, max: 255 }), fc.nat({ max: der.length }))
    .map(([place, octet, length]) => {
      const copy = der.slice(0, length)
      if (place < length) copy[place] = octet
      return copy
    })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), bent), (octets) => {
      let last = -1
      for (const { start, to } of elements(octets, 0, octets.length)) {
        assert.ok(start > last && to <= octets.length)
        last = start
      }
      readRevocationList(octets)?.find('7f')
      certificateParts(octets)
    }),
  )
})

test('openssl 3.0.19, captured from nginx 1.22.1: the list of an authority that took one certificate back', () => {
  const octets = `
    3081f1308197020101300a06082a8648ce3d04030230123110300e06035504030c07436f7270204341170d3236313132
    313233313430335a170d3236313132383233313430335a3023302102021002170d3236313132313233313430335a300c
    300a0603551d1504030a0101a02f302d301f0603551d2304183016801444294317c04b8f84b64377f189809dcc23937d
    2e300a0603551d140403020107300a06082a8648ce3d0403020349003046022100ad3ee24d935f1d82fd29068235b1d7
    ee9c541fefa0ae07716df724d8dedbeecc022100a1f602e758861949f2d5f861de67299ff7313fd4f803bf638e0c0b20
    ac14320a`
  const list = readRevocationList(Buffer.from(octets.replaceAll(/\s+/g, ''), 'hex'))
  assert.ok(list)
  const thisUpdate = Date.UTC(2026, 10, 21, 23, 14, 3)
  assert.deepEqual([list.thisUpdate, list.nextUpdate], [thisUpdate, thisUpdate + 7 * 24 * 3_600_000])
  assert.deepEqual([list.algorithm, list.delta], ['1.2.840.10045.4.3.2', false])
  assert.deepEqual(list.find('1002'), { at: thisUpdate, reason: 'keyCompromise' })
  assert.equal(list.find('1001'), undefined)
})

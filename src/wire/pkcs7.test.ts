import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pkcs7Certificates as readCertificates } from './pkcs7.ts'

const pkcs7Certificates = (octets: Uint8Array) => readCertificates(octets, 16)

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s+/g, ''), 'hex'))

function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(contents)
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff]
  return Uint8Array.from([tag, ...length, ...body])
}

const signedDataId = hex('06092a864886f70d010702')
const dataId = hex('06092a864886f70d010701')

/** A degenerate SignedData as `openssl crl2pkcs7 -nocrl` writes it. */
function certsOnly(...certificates: readonly Uint8Array[]): Uint8Array {
  const signed = der(0x30, hex('020101'), der(0x31), der(0x30, dataId), der(0xa0, ...certificates), der(0x31))
  return der(0x30, signedDataId, der(0xa0, signed))
}

test('a bundle gives its certificates in order', () => {
  const first = der(0x30, new Uint8Array(300).fill(1))
  const second = der(0x30, hex('0101'))
  assert.deepEqual(pkcs7Certificates(certsOnly(first, second)), [first, second])
})

test('of tens of thousands of entries no more are taken than are wanted', () => {
  const empty = hex('3000')
  const octets = certsOnly(...Array<Uint8Array>(30_000).fill(empty))
  assert.deepEqual(readCertificates(octets, 3), [empty, empty, empty])
})

test('a bundle without certificates gives none', () => assert.deepEqual(pkcs7Certificates(certsOnly()), []))

for (const { what, octets } of [
  { what: 'a lone certificate', octets: der(0x30, der(0x30, hex('020101')), der(0x30)) },
  { what: 'a message of plain data', octets: der(0x30, dataId, der(0xa0, der(0x04))) },
  { what: 'a page', octets: Buffer.from('<html>') },
  { what: 'nothing', octets: new Uint8Array() },
  { what: 'a bundle cut short', octets: certsOnly(der(0x30, hex('0101'))).subarray(0, -5) },
]) {
  test(`${what} is no bundle`, () => assert.equal(pkcs7Certificates(octets), undefined))
}

test('any octets give a value, and a bundle with any octets flipped as well', () => {
  const bundle = certsOnly(der(0x30, new Uint8Array(40).fill(7)), der(0x30, hex('0101')))
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(bundle.length - 1), fc.nat(255)), { maxLength: 4 }), (flips) => {
      const octets = Uint8Array.from(bundle)
      for (const [offset, value] of flips) octets[offset] = value
      for (const certificate of pkcs7Certificates(octets) ?? []) assert.ok(certificate.length <= octets.length)
    }),
    { numRuns: 2000 },
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => void pkcs7Certificates(octets)))
})

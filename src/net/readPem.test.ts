import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeCertificate } from '../../test/pki.ts'
import { readPem } from './readPem.ts'

const { pem } = await makeCertificate({ subject: 'CN=Root', ca: true })
const subjects = (text: string, most?: number) => readPem(text, most).certificates.map(({ subject }) => subject)

test('blocks are read in their order, and what stands around them is passed over', () => {
  assert.deepEqual(subjects(`# our root\n${pem}\nsubject=x\n${pem.replaceAll('\n', '\r\n')}`), ['CN=Root', 'CN=Root'])
  assert.deepEqual(subjects(pem.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE')).length, 1)
  assert.deepEqual(subjects('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'), [])
})

test('a block that holds no certificate is counted, and ends nothing', () => {
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  const read = readPem(`${broken}${pem}${broken}`)
  assert.deepEqual([read.certificates.length, read.unreadable], [1, 2])
})

test('no more blocks are read than are wanted', () => {
  assert.equal(subjects(pem.repeat(5), 2).length, 2)
  assert.equal(subjects(pem, 0).length, 0)
})

test('blocks that begin without an end are gone through once', () => {
  const read = readPem('-----BEGIN CERTIFICATE-----\n'.repeat(200_000))
  assert.deepEqual([read.certificates.length, read.unreadable], [0, 0])
})

const begin = '-----BEGIN CERTIFICATE-----\n'
const end = '\n-----END CERTIFICATE-----\n'
const anyPem = fc
  .array(fc.oneof(fc.constantFrom(begin, end, pem, pem.slice(0, 200), '-----', '=\n'), fc.base64String()), {
    maxLength: 12,
  })
  .map((parts) => parts.join(''))

test('any text is certificates and blocks that are none, no more than it has ends', () => {
  fc.assert(
    fc.property(fc.oneof(anyPem, fc.string({ unit: 'binary' })), fc.nat(4), (text, most) => {
      const { certificates, unreadable } = readPem(text, most)
      assert.ok(certificates.length + unreadable <= Math.min(most, text.split('END').length - 1))
    }),
  )
})

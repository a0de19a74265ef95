import assert from 'node:assert/strict'
import { verify, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { encoded, tags } from './der.ts'
import { maxOcspOctets, ocspRequest, readOcspAnswer } from './ocsp.ts'

const id = {
  nameHash: new Uint8Array(20).fill(1),
  keyHash: new Uint8Array(20).fill(2),
  serial: Uint8Array.of(0x00, 0x8f),
}
const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex')
const text = (words: string): Uint8Array => Buffer.from(words, 'latin1')
const when = (words: string): Uint8Array => encoded(tags.generalizedTime, text(words))
const sequence = (...parts: readonly Uint8Array[]): Uint8Array => encoded(tags.sequence, ...parts)
const object = (octets: string): Uint8Array => encoded(tags.objectIdentifier, Buffer.from(octets, 'hex'))
const ecdsa = sequence(object('2a8648ce3d040302'))

test('a request is the one of RFC 6960 §4.1.1, with nothing optional', () => {
  assert.equal(
    hex(ocspRequest(id)),
    `3043304130 3f303d303b 300906052b0e03021a0500 0414${'01'.repeat(20)} 0414${'02'.repeat(20)} 0202008f`.replaceAll(
      ' ',
      '',
    ),
  )
})

/** An answer whose parts a test may replace. */
function answer(response: Uint8Array, more: readonly Uint8Array[] = [], basicType = '2b0601050507300101'): Uint8Array {
  const data = sequence(
    encoded(tags.context(2), encoded(tags.octetString, new Uint8Array(20))),
    when('20261120100000Z'),
    sequence(response),
  )
  const basic = sequence(data, ecdsa, encoded(tags.bitString, Uint8Array.of(0, 1, 2, 3)), ...more)
  const bytes = sequence(object(basicType), encoded(tags.octetString, basic))
  return sequence(encoded(tags.enumerated, Uint8Array.of(0)), encoded(tags.context(0), bytes))
}
const asked = ocspRequest(id).subarray(8)
const good = Uint8Array.of(0x80, 0)
const revoked = encoded(
  tags.context(1),
  when('20261119080000Z'),
  encoded(tags.context(0), encoded(tags.enumerated, Uint8Array.of(1))),
)
const [from, until] = [when('20261120000000Z'), encoded(tags.context(0), when('20261127000000Z'))]
const dates = { thisUpdate: Date.UTC(2026, 10, 20), nextUpdate: Date.UTC(2026, 10, 27) }

for (const { what, response, about } of [
  { what: 'good', response: sequence(asked, good, from, until), about: { state: 'good', ...dates } },
  {
    what: 'revoked, when and why',
    response: sequence(asked, revoked, from, until),
    about: { state: 'revoked', revoked: { at: Date.UTC(2026, 10, 19, 8), reason: 'keyCompromise' }, ...dates },
  },
  {
    what: 'unknown, with no end',
    response: sequence(asked, Uint8Array.of(0x82, 0), from),
    about: { state: 'unknown', thisUpdate: dates.thisUpdate },
  },
  {
    what: 'of another certificate',
    response: sequence(ocspRequest({ ...id, serial: Uint8Array.of(1) }).subarray(8), good, from),
    about: undefined,
  },
  { what: 'with a date that is none', response: sequence(asked, good, when('2026')), about: undefined },
  { what: 'with a state that is none', response: sequence(asked, Uint8Array.of(0x85, 0), from), about: undefined },
]) {
  test(`an answer that is ${what} is read so`, () => {
    const read = readOcspAnswer(answer(response), id)
    assert.ok(read?.kind === 'answer')
    assert.deepEqual(read.about, about)
    assert.deepEqual([read.algorithm, hex(read.signature), read.certificates], ['1.2.840.10045.4.3.2', '010203', []])
  })
}

test('of the certificates that come with an answer the first eight are kept', () => {
  const certificates = encoded(tags.context(0), sequence(...Array.from({ length: 12 }, () => sequence(good))))
  const read = readOcspAnswer(answer(sequence(asked, good, from), [certificates]), id)
  assert.deepEqual(read?.kind === 'answer' && read.certificates.map(hex), Array(8).fill(hex(sequence(good))))
})

test('a refusal is its word, and what is of another kind or too long is no answer', () => {
  const refusal = (code: number): Uint8Array => sequence(encoded(tags.enumerated, Uint8Array.of(code)))
  assert.deepEqual(readOcspAnswer(refusal(6), id), { kind: 'refused', reason: 'unauthorized' })
  assert.deepEqual(readOcspAnswer(refusal(4), id), { kind: 'refused', reason: 'status 4' })
  assert.equal(readOcspAnswer(refusal(0), id), undefined)
  assert.equal(readOcspAnswer(answer(sequence(asked, good, from), [], '2b06010505073001'), id), undefined)
  const long = Buffer.concat([refusal(6), Buffer.alloc(maxOcspOctets)])
  assert.equal(readOcspAnswer(long, id), undefined)
})

test('any change of an answer is read without a throw', () => {
  const whole = answer(sequence(asked, revoked, from, until))
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, octet, length) => {
      const changed = Uint8Array.from(whole)
      changed[at] = octet
      readOcspAnswer(changed, id)
      readOcspAnswer(changed.subarray(0, length), id)
    }),
  )
})

/** OpenSSL 3.0.19 (openssl ocsp), captured: of its authority two certificates that it issued, and one that it did not. */
const openssl = {
  good: `
    3082027a0a0100a08202733082026f06092b0601050507300101048202603082025c30818ea11430123110300e060355
    04030c07436f7270204341180f32303236313132313233313435345a30653063303b300906052b0e03021a05000414b6
    3d6e15547023a350421fda9bc213b63f697946041444294317c04b8f84b64377f189809dcc23937d2e02021001800018
    0f32303236313132313233313435345aa011180f32303236313132323233313435345a300a06082a8648ce3d04030203
    4800304502203dc917a453c12c7aa229530e5b25dc518b8e96508253f09357e209999f972652022100e5c0cf7aa5d676
    d262f45b506f2e0f89fc2bded94fe1c267f828a3316f16ff0fa08201713082016d308201693082010ea0030201020214
    32fb440b0c248425eecf4646b36d91c47e4d1346300a06082a8648ce3d04030230123110300e06035504030c07436f72
    70204341301e170d3236313132313233313430335a170d3237303132303233313430335a30123110300e06035504030c
    07436f72702043413059301306072a8648ce3d020106082a8648ce3d03010703420004b77e417c69035e393e0059e378
    adb2011fbeb7abf643581421cfec5768aded9bd0298d5c46e4bb5be9452e15374a8e4d84f49f601a671dc307732536cb
    658e5fa3423040300f0603551d130101ff040530030101ff300e0603551d0f0101ff040403020186301d0603551d0e04
    16041444294317c04b8f84b64377f189809dcc23937d2e300a06082a8648ce3d04030203490030460221009a06df9e07
    de6e26d0972df1455bb0d3e8c36f67bc0443c150f7df9c26081abb022100f39f07a245d5507991f87b85d71a10fbe2a1
    2dc1873f17652808a49b54153cb4`,
  revoked: `
    308202910a0100a082028a3082028606092b060105050730010104820277308202733081a4a11430123110300e060355
    04030c07436f7270204341180f32303236313132313233313435345a307b3079303b300906052b0e03021a05000414b6
    3d6e15547023a350421fda9bc213b63f697946041444294317c04b8f84b64377f189809dcc23937d2e02021002a11618
    0f32303236313132313233313430335aa0030a0101180f32303236313132313233313435345aa011180f323032363131
    32323233313435345a300a06082a8648ce3d0403020349003046022100ffb326a7a4993839b4e355688a2ddb4a8f9e23
    016c6a84a0ba097a27018f6b6f022100cb3b9e8b2fdcda1b032c676a58e2d4611b6b66f91c8c12517edb3cc7eb107a8e
    a08201713082016d308201693082010ea003020102021432fb440b0c248425eecf4646b36d91c47e4d1346300a06082a
    8648ce3d04030230123110300e06035504030c07436f7270204341301e170d3236313132313233313430335a170d3237
    303132303233313430335a30123110300e06035504030c07436f72702043413059301306072a8648ce3d020106082a86
    48ce3d03010703420004b77e417c69035e393e0059e378adb2011fbeb7abf643581421cfec5768aded9bd0298d5c46e4
    bb5be9452e15374a8e4d84f49f601a671dc307732536cb658e5fa3423040300f0603551d130101ff040530030101ff30
    0e0603551d0f0101ff040403020186301d0603551d0e0416041444294317c04b8f84b64377f189809dcc23937d2e300a
    06082a8648ce3d04030203490030460221009a06df9e07de6e26d0972df1455bb0d3e8c36f67bc0443c150f7df9c2608
    1abb022100f39f07a245d5507991f87b85d71a10fbe2a12dc1873f17652808a49b54153cb4`,
  unknown: `
    3082027a0a0100a08202733082026f06092b0601050507300101048202603082025c30818ea11430123110300e060355
    04030c07436f7270204341180f32303236313132313233313435345a30653063303b300906052b0e03021a05000414b6
    3d6e15547023a350421fda9bc213b63f697946041444294317c04b8f84b64377f189809dcc23937d2e02022000820018
    0f32303236313132313233313435345aa011180f32303236313132323233313435345a300a06082a8648ce3d04030203
    48003045022038f1dce6452aac7f416565069092945c0efd99f66b7c6799db931b9dcc1a8c0f022100fe65a78a296aa8
    8df021466720f9615b7e4301ee11a7463c21bf72057790932ea08201713082016d308201693082010ea0030201020214
    32fb440b0c248425eecf4646b36d91c47e4d1346300a06082a8648ce3d04030230123110300e06035504030c07436f72
    70204341301e170d3236313132313233313430335a170d3237303132303233313430335a30123110300e06035504030c
    07436f72702043413059301306072a8648ce3d020106082a8648ce3d03010703420004b77e417c69035e393e0059e378
    adb2011fbeb7abf643581421cfec5768aded9bd0298d5c46e4bb5be9452e15374a8e4d84f49f601a671dc307732536cb
    658e5fa3423040300f0603551d130101ff040530030101ff300e0603551d0f0101ff040403020186301d0603551d0e04
    16041444294317c04b8f84b64377f189809dcc23937d2e300a06082a8648ce3d04030203490030460221009a06df9e07
    de6e26d0972df1455bb0d3e8c36f67bc0443c150f7df9c26081abb022100f39f07a245d5507991f87b85d71a10fbe2a1
    2dc1873f17652808a49b54153cb4`,
}

for (const { state, serial, about } of [
  { state: 'good', serial: '1001', about: { state: 'good' } },
  {
    state: 'revoked',
    serial: '1002',
    about: { state: 'revoked', revoked: { at: Date.UTC(2026, 10, 21, 23, 14, 3), reason: 'keyCompromise' } },
  },
  { state: 'unknown', serial: '2000', about: { state: 'unknown' } },
] as const) {
  test(`openssl 3.0.19, captured: ${state}, and the signature is that of the certificate that came with it`, () => {
    const asked = {
      nameHash: Buffer.from('b63d6e15547023a350421fda9bc213b63f697946', 'hex'),
      keyHash: Buffer.from('44294317c04b8f84b64377f189809dcc23937d2e', 'hex'),
      serial: Buffer.from(serial, 'hex'),
    }
    const read = readOcspAnswer(Buffer.from(openssl[state].replaceAll(/\s+/g, ''), 'hex'), asked)
    assert.ok(read?.kind === 'answer')
    const thisUpdate = Date.UTC(2026, 10, 21, 23, 14, 54)
    assert.deepEqual(read.about, { ...about, thisUpdate, nextUpdate: thisUpdate + 24 * 3_600_000 })
    const [issuer, ...others] = read.certificates.map((der) => new X509Certificate(der))
    assert.ok(issuer !== undefined && others.length === 0)
    assert.equal(issuer.subject, 'CN=Corp CA')
    assert.ok(verify('sha256', read.signed, issuer.publicKey, read.signature))
  })
}

import assert from 'node:assert/strict'
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

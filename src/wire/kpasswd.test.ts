import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { octetsOf } from '../../test/octetsOf.ts'
import { element, encoded, encodedInteger, tags } from './der.ts'
import {
  field,
  kerberosPrefixLength,
  kerberosString,
  message,
  messages,
  prefixedKerberosMessage,
  principalName,
} from './kerberosTypes.ts'
import type { KpasswdReply } from './kpasswd.ts'
import { decodeKpasswdReply, encodeKpasswdRequest, kpasswdRandomLength, lengthOfKpasswdReply } from './kpasswd.ts'

const realm = 'CORP.EXAMPLE'
const random = Uint8Array.from({ length: kpasswdRandomLength }, (_, at) => (at * 151 + 7) & 0xff)
const hexOf = (from: number, to: number): string => Buffer.from(random.subarray(from, to)).toString('hex')

/** Sent to a domain controller of Samba 4.17, which answered with the next over UDP and over TCP. */
const request = octetsOf(
  '04 38 ff 80 03 91',
  '6e 82 03 8d 30 82 03 89 a0 03 02 01 05 a1 03 02 01 0e a2 07 03 05 00 00 00 00 00',
  "a3 82 02 d1 61 82 02 cd 30 82 02 c9 a0 03 02 01 05 a1 0e 1b 0c 'CORP.EXAMPLE'",
  "a2 1d 30 1b a0 03 02 01 02 a1 14 30 12 1b 06 'kadmin' 1b 08 'changepw'",
  `a3 82 02 91 30 82 02 8d a0 03 02 01 12 a2 82 02 84 04 82 02 80 ${hexOf(0, 640)}`,
  `a4 81 9e 30 81 9b a0 03 02 01 12 a2 81 93 04 81 90 ${hexOf(640, 784)}`,
  '75 81 9e',
  `30 81 9b a0 03 02 01 05 a1 03 02 01 15 a3 81 8e 30 81 8b a0 03 02 01 12 a2 81 83 04 81 80 ${hexOf(784, 912)}`,
)

/** Samba 4.17, captured. Whichever realm was asked about, this one is its own. */
const samba = octetsOf(
  '00 99 00 01 00 00 7e 81 90 30 81 8d a0 03 02 01 05 a1 03 02 01 1e',
  "a4 11 18 0f '20261121183744Z' a5 05 02 03 0b c7 70 a6 03 02 01 02",
  "a9 0e 1b 0c 'CORP.EXAMPLE' aa 1d 30 1b a0 03 02 01 01 a1 14 30 12 1b 06 'kadmin' 1b 08 'changepw'",
  "ac 33 04 31 00 02 'gensec_update failed - NT_STATUS_LOGON_FAILURE' 0a",
)

/** kadmind of MIT 1.20, captured: it tells no microseconds. */
const kadmind = octetsOf(
  '00 87 00 01 00 00 7e 7f 30 7d a0 03 02 01 05 a1 03 02 01 1e',
  "a4 11 18 0f '20261121183748Z' a5 03 02 01 00 a6 03 02 01 3c",
  "a9 0d 1b 0b 'MIT.EXAMPLE' aa 1d 30 1b a0 03 02 01 01 a1 14 30 12 1b 06 'kadmin' 1b 08 'changepw'",
  "ac 26 04 24 00 03 'Failed reading application request'",
)

/** Samba 4.17, captured: what the owner of a real ticket is answered. */
const authenticated = octetsOf(
  '01 02 00 01 00 5d 6f 5b 30 59 a0 03 02 01 05 a1 03 02 01 0f a2 4d 30 4b a0 03 02 01 12 a2 44 04 42',
  'c2 2e 23 7a e1 60 3e 6b 46 1e 25 12 7a 1e 54 f4 55 43 14 06 95 a3 e3 55 42 e5 5f fa f2 07 f3 17 96',
  'a6 6a 1a 87 da 43 ef 9e e6 3d 8c 4e d1 22 f0 37 4d 57 ab d5 df fb 00 94 b7 65 04 14 3f 15 82 a7 aa',
  '75 81 9c 30 81 99 a0 03 02 01 05 a1 03 02 01 15 a3 81 8c 30 81 89 a0 03 02 01 12 a2 81 81 04 7f 53',
  'a4 cc 4c 92 ba 42 a4 c2 47 95 42 36 eb 88 75 19 59 d5 0c 4b 84 da e4 24 1c a6 f9 34 88 b0 3e d3 c7',
  'c7 16 85 13 26 58 f2 2a 90 ee fd e5 9f fa 67 0d b7 80 d2 1e 50 36 17 2f ef ba 58 84 09 f2 9b d4 d8',
  '54 ef b7 f4 c2 09 5a 86 39 47 57 61 97 6d ba 79 8b fc b7 3b e3 54 17 46 6b 04 96 4d df 79 3e 9a f2',
  'cc c6 80 7e 8e a2 2b 1d c5 a7 38 ec 96 55 83 90 e2 12 a0 48 27 98 80 9e f6 0f 48',
)

test('a request is well formed throughout, and all that is encrypted is random', () => {
  assert.deepEqual(Buffer.from(encodeKpasswdRequest({ realm, random })), request)
})

test('a request for any realm up to 100 octets goes over UDP in one piece, and is made of whole elements', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 100 }), (asked) => {
      const octets = encodeKpasswdRequest({ realm: asked, random })
      const view = new DataView(octets.buffer)
      const apLength = view.getUint16(4)
      assert.ok(octets.length <= 1232 && view.getUint16(0) === octets.length)
      assert.equal(element(octets, 6, octets.length)?.to, 6 + apLength)
      assert.equal(element(octets, 6 + apLength, octets.length)?.to, octets.length)
    }),
  )
  assert.throws(() => encodeKpasswdRequest({ realm: '', random }), RangeError)
  assert.throws(() => encodeKpasswdRequest({ realm, random: random.subarray(1) }), RangeError)
})

const sname = 'kadmin/changepw'
const bySamba: KpasswdReply = {
  kind: 'refused',
  error: {
    kind: 'error',
    code: 2,
    serverTimeMs: Date.UTC(2026, 10, 21, 18, 37, 44) + 771.952,
    realm,
    sname,
    dataOctets: 49,
  },
  result: { code: 2, name: 'KRB5_KPASSWD_HARDERROR', text: 'gensec_update failed - NT_STATUS_LOGON_FAILURE' },
}
for (const { what, octets, reply } of [
  { what: 'the refusal of Samba, whose code is that of the result', octets: samba, reply: bySamba },
  { what: 'the same without a header', octets: samba.subarray(6), reply: bySamba },
  {
    what: 'the refusal of MIT',
    octets: kadmind,
    reply: {
      kind: 'refused',
      error: {
        kind: 'error',
        code: 60,
        name: 'KRB_ERR_GENERIC',
        serverTimeMs: Date.UTC(2026, 10, 21, 18, 37, 48),
        realm: 'MIT.EXAMPLE',
        sname,
        dataOctets: 36,
      },
      result: { code: 3, name: 'KRB5_KPASSWD_AUTHERROR', text: 'Failed reading application request' },
    },
  },
  { what: 'an answer to a ticket that was taken', octets: authenticated, reply: { kind: 'accepted' } },
] as const) {
  test(`${what} is read in all that is told`, () => assert.deepEqual(decodeKpasswdReply(octets), reply))
}

/** An error without a header, of the service that is named, with e-data or without. */
function errorOf(service: readonly string[], data?: Uint8Array): Uint8Array {
  return message(
    messages.error,
    field(0, encodedInteger(5)),
    field(1, encodedInteger(30)),
    field(4, encoded(tags.generalizedTime, Buffer.from('20261121183744Z'))),
    field(5, encodedInteger(0)),
    field(6, encodedInteger(41)),
    field(9, kerberosString(realm)),
    field(10, principalName(2, ...service)),
    ...(data === undefined ? [] : [field(12, encoded(tags.octetString, data))]),
  )
}
const service = sname.split('/')

for (const { what, data, result } of [
  { what: 'no e-data', data: undefined, result: undefined },
  { what: 'one octet of e-data', data: octetsOf('00'), result: undefined },
  { what: 'a SEQUENCE as e-data', data: octetsOf('30 15 a1 03 02 01 03'), result: undefined },
  {
    what: 'a code and no words',
    data: octetsOf('00 06'),
    result: { code: 6, name: 'KRB5_KPASSWD_BAD_VERSION', text: '' },
  },
  { what: 'a code that nobody registered', data: octetsOf('00 2a 1b 41 00'), result: { code: 42, text: '\\x1BA' } },
]) {
  test(`a refusal with ${what} is read`, () => {
    const reply = decodeKpasswdReply(errorOf(service, data))
    assert.ok(reply.kind === 'refused')
    assert.deepEqual([reply.error.name, reply.result], ['KRB_AP_ERR_MODIFIED', result])
  })
}

test('an error of another service is not ours', () => {
  const reply = decodeKpasswdReply(errorOf(['krbtgt', realm]))
  assert.ok(reply.kind === 'not-ours')
  assert.equal(reply.why, 'it is about krbtgt/CORP.EXAMPLE, asked was about kadmin/changepw')
  assert.equal(reply.error.code, 41)
})

for (const { what, octets, why } of [
  { what: 'nothing', octets: octetsOf(), why: '0 octets, a header has 6' },
  { what: 'our own request that comes back', octets: request, why: 'neither a KRB-ERROR nor an AP-REP and a KRB-PRIV' },
  { what: 'a header alone', octets: octetsOf('00 06 00 01 00 00'), why: 'not a KRB-ERROR' },
  { what: 'a page of HTTP', octets: octetsOf("'HTTP/1.1 400'"), why: 'a length of 18516 before 12 octets' },
  { what: 'version 2', octets: octetsOf('00 07 00 02 00 00 7e'), why: 'version 2, an answer has 1' },
  {
    what: 'an error with a length of 4 GB',
    octets: octetsOf('00 0c 00 01 00 00 7e 84 ff ff ff ff'),
    why: 'not a KRB-ERROR',
  },
  {
    what: 'an AP-REP that is longer than the answer',
    octets: octetsOf('00 0a 00 01 ff ff 6f 02 30 00'),
    why: 'neither a KRB-ERROR nor an AP-REP and a KRB-PRIV',
  },
  {
    what: 'an AP-REP that is shorter than its length',
    octets: octetsOf('00 0e 00 01 00 06 6f 02 30 00 75 02 30 00'),
    why: 'neither a KRB-ERROR nor an AP-REP and a KRB-PRIV',
  },
  {
    what: 'an AP-REP alone',
    octets: octetsOf('00 0a 00 01 00 04 6f 02 30 00'),
    why: 'neither a KRB-ERROR nor an AP-REP and a KRB-PRIV',
  },
]) {
  test(`${what} cannot be read`, () => assert.deepEqual(decodeKpasswdReply(octets), { kind: 'unreadable', why }))
}

for (const { what, octets, length } of [
  { what: 'a length', octets: '00 00 00 99', length: 157 },
  { what: 'a length and half a header', octets: '00 00 00 99 00', length: 157 },
  { what: 'two lengths that agree', octets: '00 00 00 99 00 99 00 01', length: 157 },
  {
    what: 'two lengths that differ',
    octets: '00 00 00 99 00 98',
    length: { why: 'the length of RFC 3244 differs from that before it' },
  },
  { what: 'an error without a header', octets: '00 00 00 93 7e 81 90', length: 151 },
  {
    what: 'an answer of a KDC',
    octets: '00 00 00 91 6b',
    length: { why: 'the length of RFC 3244 differs from that before it' },
  },
  { what: 'a length of 0', octets: '00 00 00 00', length: { why: 'the length is 0' } },
  { what: 'a length of 4 GB', octets: 'ff ff ff ff', length: { why: 'the length 4294967295 is over 65535' } },
  { what: 'three octets of a length', octets: '00 00 00', length: undefined },
]) {
  test(`how long an answer is that begins with ${what}`, () =>
    assert.deepEqual(lengthOfKpasswdReply(octetsOf(octets)), length))
}

function isShowable(reply: KpasswdReply): void {
  const held = {
    ...('error' in reply && reply.error),
    ...('result' in reply && reply.result),
    ...('why' in reply && { why: reply.why }),
  }
  for (const value of Object.values(held)) {
    if (typeof value === 'string') assert.match(value, /^[ -~]{0,2000}$/)
    else assert.ok(Number.isFinite(value))
  }
}
const answers = [samba, kadmind, authenticated]

test('no beginning of an answer is an answer, and over TCP each tells the same length', () => {
  for (const answer of [...answers, samba.subarray(6)]) {
    const framed = prefixedKerberosMessage(answer)
    for (let length = 0; length < answer.length; length += 1) {
      assert.equal(decodeKpasswdReply(answer.subarray(0, length)).kind, 'unreadable')
      const told = lengthOfKpasswdReply(framed.subarray(0, length))
      assert.equal(told, length < kerberosPrefixLength ? undefined : framed.length)
    }
  }
})

test('an answer with any one octet changed is a value that can be shown', () => {
  fc.assert(
    fc.property(fc.constantFrom(...answers), fc.nat(400), fc.nat(255), (answer, at, octet) => {
      const changed = Uint8Array.from(answer)
      changed[at % changed.length] = octet
      isShowable(decodeKpasswdReply(changed))
    }),
    { numRuns: 5000 },
  )
})

test('any octets, behind a sound header as well, are a value that can be shown', () => {
  const rest = fc.uint8Array({ maxLength: 200 })
  const headed = fc.tuple(rest, fc.nat(220)).map(([octets, apLength]) => {
    const made = new Uint8Array(6 + octets.length)
    made.set(octets, 6)
    made.set([0, made.length, 0, 1, 0, apLength])
    return made
  })
  fc.assert(
    fc.property(
      fc.oneof(
        rest,
        headed,
        rest.map((data) => errorOf(service, data)),
      ),
      (octets) => {
        isShowable(decodeKpasswdReply(octets))
        const told = lengthOfKpasswdReply(octets)
        assert.ok(typeof told !== 'number' || (told > kerberosPrefixLength && told <= 65_539))
      },
    ),
    { numRuns: 2000 },
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { octetsOf } from '../../test/octetsOf.ts'
import { element, encoded, encodedInteger, tags } from './der.ts'
import type { KerberosReply } from './kerberos.ts'
import { decodeKerberosReply, encodeAsRequest, lengthOfKerberosReply, probePrincipal } from './kerberos.ts'
import {
  field,
  kerberosPrefixLength,
  kerberosString,
  message,
  messages,
  prefixedKerberosMessage,
  principalName,
  sequence,
} from './kerberosTypes.ts'

const realm = 'CORP.EXAMPLE'
const ascii = (text: string): Uint8Array => Buffer.from(text)

/** Sent to a domain controller of Samba 4.17, which answered with the next. */
const asRequest = octetsOf(
  '6a 81 8e 30 81 8b a1 03 02 01 05 a2 03 02 01 0a a4 7f 30 7d a0 07 03 05 00 00 00 00 10',
  "a1 1a 30 18 a0 03 02 01 01 a1 11 30 0f 1b 0d 'postern-probe'",
  "a2 0e 1b 0c 'CORP.EXAMPLE'",
  "a3 21 30 1f a0 03 02 01 02 a1 18 30 16 1b 06 'krbtgt' 1b 0c 'CORP.EXAMPLE'",
  "a5 11 18 0f '20370913024805Z' a7 06 02 04 12 34 56 78 a8 08 30 06 02 01 12 02 01 11",
)

/** Samba 4.17, captured: nobody has the name. */
const unknownPrincipal = octetsOf(
  '7e 81 8b 30 81 88 a0 03 02 01 05 a1 03 02 01 1e',
  "a4 11 18 0f '20261121183744Z' a5 05 02 03 0b a7 57 a6 03 02 01 06",
  "a7 0e 1b 0c 'CORP.EXAMPLE' a8 1a 30 18 a0 03 02 01 01 a1 11 30 0f 1b 0d 'postern-probe'",
  "a9 0e 1b 0c 'CORP.EXAMPLE' aa 21 30 1f a0 03 02 01 02 a1 18 30 16 1b 06 'krbtgt' 1b 0c 'CORP.EXAMPLE'",
)

/** Samba 4.17, captured: the same over TCP, asked about a realm that is not its own. It does not mind. */
const otherRealm = octetsOf(
  '00 00 00 91 7e 81 8e 30 81 8b a0 03 02 01 05 a1 03 02 01 1e',
  "a4 11 18 0f '20261121183746Z' a5 05 02 03 0b f9 06 a6 03 02 01 06",
  "a7 0f 1b 0d 'OTHER.EXAMPLE' a8 1a 30 18 a0 03 02 01 01 a1 11 30 0f 1b 0d 'postern-probe'",
  "a9 0f 1b 0d 'OTHER.EXAMPLE' aa 22 30 20 a0 03 02 01 02 a1 19 30 17 1b 06 'krbtgt' 1b 0d 'OTHER.EXAMPLE'",
)

/** Samba 4.17, captured: what kinit is told over UDP for `alice`, whose ticket does not go into a datagram. */
const tooBig = octetsOf(
  '7e 81 d4 30 81 d1 a0 03 02 01 05 a1 03 02 01 1e',
  "a4 11 18 0f '20261121183625Z' a5 05 02 03 0e 0a a2 a6 03 02 01 34",
  "a7 0e 1b 0c 'CORP.EXAMPLE' a8 12 30 10 a0 03 02 01 01 a1 09 30 07 1b 05 'alice'",
  "a9 0e 1b 0c 'CORP.EXAMPLE' aa 21 30 1f a0 03 02 01 02 a1 18 30 16 1b 06 'krbtgt' 1b 0c 'CORP.EXAMPLE'",
  "ab 18 1b 16 'Reply packet too large'",
  'ac 35 04 33 30 31 30 2f a1 03 02 01 13 a2 28 04 26 30 24 30 22 a0 03 02 01 12',
  "a1 13 1b 11 'CORP.EXAMPLEalice' a2 06 04 04 00 00 10 00",
)

/** KDC of MIT 1.20, captured: it has words for the error. */
const clientNotFound = octetsOf(
  '7e 81 9c 30 81 99 a0 03 02 01 05 a1 03 02 01 1e',
  "a4 11 18 0f '20261121183558Z' a5 05 02 03 0d 3d 03 a6 03 02 01 06",
  "a7 0d 1b 0b 'MIT.EXAMPLE' a8 1a 30 18 a0 03 02 01 01 a1 11 30 0f 1b 0d 'postern-probe'",
  "a9 0d 1b 0b 'MIT.EXAMPLE' aa 20 30 1e a0 03 02 01 02 a1 17 30 15 1b 06 'krbtgt' 1b 0b 'MIT.EXAMPLE'",
  "ab 12 1b 10 'CLIENT_NOT_FOUND'",
)

/**
 * KDC of MIT 1.20, captured, with an account of the probe's name; what is encrypted is cut to its first four octets, and
 * the lengths are made to fit.
 */
const ticket = octetsOf(
  '6b 81 cf 30 81 cc a0 03 02 01 05 a1 03 02 01 0b',
  "a2 32 30 30 30 2e a1 03 02 01 13 a2 27 04 25 30 23 30 21 a0 03 02 01 12 a1 1a 1b 18 'MIT.EXAMPLEpostern-probe'",
  "a3 0d 1b 0b 'MIT.EXAMPLE' a4 1a 30 18 a0 03 02 01 01 a1 11 30 0f 1b 0d 'postern-probe'",
  "a5 50 61 4e 30 4c a0 03 02 01 05 a1 0d 1b 0b 'MIT.EXAMPLE'",
  "a2 20 30 1e a0 03 02 01 02 a1 17 30 15 1b 06 'krbtgt' 1b 0b 'MIT.EXAMPLE'",
  'a3 14 30 12 a0 03 02 01 12 a1 03 02 01 01 a2 06 04 04 15 e6 45 ce',
  'a6 0f 30 0d a0 03 02 01 12 a2 06 04 04 1d 5b 22 24',
)

test('a request asks for a ticket-granting ticket in the name of nobody, with AES and an ordinary option', () => {
  assert.deepEqual(Buffer.from(encodeAsRequest({ realm, nonce: 0x12345678 })), asRequest)
})

test('over TCP the length of a message stands before it', () => {
  assert.deepEqual(Buffer.from(prefixedKerberosMessage(asRequest)), Buffer.concat([octetsOf('00 00 00 91'), asRequest]))
})

test('a request is one whole element for any realm and nonce, and nothing else is asked for', () => {
  const anyRealm = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 255 })
  fc.assert(
    fc.property(anyRealm, fc.nat(2 ** 31 - 1), (asked, nonce) => {
      fc.pre(Buffer.byteLength(asked) <= 255)
      const octets = encodeAsRequest({ realm: asked, nonce })
      assert.equal(element(octets, 0, octets.length)?.to, octets.length)
      assert.ok(Buffer.from(octets).includes(asked))
    }),
  )
  for (const wrong of [
    { realm: '', nonce: 1 },
    { realm: 'A'.repeat(256), nonce: 1 },
    { realm, nonce: -1 },
    { realm, nonce: 2 ** 31 },
    { realm, nonce: 0.5 },
  ]) {
    assert.throws(() => encodeAsRequest(wrong), RangeError)
  }
})

const aboutNobody = {
  kind: 'error',
  code: 6,
  name: 'KDC_ERR_C_PRINCIPAL_UNKNOWN',
  cname: probePrincipal,
  dataOctets: 0,
}
for (const { what, octets, asked, reply } of [
  {
    what: 'the refusal of Samba',
    octets: unknownPrincipal,
    asked: realm,
    reply: {
      ...aboutNobody,
      serverTimeMs: Date.UTC(2026, 10, 21, 18, 37, 44) + 763.735,
      realm,
      sname: 'krbtgt/CORP.EXAMPLE',
      crealm: realm,
    },
  },
  {
    what: 'the same in the other case',
    octets: unknownPrincipal,
    asked: 'corp.example',
    reply: {
      ...aboutNobody,
      serverTimeMs: Date.UTC(2026, 10, 21, 18, 37, 44) + 763.735,
      realm,
      sname: 'krbtgt/CORP.EXAMPLE',
      crealm: realm,
    },
  },
  {
    what: 'the refusal of Samba about a realm that it has not',
    octets: otherRealm.subarray(kerberosPrefixLength),
    asked: 'OTHER.EXAMPLE',
    reply: {
      ...aboutNobody,
      serverTimeMs: Date.UTC(2026, 10, 21, 18, 37, 46) + 784.646,
      realm: 'OTHER.EXAMPLE',
      sname: 'krbtgt/OTHER.EXAMPLE',
      crealm: 'OTHER.EXAMPLE',
    },
  },
  {
    what: 'the refusal of MIT',
    octets: clientNotFound,
    asked: 'MIT.EXAMPLE',
    reply: {
      ...aboutNobody,
      serverTimeMs: Date.UTC(2026, 10, 21, 18, 35, 58) + 867.587,
      realm: 'MIT.EXAMPLE',
      sname: 'krbtgt/MIT.EXAMPLE',
      crealm: 'MIT.EXAMPLE',
      text: 'CLIENT_NOT_FOUND',
    },
  },
  {
    what: 'an answer that is too long for a datagram',
    octets: tooBig,
    asked: realm,
    reply: {
      kind: 'error',
      code: 52,
      name: 'KRB_ERR_RESPONSE_TOO_BIG',
      serverTimeMs: Date.UTC(2026, 10, 21, 18, 36, 25) + 920.226,
      realm,
      sname: 'krbtgt/CORP.EXAMPLE',
      crealm: realm,
      cname: 'alice',
      text: 'Reply packet too large',
      dataOctets: 51,
    },
  },
  {
    what: 'a ticket for nobody',
    octets: ticket,
    asked: 'MIT.EXAMPLE',
    reply: { kind: 'ticket', crealm: 'MIT.EXAMPLE', cname: probePrincipal },
  },
]) {
  test(`${what} is read in all that is told`, () => assert.deepEqual(decodeKerberosReply(octets, asked), reply))
}

/** Fields of an error in their order; a test replaces some, or takes them out. */
type Fields = Readonly<Record<number, Uint8Array | undefined>>
const time = encoded(tags.generalizedTime, ascii('20261121183744Z'))
const sound: Fields = {
  0: encodedInteger(5),
  1: encodedInteger(30),
  4: time,
  5: encodedInteger(0),
  6: encodedInteger(6),
  9: kerberosString(realm),
  10: principalName(2, 'krbtgt', realm),
}
function errorOf(changes: Fields): Uint8Array {
  const fields = Object.entries({ ...sound, ...changes }).flatMap(([number, held]) =>
    held === undefined ? [] : [field(Number(number), held)],
  )
  return message(messages.error, ...fields)
}

for (const { what, changes, why } of [
  { what: 'of version 4', changes: { 0: encodedInteger(4) }, why: 'version 4, Kerberos has 5' },
  { what: 'without a version', changes: { 0: undefined }, why: 'version unknown, Kerberos has 5' },
  { what: 'of another msg-type', changes: { 1: encodedInteger(11) }, why: 'msg-type 11, a KRB-ERROR has 30' },
  { what: 'without code', changes: { 6: undefined }, why: 'a KRB-ERROR without error-code' },
  { what: 'whose code is text', changes: { 6: kerberosString('6') }, why: 'a KRB-ERROR without error-code' },
  { what: 'without time', changes: { 4: undefined }, why: 'a KRB-ERROR without the time of the server' },
  {
    what: 'whose time is text',
    changes: { 4: kerberosString('20261121183744Z') },
    why: 'a KRB-ERROR without the time of the server',
  },
  { what: 'without microseconds', changes: { 5: undefined }, why: 'a KRB-ERROR without the time of the server' },
  { what: 'without realm', changes: { 9: undefined }, why: 'a KRB-ERROR without realm or name of the server' },
  { what: 'without name', changes: { 10: undefined }, why: 'a KRB-ERROR without realm or name of the server' },
  {
    what: 'whose name is a number',
    changes: { 10: sequence(field(1, sequence(encodedInteger(1)))) },
    why: 'a KRB-ERROR without realm or name of the server',
  },
]) {
  test(`an error ${what} is not read`, () =>
    assert.deepEqual(decodeKerberosReply(errorOf(changes), realm), { kind: 'unreadable', why }))
}

for (const { what, octets, why } of [
  { what: 'no octets', octets: '', why: 'not a KRB-ERROR' },
  { what: 'our own request that comes back', octets: Buffer.from(asRequest).toString('hex'), why: 'not a KRB-ERROR' },
  { what: 'a page of HTTP', octets: "'HTTP/1.1 400 Bad Request'", why: 'not a KRB-ERROR' },
  { what: 'a length of 4 GB', octets: '7e 84 ff ff ff ff 30 84 ff ff ff f0 a0 03 02 01 05', why: 'not a KRB-ERROR' },
  {
    what: 'an AS-REP of another version',
    octets: '6b 0c 30 0a a0 03 02 01 04 a1 03 02 01 0b',
    why: 'not an AS-REP of version 5',
  },
  {
    what: 'an AS-REP for no name',
    octets: '6b 0c 30 0a a0 03 02 01 05 a1 03 02 01 0b',
    why: 'an AS-REP without realm or name of the client',
  },
]) {
  test(`${what} cannot be read`, () =>
    assert.deepEqual(decodeKerberosReply(octetsOf(octets), realm), { kind: 'unreadable', why }))
}

test('an error about another realm or service, and a ticket for another name, are not ours', () => {
  for (const [octets, asked, why] of [
    [
      unknownPrincipal,
      'OTHER.EXAMPLE',
      'krbtgt/CORP.EXAMPLE@CORP.EXAMPLE, asked was about krbtgt/OTHER.EXAMPLE@OTHER.EXAMPLE',
    ],
    [
      errorOf({ 10: principalName(2, 'kadmin', 'changepw') }),
      realm,
      'kadmin/changepw@CORP.EXAMPLE, asked was about krbtgt/CORP.EXAMPLE@CORP.EXAMPLE',
    ],
    [
      errorOf({ 10: sequence(field(1, sequence())) }),
      realm,
      '@CORP.EXAMPLE, asked was about krbtgt/CORP.EXAMPLE@CORP.EXAMPLE',
    ],
    [ticket, 'CORP.EXAMPLE', 'postern-probe@MIT.EXAMPLE, asked was about postern-probe@CORP.EXAMPLE'],
  ] as const) {
    const reply = decodeKerberosReply(octets, asked)
    assert.ok(reply.kind === 'not-ours')
    assert.equal(reply.why, `it is about ${why}`)
    assert.equal(reply.reply.kind, octets === ticket ? 'ticket' : 'error')
  }
})

test('of two fields with one number the first counts', () => {
  const fields = Object.entries(sound).map(([number, held]) => field(Number(number), held ?? time))
  const reply = decodeKerberosReply(
    message(messages.error, ...fields, field(9, kerberosString('EU.CORP.EXAMPLE'))),
    realm,
  )
  assert.ok(reply.kind === 'error')
  assert.equal(reply.realm, realm)
})

test('a server that has another realm may say which', () => {
  const reply = decodeKerberosReply(errorOf({ 6: encodedInteger(68), 7: kerberosString('EU.CORP.EXAMPLE') }), realm)
  assert.ok(reply.kind === 'error')
  assert.deepEqual([reply.code, reply.name, reply.crealm], [68, 'KDC_ERR_WRONG_REALM', 'EU.CORP.EXAMPLE'])
})

test('a code that nobody registered has no name, and microseconds that are none are left out', () => {
  const reply = decodeKerberosReply(errorOf({ 6: encodedInteger(-7), 5: encodedInteger(1_000_000) }), realm)
  assert.ok(reply.kind === 'error')
  assert.deepEqual([reply.code, 'name' in reply, reply.serverTimeMs], [-7, false, Date.UTC(2026, 10, 21, 18, 37, 44)])
})

test('text of the network is printable, without what ends it, and cut', () => {
  const reply = decodeKerberosReply(
    errorOf({ 8: principalName(1, `\u001b[2J${'x'.repeat(5000)}`), 11: kerberosString('no\u0007!\r\n\0') }),
    realm,
  )
  assert.ok(reply.kind === 'error')
  assert.equal(reply.text, 'no\\x07!')
  assert.match(reply.cname ?? '', /^\\x1B\[2Jx{248}$/)
})

for (const { what, octets, length } of [
  { what: 'nothing', octets: '', length: undefined },
  { what: 'three octets of a length', octets: '00 00 00', length: undefined },
  { what: 'a length', octets: '00 00 00 8e', length: 0x92 },
  { what: 'an error', octets: '00 00 00 8e 7e 81', length: 0x92 },
  { what: 'a ticket', octets: '00 00 ff ff 6b 82', length: 65_539 },
  {
    what: 'our own request',
    octets: '00 00 00 91 6a',
    length: { why: 'neither an AS-REP nor a KRB-ERROR begins with 0x6a' },
  },
  { what: 'a length of 0', octets: '00 00 00 00', length: { why: 'the length is 0' } },
  { what: 'a length of 64 KiB', octets: '00 01', length: { why: 'the length is over 65535' } },
  { what: 'a length of 4 GB', octets: 'ff ff ff ff', length: { why: 'the length 4294967295 is over 65535' } },
  { what: 'the reserved bit', octets: '80', length: { why: 'the length is over 65535' } },
  { what: 'a page of HTTP', octets: "'H'", length: { why: 'the length is over 65535' } },
]) {
  test(`how long an answer is that begins with ${what}`, () =>
    assert.deepEqual(lengthOfKerberosReply(octetsOf(octets)), length))
}

/** No text leaves a reader that a terminal would take for more than text, or that is longer than a line or three. */
function isShowable(reply: KerberosReply): void {
  const held = reply.kind === 'not-ours' ? { ...reply.reply, why: reply.why } : reply
  for (const value of Object.values(held)) {
    if (typeof value === 'string') assert.match(value, /^[ -~]{0,2000}$/)
    else assert.ok(Number.isFinite(value))
  }
}
const answers = [unknownPrincipal, tooBig, clientNotFound, ticket]

test('no beginning of an answer is an answer, and over TCP each tells the same length', () => {
  for (const answer of answers) {
    const framed = prefixedKerberosMessage(answer)
    for (let length = 0; length < answer.length; length += 1) {
      assert.equal(decodeKerberosReply(answer.subarray(0, length), realm).kind, 'unreadable')
      const told = lengthOfKerberosReply(framed.subarray(0, length))
      assert.equal(told, length < kerberosPrefixLength ? undefined : framed.length)
    }
  }
})

test('an answer with any one octet changed is a value that can be shown', () => {
  fc.assert(
    fc.property(fc.constantFrom(...answers), fc.nat(400), fc.nat(255), (answer, at, octet) => {
      const changed = Uint8Array.from(answer)
      changed[at % changed.length] = octet
      isShowable(decodeKerberosReply(changed, realm))
    }),
    { numRuns: 5000 },
  )
})

test('any octets, and any fields in an error or a ticket, are a value that can be shown', () => {
  const contents = fc.uint8Array({ maxLength: 30 })
  const held = fc
    .tuple(fc.constantFrom(0x02, 0x04, 0x18, 0x1b, 0x30, 0xa0, 0xa1), contents)
    .map(([tag, octets]) => encoded(tag, octets))
  const fields = fc.array(
    fc.tuple(fc.nat(30), fc.oneof(held, ...Object.values(sound).map((one) => fc.constant(one ?? time)))),
  )
  const made = fc
    .tuple(fc.constantFrom(messages.error, messages.asReply), fields)
    .map(([number, parts]) => message(number, ...parts.map(([at, one]) => field(at, one))))
  const changed = fields.map((parts) => errorOf(Object.fromEntries(parts)))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), made, changed), (octets) => {
      isShowable(decodeKerberosReply(octets, realm))
      const told = lengthOfKerberosReply(octets)
      assert.ok(typeof told !== 'number' || (told > kerberosPrefixLength && told <= 65_539))
    }),
    { numRuns: 2000 },
  )
})

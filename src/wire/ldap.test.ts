import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { slapd } from '../../test/slapdReply.ts'
import { encoded, encodedInteger, tags } from './der.ts'
import type { LdapAnswer } from './ldap.ts'
import {
  allTexts,
  firstText,
  ldapRootSearch,
  lengthOfLdapMessage,
  maxLdapAnswerOctets,
  readLdapAnswer,
  startTlsRequest,
  unbindRequest,
} from './ldap.ts'

const octetsOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s+/g, ''), 'hex'))
const hexOf = (octets: Uint8Array): string => Buffer.from(octets).toString('hex')
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts))

/** Samba 4.17, captured: its answer to StartTLS, and to a search below the domain by who has not signed in. */
const startTlsAccepted = octetsOf('3024020101781f0a0100040004008a16312e332e362e312e342e312e313436362e3230303337')
const operationsError = octetsOf(`3042020101653d0a01010400043630303030323032303a204f7065726174696f6e20756e
  617661696c61626c6520776974686f75742061757468656e7469636174696f6e`)
/** OpenLDAP 2.5 without TLS, captured: it does not know StartTLS. */
const startTlsUnknown = octetsOf(`302a02010178250a01020400041e756e737570706f7274656420657874656e646564206f70
  65726174696f6e`)

const message = (id: number, ...body: readonly Uint8Array[]): Uint8Array =>
  encoded(tags.sequence, encodedInteger(id), ...body)
const string = (text: string): Uint8Array => encoded(tags.octetString, ascii(text))
const resultParts = (code: number, words = ''): readonly Uint8Array[] => [
  encoded(tags.enumerated, Uint8Array.of(code)),
  string(''),
  string(words),
]
const done = (id: number, code = 0, words = ''): Uint8Array =>
  message(id, encoded(tags.application(5), ...resultParts(code, words)))
const entryWith = (id: number, ...attributes: readonly Uint8Array[]): Uint8Array =>
  message(id, encoded(tags.application(4), string(''), encoded(tags.sequence, ...attributes)))
const attribute = (name: string, ...values: readonly string[]): Uint8Array =>
  encoded(tags.sequence, string(name), encoded(tags.set, ...values.map(string)))
const entry = (id: number, name: string, ...values: readonly string[]): Uint8Array =>
  entryWith(id, attribute(name, ...values))
const reference = (id: number): Uint8Array => message(id, encoded(tags.application(19), string('ldap://a.example/')))
const notice = message(
  0,
  encoded(tags.application(24), ...resultParts(52, 'going down'), encoded(0x8a, ascii('1.3.6.1.4.1.1466.20036'))),
)

/** The same message as Active Directory writes it: each length of a constructed element in four octets. */
function inLongForm(octets: Uint8Array): Uint8Array {
  const [tag = 0, first = 0] = octets
  const from = first < 0x80 ? 2 : 2 + first - 0x80
  let length = first
  if (first >= 0x80) length = octets.subarray(2, from).reduce((sum, octet) => sum * 256 + octet, 0)
  const contents = octets.subarray(from, from + length)
  const rest = octets.subarray(from + length)
  const inner = (tag & 0x20) === 0 ? contents : contents.length === 0 ? contents : inLongForm(contents)
  const head =
    (tag & 0x20) === 0
      ? octets.subarray(0, from)
      : Uint8Array.of(tag, 0x84, 0, 0, inner.length >> 8, inner.length & 0xff)
  return joined(head, inner, rest.length === 0 ? rest : inLongForm(rest))
}

const texts = (answer: LdapAnswer, name: string): readonly string[] | undefined =>
  answer.kind === 'search' ? answer.entry && allTexts(answer.entry, name, 100) : undefined

test('a search of the root is written as RFC 4511 has it', () => {
  const octets = ldapRootSearch(7, { present: 'objectClass' }, ['dnsHostName', 'currentTime'])
  assert.equal(
    hexOf(octets),
    hexOf(
      octetsOf(`30 3f 02 01 07 63 3a 04 00 0a 01 00 0a 01 00 02 01 00 02 01 00 01 01 00
        87 0b 6f626a656374436c617373
        30 1a 04 0b 646e73486f73744e616d65 04 0b 63757272656e7454696d65`),
    ),
  )
})

test('StartTLS and the good-bye are written as RFC 4511 has them', () => {
  assert.equal(hexOf(startTlsRequest(1)), '301d02010177188016312e332e362e312e342e312e313436362e3230303337')
  assert.equal(hexOf(unbindRequest(2)), '30050201024200')
})

test('a number that no request may have is misuse', () => {
  for (const id of [0, -1, 0x8000_0000, 1.5]) assert.throws(() => unbindRequest(id), RangeError)
  assert.equal(hexOf(unbindRequest(0x7fff_ffff)), '300802047fffffff4200')
})

test('the answer of a server is its entry and how the search ended', () => {
  const answer = readLdapAnswer(slapd, 1)
  assert.ok(answer.kind === 'search' && answer.entry !== undefined)
  assert.deepEqual(answer.result, { code: 0, name: 'success', message: '' })
  assert.deepEqual([answer.entry.name, answer.length], ['', slapd.length])
  assert.equal(firstText(answer.entry, 'structuralObjectClass', 100), 'OpenLDAProotDSE')
  assert.equal(firstText(answer.entry, 'NAMINGCONTEXTS', 5), 'dc=co')
  assert.equal(firstText(answer.entry, 'dnsHostName', 100), undefined)
  assert.deepEqual(allTexts(answer.entry, 'supportedLDAPVersion', 100), ['3'])
})

test('lengths in four octets, as Active Directory writes them, are read alike', () => {
  const long = inLongForm(slapd)
  assert.equal(long[1], 0x84)
  const answer = readLdapAnswer(long, 1)
  assert.deepEqual(texts(answer, 'supportedSASLMechanisms'), texts(readLdapAnswer(slapd, 1), 'supportedSASLMechanisms'))
  assert.equal(answer.kind === 'search' && answer.length, long.length)
})

for (const { what, octets, says } of [
  {
    what: 'StartTLS that is granted',
    octets: startTlsAccepted,
    says: { kind: 'extended', result: { code: 0, name: 'success', message: '' }, length: 38 },
  },
  {
    what: 'StartTLS that is not known',
    octets: startTlsUnknown,
    says: {
      kind: 'extended',
      result: { code: 2, name: 'protocolError', message: 'unsupported extended operation' },
      length: 44,
    },
  },
  {
    what: 'StartTLS for which there is no certificate',
    octets: message(1, encoded(tags.application(24), ...resultParts(52, 'Error initializing SSL/TLS\0'))),
    says: {
      kind: 'extended',
      result: { code: 52, name: 'unavailable', message: 'Error initializing SSL/TLS' },
      length: 41,
    },
  },
  {
    what: 'a search that needs a sign-in',
    octets: operationsError,
    says: {
      kind: 'search',
      result: {
        code: 1,
        name: 'operationsError',
        message: '00002020: Operation unavailable without authentication',
      },
      length: 68,
    },
  },
  {
    what: 'a search that found nothing',
    octets: done(1),
    says: { kind: 'search', result: { code: 0, name: 'success', message: '' }, length: 14 },
  },
  {
    what: 'a result that has no name, and words that would clear a terminal',
    octets: done(1, 118, '\u001b[2J'),
    says: { kind: 'search', result: { code: 118, name: '118', message: '\\x1B[2J' }, length: 18 },
  },
  {
    what: 'a server that hangs up',
    octets: notice,
    says: {
      kind: 'disconnected',
      result: { code: 52, name: 'unavailable', message: 'going down' },
      length: notice.length,
    },
  },
] satisfies readonly { what: string; octets: Uint8Array; says: LdapAnswer }[]) {
  test(`${what} is read so`, () => assert.deepEqual(readLdapAnswer(octets, 1), says))
}

test('references, messages of other numbers and what follows the end are passed over', () => {
  const before = joined(entry(9, 'a', 'not ours'), reference(1), done(9), entry(1, 'a', 'ours', 'too'), reference(1))
  const answer = readLdapAnswer(joined(before, done(1), ascii('garbage')), 1)
  assert.deepEqual(texts(answer, 'A'), ['ours', 'too'])
  assert.equal(answer.kind === 'search' && answer.length, before.length + 14)
  assert.deepEqual(readLdapAnswer(before, 1), { kind: 'incomplete', others: 2 })
})

test('of an attribute that comes twice, and of an entry that comes twice, the first is kept', () => {
  const twice = entryWith(1, attribute('a', 'first'), attribute('A', 'second'))
  assert.deepEqual(texts(readLdapAnswer(joined(twice, entry(1, 'a', 'third'), done(1)), 1), 'a'), ['first'])
})

test('of many attributes and values 64 are kept', () => {
  const names = Array.from({ length: 80 }, (_, index) => `a${index}`)
  const many = readLdapAnswer(joined(entryWith(1, ...names.map((name) => attribute(name, 'x'))), done(1)), 1)
  assert.equal(many.kind === 'search' && many.entry?.attributes.size, 64)
  assert.equal(texts(readLdapAnswer(joined(entry(1, 'a', ...names), done(1)), 1), 'a')?.length, 64)
})

for (const { what, octets, why } of [
  {
    what: 'HTTP',
    octets: ascii('HTTP/1.1 400 Bad Request\r\n'),
    why: /^no LDAP message: it begins with 0x48, not 0x30$/,
  },
  {
    what: 'a TLS alert',
    octets: octetsOf('15 03 01 00 02 02 28'),
    why: /^no LDAP message: it begins with 0x15, not 0x30$/,
  },
  { what: 'an indefinite length', octets: octetsOf('30 80 02 01 01'), why: /^no LDAP message: the length is none$/ },
  {
    what: 'a length of 4 GB',
    octets: octetsOf('30 84 ff ff ff ff 02 01 01'),
    why: /^a message of 4294967301 octets is over 262144$/,
  },
  {
    what: 'a certificate',
    octets: octetsOf('30 82 01 00 30 81 f0'),
    why: /^no LDAP message: its number begins with 0x30, not 0x02$/,
  },
  {
    what: 'a number of five octets',
    octets: octetsOf('30 0d 02 05 01 00 00 00 00'),
    why: /^no LDAP message: its number has 5 octets$/,
  },
  { what: 'a negative number', octets: octetsOf('30 05 02 01 ff 42 00'), why: undefined },
  { what: 'garbage behind an entry', octets: joined(entry(1, 'a'), ascii('x')), why: /behind the first/ },
  { what: 'a request', octets: startTlsRequest(1), why: /another kind \(0x77\)/ },
  { what: 'no result', octets: message(1, encoded(tags.application(5))), why: /cannot be read \(0x65\)/ },
  {
    what: 'an entry without attributes',
    octets: joined(message(1, encoded(tags.application(4))), done(1)),
    why: /cannot be read \(0x64\)/,
  },
  { what: 'no operation', octets: octetsOf('30 05 02 03 00 00 01'), why: /without number or operation/ },
  { what: 'entries without end', octets: joined(...Array(16).fill(entry(1, 'a'))), why: /^no end within 16 messages$/ },
  {
    what: 'more than an answer may have',
    octets: joined(...Array(5).fill(entry(1, 'a', 'x'.repeat(60_000)))),
    why: /^an answer of more than 262144 octets$/,
  },
]) {
  test(`${what} is ${why === undefined ? 'passed over' : 'told as what it is'}`, () => {
    const answer = readLdapAnswer(octets, 1)
    if (why === undefined) assert.equal(answer.kind, 'incomplete')
    else assert.match(answer.kind === 'other' ? answer.why : answer.kind, why)
  })
}

for (const { octets, length } of [
  { octets: '', length: undefined },
  { octets: '30', length: undefined },
  { octets: '3024', length: 38 },
  { octets: '3024 02 01 01 78', length: 38 },
  { octets: '3084 00 00', length: undefined },
  { octets: '3084 00 00 01 00', length: 262 },
  { octets: '3083 03 ff fb', length: 262_144 },
  { octets: '3083 03 ff fc', length: { why: 'a message of 262145 octets is over 262144' } },
  { octets: '3085', length: { why: 'no LDAP message: the length is none' } },
  { octets: '3080', length: { why: 'no LDAP message: the length is none' } },
  { octets: '3000', length: { why: 'the length 0 is too short for an LDAP message' } },
  { octets: '3024 04', length: { why: 'no LDAP message: its number begins with 0x04, not 0x02' } },
  { octets: '3024 02 00', length: { why: 'no LDAP message: its number has 0 octets' } },
  { octets: '16', length: { why: 'no LDAP message: it begins with 0x16, not 0x30' } },
] as const) {
  test(`a message that begins with ${octets || 'nothing'} has its length, or none`, () => {
    assert.deepEqual(lengthOfLdapMessage(octetsOf(octets)), length)
  })
}

test('any beginning of an answer is incomplete, and asks for no more than there is', () => {
  for (const octets of [slapd, inLongForm(slapd), startTlsAccepted]) {
    for (let length = 0; length < octets.length; length += 1) {
      assert.deepEqual(readLdapAnswer(octets.subarray(0, length), 1), { kind: 'incomplete', others: 0 })
      const wanted = lengthOfLdapMessage(octets.subarray(0, length))
      assert.ok(wanted === undefined || (typeof wanted === 'number' && wanted <= octets.length))
    }
  }
})

test('any octets, and any answer with any octets changed, are read without a throw and within bounds', () => {
  const holds = (octets: Uint8Array): void => {
    const answer = readLdapAnswer(octets, 1)
    const length = lengthOfLdapMessage(octets)
    assert.ok(typeof length !== 'number' || (length >= 7 && length <= maxLdapAnswerOctets))
    if (answer.kind === 'incomplete' || answer.kind === 'other') return
    assert.ok(answer.length <= octets.length)
    assert.ok(answer.result.message.length <= 4 * 300)
    assert.doesNotMatch(answer.result.message, /\p{C}/u)
    if (answer.kind === 'search') assert.ok((answer.entry?.attributes.size ?? 0) <= 64)
  }
  const whole = fc.constantFrom(slapd, inLongForm(slapd), startTlsAccepted, startTlsUnknown, operationsError, notice)
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), holds))
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => holds(message(1, octets))))
  fc.assert(
    fc.property(whole, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 4 }), (octets, at, change) => {
      const changed = Uint8Array.from(octets)
      change.forEach((octet, index) => {
        changed[(at + index) % changed.length] = octet
      })
      holds(changed)
    }),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { netlogonFilter, readNetlogonAnswer } from './netlogonPing.ts'

const octetsOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s+/g, ''), 'hex'))
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts))
const name = (...labels: readonly string[]): Uint8Array =>
  joined(...labels.flatMap((label) => [Uint8Array.of(ascii(label).length), ascii(label)]), Uint8Array.of(0))

/** Samba 4.17, captured: the answer to a client of its own site. */
const samba = octetsOf(`
  1700 0000 fd130000 93660597c300994780d9e6fc2f1ea7a0
  04636f7270076578616d706c6500 c018 03646331c018 04434f525000 0344433100 00
  1744656661756c742d46697273742d536974652d4e616d6500 c03a
  05000000 ffff ffff`)

const head = (opcode: number, flags = '00000000'): Uint8Array =>
  joined(Uint8Array.of(opcode, 0, 0, 0), octetsOf(flags), new Uint8Array(16))
const tail = (version: number): Uint8Array => Uint8Array.of(version, 0, 0, 0, 0xff, 0xff, 0xff, 0xff)
const site = name('Zürich')
const names = joined(name('corp', 'example'), ...Array(6).fill(name('X')), site)
const whole = joined(head(23), names, tail(5))
/** AF_INET, port 0, 192.0.2.7, and nothing. */
const socketAddress = octetsOf('10 0200 0000 c0000207 0000000000000000')

test('a domain controller tells its domain, its site and that of the asker', () => {
  assert.deepEqual(readNetlogonAnswer(samba), {
    kind: 'domain-controller',
    state: 'running',
    flags: [
      'PDC',
      'GC',
      'LDAP',
      'DS',
      'KDC',
      'TIMESERV',
      'CLOSEST',
      'WRITABLE',
      'GOOD_TIMESERV',
      'FULL_SECRET_DOMAIN_6',
    ],
    otherFlags: 0,
    domainGuid: '97056693-00c3-4799-80d9-e6fc2f1ea7a0',
    forest: 'corp.example',
    domain: 'corp.example',
    host: 'dc1.corp.example',
    netbiosDomain: 'CORP',
    netbiosHost: 'DC1',
    site: 'Default-First-Site-Name',
    clientSite: 'Default-First-Site-Name',
  })
})

for (const { what, octets, facts } of [
  {
    what: 'a service that is paused says so',
    octets: joined(head(24), names, tail(5)),
    facts: { state: 'paused', forest: 'corp.example', clientSite: 'Zürich' },
  },
  {
    what: 'an account that is unknown is told',
    octets: joined(head(25), names, tail(5)),
    facts: { state: 'user-unknown' },
  },
  {
    what: 'an asker whose address is of no site is told none',
    octets: joined(head(23), Uint8Array.from(Array(8).fill(0)), tail(5)),
    facts: { site: '', clientSite: undefined, address: undefined, nextClosestSite: undefined },
  },
  {
    what: 'flags have their names, and those without one are kept as bits',
    octets: joined(head(23, '022003e4'), names, tail(5)),
    facts: {
      flags: ['WS', 'DS_10', 'KEY_LIST', 'DNS_CONTROLLER', 'DNS_DOMAIN', 'DNS_FOREST'],
      otherFlags: 0x0400_0002,
    },
  },
  {
    what: 'an address stands behind the names where the version says so',
    octets: joined(head(23), names, socketAddress, tail(0x0d)),
    facts: { address: '192.0.2.7', nextClosestSite: undefined },
  },
  {
    what: 'the next closest site stands behind the names where the version says so',
    octets: joined(head(23), names, name('Bern'), tail(0x15)),
    facts: { address: undefined, nextClosestSite: 'Bern' },
  },
  {
    what: 'both stand there',
    octets: joined(head(23), names, socketAddress, name('Bern'), tail(0x1d)),
    facts: { address: '192.0.2.7', nextClosestSite: 'Bern' },
  },
  {
    what: 'an address of another family is not read',
    octets: joined(head(23), names, octetsOf('10 1700 0000 c0000207 0000000000000000'), tail(0x0d)),
    facts: { kind: 'domain-controller', address: undefined },
  },
  {
    what: 'an address that is too short is not read, and what stands behind it is',
    octets: joined(head(23), names, octetsOf('06 0200 0000 c000'), name('Bern'), tail(0x1d)),
    facts: { kind: 'domain-controller', address: undefined, nextClosestSite: 'Bern' },
  },
]) {
  test(what, () => {
    const read: Readonly<Record<string, unknown>> = { ...readNetlogonAnswer(octets) }
    for (const [fact, value] of Object.entries(facts)) assert.deepEqual(read[fact], value, fact)
  })
}

for (const { what, octets, says } of [
  { what: 'an answer for older clients', octets: octetsOf('1300'), says: 'LOGON_SAM_LOGON_RESPONSE' },
  { what: 'one that is paused', octets: octetsOf('1400 5c00'), says: 'LOGON_SAM_PAUSE_RESPONSE' },
  { what: 'one to an unknown account', octets: octetsOf('1500'), says: 'LOGON_SAM_USER_UNKNOWN' },
]) {
  test(`${what} is known by its name`, () => {
    assert.deepEqual(readNetlogonAnswer(octets), { kind: 'older', opcode: says })
  })
}

for (const { what, octets, why } of [
  { what: 'nothing', octets: new Uint8Array(0), why: /^0 octets$/ },
  { what: 'a head alone', octets: head(23), why: /^24 octets$/ },
  { what: 'a query', octets: joined(head(18), names, tail(5)), why: /^operation code 18 is none of an answer$/ },
  {
    what: 'tokens that are none',
    octets: joined(whole.subarray(0, -1), Uint8Array.of(0)),
    why: /does not end in its tokens/,
  },
  { what: 'too few names', octets: joined(head(23), name('corp'), tail(5)), why: /runs past the end/ },
  { what: 'a name that points at itself', octets: joined(head(23), octetsOf('c018'), tail(5)), why: /at itself/ },
  { what: 'a name that leads round', octets: joined(head(23), octetsOf('0161c018'), tail(5)), why: /at itself/ },
  {
    what: 'no site behind its address',
    octets: joined(head(23), names, octetsOf('ff'), tail(0x1d)),
    why: /past the end/,
  },
]) {
  test(`${what} cannot be read`, () => {
    const answer = readNetlogonAnswer(octets)
    assert.match(answer.kind === 'unreadable' ? answer.why : answer.kind, why)
  })
}

test('the question names the version, and the domain and the asker where they are to be named', () => {
  assert.deepEqual(netlogonFilter({}), { and: [{ attribute: 'NtVer', equals: Uint8Array.of(6, 0, 0, 0) }] })
  const domain = { attribute: 'DnsDomain', equals: ascii('corp.example') }
  assert.deepEqual(netlogonFilter({ domain: 'corp.example' }), {
    and: [domain, { attribute: 'NtVer', equals: Uint8Array.of(6, 0, 0, 0) }],
  })
  assert.deepEqual(netlogonFilter({ domain: 'corp.example', host: 'PC1', nextClosestSite: true }), {
    and: [
      domain,
      { attribute: 'Host', equals: ascii('PC1') },
      { attribute: 'NtVer', equals: Uint8Array.of(0x16, 0, 0, 0) },
    ],
  })
})

test('any octets, any beginning and any change of an answer are read without a throw', () => {
  const holds = (octets: Uint8Array): void => {
    const answer = readNetlogonAnswer(octets)
    if (answer.kind !== 'domain-controller') return
    assert.match(answer.domainGuid, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
    assert.ok(answer.otherFlags >= 0)
    for (const text of Object.values(answer)) {
      if (typeof text !== 'string') continue
      assert.ok(text.length <= 4 * 255)
      assert.doesNotMatch(text, /\p{C}/u)
    }
  }
  const full = joined(head(23), names, socketAddress, name('Bern'), tail(0x1d))
  for (const octets of [samba, full]) {
    for (let length = 0; length < octets.length; length += 1) {
      assert.notEqual(readNetlogonAnswer(octets.subarray(0, length)).kind, 'domain-controller')
    }
  }
  fc.assert(
    fc.property(fc.constantFrom(samba, full), fc.nat(), fc.nat(255), (octets, at, octet) => {
      const changed = Uint8Array.from(octets)
      changed[at % changed.length] = octet
      holds(changed)
    }),
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), holds))
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(255), (octets, version) =>
      holds(joined(head(23), octets, tail(version))),
    ),
  )
})

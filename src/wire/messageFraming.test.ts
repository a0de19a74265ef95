import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeAdwsPreamble, lengthOfFramingAnswer, readFramingAnswer } from './messageFraming.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s+/g, ''), 'hex'))
const ascii = (text: string): string => Buffer.from(text).toString('hex')

const namespace = 'http://schemas.microsoft.com/ws/2006/05/framing/faults/'

/** A fault record with its size in one octet, which holds up to 127. */
const fault = (uri: string): Uint8Array => hex(`08 ${uri.length.toString(16).padStart(2, '0')} ${ascii(uri)}`)
const unsupported = fault(`${namespace}UnsupportedVersion`)

test('a preamble is the records of MC-NMF §2.2.3 in the order of its grammar, without an end', () => {
  const via = 'net.tcp://dc1.corp.example:9389/ActiveDirectoryWebServices/Windows/Resource'
  assert.equal(via.length, 0x4b)
  const records = [
    '00 01 00', // version 1.0
    '01 02', // mode: duplex
    `02 4b ${ascii(via)}`,
    '03 08', // known encoding: binary with in-band dictionary
    `09 15 ${ascii('application/negotiate')}`, // upgrade request
  ]
  assert.deepEqual(encodeAdwsPreamble('dc1.corp.example'), hex(records.join('')))
})

/** Taken from the client of System.ServiceModel in Mono 6.8 (Debian 12), a NetTcpBinding to that address, down to its end. */
const monoPreamble = hex(`000100 0102
  02 44 6e65742e7463703a2f2f6c6f63616c686f73743a393338392f4163746976654469726563746f7279576562536572766963
        65732f57696e646f77732f5265736f75726365
  0308 0c`)

test('another client writes the same records: what differs is the upgrade that stands before the end', () => {
  const own = encodeAdwsPreamble('localhost')
  const upgrade = hex(`0915 ${ascii('application/negotiate')}`)
  assert.deepEqual(own, Uint8Array.from([...monoPreamble.subarray(0, -1), ...upgrade]))
})

test('what real receivers answer is read: the fault of Windows, and the acknowledgement of Mono', () => {
  // The form in which nmap knows .NET message framing of Windows (nmap-service-probes, mc-nmf).
  const windows = hex(`0849 ${ascii('http://schemas.microsoft.com/ws/2006/05/framing/faults/UnsupportedVersion')}`)
  const read = readFramingAnswer(windows)
  assert.deepEqual([read.kind, read.kind === 'fault' && read.name], ['fault', 'UnsupportedVersion'])
  assert.equal(lengthOfFramingAnswer(windows), windows.length)
  // Taken from a ServiceHost of Mono 6.8 with a NetTcpBinding, to the preamble above.
  assert.deepEqual(readFramingAnswer(hex('0b')), { kind: 'acknowledged' })
})

test('a via of over 127 octets has its size in two, the low seven bits first', () => {
  const host = 'a'.repeat(200)
  const octets = encodeAdwsPreamble(host)
  // 200 octets of host and 59 around it: 259 = 2 × 128 + 3.
  assert.deepEqual(octets.subarray(5, 8), hex('02 83 02'))
  assert.equal(
    Buffer.from(octets.subarray(8, 8 + 259))
      .toString()
      .slice(0, 17),
    'net.tcp://aaaaaaa',
  )
  assert.deepEqual(octets.subarray(8 + 259, 8 + 261), hex('03 08'))
})

test('an IPv6 address stands in brackets, and what is no host is refused', () => {
  assert.match(Buffer.from(encodeAdwsPreamble('2001:db8::7')).toString(), /net\.tcp:\/\/\[2001:db8::7\]:9389\//)
  for (const none of ['', 'a b', 'a/b', 'dc1\n', 'ü.example', 'a'.repeat(256)]) {
    assert.throws(() => encodeAdwsPreamble(none), RangeError, none)
  }
})

for (const { what, octets, answer } of [
  { what: 'an upgrade response', octets: hex('0a'), answer: { kind: 'upgrade' } },
  { what: 'a preamble ack', octets: hex('0b'), answer: { kind: 'acknowledged' } },
  {
    what: 'a fault of the specification',
    octets: unsupported,
    answer: {
      kind: 'fault',
      uri: `${namespace}UnsupportedVersion`,
      name: 'UnsupportedVersion',
      means: 'the receiver does not speak this version of the framing',
    },
  },
  {
    what: 'a fault that the specification does not know',
    octets: fault('urn:example:full'),
    answer: { kind: 'fault', uri: 'urn:example:full' },
  },
  {
    what: 'a fault with octets that do not print, and others behind it',
    octets: hex(`08 06 ${ascii('a:')} 1b5b324a 0000`),
    answer: { kind: 'fault', uri: 'a:\\x1B[2J' },
  },
] as const) {
  test(`${what} is read`, () => assert.deepEqual(readFramingAnswer(octets), answer))
}

test('a fault with its size in two octets is read, and of its URI 200 octets are shown', () => {
  const uri = `urn:${'x'.repeat(296)}`
  const octets = hex(`08 ac 02 ${ascii(uri)}`)
  assert.equal(lengthOfFramingAnswer(octets.subarray(0, 3)), 303)
  assert.deepEqual(readFramingAnswer(octets), { kind: 'fault', uri: uri.slice(0, 200) })
})

for (const { what, octets, why } of [
  { what: 'a line feed and more', octets: hex('0a 48'), why: 'more follows a record that ends the answer' },
  { what: 'an acknowledgement and more', octets: hex('0b 00'), why: 'more follows a record that ends the answer' },
  { what: 'HTTP', octets: hex(ascii('HTTP/1.1 400 Bad Request\r\n')), why: 'no record answers a preamble with 0x48' },
  { what: 'a TLS alert', octets: hex('15 03 03 00 02 02 28'), why: 'no record answers a preamble with 0x15' },
  {
    what: 'our own preamble',
    octets: encodeAdwsPreamble('dc1.corp.example'),
    why: 'no record answers a preamble with 0x00',
  },
  { what: 'a fault of no octets', octets: hex('08 00'), why: 'a fault of no length' },
  { what: 'a size that ends with seven bits of zero', octets: hex('08 85 00 613a626364'), why: 'a fault of no length' },
  { what: 'a size of 4 GB', octets: hex('08 ff ff ff ff 0f'), why: 'a fault of more than 2048 octets' },
  { what: 'a size in more than two octets', octets: hex('08 ff ff'), why: 'a fault of more than 2048 octets' },
  { what: 'a URI of 2049 octets', octets: hex('08 81 10'), why: 'the length 2049 is over 2048' },
  { what: 'a fault that is no URI', octets: hex(`08 05 ${ascii('hello')}`), why: 'a fault that is no URI' },
  {
    what: 'a fault whose beginning can be no URI',
    octets: hex(`08 50 ${ascii('no such')}`),
    why: 'a fault that is no URI',
  },
]) {
  test(`${what} is another protocol`, () => {
    assert.deepEqual(lengthOfFramingAnswer(octets), { why })
    assert.deepEqual(readFramingAnswer(octets), { kind: 'other', why })
  })
}

test('the length is known with the size, and unknown before', () => {
  assert.equal(lengthOfFramingAnswer(new Uint8Array()), undefined)
  assert.equal(lengthOfFramingAnswer(hex('08')), undefined)
  assert.equal(lengthOfFramingAnswer(hex('08 80')), undefined)
  assert.equal(lengthOfFramingAnswer(hex('08 80 10')), 3 + 2048)
})

test('any prefix of a fault is cut short, and has the length of the whole once it is known', () => {
  for (let cut = 0; cut < unsupported.length; cut += 1) {
    const prefix = unsupported.subarray(0, cut)
    assert.equal(lengthOfFramingAnswer(prefix), cut < 2 ? undefined : unsupported.length, `${cut}`)
    assert.deepEqual(readFramingAnswer(prefix), { kind: 'other', why: 'the record is cut short' })
  }
})

test('any octets, and any fault with an octet changed, give a value that prints', () => {
  const changed = fc
    .tuple(fc.nat(unsupported.length - 1), fc.nat(255))
    .map(([at, octet]) => unsupported.with(at, octet))
  const behindType = fc.uint8Array({ maxLength: 100 }).map((rest) => Uint8Array.from([8, ...rest]))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), behindType, changed), (octets) => {
      const answer = readFramingAnswer(octets)
      const length = lengthOfFramingAnswer(octets)
      assert.match(JSON.stringify(answer), /^[ -~]*$/)
      assert.ok(typeof length !== 'number' || (length >= 1 && length <= 3 + 2048))
      assert.equal(answer.kind !== 'other', typeof length === 'number' && length <= octets.length)
    }),
    { numRuns: 2000 },
  )
})

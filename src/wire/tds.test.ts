import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodePreLogin, lengthOfPreLoginAnswer, readPreLoginAnswer } from './tds.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s+/g, ''), 'hex'))

/** The request of MS-TDS §4.1: ENCRYPT_ON, thread 3512, MARS. */
const example = `12 01 00 2F 00 00 01 00
  00 00 1A 00 06  01 00 20 00 01  02 00 21 00 01  03 00 22 00 04  04 00 26 00 01  FF
  09 00 00 00 00 00  01  00  B8 0D 00 00  01`

/** Answers to it of SQL Server 2008 SP1 and 2012 SP1, as SQL Fingerprint publishes them. */
const sql2008 = `04 01 00 2b 00 00 01 00
  00 00 1a 00 06  01 00 20 00 01  02 00 21 00 01  03 00 22 00 00  04 00 22 00 01  ff
  0a 00 09 e3 00 00  01  00  01`
const sql2012 = sql2008.replace('0a 00 09 e3', '0b 00 0b b8')

/** Taken from tdspool of FreeTDS 1.3.17, asked by our own request. */
const freeTds = hex(`04 01 00 2b 00 00 01 00
  00 00 1a 00 06  01 00 20 00 01  02 00 21 00 01  03 00 22 00 00  04 00 22 00 01  ff
  0a 00 06 40 00 00  02  01  00`)

/** An answer in one packet, of options and their data. */
const answer = (payload: string): Uint8Array => {
  const length = 8 + hex(payload).length
  return hex(`04 01 ${length.toString(16).padStart(4, '0')} 0034 01 00 ${payload}`)
}

test("a request is that of the specification's example, but asks for no encryption, thread or MARS", () => {
  const expected = example.replace('01  00  B8 0D 00 00  01', '00  00  00 00 00 00  00')
  assert.deepEqual(encodePreLogin(), hex(expected))
})

test('the name of an instance ends with a zero and moves what follows it', () => {
  const expected = `12 01 00 33 00 00 01 00
    00 00 1A 00 06  01 00 20 00 01  02 00 21 00 05  03 00 26 00 04  04 00 2A 00 01  FF
    09 00 00 00 00 00  00  41 44 46 53 00  00 00 00 00  00`
  assert.deepEqual(encodePreLogin('ADFS'), hex(expected))
  for (const none of ['two words', 'zero\0', 'größe', 'a'.repeat(256)]) {
    assert.throws(() => encodePreLogin(none), RangeError, none)
  }
})

for (const { octets, version, product } of [
  { octets: sql2008, version: '10.0.2531', product: 'SQL Server 2008' },
  { octets: sql2012, version: '11.0.3000', product: 'SQL Server 2012' },
]) {
  test(`the answer of ${product} is read`, () => {
    const expected = { kind: 'pre-login', version, product, encryption: 'on', instance: 'matches' }
    assert.deepEqual(readPreLoginAnswer(hex(octets)), expected)
    assert.equal(lengthOfPreLoginAnswer(hex(octets)), 0x2b)
  })
}

test('the answer of the server in FreeTDS is read', () => {
  assert.deepEqual(readPreLoginAnswer(freeTds), {
    kind: 'pre-login',
    version: '10.0.1600',
    product: 'SQL Server 2008',
    encryption: 'not-supported',
    instance: 'another',
  })
  assert.equal(lengthOfPreLoginAnswer(freeTds), freeTds.length)
})

// The octets by which nmap knows real servers (nmap-service-probes, ms-sql-s): packet, options, version and build. Of the
// three that follow it says nothing.
for (const [begins, version, product] of [
  ['08 00 07 f7', '8.0.2039', 'SQL Server 2000'],
  ['09 00 0b e2', '9.0.3042', 'SQL Server 2005'],
  ['0a 32 17 70', '10.50.6000', 'SQL Server 2008 R2'],
  ['0c 00 13 88', '12.0.5000', 'SQL Server 2014 or Azure SQL'],
  ['0d 00 13 a2', '13.0.5026', 'SQL Server 2016'],
  ['0e 00 0c b9', '14.0.3257', 'SQL Server 2017'],
] as const) {
  test(`an answer as nmap knows it of ${product} is read`, () => {
    const head = '04 01 00 25 00 00 01 00  00 00 15 00 06  01 00 1b 00 01  02 00 1c 00 01  03 00 1d 00 00  ff'
    const octets = hex(`${head} ${begins} 00 00  00 00`)
    const expected = { kind: 'pre-login', version, product, encryption: 'off', instance: 'matches' }
    assert.deepEqual(readPreLoginAnswer(octets), expected)
    assert.equal(lengthOfPreLoginAnswer(octets), 0x25)
  })
}

for (const { begins, version, product } of [
  { begins: '08 00 07 f7', version: '8.0.2039', product: 'SQL Server 2000' },
  { begins: '09 00 13 88', version: '9.0.5000', product: 'SQL Server 2005' },
  { begins: '0a 32 06 51', version: '10.50.1617', product: 'SQL Server 2008 R2' },
  { begins: '0c 00 07 d0', version: '12.0.2000', product: 'SQL Server 2014 or Azure SQL' },
  { begins: '0d 00 06 41', version: '13.0.1601', product: 'SQL Server 2016' },
  { begins: '0e 00 03 e8', version: '14.0.1000', product: 'SQL Server 2017' },
  { begins: '0f 00 07 d0', version: '15.0.2000', product: 'SQL Server 2019' },
  { begins: '10 00 10 18', version: '16.0.4120', product: 'SQL Server 2022' },
  { begins: '11 00 03 e8', version: '17.0.1000', product: 'SQL Server 2025' },
  { begins: '63 00 00 00', version: '99.0.0', product: undefined },
]) {
  test(`version ${version} is ${product ?? 'no product that is known'}`, () => {
    assert.deepEqual(readPreLoginAnswer(answer(`00 0006 0006 ff ${begins} 0000`)), {
      kind: 'pre-login',
      version,
      ...(product !== undefined && { product }),
    })
  })
}

for (const { octet, encryption } of [
  { octet: '00', encryption: 'off' },
  { octet: '01', encryption: 'on' },
  { octet: '02', encryption: 'not-supported' },
  { octet: '03', encryption: 'required' },
  { octet: '23', encryption: 'required' },
  { octet: '81', encryption: 'on' },
  { octet: '04', encryption: undefined },
]) {
  test(`encryption ${octet} is ${encryption ?? 'left out'}`, () => {
    const read = readPreLoginAnswer(answer(`00 000b 0006 01 0011 0001 ff 0f0007d00000 ${octet}`))
    assert.ok(read.kind === 'pre-login')
    assert.equal(read.encryption, encryption)
  })
}

test('a server that is another instance says so, and an octet without a meaning says nothing', () => {
  for (const [octet, instance] of [
    ['00', 'matches'],
    ['01', 'another'],
    ['02', undefined],
  ]) {
    const read = readPreLoginAnswer(answer(`00 000b 0006 02 0011 0001 ff 0f0007d00000 ${octet}`))
    assert.ok(read.kind === 'pre-login')
    assert.equal(read.instance, instance)
  }
})

test('an answer in several packets is read as in one', () => {
  const payload = hex(sql2008).subarray(8)
  const packet = (status: string, part: Uint8Array): string =>
    `04 ${status} ${(8 + part.length).toString(16).padStart(4, '0')} 0000 01 00 ${Buffer.from(part).toString('hex')}`
  const parts = [payload.subarray(0, 0), payload.subarray(0, 5), payload.subarray(5, 30), payload.subarray(30)]
  const packets = parts.map((part, index) => packet(index === parts.length - 1 ? '01' : '00', part))
  const octets = hex(packets.join(''))
  assert.deepEqual(readPreLoginAnswer(octets), readPreLoginAnswer(hex(sql2008)))
  assert.equal(lengthOfPreLoginAnswer(octets), octets.length)
  assert.equal(lengthOfPreLoginAnswer(octets.subarray(0, -1)), octets.length)
  assert.equal(lengthOfPreLoginAnswer(octets.subarray(0, 8)), undefined)
})

test('options that do not lie in the answer, and unknown ones, count as absent; of two the first counts', () => {
  const head = '00 0024 0006  01 ffff ffff  02 002c 0001  63 0024 0001  01 002a 0001  00 0000 0006  02 002b 0001  ff'
  assert.deepEqual(readPreLoginAnswer(answer(`${head} 0f0007d00000 03 01`)), {
    kind: 'pre-login',
    version: '15.0.2000',
    product: 'SQL Server 2019',
    encryption: 'required',
    instance: 'another',
  })
})

for (const { what, payload, why } of [
  { what: 'a version outside', payload: '00 ffff 0006 ff 0f0007d00000', why: 'the answer gives no version' },
  { what: 'a version of three octets', payload: '00 0006 0003 ff 0f0007', why: 'the answer gives no version' },
  { what: 'options without an end', payload: '00 0006 0006 01 0000 0001', why: 'the list of options has no end' },
  { what: 'an option that is cut short', payload: '00 0006 0006 01 00', why: 'the list of options has no end' },
]) {
  test(`an answer with ${what} is none`, () => {
    assert.deepEqual(readPreLoginAnswer(answer(payload)), { kind: 'other', why })
  })
}

for (const { what, octets, why } of [
  {
    what: 'HTTP',
    octets: Uint8Array.from(Buffer.from('HTTP/1.1 400 Bad Request\r\n')),
    why: 'the packet is of type 0x48, not 0x04',
  },
  { what: 'our own request', octets: encodePreLogin(), why: 'the packet is of type 0x12, not 0x04' },
  {
    what: 'an error of SQL Server',
    octets: answer('aa 1400 1848000001 0e 0000 0000 0000'),
    why: 'the first option is 0xaa, not 0x00',
  },
  {
    what: 'a packet shorter than its header',
    octets: hex('04 01 00 07'),
    why: 'the length 7 is too short for a packet of TDS',
  },
  { what: 'a packet of 65535 octets', octets: hex('04 01 ff ff'), why: 'an answer of more than 4096 octets' },
  {
    what: 'a second packet that makes the answer too long',
    octets: hex(`04 00 0008 0000 01 00 04 01 0ff9`),
    why: 'an answer of more than 4096 octets',
  },
  { what: 'a message of nothing', octets: hex('04 01 0008 0000 01 00'), why: 'an answer without options' },
  { what: 'a status that no server sends', octets: hex('04 09'), why: 'the packet has status 0x09, not 0x01' },
  {
    what: 'a second packet of another type',
    octets: hex('04 00 0008 0000 01 00 12'),
    why: 'the packet is of type 0x12, not 0x04',
  },
]) {
  test(`${what} is another protocol`, () => {
    assert.deepEqual(lengthOfPreLoginAnswer(octets), { why })
    assert.deepEqual(readPreLoginAnswer(octets), { kind: 'other', why: `no answer to a pre-login: ${why}` })
  })
}

test('any prefix of an answer is cut short, and has the length of the whole once it is known', () => {
  const octets = hex(sql2008)
  for (let cut = 0; cut < octets.length; cut += 1) {
    const prefix = octets.subarray(0, cut)
    assert.equal(lengthOfPreLoginAnswer(prefix), cut < 4 ? undefined : octets.length, `${cut}`)
    assert.deepEqual(readPreLoginAnswer(prefix), { kind: 'other', why: 'the answer is cut short' })
  }
})

test('empty packets without an end come to one', () => {
  const empty = Array<string>(512).fill('04 00 0008 0000 01 00').join('')
  assert.equal(lengthOfPreLoginAnswer(hex(empty)), undefined)
  assert.deepEqual(lengthOfPreLoginAnswer(hex(`${empty} 04 00 0008`)), { why: 'an answer of more than 4096 octets' })
})

test('any octets, and any answer with an octet changed, give a value that prints', () => {
  const sound = hex(sql2008)
  const changed = fc.tuple(fc.nat(sound.length - 1), fc.nat(255)).map(([at, octet]) => sound.with(at, octet))
  const payload = fc.uint8Array({ maxLength: 60 }).map((rest) => answer(`00${Buffer.from(rest).toString('hex')}`))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), payload, changed), (octets) => {
      const read = readPreLoginAnswer(octets)
      const length = lengthOfPreLoginAnswer(octets)
      assert.match(JSON.stringify(read), /^[ -~]*$/)
      assert.ok(typeof length !== 'number' || (length > 8 && length <= 4096))
      if (read.kind === 'pre-login') assert.ok(typeof length === 'number' && length <= octets.length)
    }),
    { numRuns: 2000 },
  )
})

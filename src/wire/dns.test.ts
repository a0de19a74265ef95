import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { DnsMessage, DnsRecord, DnsType } from './dns.ts'
import { answersTo, decodeDnsMessage, encodeDnsQuery, isSameName } from './dns.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s+/g, ''), 'hex'))

/** `example.com` as labels. */
const exampleCom = '07 6578616d706c65 03 636f6d 00'

function message(octets: Uint8Array): DnsMessage & { kind: 'message' } {
  const decoded = decodeDnsMessage(octets)
  assert.equal(decoded.kind, 'message', JSON.stringify(decoded))
  return decoded as DnsMessage & { kind: 'message' }
}

test('a query is the header, one question in mixed case and an OPT record of the size that is offered', () => {
  const encoded = encodeDnsQuery({
    id: 0x1234,
    name: 'example.com.',
    type: 'SOA',
    caseBits: Uint8Array.of(0b0000_0101),
    ednsPayloadSize: 1232,
  })
  assert.deepEqual(encoded, {
    ok: true,
    name: 'ExAmple.com',
    octets: Buffer.from(
      hex(`1234 0100 0001 0000 0000 0001 07 4578416d706c65 03 636f6d 00 0006 0001 00 0029 04d0 00000000 0000`),
    ),
  })
})

test('the root is asked for as one empty label', () => {
  const encoded = encodeDnsQuery({ id: 1, name: '.', type: 'NS', caseBits: new Uint8Array() })
  assert.equal(
    encoded.ok && Buffer.from(encoded.octets).toString('hex'),
    '00010100000100000000000000'.concat('00020001'),
  )
})

for (const { name, why } of [
  { name: `${'a'.repeat(64)}.example`, why: 'a label of 64 octets, the limit is 63' },
  { name: Array(50).fill('abcdef').join('.'), why: 'the name has 349 octets, the limit is 253' },
  { name: 'a..b', why: 'the name has an empty label' },
  { name: 'a b.example', why: 'the label "a b" is not printable ASCII' },
  { name: 'bücher.example', why: 'the label "bücher" is not printable ASCII' },
]) {
  test(`no query is written for ${JSON.stringify(name.slice(0, 20))}: ${why}`, () => {
    assert.deepEqual(encodeDnsQuery({ id: 1, name, type: 'A', caseBits: new Uint8Array(32) }), { ok: false, why })
  })
}

test('any name that can be asked for comes back from its own query, whatever the case', () => {
  const label = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/)
  const anyName = fc.array(label, { minLength: 1, maxLength: 8 }).map((labels) => labels.join('.'))
  const type = fc.constantFrom<DnsType>('A', 'AAAA', 'SRV', 'SOA', 'NS', 'TXT', 'CNAME')
  fc.assert(
    fc.property(anyName, type, fc.nat(65535), fc.uint8Array({ maxLength: 32 }), (name, asked, id, caseBits) => {
      const encoded = encodeDnsQuery({ id, name, type: asked, caseBits, ednsPayloadSize: 1232 })
      assert.ok(encoded.ok)
      const decoded = message(encoded.octets)
      assert.equal(decoded.id, id)
      assert.equal(decoded.response, false)
      assert.deepEqual(decoded.question, { name: encoded.name, type: asked })
      assert.ok(isSameName(encoded.name, name))
    }),
  )
})

/** A record of the question's own name, TTL 10, with its data. */
const record = (type: string, data: string): string =>
  `c00c ${type} 0001 0000000a ${hex(data).length.toString(16).padStart(4, '0')} ${data}`

test('an answer through two aliases gives addresses, aliases in order and the smallest TTL', () => {
  const octets = hex(`1234 8580 0001 0004 0000 0000 ${exampleCom} 0001 0001
    c00c         0005 0001 0000012c 0004 0157 c00c
    0177 c00c    0005 0001 00000020 0007 0164 03636466 00
    0164 03636466 00 0001 0001 0000003c 0004 cb007101
    0164 03636466 00 0001 0001 0000003c 0004 cb007102`)
  const decoded = message(octets)
  assert.equal(decoded.authoritative, true)
  assert.equal(decoded.rcode, 0)
  assert.deepEqual(answersTo(decoded.answers, 'EXAMPLE.com', 'A'), {
    answers: ['203.0.113.1', '203.0.113.2'],
    aliases: ['w.example.com', 'd.cdf'],
    ttlSec: 32,
  })
})

test('IPv6, SRV, SOA, NS and TXT records are written as observations have them', () => {
  const octets = hex(`0001 8400 0001 0005 0000 0000 ${exampleCom} 00ff 0001
    ${record('001c', '20010db8000000000000000000000001')}
    ${record('0021', '0000 0064 0185 0444433031 c00c')}
    ${record('0006', '026e73 c00c 0561646d696e c00c 00000001 00000002 00000003 00000004 00000005')}
    ${record('0002', '026e73 c00c')}
    ${record('0010', '04763d6d73 0431321b33')}`)
  assert.deepEqual(
    message(octets).answers.map(({ type, text }) => [type, text]),
    [
      ['AAAA', '2001:db8::1'],
      ['SRV', '0 100 389 dc01.example.com'],
      ['SOA', 'ns.example.com admin.example.com 1 2 3 4 5'],
      ['NS', 'ns.example.com'],
      ['TXT', 'v=ms12\\0273'],
    ],
  )
})

test('the code of a refusal is put together from header and OPT record', () => {
  const decoded = message(hex(`0001 8180 0001 0000 0000 0001 ${exampleCom} 0001 0001 00 0029 04d0 01000000 0000`))
  assert.equal(decoded.rcode, 16)
})

test('a TTL with the top bit set counts as 0 (RFC 2181 §8)', () => {
  const decoded = message(
    hex(`0001 8180 0001 0001 0000 0000 ${exampleCom} 0001 0001 c00c 0001 0001 80000001 0004 01020304`),
  )
  assert.equal(decoded.answers[0]?.ttlSec, 0)
})

test('a truncated answer keeps the records that are whole', () => {
  const whole = `0001 8380 0001 0002 0000 0000 ${exampleCom} 0001 0001 c00c 0001 0001 00000001 0004 01020304`
  const decoded = message(hex(`${whole} c00c 0001 0001 0000`))
  assert.equal(decoded.truncated, true)
  assert.deepEqual(
    decoded.answers.map(({ text }) => text),
    ['1.2.3.4'],
  )
})

for (const { what, octets, why } of [
  { what: 'too short for a header', octets: '0001 80', why: '3 octets, a header has 12' },
  {
    what: 'a record that runs past the end',
    octets: `0001 8180 0001 0001 0000 0000 ${exampleCom} 0001 0001 c00c 0001 0001 00000001 0004 0102`,
    why: 'at octet 41: 4 octets wanted, 2 left',
  },
  {
    what: 'an address of five octets',
    octets: `0001 8180 0001 0001 0000 0000 ${exampleCom} 0001 0001 c00c 0001 0001 00000001 0005 0102030405`,
    why: 'at octet 41: A data of 5 octets',
  },
  {
    what: 'a name that points at itself',
    octets: `0001 8180 0001 0001 0000 0000 c00c 0001 0001 c00c 0001 0001 00000001 0004 01020304`,
    why: 'at octet 18: a name points forwards or at itself',
  },
  {
    what: 'a server name that ends before its record does',
    octets: `0001 8180 0001 0001 0000 0000 ${exampleCom} 0001 0001 c00c 0002 0001 00000001 0004 c00c 0000`,
    why: 'at octet 41: NS data of 4 octets',
  },
]) {
  test(`${what} is unreadable, and says where`, () => {
    const decoded = decodeDnsMessage(hex(octets))
    assert.deepEqual(decoded, { kind: 'unreadable', id: 1, why })
  })
}

test('an alias that leads back to itself ends', () => {
  const alias = (name: string, text: string): DnsRecord => ({ name, type: 'CNAME', ttlSec: 5, text })
  assert.deepEqual(answersTo([alias('a.x', 'b.x'), alias('b.x', 'A.x')], 'a.x', 'A'), {
    answers: [],
    aliases: ['b.x', 'A.x'],
    ttlSec: 5,
  })
})

test('records about other names are no answer', () => {
  const records: DnsRecord[] = [{ name: 'evil.example', type: 'A', ttlSec: 5, text: '192.0.2.1' }]
  assert.deepEqual(answersTo(records, 'a.example', 'A'), { answers: [], aliases: [] })
})

test('any octets give a value', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (octets) => {
      const decoded = decodeDnsMessage(octets)
      assert.ok(decoded.kind === 'message' || decoded.why.length > 0)
    }),
    { numRuns: 2000 },
  )
})

test('any octets after a sound header and question give a value', () => {
  const start = hex(`0001 8180 0001 0003 0001 0001 ${exampleCom} 0001 0001 c00c`)
  const records = fc.array(
    fc.tuple(
      fc.constantFrom(1, 2, 5, 6, 16, 28, 33, 41, 46, 99),
      fc.uint8Array({ maxLength: 40 }),
      fc.integer({ min: -3, max: 3 }),
    ),
    { maxLength: 6 },
  )
  fc.assert(
    fc.property(records, (made) => {
      const rest = made.flatMap(([type, data, slip]) => [
        0,
        type,
        0,
        1,
        0,
        0,
        0,
        9,
        0,
        Math.max(0, data.length + slip),
        ...data,
        0xc0,
        0x0c,
      ])
      const decoded = decodeDnsMessage(Uint8Array.from([...start, ...rest]))
      if (decoded.kind === 'unreadable') return
      for (const { name, text } of decoded.answers) assert.doesNotMatch(`${name}${text}`, /\p{Cc}/u)
    }),
    { numRuns: 2000 },
  )
})

/** A record whose data are `hops` pointers, each to the one before and the first to the root, and addresses at the last of them. */
function pointerChain(hops: number, addresses: number): Uint8Array {
  const chain = Buffer.alloc(2 * hops)
  const start = Buffer.from(
    hex(`0001 8180 0000 ${(addresses + 1).toString(16).padStart(4, '0')} 0000 0000 00 0063 0001 00000001 0000`),
  )
  start.writeUInt16BE(chain.length, start.length - 2)
  for (let hop = 0; hop < hops; hop += 1)
    chain.writeUInt16BE(0xc000 + (hop === 0 ? 12 : start.length + 2 * hop - 2), 2 * hop)
  const last = (0xc000 + start.length + chain.length - 2).toString(16)
  return Buffer.concat([
    start,
    chain,
    ...Array<Uint8Array>(addresses).fill(hex(`${last} 0001 0001 00000001 0004 cb007101`)),
  ])
}

test('a name is followed through as many pointers as it may have labels, and through no more', () => {
  const { answers } = message(pointerChain(126, 1))
  assert.deepEqual(answers, [{ name: '.', type: 'A', ttlSec: 1, text: '203.0.113.1' }])
  const beyond = decodeDnsMessage(pointerChain(128, 1))
  assert.match(beyond.kind === 'unreadable' ? beyond.why : '', /a name of more than 127 pointers$/)
})

test('of thousands of records the first 512 are taken', () => {
  assert.equal(message(pointerChain(100, 3000)).answers.length, 512)
})

test('dots and unseen octets of a label are written as RFC 1035 §5.1 has them', () => {
  const decoded = message(hex(`0001 8180 0001 0000 0000 0000 05 612e5c00ff 00 0001 0001`))
  assert.equal(decoded.question?.name, 'a\\.\\\\\\000\\255')
})

/** Unbound 1.17.1, captured: what it serves of a zone of its own, asked with EDNS 1232 in mixed case. */
const unbound = {
  soa: hex(`
    12348580000100010000000104634f7270076558616d706c650000060001c00c0006000100000e10002703646331c00c
    0a686f73746d6173746572c00c0000002f00000384000002580001518000000e1000002904d0000000000000`),
  srv: hex(`
    123485800001000200000001055f6c646170045f744370026463065f6d7364637304636f7250076578616d706c650000
    210001c00c002100010000025800180000006401850364633204636f7270076578616d706c6500c00c00210001000002
    5800180000006401850364633104636f7270076578616d706c650000002904d0000000000000`),
  aaaa: hex(`
    1234858000010001000000010364433104636f7270076578616d706c6500001c0001c00c001c00010000025800102001
    0db800000000000000000000001000002904d0000000000000`),
  nx: hex(`
    123485830001000000010001026e4f04636f7270076578616d706c650000010001c00f0006000100000e100027036463
    31c00f0a686f73746d6173746572c00f0000002f00000384000002580001518000000e1000002904d0000000000000`),
  tc: hex(`
    123487800001000000000001046d416e7904636f7270076578616d706c65000010000100002904d0000000000000`),
  refused: hex(`
    123481050000000000000000`),
}

test('unbound 1.17.1, captured: answers, each with the question in the letters that it was asked in', () => {
  const read = (octets: Uint8Array) => {
    const { question, rcode, answers } = message(octets)
    return [question?.name, rcode, ...answers.map(({ type, ttlSec, text }) => `${type} ${ttlSec} ${text}`)]
  }
  assert.deepEqual(read(unbound.soa), [
    'cOrp.eXample',
    0,
    'SOA 3600 dc1.corp.example hostmaster.corp.example 47 900 600 86400 3600',
  ])
  assert.deepEqual(read(unbound.srv), [
    '_ldap._tCp.dc._msdcs.corP.example',
    0,
    'SRV 600 0 100 389 dc2.corp.example',
    'SRV 600 0 100 389 dc1.corp.example',
  ])
  assert.deepEqual(read(unbound.aaaa), ['dC1.corp.example', 0, 'AAAA 600 2001:db8::10'])
})

test('unbound 1.17.1, captured: a name that is not there, an answer that was cut, a refusal without the question', () => {
  const read = (octets: Uint8Array) => {
    const { question, rcode, truncated, answers } = message(octets)
    return [question?.name, rcode, truncated, answers.length]
  }
  assert.deepEqual(read(unbound.nx), ['nO.corp.example', 3, false, 0])
  assert.deepEqual(read(unbound.tc), ['mAny.corp.example', 0, true, 0])
  assert.deepEqual(read(unbound.refused), [undefined, 5, false, 0])
})

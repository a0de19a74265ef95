import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalAddress } from '../model/cidr.ts'
import { readPacket } from './packet.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s+/g, ''), 'hex'))

/** Packets that tcpdump 4.99.3 saw on loopback, from their IP headers on. */
const syn = `4500003c433c40004006f97d7f0000017f000001
  bfa400097dfd605400000000a002ffd7fe3000000204ffd70402080a9c73bec2000000000103030a`
const rst = '450000280000400040063cce7f0000017f000001 0009bfa4000000007dfd60555014000013ce0000'
const syn6 = `6002a776002806400000000000000000000000000000000100000000000000000000000000000001
  e2300009689e152b00000000a002ffc4003000000204ffc40402080a655c3214000000000103030a`
const udp = '4500001e0fad400040112d207f0000017f000001 e48d0009000afe1d6869'
const unreachable = `45c0003a67a90000400114587f0000017f000001 0303b1d400000000 ${udp}`
const unreachable6 = `600ddfeb003a3a400000000000000000000000000000000100000000000000000000000000000001
  0104838400000000 600fd138000a11400000000000000000000000000000000100000000000000000000000000000001
  cfd30009000a001d6869`
const ofEthernet = '000000000000 000000000000'
/** Protocol, reserved, interface 2, kind of device, packet type, address. */
const cooked2 = (type: string, packetType: string): string =>
  `${type} 0000 00000002 0304 ${packetType} 06 0000000000000000`

const loopback = { source: '127.0.0.1', destination: '127.0.0.1' }
const synRead = {
  kind: 'tcp',
  ...loopback,
  ttl: 64,
  identification: 17_212,
  dontFragment: true,
  length: 60,
  sourcePort: 49_060,
  destinationPort: 9,
  sequence: 2_113_757_268,
  acknowledgement: 0,
  syn: true,
  ack: false,
  rst: false,
  fin: false,
  push: false,
  window: 65_495,
  optionOctets: 20,
  maximumSegment: 65_495,
  payloadAt: 60,
  payloadOctets: 0,
} as const

for (const { what, linkType, octets, before = 0, seen = {} } of [
  { what: 'raw', linkType: 101, octets: syn },
  { what: 'raw as OpenBSD numbers it', linkType: 14, octets: syn },
  { what: 'IPv4', linkType: 228, octets: syn },
  { what: 'the null header of a little-endian machine', linkType: 0, octets: `02000000 ${syn}`, before: 4 },
  { what: 'the loopback header of OpenBSD', linkType: 108, octets: `00000002 ${syn}`, before: 4 },
  { what: 'Ethernet', linkType: 1, octets: `${ofEthernet} 0800 ${syn}`, before: 14 },
  { what: 'a VLAN', linkType: 1, octets: `${ofEthernet} 8100 0064 0800 ${syn}`, before: 18 },
  { what: 'a VLAN in a VLAN', linkType: 1, octets: `${ofEthernet} 88a8 0064 8100 0065 0800 ${syn}`, before: 22 },
  {
    what: 'the cooked header of Linux',
    linkType: 113,
    octets: `0004 0304 0006 0000000000000000 0800 ${syn}`,
    before: 16,
    seen: { direction: 'out' },
  },
  {
    what: 'the second cooked header of Linux',
    linkType: 276,
    octets: `${cooked2('0800', '00')} ${syn}`,
    before: 20,
    seen: { direction: 'in', interfaceIndex: 2 },
  },
  {
    what: 'a frame that is for another machine, on a VLAN',
    linkType: 276,
    octets: `${cooked2('8100', '03')} 0064 0800 ${syn}`,
    before: 24,
    seen: { direction: 'other', interfaceIndex: 2 },
  },
  {
    what: 'Ethernet with padding behind it',
    linkType: 1,
    octets: `${ofEthernet} 0800 ${syn} 000000000000`,
    before: 14,
  },
]) {
  test(`a SYN behind ${what} is read field by field`, () => {
    assert.deepEqual(readPacket(linkType, hex(octets)), { ...synRead, ...seen, payloadAt: 60 + before })
  })
}

/** What a reader of `raw` says of octets, without what every packet has. */
function read(octets: string) {
  return readPacket(101, hex(octets))
}

test('a RST has neither options nor a window, and acknowledges the SYN', () => {
  const packet = read(rst)
  assert.ok(packet.kind === 'tcp' && packet.rst && packet.ack && !packet.syn)
  const { optionOctets, window, sequence, acknowledgement, identification, ttl } = packet
  assert.deepEqual(
    { optionOctets, window, sequence, acknowledgement, identification, ttl },
    { optionOctets: 0, window: 0, sequence: 0, acknowledgement: 2_113_757_269, identification: 0, ttl: 64 },
  )
})

for (const { what, options, largest } of [
  { what: 'behind padding', options: '01010402 020405b4', largest: 1460 },
  { what: 'behind the end of the options', options: '00000000 020405b4', largest: undefined },
  { what: 'behind an option without a length', options: '08000000 020405b4', largest: undefined },
]) {
  test(`the largest segment ${what} is ${largest ?? 'not read'}`, () => {
    const packet = read(
      `4500003000000000 40060000 0a000001 0a000002 c35000090000000100000000 7002ffff00000000 ${options}`,
    )
    assert.equal(packet.kind === 'tcp' ? packet.maximumSegment : packet.kind, largest)
  })
}

test('a SYN over IPv6 has its addresses in canonical text and its hop limit', () => {
  const packet = read(syn6)
  assert.ok(packet.kind === 'tcp' && packet.syn)
  assert.deepEqual([packet.source, packet.destination, packet.ttl, packet.length], ['::1', '::1', 64, 80])
  assert.deepEqual([packet.sourcePort, packet.maximumSegment, packet.identification], [57_904, 65_476, undefined])
})

test('a datagram has ports and the octets that it carries', () => {
  const packet = read(udp)
  assert.ok(packet.kind === 'udp')
  const { sourcePort, destinationPort, payloadAt, payloadOctets } = packet
  assert.deepEqual(
    { sourcePort, destinationPort, payloadAt, payloadOctets },
    { sourcePort: 58_509, destinationPort: 9, payloadAt: 28, payloadOctets: 2 },
  )
})

const about = { protocol: 17, ttl: 64, destinationPort: 9 }
for (const { what, octets, says } of [
  {
    what: 'over IPv4',
    octets: unreachable,
    says: { family: 4, type: 3, code: 3, about: { ...about, ...loopback, identification: 4013, sourcePort: 58_509 } },
  },
  {
    what: 'over IPv6',
    octets: unreachable6,
    says: { family: 6, type: 1, code: 4, about: { ...about, source: '::1', destination: '::1', sourcePort: 53_203 } },
  },
  {
    what: 'of a router that quotes a TCP header up to its sequence',
    // RFC 792: the header and 64 bits; by a device other than the one that was asked.
    octets: `45000038000000003f01 0000 0a000001 c0000201  030d000000000000 ${rst.slice(0, 41)} 0009bfa400000007`,
    says: {
      source: '10.0.0.1',
      ttl: 63,
      family: 4,
      type: 3,
      code: 13,
      about: {
        ...loopback,
        protocol: 6,
        ttl: 64,
        identification: 0,
        sourcePort: 9,
        destinationPort: 49_060,
        sequence: 7,
      },
    },
  },
  {
    what: 'of a link that is too narrow',
    octets: `45000038000000003f01 0000 0a000001 c0000201  0304000000000514 ${rst.slice(0, 41)} 0009bfa400000007`,
    says: { type: 3, code: 4, mtu: 1300 },
  },
  {
    what: 'of a link that is too narrow for IPv6',
    octets: `6000000000303a40 ${'00'.repeat(15)}01 ${'00'.repeat(15)}02 0200000000000500 ${syn6.slice(0, 80)}`,
    says: {
      family: 6,
      type: 2,
      code: 0,
      mtu: 1280,
      about: { source: '::1', destination: '::1', protocol: 6, ttl: 64 },
    },
  },
  {
    what: 'that quotes too little',
    octets: `450000200000000040010000 0a000001 c0000201  0b00000000000000 45000000`,
    says: { type: 11, code: 0, about: undefined },
  },
]) {
  test(`an ICMP error ${what} names who sent it and what it is about`, () => {
    const packet = read(octets)
    assert.ok(packet.kind === 'icmp-error', JSON.stringify(packet))
    const { source, ttl, family, type, code, mtu, about } = packet
    const whole = { source, ttl, family, type, code, mtu, about }
    assert.deepEqual({ ...whole, ...says }, whole)
  })
}

/** An IPv6 header whose first next header is given. */
const ipv6 = (next: string, rest: string): string => {
  const length = hex(rest).length.toString(16).padStart(4, '0')
  return `60000000 ${length} ${next} 40 ${'20010db8'.padEnd(31, '0')}1 ${'20010db8'.padEnd(31, '0')}2 ${rest}`
}
const segment = '0009bfa4000000007dfd60555014000013ce0000'
const withoutPorts = '0000000000000000'

for (const { what, octets, kind, fragment } of [
  { what: 'options of IPv4', octets: `4600002c0000400040060000 0a000001 0a000002 01010100 ${segment}`, kind: 'tcp' },
  {
    what: 'a first fragment',
    octets: `450000281234200040060000 0a000001 0a000002 ${segment}`,
    kind: 'tcp',
    fragment: { offset: 0, more: true },
  },
  {
    what: 'a later fragment',
    octets: `4500001c123400b940060000 0a000001 0a000002 ${withoutPorts}`,
    kind: 'other',
    fragment: { offset: 1480, more: false },
  },
  { what: 'a hop-by-hop header', octets: ipv6('00', `06 00 050200000100 ${segment}`), kind: 'tcp' },
  {
    what: 'a routing header and options for the destination',
    octets: ipv6('2b', `3c 00 000000000000 06 01 0104000000000000000000000000 ${segment}`),
    kind: 'tcp',
  },
  {
    what: 'an authentication header',
    octets: ipv6('33', `06 04 0000 00000001 00000001 ${'00'.repeat(12)} ${segment}`),
    kind: 'tcp',
  },
  {
    what: 'a first fragment of IPv6',
    octets: ipv6('2c', `06 00 0001 00001234 ${segment}`),
    kind: 'tcp',
    fragment: { offset: 0, more: true },
  },
  {
    what: 'a later fragment of IPv6',
    octets: ipv6('2c', `3c 00 05a8 00001234 ${withoutPorts}`),
    kind: 'other',
    fragment: { offset: 1448, more: false },
  },
  { what: 'nothing behind IPv6', octets: ipv6('3b', ''), kind: 'other' },
  { what: 'an echo', octets: '4500001c0000000040010000 0a000001 0a000002 0800000000000000', kind: 'icmp' },
  { what: 'a neighbour solicitation', octets: ipv6('3a', '87000000 00000000'), kind: 'icmp' },
  { what: 'GRE', octets: '4500001c00000000402f0000 0a000001 0a000002 0000080000000000', kind: 'other' },
  {
    what: 'a length of 0, left to the adapter',
    octets: `450000000000400040060000 0a000001 0a000002 ${segment}`,
    kind: 'tcp',
  },
]) {
  test(`${what}: a packet of the kind ${kind}`, () => {
    const packet = read(octets)
    assert.equal(packet.kind, kind, JSON.stringify(packet))
    assert.deepEqual('fragment' in packet ? packet.fragment : undefined, fragment)
    if (packet.kind === 'tcp') assert.deepEqual([packet.sourcePort, packet.payloadOctets], [9, 0])
  })
}

for (const { what, linkType = 101, octets, kind, says } of [
  { what: 'ARP', linkType: 1, octets: `${ofEthernet} 0806 0001`, kind: 'not-ip', says: /0x0806/ },
  { what: 'a frame with a length', linkType: 1, octets: `${ofEthernet} 0026 4242`, kind: 'not-ip', says: /0x0026/ },
  { what: 'a link type of radio', linkType: 127, octets: syn, kind: 'not-ip', says: /127/ },
  { what: 'version 5', octets: '50', kind: 'not-ip', says: /version 5/ },
  { what: 'nothing', octets: '', kind: 'unreadable', says: /IP header/ },
  { what: 'half a frame', linkType: 1, octets: '0000', kind: 'unreadable', says: /2 octets/ },
  { what: 'half a tag', linkType: 1, octets: `${ofEthernet} 8100 00`, kind: 'unreadable', says: /VLAN/ },
  { what: 'an IPv4 header of 16 octets', octets: `44${syn.slice(2)}`, kind: 'unreadable', says: /68/ },
  {
    what: 'an IPv4 packet shorter than its header',
    octets: `45000013${syn.slice(8)}`,
    kind: 'unreadable',
    says: /19 octets/,
  },
  { what: 'a TCP header of 16 octets', octets: rst.replace('5014', '4014'), kind: 'unreadable', says: /16 octets/ },
  {
    what: 'a TCP header longer than its packet',
    octets: rst.replace('5014', '6014'),
    kind: 'unreadable',
    says: /24 octets/,
  },
  { what: 'IPv6 cut within a header', octets: ipv6('00', '0600'), kind: 'unreadable', says: /headers of IPv6/ },
]) {
  test(`${what} is ${kind}, and says why`, () => {
    const packet = readPacket(linkType, hex(octets))
    assert.equal(packet.kind, kind)
    assert.match(packet.kind === 'not-ip' ? packet.what : packet.kind === 'unreadable' ? packet.why : '', says)
  })
}

const linkTypes = [0, 1, 12, 101, 108, 113, 228, 229, 276]
const whole = [
  syn,
  rst,
  syn6,
  udp,
  unreachable,
  unreachable6,
  ipv6('2b', `3c 00 000000000000 06 00 000000000000 ${segment}`),
]

test('any IPv6 address has its canonical text, wherever its zeros are', () => {
  const groups = fc.array(fc.constantFrom('0000', '0000', '0001', '0ab0', 'ffff'), { minLength: 8, maxLength: 8 })
  fc.assert(
    fc.property(groups, (groups) => {
      const packet = read(`6000000000003b40 ${groups.join('')} ${groups.join('')}`)
      assert.equal('source' in packet && packet.source, canonicalAddress(groups.join(':')))
    }),
    { numRuns: 1000 },
  )
})

test('any octets of any link type give a value, and addresses in canonical text', () => {
  const heads = linkTypes.map((linkType) => ({ linkType, head: linkType === 1 ? `${ofEthernet} 0800` : '' }))
  fc.assert(
    fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 160 }), ({ linkType, head }, octets) => {
      const packet = readPacket(linkType, Uint8Array.from([...hex(head), ...octets]))
      if (!('source' in packet)) return
      assert.equal(canonicalAddress(packet.source), packet.source)
      assert.equal(canonicalAddress(packet.destination), packet.destination)
      if ('payloadOctets' in packet)
        assert.ok(packet.payloadOctets >= 0 && packet.payloadAt <= hex(head).length + octets.length + 40)
    }),
    { numRuns: 3000 },
  )
})

test('any part of a good packet, and any with one octet changed, gives a value', () => {
  fc.assert(
    fc.property(fc.constantFrom(...whole), fc.nat(), fc.nat(), fc.nat(255), (text, length, at, value) => {
      const octets = hex(text)
      readPacket(101, octets.subarray(0, length % octets.length))
      octets[at % octets.length] = value
      const packet = readPacket(101, octets)
      if ('payloadOctets' in packet) assert.ok(packet.payloadOctets >= 0)
    }),
    { numRuns: 3000 },
  )
})

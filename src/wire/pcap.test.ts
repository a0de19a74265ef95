import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CapturedPacket, CaptureEnd } from './pcap.ts'
import { createCaptureReader } from './pcap.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s+/g, ''), 'hex'))

/** Reads a capture that comes in parts of these lengths, the last one again and again. */
function readAll(octets: Uint8Array, lengths: readonly number[] = [octets.length]) {
  const reader = createCaptureReader()
  const packets: CapturedPacket[] = []
  let at = 0
  for (let part = 0; at < octets.length; part += 1) {
    const length = Math.max(1, lengths[Math.min(part, lengths.length - 1)] ?? 1)
    reader.push(octets.slice(at, at + length))
    at += length
    for (let read = reader.next(); read !== undefined; read = reader.next()) packets.push(read)
  }
  return { packets, format: reader.format, end: reader.end }
}

const told = ({ packets, end, format }: ReturnType<typeof readAll>) => ({
  packets: packets.map((packet) => ({ ...packet, octets: Buffer.from(packet.octets).toString('hex') })),
  format,
  end,
})

/** Field by field as in draft-ietf-opsawg-pcap §4 and §5, in both orders. */
const big = {
  micros: hex('a1b2c3d4 0002 0004 00000000 00000000 00000100 00000001'),
  record: hex('65000000 0001e240 00000003 00000007 aabbcc'),
}
const little = {
  nanos: hex('4d3cb2a1 0200 0400 00000000 00000000 00010000 14010000'),
  record: hex('00000065 15cd5b07 03000000 07000000 aabbcc'),
}
const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts))

const kept = { number: 1, interfaceId: 0, octets: 'aabbcc', wireLength: 7 }

for (const { what, octets, linkType, nanos } of [
  {
    what: 'the order of the network, with microseconds',
    octets: join(big.micros, big.record),
    linkType: 1,
    nanos: 123_456_000,
  },
  {
    what: 'the order of Intel, with nanoseconds',
    octets: join(little.nanos, little.record),
    linkType: 276,
    nanos: 123_456_789,
  },
]) {
  test(`a packet of pcap in ${what} is read`, () => {
    assert.deepEqual(told(readAll(octets)), {
      packets: [{ ...kept, linkType, time: { sec: 0x65000000, nanos } }],
      format: 'pcap',
      end: { kind: 'whole' },
    })
  })
}

/** tcpdump 4.99.3 on loopback with `--nano`: a SYN over IPv4, and one over IPv6. */
const captured = hex(`
  4d3cb2a1 0200 0400 00000000 00000000 00000400 01000000
  ede8016b 9277791c 4a000000 4a000000 000000000000 000000000000 0800
  4500003c433c40004006f97d7f0000017f000001 bfa400097dfd605400000000a002ffd7fe3000000204ffd70402080a9c73bec2000000000103030a
  ede8016b 6a347b1c 5e000000 5e000000 000000000000 000000000000 86dd
  6002a776002806400000000000000000000000000000000100000000000000000000000000000001
  e2300009689e152b00000000a002ffc4003000000204ffc40402080a655c3214000000000103030a`)

test('what tcpdump wrote is read in any parts, and each place where it breaks off is told', () => {
  const whole = told(readAll(captured))
  assert.deepEqual(
    whole.packets.map(({ time, wireLength, linkType }) => ({ time, wireLength, linkType })),
    [
      { time: { sec: 1_795_287_277, nanos: 477_722_514 }, wireLength: 74, linkType: 1 },
      { time: { sec: 1_795_287_277, nanos: 477_836_394 }, wireLength: 94, linkType: 1 },
    ],
  )
  assert.deepEqual(told(readAll(captured, [1])), whole)
  const records = [24, 24 + 16 + 74]
  for (let length = 0; length < captured.length; length += 1) {
    const { packets, end } = readAll(captured.subarray(0, length))
    const begun = records.filter((at) => at <= length).at(-1) ?? 0
    assert.deepEqual(end, records.includes(length) ? { kind: 'whole' } : { kind: 'cut', at: begun }, `${length}`)
    assert.equal(packets.length, length < 24 + 16 + 74 ? 0 : 1)
  }
})

test('packets are views of what was pushed, not copies, where they lie in one part', () => {
  const reader = createCaptureReader()
  reader.push(captured)
  assert.equal(reader.next()?.octets.buffer, captured.buffer)
})

/** A block of pcapng out of its type and body (draft-ietf-opsawg-pcapng §3.1). */
function block(type: number, body: Uint8Array, isLittle = true): Uint8Array {
  const octets = new Uint8Array(12 + body.length + (-body.length & 3))
  const view = new DataView(octets.buffer)
  view.setUint32(0, type, isLittle)
  view.setUint32(4, octets.length, isLittle)
  octets.set(body, 8)
  view.setUint32(octets.length - 4, octets.length, isLittle)
  return octets
}

/** An Enhanced Packet Block with the same packet, at a time in ticks. */
function packetBlock(interfaceId: number, ticks: bigint, options = ''): Uint8Array {
  const body = new Uint8Array(24)
  const view = new DataView(body.buffer)
  view.setUint32(0, interfaceId, true)
  view.setUint32(4, Number(ticks >> 32n), true)
  view.setUint32(8, Number(ticks & 0xffffffffn), true)
  view.setUint32(12, 3, true)
  view.setUint32(16, 7, true)
  body.set(hex('aabbcc00'), 20)
  return block(6, join(body, hex(options)))
}

const section = block(0x0a0d0d0a, hex('4d3c2b1a 0100 0000 ffffffffffffffff'))
const sectionOfNetwork = block(0x0a0d0d0a, hex('1a2b3c4d 0001 0000 ffffffffffffffff'), false)
/** Link type, snap length; no options. */
const ethernet = block(1, hex('0100 0000 00000000'))
/** With `if_name` any, `if_tsresol` 9, the end of the options. */
const cooked = block(1, hex('1401 0000 00010000  0200 0300 616e7900  0900 0100 09000000  0000 0000'))

test('pcapng with two sections in both orders, two interfaces and a block that nobody knows is read in any parts', () => {
  const octets = join(
    section,
    ethernet,
    cooked,
    // A comment behind the packet is of no interest.
    packetBlock(1, 1_795_287_277_477_722_514n, '0100 0300 68656c00 0000 0000'),
    block(0x0bad, new Uint8Array(5000)),
    packetBlock(0, 1_795_287_277_477_722n),
    sectionOfNetwork,
    block(1, hex('0065 0000 00000002'), false),
    // Simple: the snap length says how much of it is there.
    block(3, hex('00000007 aabb0000'), false),
    // Of the kind before the enhanced one: interface, drops, time, lengths.
    block(2, hex('0000 0001 00000000 000f4241 00000003 00000007 aabbcc00'), false),
  )
  const read = told(readAll(octets))
  const sec = 1_795_287_277
  assert.deepEqual(read, {
    packets: [
      { ...kept, linkType: 276, interfaceId: 1, time: { sec, nanos: 477_722_514 } },
      { ...kept, number: 2, linkType: 1, time: { sec, nanos: 477_722_000 } },
      { ...kept, number: 3, linkType: 101, time: undefined, octets: 'aabb' },
      { ...kept, number: 4, linkType: 101, time: { sec: 1, nanos: 1000 } },
    ],
    format: 'pcapng',
    end: { kind: 'whole' },
  })
  for (const length of [1, 7, 4096]) assert.deepEqual(told(readAll(octets, [length])), read)
})

for (const { resolution, ticks, time } of [
  { resolution: 0x00, ticks: 5n, time: { sec: 5, nanos: 0 } },
  { resolution: 0x03, ticks: 5001n, time: { sec: 5, nanos: 1_000_000 } },
  { resolution: 0x8a, ticks: 5n * 1024n + 512n, time: { sec: 5, nanos: 500_000_000 } },
  { resolution: 0x0c, ticks: 5_000_000_001_999n, time: { sec: 5, nanos: 1 } },
  { resolution: 0xff, ticks: 2n ** 64n - 1n, time: { sec: 0, nanos: 0 } },
]) {
  test(`a time with the resolution 0x${resolution.toString(16)} is told in seconds and nanoseconds`, () => {
    const option = `0900 0100 ${resolution.toString(16).padStart(2, '0')}000000`
    const via = block(1, hex(`0100 0000 00000000 ${option}`))
    assert.deepEqual(readAll(join(section, via, packetBlock(0, ticks))).packets[0]?.time, time)
  })
}

test('the offset of an interface is added to its times', () => {
  // `if_tsoffset`: 2^32 seconds back.
  const via = block(1, hex('0100 0000 00000000 0e00 0800 00000000ffffffff'))
  assert.deepEqual(readAll(join(section, via, packetBlock(0, 7n))).packets[0]?.time, { sec: -(2 ** 32), nanos: 7000 })
})

test('any time in nanoseconds and microseconds is exact', () => {
  const nano = block(1, hex('0100 0000 00000000 0900 0100 09000000'))
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (ticks) => {
      const [first, second] = readAll(
        join(section, nano, ethernet, packetBlock(0, ticks), packetBlock(1, ticks)),
      ).packets
      assert.deepEqual(first?.time, { sec: Number(ticks / 10n ** 9n), nanos: Number(ticks % 10n ** 9n) })
      assert.deepEqual(second?.time, { sec: Number(ticks / 10n ** 6n), nanos: Number(ticks % 10n ** 6n) * 1000 })
    }),
  )
})

const headed = (text: string): Uint8Array => join(section, ethernet, hex(text))
const behindHead = section.length + ethernet.length

for (const { what, octets, at, why } of [
  { what: 'a page', octets: hex('48545450'), at: 0, why: /begins with HTTP/ },
  { what: 'gzip', octets: hex('1f8b0800 0000'), at: 0, why: /begins with \\x1F\\x8B/ },
  {
    what: 'pcap of another version',
    octets: hex('a1b2c3d4 0003 0000 0000000000000000 00000100 00000001'),
    at: 0,
    why: /version 3/,
  },
  {
    what: 'a packet of 4 GiB',
    octets: join(big.micros, big.record, hex('00000000 00000000 ffffffff ffffffff')),
    at: 24 + 19,
    why: /4294967295 octets/,
  },
  { what: 'a section without an order', octets: hex('0a0d0d0a 1c000000 00000000'), at: 0, why: /byte-order magic/ },
  {
    what: 'pcapng of another version',
    octets: block(0x0a0d0d0a, hex('4d3c2b1a 0200 0000 ffffffffffffffff')),
    at: 0,
    why: /version 2/,
  },
  {
    what: 'a block that is shorter than its frame',
    octets: headed('99000000 08000000 08000000'),
    at: behindHead,
    why: /block of 8 octets/,
  },
  {
    what: 'a block of an odd length',
    octets: headed('06000000 21000000 08000000'),
    at: behindHead,
    why: /block of 33 octets/,
  },
  { what: 'a block of 4 GiB', octets: headed('99000000 fcffffff 00000000'), at: behindHead, why: /4294967292 octets/ },
  {
    what: 'an unknown block that ends otherwise',
    octets: headed('99000000 10000000 00000000 14000000'),
    at: behindHead,
    why: /says 20/,
  },
  {
    what: 'a block that ends otherwise',
    octets: headed('01000000 14000000 0100 0000 00000000 18000000'),
    at: behindHead,
    why: /says 24/,
  },
  {
    what: 'a packet that is longer than its block',
    octets: join(section, ethernet, block(6, hex('00000000 00000000 00000000 05000000 05000000 aabbccdd'))),
    at: behindHead,
    why: /packet of 5 octets/,
  },
  {
    what: 'a simple packet that is longer than its block',
    octets: join(section, ethernet, block(3, hex('05000000 aabbccdd'))),
    at: behindHead,
    why: /packet of 5 octets/,
  },
  {
    what: 'a packet of an interface that was not told',
    octets: join(section, packetBlock(0, 0n)),
    at: section.length,
    why: /interface 0, and 0/,
  },
  {
    what: 'a simple packet without an interface',
    octets: join(section, block(3, hex('00000000'))),
    at: section.length,
    why: /no interface/,
  },
  {
    what: 'an interface of an earlier section',
    octets: join(section, ethernet, section, packetBlock(0, 0n)),
    at: behindHead + section.length,
    why: /interface 0, and 0/,
  },
  {
    what: 'an option that is longer than its block',
    octets: join(section, block(1, hex('0100 0000 00000000 0900 0800 00000000'))),
    at: section.length,
    why: /option of 8/,
  },
]) {
  test(`${what} ends a capture with its place and a reason, and nothing behind it is read`, () => {
    const { packets, end } = readAll(join(octets, packetBlock(0, 0n)))
    assert.ok(end.kind === 'corrupt' && end.at === at, JSON.stringify(end))
    assert.match(end.why, why)
    assert.ok(packets.length <= 1)
    assert.deepEqual(readAll(join(octets, packetBlock(0, 0n)), [1]).end, end)
  })
}

test('a capture that breaks off in a block that is passed over is cut where that begins', () => {
  const octets = join(section, ethernet, block(0x0bad, new Uint8Array(100)))
  const cut: CaptureEnd = { kind: 'cut', at: behindHead }
  for (const missing of [1, 5, 50, 111]) assert.deepEqual(readAll(octets.subarray(0, octets.length - missing)).end, cut)
})

/** Blocks and records as they may be, some with an octet changed. */
const anyCapture = fc
  .tuple(
    fc.constantFrom(join(section, ethernet, cooked), sectionOfNetwork, little.nanos, big.micros, hex('')),
    fc.array(
      fc.oneof(
        fc.constantFrom(section, sectionOfNetwork, ethernet, cooked, little.record, big.record),
        fc.nat(2).map((id) => packetBlock(id, 1_795_287_277_477_722n)),
        fc.uint8Array({ maxLength: 60 }).map((body) => block(0x0bad, body)),
        fc.uint8Array({ maxLength: 40 }),
      ),
      { maxLength: 12 },
    ),
    fc.option(fc.tuple(fc.nat(), fc.nat(255))),
  )
  .map(([head, parts, change]) => {
    const octets = join(head, ...parts)
    if (change !== null && octets.length > 0) octets[change[0] % octets.length] = change[1]
    return octets
  })

test('any octets in any parts give the same packets, each within what came, and the same end', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(anyCapture, lengths, (octets, lengths) => {
      const whole = readAll(octets)
      assert.deepEqual(told(readAll(octets, lengths)), told(whole))
      assert.ok(whole.packets.reduce((sum, packet) => sum + packet.octets.length, 0) <= octets.length)
      if (whole.end.kind !== 'whole') assert.ok(whole.end.at <= octets.length)
    }),
    { numRuns: 2000 },
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DnsStream, prefixedDnsMessage } from './dns-stream.ts'

test('a message is written with its length before it', () => {
  assert.deepEqual(prefixedDnsMessage(Uint8Array.of(7, 8, 9)), Uint8Array.of(0, 3, 7, 8, 9))
})

test('any messages come out as they went in, whatever the pieces of the stream are', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 12 })
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1 }), (sent, sizes) => {
      const octets = Buffer.concat(sent.map(prefixedDnsMessage))
      const stream = new DnsStream()
      const came: Uint8Array[] = []
      for (let from = 0, turn = 0; from < octets.length; turn += 1) {
        const to = from + (sizes[turn % sizes.length] ?? 1)
        came.push(...stream.add(octets.subarray(from, to)))
        from = to
      }
      assert.deepEqual(
        came.map((each) => [...each]),
        sent.map((each) => [...each]),
      )
      assert.equal(stream.pending, 0)
    }),
  )
})

test('octets of a message that is not whole are counted', () => {
  const stream = new DnsStream()
  for (const [piece, pending] of [
    [[0], 1],
    [[9], 2],
    [[1, 2, 3], 5],
  ] as const) {
    assert.deepEqual([...stream.add(Uint8Array.from(piece))], [])
    assert.equal(stream.pending, pending)
  }
})

test('empty messages without number are gone through without joining what follows again', (t) => {
  const concat = t.mock.method(Buffer, 'concat')
  const stream = new DnsStream()
  const zeros = new Uint8Array(65_536)
  let came = 0
  for (let piece = 0; piece < 16; piece += 1) for (const { length } of stream.add(zeros)) came += 1 + length
  assert.equal(came, (16 * 65_536) / 2)
  assert.ok(concat.mock.callCount() <= 16)
})

test('a message that comes octet by octet is joined once', (t) => {
  const concat = t.mock.method(Buffer, 'concat')
  const stream = new DnsStream()
  const octets = prefixedDnsMessage(new Uint8Array(40_000))
  const came = Array.from(octets, (octet) => [...stream.add(Uint8Array.of(octet))]).flat()
  assert.deepEqual([came.length, came[0]?.length], [1, 40_000])
  assert.ok(concat.mock.callCount() <= 2)
})

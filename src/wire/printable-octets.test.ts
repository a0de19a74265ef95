import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { printableOctets } from './printable-octets.ts'

test('printable octets stand as they are, others as their hexadecimal', () => {
  assert.equal(printableOctets(Buffer.from('HTTP/1.1 400\r\n')), 'HTTP/1.1 400\\x0D\\x0A')
  assert.equal(printableOctets(Uint8Array.of(0x00, 0x7f, 0xff)), '\\x00\\x7F\\xFF')
})

test('any octets become printable ASCII of at most four characters each, and no more octets than the limit', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(200), (octets, limit) => {
      const text = printableOctets(octets, limit)
      assert.match(text, /^[ -~]*$/)
      assert.ok(text.length <= 4 * Math.min(octets.length, limit))
    }),
  )
})

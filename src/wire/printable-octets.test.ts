import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { printableOctets, printableUtf8 } from './printable-octets.ts'

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

test('UTF-8 is text, unless it would act on a terminal, be unseen or turn the writing around', () => {
  const written = (text: string, limit = 100): string => printableUtf8(Buffer.from(text), limit)
  assert.equal(written('CN=Zürich 日本'), 'CN=Zürich 日本')
  assert.equal(written('a\u001b[2J'), 'a\\x1B[2J')
  assert.equal(written('a\u202eb'), 'a\\xE2\\x80\\xAEb')
  assert.equal(written('\ufeffa'), '\\xEF\\xBB\\xBFa')
  assert.equal(written('a\u2028'), 'a\\xE2\\x80\\xA8')
  assert.equal(printableUtf8(Uint8Array.of(0x61, 0xff), 100), 'a\\xFF')
  assert.equal(written('Zürich', 2), 'Z')
  assert.equal(written('Zürich', 3), 'Zü')
})

test('any octets become text of which every character is seen, of no more octets than the limit', () => {
  const any = fc.oneof(
    fc.uint8Array(),
    fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
  )
  fc.assert(
    fc.property(any, fc.nat(200), (octets, limit) => {
      const text = printableUtf8(octets, limit)
      assert.doesNotMatch(text, /\p{C}/u)
      assert.ok(text.length <= 4 * Math.min(octets.length, limit))
    }),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { printableOctets } from '../wire/printable-octets.ts'
import { octetsWords } from './octetsWords.ts'

const words = (octets: Uint8Array | string): string =>
  octetsWords(printableOctets(typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets))

test('a text is told by its first line', () => {
  assert.equal(words('SSH-2.0-OpenSSH_9.2\r\nmore'), '"SSH-2.0-OpenSSH_9.2"')
  assert.equal(words('\r\n220 mail ESMTP\r\n'), '"220 mail ESMTP"')
  assert.equal(words('Stra\xdfe, a name in another alphabet'), '"Stra\\xDFe, a name in another alphabet"')
})

test('of what is no text a few octets are told, however many came', () => {
  assert.equal(words(Uint8Array.from([0xff, 0, 0x1b, 0x41])), 'the octets FF 00 1B 41')
  assert.equal(words(new Uint8Array(300).fill(0x9f)), 'the octets 9F 9F 9F 9F 9F 9F 9F 9F …')
  assert.equal(words('\n\n\n'), 'the octets 0A 0A 0A')
})

test('of nothing there is nothing to tell', () => {
  assert.equal(words(''), '')
})

test('whatever came, the words are short and safe to print', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      const told = words(octets)
      assert.match(told, /^[ -~…]*$/)
      assert.ok(told.length <= 150, told)
    }),
  )
})

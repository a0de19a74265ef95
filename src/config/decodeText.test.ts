import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeText } from './decodeText.ts'

const text = 'config firewall policy\r\n set comment "Zugänge für Köln"\r\n'

const swapped = (octets: Buffer): Buffer => Buffer.from(octets).swap16()

const rows: readonly (readonly [what: string, octets: Uint8Array, encoding: string])[] = [
  ['UTF-8', Buffer.from(text), 'utf-8'],
  ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${text}`), 'utf-8'],
  ['UTF-16 with its mark, as PowerShell writes it', Buffer.from(`\uFEFF${text}`, 'utf16le'), 'utf-16le'],
  ['UTF-16 without a mark', Buffer.from(text, 'utf16le'), 'utf-16le'],
  ['big-endian UTF-16 with its mark', swapped(Buffer.from(`\uFEFF${text}`, 'utf16le')), 'utf-16be'],
  ['big-endian UTF-16 without a mark', swapped(Buffer.from(text, 'utf16le')), 'utf-16be'],
  ['Windows-1252', Buffer.from(text, 'latin1'), 'windows-1252'],
]

for (const [what, octets, encoding] of rows) {
  test(`${what} is read as what it is`, () => {
    assert.deepEqual(decodeText(octets), { text, encoding })
  })
}

test('nothing is an empty text, and a zero alone makes no UTF-16', () => {
  assert.deepEqual(decodeText(new Uint8Array()), { text: '', encoding: 'utf-8' })
  assert.equal(decodeText(Buffer.from('a\0b')).encoding, 'utf-8')
})

test('any octets are some text, and text of any script comes back from UTF-8', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => typeof decodeText(octets).text === 'string'))
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (written) => {
      const octets = Buffer.from(written)
      if (octets.includes(0) || written.startsWith('\uFEFF')) return
      assert.equal(decodeText(octets).text, written)
    }),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { printableText } from './printable-text.ts'

for (const { what, text, shown } of [
  { what: 'letters of any script', text: 'Größe 東京', shown: 'Größe 東京' },
  { what: 'an escape sequence', text: 'a\u001b[2Jb', shown: 'a [2Jb' },
  { what: 'lines and tabs', text: ' a\r\n\tb ', shown: 'a b' },
  { what: 'a change of direction', text: 'a\u202eb', shown: 'a b' },
  { what: 'half a character', text: 'a\ud83d', shown: 'a' },
]) {
  test(`${what} is written as ${JSON.stringify(shown)}`, () => assert.equal(printableText(text), shown))
}

test('what is too long is cut between characters', () => {
  assert.equal(printableText('😀😀😀', 2), '😀😀')
  assert.equal(printableText('x'.repeat(1000)).length, 120)
})

test('any text becomes one line within the limit, with nothing that acts on a terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (text, limit) => {
      const shown = printableText(text, limit)
      assert.ok([...shown].length <= limit)
      assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
    }),
  )
})

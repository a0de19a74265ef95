import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hostileTexts } from '../../../test/hostileTexts.ts'
import { plain } from './plain.ts'

const rows: readonly (readonly [what: string, text: string, shown: string])[] = [
  ['an ordinary name', 'dc01.corp.example', 'dc01.corp.example'],
  ['letters of other scripts', 'Zürich 東京 Ελλάδα עברית', 'Zürich 東京 Ελλάδα עברית'],
  ['an escape sequence', '\u001b[31mred', '\\x1b[31mred'],
  ['the one-octet CSI', '\u009b2J', '\\x9b2J'],
  ['line breaks and tabs, a run of them as one space', 'a\r\n\tb\u2028c', 'a b c'],
  ['spaces of other widths', 'a\u00a0b\u3000c', 'a b c'],
  ['a right-to-left override', 'evil\u202egnp.exe', 'evil\\u{202e}gnp.exe'],
  ['invisible characters', 'mi\u200bcro\u00adsoft\u3164', 'mi\\u{200b}cro\\xadsoft\\u{3164}'],
  ['tag characters', 'a\u{e0041}', 'a\\u{e0041}'],
  ['a lone surrogate', '\ud800x', '\\u{d800}x'],
]

for (const [what, text, shown] of rows) {
  test(`plain shows ${what} as it should be read`, () => assert.equal(plain(text), shown))
}

/** What may move a cursor or reorder a line. */
const dangerous = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u

test('plain leaves nothing dangerous in any text, and what it made it leaves alone', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...hostileTexts)), (text) => {
      const shown = plain(text)
      assert.doesNotMatch(shown, dangerous)
      assert.equal(plain(shown), shown)
    }),
  )
})

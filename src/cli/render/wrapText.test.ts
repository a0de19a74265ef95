import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { columnsOf } from './columns.ts'
import { plain } from './plain.ts'
import { wrapText } from './wrapText.ts'

const rows: readonly (readonly [what: string, text: string, width: number, lines: readonly string[]])[] = [
  ['a short text in one line', 'all is well', 20, ['all is well']],
  ['words at spaces', 'dropped on the path', 10, ['dropped on', 'the path']],
  ['a name after its dots', 'login.microsoftonline.com', 20, ['login.', 'microsoftonline.com']],
  ['a word without marks where it must', 'xxxxxxxxxxxx', 5, ['xxxxx', 'xxxxx', 'xx']],
  ['nothing as one empty line', '', 10, ['']],
  ['only spaces as one empty line', '   ', 10, ['']],
  ['everything in one line where there is no end', 'a b  c', Number.POSITIVE_INFINITY, ['a b c']],
]

for (const [what, text, width, lines] of rows) {
  test(`wrapText breaks ${what}`, () => assert.deepEqual(wrapText(text, width), lines))
}

test('wrapText keeps every character but spaces, keeps to the width and leaves no space at an end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.domain())),
      fc.integer({ min: 2, max: 80 }),
      (words, width) => {
        const text = plain(words.join(' '))
        const lines = wrapText(text, width)
        assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''))
        for (const line of lines) {
          assert.ok(columnsOf(line) <= width, `${line} is wider than ${width}`)
          assert.equal(line, line.trim())
        }
      },
    ),
  )
})

test('wrapText takes a long word without marks in its stride', () => {
  assert.equal(wrapText('x'.repeat(1_000_000), 40).length, 25_000)
})

test('wrapText takes many words in one line without an end in its stride', () => {
  const text = 'a b '.repeat(750_000).trim()
  assert.equal(wrapText(text, Number.POSITIVE_INFINITY)[0]?.length, text.length)
  assert.equal(wrapText('漢 b '.repeat(750_000), 1_000_000).length, 4)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { columnsOf, cutMiddle, padTo, splitAtColumn } from './columns.ts'
import { plain } from './plain.ts'

const plainText = fc.string({ unit: 'grapheme' }).map(plain)

test('columnsOf counts wide characters twice and combining marks not at all', () => {
  assert.equal(columnsOf('dc01'), 4)
  assert.equal(columnsOf('Zürich'), 6)
  assert.equal(columnsOf('東京'), 4)
  assert.equal(columnsOf('e\u0301'), 1)
  assert.equal(columnsOf('ＡＢ'), 4)
})

test('cutMiddle keeps both ends', () => {
  assert.equal(cutMiddle('login.microsoftonline.com', 15), 'login....ne.com')
  assert.equal(cutMiddle('short', 15), 'short')
  assert.equal(cutMiddle('longer', 3), 'lon')
})

test('cutMiddle never exceeds its width', () => {
  fc.assert(
    fc.property(plainText, fc.integer({ min: 2, max: 60 }), (text, width) => {
      assert.ok(columnsOf(cutMiddle(text, width)) <= width)
    }),
  )
})

test('splitAtColumn parts a text without losing any of it, and always gets on', () => {
  fc.assert(
    fc.property(plainText, fc.integer({ min: 1, max: 40 }), (text, width) => {
      const [head, rest] = splitAtColumn(text, width)
      assert.equal(head + rest, text)
      assert.ok(head !== '' || text === '')
      assert.ok(columnsOf(head) <= Math.max(width, 2))
    }),
  )
})

test('padTo fills up to the width on the side that is asked for', () => {
  assert.equal(padTo('ab', 4), 'ab  ')
  assert.equal(padTo('ab', 4, 'right'), '  ab')
  assert.equal(padTo('東', 4), '東  ')
  assert.equal(padTo('abcde', 4), 'abcde')
})

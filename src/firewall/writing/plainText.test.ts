import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nameOf, ownNames, plainText } from './plainText.ts'

test('letters and what reads as punctuation stay, accents go, other signs are the nearest of these', () => {
  assert.equal(plainText('Büro: "Ost"; 10 % {x}\nnext', 80), 'Buro: Ost, 10 - -x- next')
})

test('of any text nothing is left that ends a string, a line or a comment', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 3, max: 200 }), (text, most) => {
      const plain = plainText(text, most)
      assert.match(plain, /^[A-Za-z0-9 .,:_/+()*-]*$/)
      assert.ok(plain.length <= most)
      assert.match(nameOf(text, '-'), /^[A-Za-z][A-Za-z0-9-]*$/)
      assert.match(nameOf(text, '_'), /^[A-Za-z][A-Za-z0-9_]*$/)
    }),
  )
})

test('names that would be alike, in any letter case, get a number and keep their length', () => {
  const own = ownNames(8)
  assert.deepEqual(['abcdefgh', 'ABCDEFGH', 'abcdefgh', 'other'].map(own), [
    'abcdefgh',
    'ABCDEF-2',
    'abcdef-3',
    'other',
  ])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from '@cdktf/hcl2json'
import fc from 'fast-check'
import { bicepValue } from '../../../../test/bicepValue.ts'
import { membersOf } from '../../../model/membersOf.ts'
import { armValue, bicepText } from './bicepText.ts'
import { hclText } from './hclText.ts'

/** Lone surrogates are no text; everything else may stand in a string. */
const anyText = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.toWellFormed())
/** What begins a template, in pieces: it is none here. */
const dollar = ['$', '{x}'].join('')
const breaking = [dollar, '%{ if x }', '\\', "'", '"', '\n', '\r\n', "'''", '}', ']', '[concat(1)]', '# x', '// x']
const text = fc.oneof(
  fc.constantFrom(...breaking),
  fc.tuple(fc.constantFrom(...breaking), anyText).map((parts) => parts.join('')),
)

test('Bicep gives back any string, in lists and objects, and an expression as it stands', () => {
  fc.assert(
    fc.property(fc.array(text), fc.nat(), (texts, number) => {
      const value = { texts, inner: { number, 'odd key': true }, where: { expression: 'location' }, none: [] }
      assert.deepEqual(bicepValue(bicepText(value)), { ...value, where: '$location' })
    }),
  )
})

test('ARM takes a string of ours for no expression', () => {
  const given = { a: '[concat(1)]', b: { expression: 'location' }, c: ['x'] }
  const expected = { a: '[[concat(1)]', b: "[parameters('location')]", c: ['x'] }
  assert.deepEqual(armValue(given, { location: "[parameters('location')]" }), expected)
})

test('Terraform’s own parser gives back any string', async () => {
  // What the parser cannot carry through JSON of its own is no matter of ours: control characters other than line ends.
  const texts = [...breaking, ...fc.sample(text, 40)].map((one) => one.replace(/[^\P{C}\n\r\t]/gu, ''))
  const block = { type: 'resource', labels: ['kind', 'name'], arguments: { texts, flag: true, number: 7 } }
  const parsed = await parse('main.tf', hclText(block))
  const [read] = Object.values(membersOf(membersOf(parsed['resource'])['kind'])).flat()
  const found = membersOf(read)
  // It shows a template as it is written; what is none is doubled in its source, and here.
  const shown = texts.map((one) => one.normalize('NFC').replace(/[$%]\{/g, (sign) => `${sign.slice(0, 1)}${sign}`))
  assert.deepEqual(found['texts'], shown)
  assert.deepEqual([found['flag'], found['number']], [true, 7])
})

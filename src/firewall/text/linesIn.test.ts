import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { doubtsOf, fewDoubts } from './doubtsOf.ts'
import { linesIn } from './linesIn.ts'

test('lines end at \\n, \\r\\n and \\r, and know where they stand', () => {
  const lines = linesIn({ name: 'a', text: '\uFEFFone \r\n  two\rthree\n' })
  assert.deepEqual(
    lines.map(({ text }) => text),
    ['one', '  two', 'three'],
  )
  assert.deepEqual(
    lines.map((line) => line.span().line),
    [1, 2, 3],
  )
  assert.equal(lines[1]?.span().text, 'two')
})

test('lines together are the text', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '\r', '\n', ' ', '\uFEFF')), (units) => {
      const text = units.join('')
      for (const line of linesIn({ name: 'a', text })) assert.doesNotMatch(line.text, /[\r\n]/)
      const whole = text.replace(/(\r\n|\n|\r)$/, '')
      assert.equal(linesIn({ name: 'a', text }).length, whole.split(/\r\n|\n|\r/).length)
    }),
  )
})

test('many doubts are told as some and a number, and each once', () => {
  const of = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ kind: 'other' as const, what: `doubt ${at}` }))
  assert.equal(fewDoubts([...of(3), ...of(3)]).length, 3)
  assert.equal(fewDoubts(of(21)).length, 21)
  assert.equal(fewDoubts(of(50)).at(-1)?.what, '30 more of its kind')
})

test('statements that nobody can place are one doubt, with the first of them', () => {
  const span = { file: 'a.txt', line: 7, text: 'x' }
  assert.deepEqual(doubtsOf([]), [])
  assert.match(doubtsOf([{ span, why: 'odd' }])[0]?.what ?? '', /^a statement that was .* a\.txt, line 7 \(odd\)$/)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { coverOf } from './nameCover.ts'
import type { NameCover, NamePattern } from './namePattern.ts'

const patternOf = (text: string, covers: NamePattern['covers']): NamePattern => ({
  text,
  name: text.replace(/^\*?\./, '').toLowerCase(),
  covers,
})

const rows: readonly [string, NamePattern['covers'], string, NameCover][] = [
  ['login.example', 'exactly', 'login.example', 'all'],
  ['login.example', 'exactly', 'LOGIN.example.', 'all'],
  ['login.example', 'exactly', 'x.login.example', 'none'],
  ['login.example', 'exactly', '*.example', 'some'],
  ['login.example', 'exactly', '*.test', 'none'],
  ['.example', 'at-or-below', 'example', 'all'],
  ['.example', 'at-or-below', 'a.b.example', 'all'],
  ['.example', 'at-or-below', 'badexample', 'none'],
  ['.example', 'at-or-below', '*.example', 'all'],
  ['.a.example', 'at-or-below', '*.example', 'some'],
  ['*.example', 'below', 'example', 'none'],
  ['*.example', 'below', 'a.b.example', 'all'],
  ['*.example', 'below', '*.example', 'all'],
  ['*.example', 'below', '*.a.example', 'all'],
  ['*.a.example', 'below', '*.example', 'some'],
  ['*.example', 'one-label-below', 'a.example', 'all'],
  ['*.example', 'one-label-below', 'a.b.example', 'none'],
  ['*.example', 'one-label-below', '*.example', 'some'],
  ['ad*.example', 'glob', 'adhs.eu.example', 'all'],
  ['ad*.example', 'glob', '*.example', 'some'],
  ['a?.example', 'glob', 'ab.example', 'all'],
  ['a?.example', 'glob', 'abc.example', 'none'],
  ['*example', 'glob', '*.example', 'all'],
  ['*', 'any', '*.example', 'all'],
]

for (const [text, covers, asked, expect] of rows) {
  test(`${text} (${covers}) covers ${expect} of ${asked}`, () => {
    assert.equal(coverOf(patternOf(text, covers), asked), expect)
  })
}

test('what covers all of a pattern covers every name of it, and what covers none covers no name', () => {
  const label = fc.stringMatching(/^[ab]{1,2}$/)
  const name = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'))
  const kinds = ['exactly', 'at-or-below', 'below', 'one-label-below'] as const
  const pattern = fc.oneof(
    fc.record({ name, covers: fc.constantFrom(...kinds) }).map((made) => ({ ...made, text: made.name })),
    fc.stringMatching(/^[ab.*?]{1,6}$/).map((text) => ({ text, name: text, covers: 'glob' as const })),
  )
  fc.assert(
    fc.property(pattern, name, name, (rule, below, suffix) => {
      const cover = coverOf(rule, `*.${suffix}`)
      const one = coverOf(rule, `${below}.${suffix}`)
      assert.notEqual(one, 'some')
      if (cover !== 'some') assert.equal(one, cover)
    }),
  )
})

test('long patterns against long names end', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a*?.]{0,200}$/), fc.stringMatching(/^[a*.]{0,200}$/), (text, asked) => {
      coverOf({ text, name: text, covers: 'glob' }, asked)
    }),
    { numRuns: 50 },
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Parameters } from './parameter.ts'
import { readMembers, readQuery } from './parameter.ts'

const rows = {
  at: { kind: 'time', what: 'A time.' },
  step: { kind: 'step', usual: '5m', what: 'A step.' },
  most: { kind: 'count', least: 1, most: 10, usual: 5, what: 'A count.' },
  word: { kind: 'choice', words: ['one', 'two'], what: 'A word.' },
  words: { kind: 'choices', words: ['one', 'two'], what: 'Words.' },
  shares: { kind: 'shares', usual: '0.5', most: 3, what: 'Shares.' },
  text: { kind: 'text', most: 20, what: 'A text.' },
} as const satisfies Parameters

test('a query is read by its rows, and what is left out is what is usual', () => {
  assert.deepEqual(readQuery(rows, ''), {
    ok: { at: undefined, step: 300_000, most: 5, word: undefined, words: undefined, shares: [0.5], text: undefined },
  })
  const query = 'at=2026-01-31T09:00Z&step=2h&most=10&word=two&words=two,one&shares=.5,0.999&text=a+b%20c'
  assert.deepEqual(readQuery(rows, query), {
    ok: {
      at: Date.parse('2026-01-31T09:00:00Z'),
      step: 7_200_000,
      most: 10,
      word: 'two',
      words: ['two', 'one'],
      shares: [0.5, 0.999],
      text: 'a b c',
    },
  })
})

const wrong = [
  'at=2026-01-31T09:00:00',
  'at=-1',
  'at=',
  'step=0s',
  'step=5',
  'step=5w',
  'most=0',
  'most=1e1',
  'most=11',
  'most= 5',
  'word=three',
  'word=one,two',
  'words=',
  'words=one,',
  'shares=0',
  'shares=1',
  'shares=.1,.2,.3,.4',
  'shares=0.0',
  'text=',
  `text=${'a'.repeat(21)}`,
  'text=a%0Ab',
  'text=a%1B[1m',
  'toString=1',
  'constructor=1',
]

for (const query of wrong) {
  test(`a query is refused with the name of what is wrong: ${query}`, () => {
    const read = readQuery(rows, query)
    assert.ok('problem' in read, JSON.stringify(read))
    assert.equal(read.parameter, query.split('=')[0])
    assert.notEqual(read.remedy, '')
  })
}

test('a text of several lines may have their ends, and no other control characters', () => {
  const note = { text: { kind: 'text', most: 20, hasLines: true, what: 'A note.' } } as const
  assert.deepEqual(readMembers(note, '{"text":"a\\n\\tb"}'), { ok: { text: 'a\n\tb' } })
  assert.ok('problem' in readMembers(note, '{"text":"a\\u001b[1m"}'))
})

test('any query and any body is read or refused', () => {
  const names = fc.constantFrom(...Object.keys(rows), '__proto__', 'x')
  const pairs = fc.array(fc.tuple(names, fc.string()), { maxLength: 5 })
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        pairs.map((some) => new URLSearchParams(some.map(([a, b]) => [a, b])).toString()),
      ),
      (query) => {
        const read = readQuery(rows, query)
        assert.ok('ok' in read || read.detail.length < 400)
      },
    ),
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.dictionary(names, fc.jsonValue()).map((value) => JSON.stringify(value)),
      ),
      (body) => {
        const read = readMembers(rows, body)
        assert.ok('ok' in read || read.detail.length < 400)
      },
    ),
  )
})

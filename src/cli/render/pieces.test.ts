import assert from 'node:assert/strict'
import { test } from 'node:test'
import { piecesOf, rest } from './pieces.ts'

test('parts are handed on once they are many, and the last come last', () => {
  const part = 'x'.repeat(1000)
  const pieces = [...piecesOf(Array.from({ length: 200 }, () => part))]
  assert.deepEqual(
    pieces.map(({ length }) => length),
    [66_000, 66_000, 66_000, 2000],
  )
})

test('at a rest what there is so far is handed on, before anything more is made', () => {
  const made: string[] = []
  const pieces = piecesOf(
    (function* () {
      for (const part of ['one', 'two', rest, 'three'] as const) {
        made.push(String(part))
        yield part
      }
    })(),
  )
  assert.equal(pieces.next().value, 'onetwo')
  assert.ok(!made.includes('three'))
  assert.deepEqual([...pieces], ['three'])
})

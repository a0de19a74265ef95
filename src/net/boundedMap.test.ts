import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BoundedMap } from './boundedMap.ts'

test('a value is made once while it is remembered', () => {
  const map = new BoundedMap<string, number>(2)
  let made = 0
  const make = (): number => {
    made += 1
    return made
  }
  assert.deepEqual([map.take('a', make), map.take('a', make)], [1, 1])
})

test('the value that was not used for the longest time is forgotten first', () => {
  const map = new BoundedMap<string, string>(2)
  map.take('a', () => 'a')
  map.take('b', () => 'b')
  map.take('a', () => 'new a')
  map.take('c', () => 'c')
  assert.equal(map.size, 2)
  assert.equal(
    map.take('a', () => 'new a'),
    'a',
  )
  assert.equal(
    map.take('b', () => 'new b'),
    'new b',
  )
})

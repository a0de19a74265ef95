import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cookieOf, cookieValues, ownCookies } from './ownCookies.ts'

const id = 'A'.repeat(43)
const read = (...values: readonly string[]) =>
  cookieOf(
    values.map((value) => ['cookie', value]),
    ownCookies.session,
  )

test('the id is found among other cookies, in one field or in several', () => {
  assert.equal(read(`a=b; __Host-postern=${id}; c=d`), id)
  assert.equal(read('a=b', `__Host-postern=${id}`), id)
  assert.equal(read(`__Host-postern=${id}; __Host-postern-b=${'B'.repeat(43)}`), id)
})

test('values are found in whatever field they come', () => {
  const headers = [
    ['cookie', 'a=1'],
    ['cookie', 'b=2;\ta=3 '],
    ['x-cookie', 'a=4'],
  ] as const
  assert.deepEqual(cookieValues(headers, 'a'), ['1', '3'])
})

test('two of them, another name, and what is no id are nobody', () => {
  assert.equal(read(`__Host-postern=${id}; __Host-postern=${'B'.repeat(43)}`), undefined)
  assert.equal(read(`__Host-postern=${id}`, `__Host-postern=${id}`), undefined)
  for (const text of [
    '',
    `__host-postern=${id}`,
    `x__Host-postern=${id}`,
    `__Host-postern=${id}A`,
    `__Host-postern="${id}"`,
    '__Host-postern=',
    `=${id}`,
    `__Host-postern;${id}`,
    // Readers that take it for a blank believe the prefix of a cookie that a neighbour has set.
    `\u00a0__Host-postern=${id}`,
    `__Host-postern\u00a0=${id}`,
  ]) {
    assert.equal(read(text), undefined, text)
  }
})

test('any header is read without a throw', () => {
  fc.assert(fc.property(fc.array(fc.string(), { maxLength: 5 }), (values) => void read(...values)))
  const long = `${'a=b;'.repeat(10_000)}__Host-postern=${id}`
  assert.equal(read(long), undefined)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { lineAndColumn, walkJson } from './jsonPosition.ts'

const limits = { depth: 64, elements: 1000, characters: 5000 }

const faults: readonly (readonly [text: string, offset: number, expected: string])[] = [
  ['', 0, 'a value'],
  ['hello', 0, 'a value'],
  ['{"a":1,}', 7, 'a key in double quotes'],
  ['{"a" 1}', 5, 'a colon'],
  ['{"a":1 "b":2}', 7, 'a comma or }'],
  ['[1 2]', 3, 'a comma or ]'],
  ['[1,]', 3, 'a value'],
  ['{"a":"line\nbreak"}', 10, 'a whole string'],
  ['{"a":"\\x"}', 6, 'a whole string'],
  ['{"a":"cut', 9, 'a whole string'],
  ['{"a":[1,2', 9, 'a comma or ]'],
  ["{'a':1}", 1, 'a key in double quotes'],
  ['{} {}', 3, 'nothing after the end'],
  ['[01]', 2, 'a comma or ]'],
  ['[NaN]', 1, 'a value'],
]

for (const [text, offset, expected] of faults) {
  test(`walkJson finds the fault of ${JSON.stringify(text)}`, () => {
    assert.deepEqual(walkJson(text, [], limits), { fault: { offset, expected, tooLarge: false } })
  })
}

test('walkJson agrees with JSON.parse on what is JSON', () => {
  const nearJson = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', ']', '0', '\\', ' ', '{'))
    .map(
      ([text, at, piece]) => text.slice(0, at % (text.length + 1)) + piece + text.slice((at % (text.length + 1)) + 1),
    )
  fc.assert(
    fc.property(fc.oneof(fc.json(), nearJson, fc.string()), (text) => {
      let isJson = true
      try {
        JSON.parse(text)
      } catch {
        isJson = false
      }
      assert.equal('offset' in walkJson(text, [], limits), isJson, text)
    }),
    { numRuns: 1000 },
  )
})

test('walkJson finds the place of every value by its path', () => {
  const places = (value: unknown, path: readonly PropertyKey[]): (readonly PropertyKey[])[] => [
    path,
    ...(typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, inner]) =>
          places(inner, [...path, Array.isArray(value) ? Number(key) : key]),
        )
      : []),
  ]
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.integer({ min: 0, max: 3 }), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      // What was written may differ from what was made (-0), so that the paths are taken from what was written.
      const written: unknown = JSON.parse(text)
      for (const path of places(written, [])) {
        const found = walkJson(text, path, limits)
        assert.ok('offset' in found)
        const inner = path.reduce<unknown>((at, step) => Reflect.get(Object(at), step), written)
        const begins = JSON.stringify(inner, null, indent).split('\n')[0] ?? ''
        assert.ok(text.startsWith(begins, found.offset), `${path.join('.')} of ${text}`)
      }
    }),
  )
})

test('walkJson stops at the innermost value that is there', () => {
  const text = '{"a": {"b": [1]}}'
  assert.deepEqual(walkJson(text, ['a', 'missing', 'c'], limits), { offset: 6 })
  assert.deepEqual(walkJson(text, ['a', 'b', 5], limits), { offset: 12 })
})

test('walkJson refuses what is deeper or longer than its limits, without filling the memory', () => {
  const deep = walkJson('['.repeat(5_000_000), [], limits)
  assert.deepEqual(deep, { fault: { offset: 64, expected: '64 levels of nesting', tooLarge: true } })
  const long = walkJson(`[${'1,'.repeat(2000)}1]`, [], limits)
  assert.ok('fault' in long && long.fault.tooLarge)
  assert.ok('offset' in walkJson(`[${'1,'.repeat(999)}1]`, [], limits))
  const fault = { expected: '5000 characters of one text', tooLarge: true }
  assert.deepEqual(walkJson(`{"a":"${'x'.repeat(5001)}"}`, [], limits), { fault: { offset: 5, ...fault } })
  assert.deepEqual(walkJson(`{"${'x'.repeat(5001)}":1}`, [], limits), { fault: { offset: 1, ...fault } })
  assert.ok('offset' in walkJson(`{"a":"${'x'.repeat(5000)}"}`, [], limits))
})

test('lineAndColumn counts from one', () => {
  assert.deepEqual(lineAndColumn('ab\ncd', 0), { line: 1, column: 1 })
  assert.deepEqual(lineAndColumn('ab\ncd', 2), { line: 1, column: 3 })
  assert.deepEqual(lineAndColumn('ab\ncd', 3), { line: 2, column: 1 })
  assert.deepEqual(lineAndColumn('ab\r\n\ncd', 6), { line: 3, column: 2 })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { JsonValue } from './jsonTree.ts'
import { readJson } from './jsonTree.ts'

const read = (text: string) => readJson({ name: 'a.json', text })

test('a value knows its line, its pointer and its beginning', () => {
  const found = read('{\r\n  "rules": [\r\n    { "name": "a/b", "port": "443" }\r\n  ]\r\n}')
  assert.ok('ok' in found)
  const rule = found.ok.member('rules')?.elements()[0]
  assert.deepEqual(rule?.span(), {
    file: 'a.json',
    line: 3,
    path: '/rules/0',
    text: '{ "name": "a/b", "port": "443" }',
  })
  assert.equal(rule?.member('port')?.number(), 443)
  assert.equal(rule?.member('name')?.text(), 'a/b')
})

test('a byte order mark is no fault, and of two members of one name the last counts', () => {
  const found = read('\uFEFF{"a": 1, "a": 2}')
  assert.ok('ok' in found)
  assert.equal(found.ok.member('a')?.number(), 2)
})

test('what is no JSON says where', () => {
  const found = read('{\n "a": 1,\n "b" 2 }')
  assert.ok('fault' in found)
  assert.equal(found.fault.span.line, 3)
  assert.match(found.fault.why, /no JSON: colon expected/)
})

test('a hundred thousand lists within each other are refused with their place', () => {
  const found = read('['.repeat(100_000))
  assert.ok('fault' in found)
  assert.match(found.fault.why, /nested more than 256 deep/)
})

test('JSON.parse and readJson agree on what is JSON, and on the value', () => {
  const plain = (value: JsonValue): unknown => {
    if (value.kind === 'array') return value.elements().map(plain)
    if (value.kind !== 'object') return value.scalar
    return Object.fromEntries(
      value.names().map((name) => {
        const member = value.member(name)
        return [name, member === undefined ? undefined : plain(member)]
      }),
    )
  }
  fc.assert(
    fc.property(fc.json(), (text) => {
      const found = read(text)
      assert.ok('ok' in found)
      assert.equal(JSON.stringify(plain(found.ok)), JSON.stringify(JSON.parse(text)))
    }),
  )
  fc.assert(
    fc.property(fc.string(), (text) => {
      read(text)
    }),
  )
})

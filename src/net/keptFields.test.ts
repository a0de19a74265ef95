import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { keptFieldsOf } from './keptFields.ts'

test('fields that a judgement uses are kept, the same one twice as one list', () => {
  const fields = [
    ['server', 'nginx'],
    ['set-cookie', 'secret'],
    ['via', 'a'],
    ['via', 'b'],
  ] as const
  assert.deepEqual(keptFieldsOf(fields), { server: 'nginx', via: 'a, b' })
})

test('of where an answer sends on to, what belongs to one sign-in is struck out before it is cut', () => {
  const location = `https://idp.example/a?state=${'s'.repeat(600)}&client_id=a`
  assert.deepEqual(keptFieldsOf([['location', location]]), { location: 'https://idp.example/a?state=…&client_id=a' })
})

test('however long an address is, no more of it is looked at, and no secret is told by what is cut off', (t) => {
  const includes = t.mock.method(String.prototype, 'includes')
  const looksAt = (location: string): number => {
    const before = includes.mock.callCount()
    keptFieldsOf([['location', location]])
    return includes.mock.callCount() - before
  }
  assert.equal(looksAt('/a=b'.repeat(8000)), looksAt('/a=b'.repeat(1000)))
  const password = `https://user:${'p'.repeat(6000)}@idp.example/`
  const code = `/a?state=${'s'.repeat(1979)}&code=${'0'.repeat(40)}`
  assert.deepEqual(keptFieldsOf([['location', password]]), { location: 'https://…' })
  assert.deepEqual(keptFieldsOf([['location', code]]), { location: '/a?state=…&code=…' })
})

test('any fields are few, and short', () => {
  const name = fc.oneof(
    fc.string(),
    fc.constantFrom('server', 'via', 'location', '__proto__', 'constructor', 'set-cookie'),
  )
  const value = fc.oneof(fc.string({ maxLength: 900 }), fc.array(fc.string()), fc.constant(undefined))
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 40 }), (fields) => {
      const kept = keptFieldsOf(fields)
      for (const [key, text] of Object.entries(kept)) {
        assert.ok(['server', 'via', 'location'].includes(key) && text.length <= 500, key)
      }
    }),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hostileTexts } from '../../../test/samplePermits.ts'
import { sayableName } from './sayableName.ts'

const rows: readonly (readonly [text: string, found: ReturnType<typeof sayableName>])[] = [
  ['login.microsoftonline.com', { kind: 'exact', name: 'login.microsoftonline.com' }],
  ['Login.MicrosoftOnline.COM.', { kind: 'exact', name: 'login.microsoftonline.com' }],
  ['dc01', { kind: 'exact', name: 'dc01' }],
  ['_ldap._tcp.corp.example', { kind: 'exact', name: '_ldap._tcp.corp.example' }],
  ['*.msappproxy.net', { kind: 'below', name: 'msappproxy.net' }],
  ['*-01.servicebus.windows.net', { kind: 'glob', name: '*-01.servicebus.windows.net' }],
  ['*.*.windows.net', { kind: 'glob', name: '*.*.windows.net' }],
  ['*', undefined],
  ['*.', undefined],
  ['*.*', undefined],
  ['10.1.0.10', undefined],
  ['2001:db8::1', undefined],
  ['a..example', undefined],
  ['-a.example', undefined],
  [`${'a'.repeat(64)}.example`, undefined],
  [`${'a.'.repeat(127)}example`, undefined],
  ['bücher.example', undefined],
  ['', undefined],
]

test('names, and patterns with a star, are told apart; what is neither is no name', () => {
  for (const [text, found] of rows) assert.deepEqual(sayableName(text), found, text)
  for (const text of hostileTexts) assert.equal(sayableName(text), undefined, text)
})

test('whatever the text is, only signs of names get through', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.domain(), fc.constantFrom('a', '.b', '*.c\n')), (text) => {
      const found = sayableName(text)
      assert.ok(found === undefined || /^[a-z0-9_.*-]+$/.test(found.name))
      assert.ok(found === undefined || /^[A-Za-z0-9_.*-]+$/.test(text), JSON.stringify(text))
    }),
  )
})

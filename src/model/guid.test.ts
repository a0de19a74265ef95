import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isGuid } from './guid.ts'

for (const [text, is] of [
  ['00001111-aaaa-2222-bbbb-3333cccc4444', true],
  ['00001111-AAAA-2222-BBBB-3333CCCC4444', true],
  ['{00001111-aaaa-2222-bbbb-3333cccc4444}', false],
  ['00001111aaaa2222bbbb3333cccc4444', false],
  ['00001111-aaaa-2222-bbbb-3333cccc444g', false],
  ['00001111-aaaa-2222-bbbb-3333cccc4444\n', false],
  ['common', false],
  ['', false],
] as const) {
  test(`${JSON.stringify(text)} is ${is ? 'a' : 'no'} GUID`, () => assert.equal(isGuid(text), is))
}

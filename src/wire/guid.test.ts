import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { guidText, octetsOfGuid } from './guid.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))

test('the UUID of NDR has the octets with which Samba 4.17 sends it', () => {
  const ndr = '8a885d04-1ceb-11c9-9fe8-08002b104860'
  assert.deepEqual(octetsOfGuid(ndr.toUpperCase()), hex('045d888aeb1cc9119fe808002b104860'))
  assert.equal(guidText(hex('045d888aeb1cc9119fe808002b104860')), ndr)
  assert.equal(guidText(hex('8a885d041ceb11c99fe808002b104860'), false), ndr)
})

test('any 16 octets come back from their text, and what follows them is not looked at', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 20 }), (octets) => {
      const text = guidText(octets)
      assert.match(text ?? '', /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
      assert.deepEqual(octetsOfGuid(text ?? ''), octets.slice(0, 16))
    }),
  )
})

test('fewer octets are no GUID, and other text has none', () => {
  assert.equal(guidText(new Uint8Array(15)), undefined)
  for (const text of ['', '8a885d04-1ceb-11c9-9fe8-08002b10486', '{8a885d04-1ceb-11c9-9fe8-08002b104860}']) {
    assert.throws(() => octetsOfGuid(text), RangeError, text)
  }
})

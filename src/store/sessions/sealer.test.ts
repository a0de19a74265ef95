import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createSealer } from './sealer.ts'

const sealer = createSealer(new Uint8Array(32).fill(7))

test('what was sealed opens where it belongs, and two seals of one text differ', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, place) => {
      const [one, other] = [sealer.seal(text, place), sealer.seal(text, place)]
      assert.equal(sealer.open(one, place), text)
      assert.notDeepEqual(one, other)
    }),
  )
})

test('what was changed, moved, cut or sealed by another key does not open', () => {
  const sealed = sealer.seal('a secret', 'here')
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Uint8Array.from(sealed)
    changed[at] = (changed[at] ?? 0) ^ 1
    assert.equal(sealer.open(changed, 'here'), undefined, `octet ${at}`)
    assert.equal(sealer.open(sealed.subarray(0, at), 'here'), undefined, `${at} octets`)
  }
  assert.equal(sealer.open(sealed, 'there'), undefined)
  assert.equal(createSealer(new Uint8Array(32)).open(sealed, 'here'), undefined)
  assert.throws(() => createSealer(new Uint8Array(16)), RangeError)
})

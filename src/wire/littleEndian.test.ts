import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { u16, u32 } from './littleEndian.ts'

test('any number is what a reader of the low octet first finds', () => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.nat(0xffff_ffff), (short, long) => {
      const view = new DataView(Uint8Array.from([...u16(short), ...u32(long)]).buffer)
      assert.deepEqual([view.byteLength, view.getUint16(0, true), view.getUint32(2, true)], [6, short, long])
    }),
  )
})

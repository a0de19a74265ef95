import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeRefusedHello } from './refused-hello.ts'

test('the hello is TLS 1.0 with one reserved suite, and its lengths agree', () => {
  const octets = encodeRefusedHello()
  const zeros = '5a'.repeat(32)
  // Record, handshake, version, random value, no session, one suite, no compression, no extension.
  const expected = `160301002f0100002b0301${zeros}0000020a0a01000000`
  assert.equal(Buffer.from(octets).toString('hex'), expected)
})

test('the name is where RFC 6066 wants it, whatever its length', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9.-]{1,255}$/), (name) => {
      const octets = Buffer.from(encodeRefusedHello(name))
      assert.equal(octets.readUInt16BE(3), octets.length - 5)
      assert.equal(octets.readUInt16BE(7), octets.length - 9)
      const extensions = octets.subarray(octets.length - name.length - 11)
      assert.deepEqual(
        [0, 2, 4, 6, 9].map((at) => extensions.readUInt16BE(at)),
        [name.length + 9, 0, name.length + 5, name.length + 3, name.length],
      )
      assert.equal(extensions.subarray(11).toString('latin1'), name)
    }),
  )
})

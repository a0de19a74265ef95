import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readProductVersion } from './fileVersion.ts'

const key = Buffer.from('VS_VERSION_INFO\0', 'utf16le')

/** VS_FIXEDFILEINFO: signature, version of the structure, file version, product version, and what follows. */
function fixedInfo(file: readonly number[], product: readonly number[]): Buffer {
  const info = Buffer.alloc(52)
  info.writeUInt32LE(0xfeef04bd, 0)
  info.writeUInt32LE(0x0001_0000, 4)
  const write = ([a = 0, b = 0, c = 0, d = 0]: readonly number[], at: number): void => {
    for (const [offset, value] of [b, a, d, c].entries()) info.writeUInt16LE(value, at + 2 * offset)
  }
  write(file, 8)
  write(product, 16)
  return info
}

const info = fixedInfo([2, 5, 0, 1], [2, 5, 79, 0])

test('the product version is read, and not that of the file', () => {
  const head = Buffer.from('MZ and what stands before the resources')
  assert.equal(readProductVersion(Buffer.concat([head, key, Buffer.alloc(2), info, Buffer.alloc(9)])), '2.5.79.0')
})

test('a key that is only named before the resource does not end the search', () => {
  assert.equal(readProductVersion(Buffer.concat([key, Buffer.from('no version here'), key, info])), '2.5.79.0')
})

for (const [what, octets] of [
  ['nothing', Buffer.alloc(0)],
  ['a key at the end', key],
  ['a signature without a key', info],
  ['a resource that is cut', Buffer.concat([key, info.subarray(0, 23)])],
  ['a key in another coding', Buffer.concat([Buffer.from('VS_VERSION_INFO\0'), info])],
] as const) {
  test(`${what} has no version`, () => assert.equal(readProductVersion(octets), undefined))
}

test('whatever a file holds, it has a version of four numbers or none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (rest, hasKey) => {
      const read = readProductVersion(hasKey ? Buffer.concat([key, rest]) : rest)
      assert.match(read ?? '0.0.0.0', /^\d{1,5}(\.\d{1,5}){3}$/)
    }),
  )
})

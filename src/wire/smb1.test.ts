import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { choosesSmb1, encodeSmb1Negotiate } from './smb1.ts'

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex')

test('the question has the header, no words, and one dialect', () => {
  assert.equal(
    hex(encodeSmb1Negotiate()),
    '0000002f' +
      'ff534d42720000000018' +
      '01c8000000000000000000000000' +
      'ffff010000000000' +
      '000c00024e54204c4d20302e313200',
  )
})

/** What Samba 4.17 answered that was told to speak SMB 1 alone, up to where its names begin. */
const samba = Buffer.from(
  '000000b5ff534d4272000000008801c8000000000000000000000000ffff0100000000001100000f32000100044100000000010033000000' +
    'fcf380802c0f0623037add01000000700064633100000000000000000000000000',
  'hex',
)
/** The same as it is usually, with SMB 2 and 3. */
const newer = Buffer.from('00000025ff534d4272000000008803c0000000000000000000000000ffff01000000000001ffff0000', 'hex')

test('a server that chooses the dialect speaks SMB 1', () => {
  assert.equal(choosesSmb1(samba), true)
})

test('one that chooses none, a question, another command and SMB 2 do not', () => {
  const changed = (place: number, ...octets: readonly number[]): Buffer => {
    const copy = Buffer.from(samba)
    copy.set(octets, place)
    return copy
  }
  assert.equal(choosesSmb1(newer), false)
  assert.equal(choosesSmb1(changed(37, 0xff, 0xff)), false)
  assert.equal(choosesSmb1(encodeSmb1Negotiate()), false)
  assert.equal(choosesSmb1(changed(8, 0x73)), false)
  assert.equal(choosesSmb1(changed(4, 0xfe)), false)
  assert.equal(choosesSmb1(samba.subarray(0, 38)), false)
})

test('whatever octets come, there is a word for them', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => typeof choosesSmb1(octets) === 'boolean'))
})

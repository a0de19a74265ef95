import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readHalfOpen } from './halfOpen.ts'

const heading =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n'
const row = (local: string, peer: string, state: string, retransmits: string): string =>
  `   0: ${local} ${peer} ${state} 00000000:00000000 01:00000064 ${retransmits}     0        0 0 1 0000000000000000\n`

test('who does not hear the answer is read from the table, by address and port', () => {
  const table =
    heading +
    row('00000000:0185', '00000000:0000', '0A', '00000000') +
    row('0500010A:0185', '0A00010A:C3CB', '03', '00000002')
  assert.deepEqual(readHalfOpen(table, true), [{ port: 389, peer: { address: '10.1.0.10', port: 50123 } }])
})

test('a connection that was only just asked for, or stands, is none', () => {
  const table =
    row('0500010A:0185', '0A00010A:C3CB', '03', '00000000') + row('0500010A:0185', '0A00010A:C3CB', '01', '00000002')
  assert.deepEqual(readHalfOpen(table, true), [])
})

test('IPv6, its IPv4-mapped form and machines of the other order of octets are read', () => {
  const six = row('B80D0120000000000000000005000000:0185', 'B80D012000000000000000000A000000:C3CB', '03', '00000001')
  assert.deepEqual(readHalfOpen(six, true), [{ port: 389, peer: { address: '2001:db8::a', port: 50123 } }])
  const mapped = row('0000000000000000FFFF00000500010A:0185', '0000000000000000FFFF00000A00010A:C3CB', '03', '00000001')
  assert.deepEqual(readHalfOpen(mapped, true), [{ port: 389, peer: { address: '10.1.0.10', port: 50123 } }])
  const big = row('0A010005:0185', '0A01000A:C3CB', '03', '00000001')
  assert.deepEqual(readHalfOpen(big, false), [{ port: 389, peer: { address: '10.1.0.10', port: 50123 } }])
})

test('any text is read without a throw, in bounded number', () => {
  fc.assert(
    fc.property(fc.string(), fc.boolean(), (text, little) => {
      assert.ok(Array.isArray(readHalfOpen(text, little)))
    }),
  )
  const many = row('0500010A:0185', '0A00010A:C3CB', '03', '00000002').repeat(6000)
  assert.equal(readHalfOpen(many, true).length, 4096)
})

test('a table with any one character changed says nothing that is no place', () => {
  const table = row('0500010A:0185', '0A00010A:C3CB', '03', '00000002')
  fc.assert(
    fc.property(fc.nat(table.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
      for (const { port, peer } of readHalfOpen(table.slice(0, at) + character + table.slice(at + 1), true)) {
        assert.ok(port >= 0 && port <= 65_535 && peer.port >= 0 && peer.port <= 65_535)
        assert.match(peer.address, /^\d+\.\d+\.\d+\.\d+$/)
      }
    }),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pktmonFilters } from './pktmonFilters.ts'

const wide = ['-t TCP SYN', '-t TCP RST', '-t TCP FIN', '-t ICMP', '-t ICMPv6']
const said = (filters: readonly (readonly string[])[]): readonly string[] => filters.map((words) => words.join(' '))

test('each address has a filter, as it stands in packets, once, and ICMP is captured from anyone', () => {
  const { filters, wider } = pktmonFilters(['192.0.2.1', '::ffff:192.0.2.1', '2001:DB8::1'])
  assert.deepEqual(said(filters), ['-i 192.0.2.1', '-i 2001:db8::1', '-t ICMP', '-t ICMPv6'])
  assert.deepEqual(said(wider), wide)
})

test('of more addresses than there may be filters, what opens and ends a connection is captured', () => {
  const addresses = Array.from({ length: 31 }, (_, at) => `192.0.2.${at + 1}`)
  assert.equal(pktmonFilters(addresses.slice(1)).filters.length, 32)
  assert.deepEqual(said(pktmonFilters(addresses).filters), wide)
})

test('a name is no address, and neither is a word of its own', () => {
  for (const text of ['dc01.corp.example', '-t', '']) assert.throws(() => pktmonFilters([text]), RangeError)
})

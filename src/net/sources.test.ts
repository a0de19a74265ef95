import assert from 'node:assert/strict'
import type { NetworkInterfaceInfo } from 'node:os'
import { test } from 'node:test'
import { sources } from './sources.ts'

const at = (address: string, internal = false): NetworkInterfaceInfo => {
  const common = { address, netmask: '', mac: '00:00:00:00:00:00', internal, cidr: null }
  return address.includes(':') ? { ...common, family: 'IPv6', scopeid: 0 } : { ...common, family: 'IPv4' }
}

const loopback = { lo: [at('127.0.0.1', true), at('::1', true)] }
const several = {
  ...loopback,
  eth0: [at('10.1.0.10'), at('10.1.0.11'), at('fe80::1'), at('2001:db8::10')],
  vpn0: [at('10.8.0.2')],
  idle0: [at('169.254.7.7')],
}

test('to others a machine speaks from one address an interface', () => {
  assert.deepEqual(sources('192.0.2.7', several), ['10.1.0.10', '10.8.0.2'])
})

test('a single interface, of the family, is no choice', () => {
  assert.deepEqual(sources('2001:db8::7', several), [])
  assert.deepEqual(sources('192.0.2.7', { ...loopback, eth0: several.eth0 }), [])
})

test('to itself a machine speaks from where it is spoken to: there is no choice', () => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '10.1.0.10', '10.1.0.11', '10.8.0.2', '2001:db8::10']) {
    assert.deepEqual(sources(address, several), [], address)
  }
})

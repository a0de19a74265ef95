import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Cidr } from '../model/cidr.ts'
import { formatAddress, parseCidr } from '../model/cidr.ts'
import { clientAddress, formatForwarded, parseForwarded } from './forwarded.ts'

const block = (text: string): Cidr => {
  const parsed = parseCidr(text)
  if (!('ok' in parsed)) throw new TypeError(text)
  return parsed.ok
}
const behind = [block('10.0.0.0/8'), block('2001:db8:1::/48')]

const rows: readonly (readonly [
  says: string,
  peer: string,
  fields: readonly (readonly [string, string])[],
  address: string,
  by: string,
])[] = [
  ['nobody who may tell', '198.51.100.7', [['x-forwarded-for', '203.0.113.9']], '198.51.100.7', 'peer'],
  ['a listed proxy says nothing', '10.0.0.1', [], '10.0.0.1', 'peer'],
  ['a listed proxy tells', '10.0.0.1', [['x-forwarded-for', '203.0.113.9']], '203.0.113.9', 'told'],
  ['the client wrote the left end', '10.0.0.1', [['x-forwarded-for', '10.9.9.9, 203.0.113.9']], '203.0.113.9', 'told'],
  ['two proxies', '10.0.0.1', [['x-forwarded-for', '203.0.113.9, 10.0.0.2']], '203.0.113.9', 'told'],
  [
    'several fields are one list',
    '10.0.0.1',
    [
      ['x-forwarded-for', '192.0.2.1'],
      ['x-forwarded-for', '203.0.113.9'],
    ],
    '203.0.113.9',
    'told',
  ],
  ['rubbish at the left end', '10.0.0.1', [['x-forwarded-for', '"<x>, 203.0.113.9']], '203.0.113.9', 'told'],
  ['rubbish where it counts', '10.0.0.1', [['x-forwarded-for', '203.0.113.9, <x>']], '10.0.0.1', 'unreadable'],
  ['a port, as Azure writes it', '10.0.0.1', [['x-forwarded-for', '203.0.113.9:4711']], '203.0.113.9', 'told'],
  ['IPv6 in brackets', '10.0.0.1', [['x-forwarded-for', '[2001:DB8::1]:4711']], '2001:db8::1', 'told'],
  ['IPv4 mapped into IPv6', '10.0.0.1', [['x-forwarded-for', '::ffff:203.0.113.9']], '203.0.113.9', 'told'],
  ['a mapped peer', '::ffff:10.0.0.1', [['x-forwarded-for', '203.0.113.9']], '203.0.113.9', 'told'],
  ['all of them listed', '10.0.0.1', [['x-forwarded-for', '10.0.0.9, 10.0.0.2']], '10.0.0.9', 'told'],
  ['unknown ends the walk', '10.0.0.1', [['x-forwarded-for', '203.0.113.9, unknown, 10.0.0.2']], '10.0.0.2', 'told'],
  [
    'the RFC’s example',
    '10.0.0.1',
    [['forwarded', 'for=192.0.2.43, For="[2001:db8:cafe::17]:4711"']],
    '2001:db8:cafe::17',
    'told',
  ],
  ['hidden', '10.0.0.1', [['forwarded', 'for=192.0.2.43, for="_gazonk"']], '10.0.0.1', 'told'],
  ['unknown', '10.0.0.1', [['forwarded', 'for=unknown;proto=https']], '10.0.0.1', 'told'],
  ['an element without for', '10.0.0.1', [['forwarded', 'for=192.0.2.43, proto=https']], '10.0.0.1', 'told'],
  [
    'fields merged',
    '10.0.0.1',
    [
      ['forwarded', 'for=192.0.2.43'],
      ['forwarded', 'for="10.0.0.2:80"; proto=http'],
    ],
    '192.0.2.43',
    'told',
  ],
  [
    'an open quote swallows what the proxy added',
    '10.0.0.1',
    [['forwarded', 'for="x, for=203.0.113.9']],
    '10.0.0.1',
    'unreadable',
  ],
  ['IPv6 without brackets', '10.0.0.1', [['forwarded', 'for="2001:db8::1"']], '10.0.0.1', 'unreadable'],
  ['twice the same parameter', '10.0.0.1', [['forwarded', 'for=192.0.2.1;for=192.0.2.2']], '10.0.0.1', 'unreadable'],
  [
    'both fields, of one mind',
    '10.0.0.1',
    [
      ['forwarded', 'for=203.0.113.9'],
      ['x-forwarded-for', '203.0.113.9'],
    ],
    '203.0.113.9',
    'told',
  ],
  [
    'both fields, of two minds: one was written by the client',
    '10.0.0.1',
    [
      ['forwarded', 'for=192.0.2.1'],
      ['x-forwarded-for', '203.0.113.9'],
    ],
    '10.0.0.1',
    'unreadable',
  ],
]

for (const [says, peer, fields, address, by] of rows) {
  test(`the client's address: ${says}`, () => {
    assert.deepEqual(clientAddress(peer, fields, behind), { address, by })
  })
}

test('parseForwarded reads host and proto, names in any case', () => {
  assert.deepEqual(parseForwarded(['FOR=192.0.2.1;Host="app.example:8443";PROTO=HTTPS;secret=x', ' , ']), [
    { for: { kind: 'address', address: '192.0.2.1' }, host: 'app.example:8443', proto: 'https' },
  ])
})

test('what formatForwarded writes, parseForwarded reads', () => {
  const address = fc.oneof(
    fc.bigInt({ min: 0n, max: 0xffffffffn }).map((value) => formatAddress({ family: 4, value })),
    fc.bigInt({ min: 1n << 64n, max: (1n << 128n) - 1n }).map((value) => formatAddress({ family: 6, value })),
  )
  fc.assert(
    fc.property(address, fc.domain(), fc.integer({ min: 1, max: 65535 }), (each, name, port) => {
      const host = `${name}:${port}`
      const read = parseForwarded([formatForwarded({ address: each, host, proto: 'https' })])
      assert.deepEqual(read, [{ for: { kind: 'address', address: each }, host, proto: 'https' }])
    }),
  )
})

test('whatever a client puts before it, the address that a listed proxy adds is the one', () => {
  const part = fc.constantFrom('for=', '"', ',', ';', '10.0.0.1', ' ', '\\', '=', 'unknown', '_x', '[', ']', ':', '\t')
  const rubbish = fc.oneof(
    fc.string(),
    fc.array(part).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(rubbish, (sent) => {
      const older = clientAddress('10.0.0.1', [['x-forwarded-for', `${sent}, 203.0.113.9`]], behind)
      assert.deepEqual(older, { address: '203.0.113.9', by: 'told' })
      const merged = clientAddress('10.0.0.1', [['forwarded', `${sent}, for=203.0.113.9`]], behind)
      if (merged.by === 'told') assert.equal(merged.address, '203.0.113.9')
      else assert.deepEqual(merged, { address: '10.0.0.1', by: 'unreadable' })
    }),
  )
})

test('a field of any length is read in linear time, and no further than its bounds', () => {
  assert.equal(parseForwarded([`for=192.0.2.1${' '.repeat(1 << 20)}`]), undefined)
  assert.equal(parseForwarded(['for=192.0.2.1,'.repeat(65)]), undefined)
  assert.equal(clientAddress('10.0.0.1', [['x-forwarded-for', '1.1.1.1,'.repeat(9999)]], behind).by, 'unreadable')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { VendorRow } from '../firewall/reader.ts'
import type { RuleSet } from '../firewall/ruleset.ts'
import type { Vendor } from '../model/vendor.ts'
import { readDevice, standingOf, vendorOf } from './readDevices.ts'

const row = (vendor: Vendor, ...signs: VendorRow['signs']): VendorRow => ({
  vendor,
  title: vendor,
  forms: [`show ${vendor}`],
  stands: 'router',
  signs,
  load: async () => ({
    read: (files, hints) => ({
      ruleSets: [],
      coverage: { statements: files.length, understood: Object.keys(hints.places).length, unread: [] },
    }),
  }),
})

const rows = [
  row('nftables', [/^table /m]),
  row('iptables', [/^\*filter/m], [/^table /m, /^COMMIT/m]),
  row('asa', [/^table /m]),
]

test('a vendor is told by the most of its signs, and signs count as a whole list', () => {
  assert.deepEqual(vendorOf('*filter\n', rows), { row: rows[1] })
  assert.deepEqual(vendorOf('table inet x {\nCOMMIT\n', rows), { row: rows[1] })
  assert.deepEqual(vendorOf('COMMIT\n', rows), { alike: [] })
  assert.deepEqual(vendorOf('table inet x {\n', rows), { alike: [rows[0], rows[2]] })
})

test('only the beginning of a text is looked at', () => {
  assert.deepEqual(vendorOf(`${'#'.repeat(65_536)}\n*filter\n`, rows), { alike: [] })
})

test('a reader gets the files and what the site file says of interfaces', async () => {
  const files = [{ name: 'a.nft', text: '' }]
  const [first = rows[1]] = rows
  assert.ok(first)
  const device = await readDevice({ name: 'edge', row: first, files, interfaces: { lan0: ['10.0.0.0/8'] } })
  assert.deepEqual(device.coverage, { statements: 1, understood: 1, unread: [] })
  assert.deepEqual([device.name, device.vendor, device.files], ['edge', 'nftables', ['a.nft']])
})

test('what can be both is what it has rules for', () => {
  const withHooks = (...hooks: RuleSet['stages'][number]['hook'][]): Pick<RuleSet, 'stages'>[] => [
    {
      stages: hooks.map((hook) => ({
        name: hook,
        hook,
        kind: 'filter',
        chain: 'c',
        otherwise: { action: 'drop', name: 'policy' },
        stateful: true,
        addresses: 'current',
      })),
    },
  ]
  const standing = (stands: VendorRow['stands'], ...hooks: RuleSet['stages'][number]['hook'][]) =>
    standingOf({
      stands,
      ruleSets: withHooks(...hooks).map(
        (one): RuleSet => ({ vendor: 'nftables', name: '', chains: {}, places: [], doubts: [], ...one }),
      ),
    })
  assert.equal(standing('router', 'input', 'output'), 'host')
  assert.equal(standing('host', 'input', 'forward'), 'router')
  assert.equal(standing('proxy', 'input'), 'proxy')
  assert.equal(standing('router'), 'router')
})

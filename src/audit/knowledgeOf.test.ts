import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ServiceTags } from '../catalog/serviceTags.ts'
import { rangeTexts } from '../firewall/rangeText.ts'
import type { Table } from './knowledgeOf.ts'
import { knowledgeOf } from './knowledgeOf.ts'
import { readEndpoints } from './readEndpoints.ts'
import { readNameTable } from './readNameTable.ts'

const tags =
  ServiceTags.read({
    changeNumber: 1,
    values: [{ name: 'AzureActiveDirectory', properties: { addressPrefixes: ['20.190.128.0/18', '40.126.0.0/18'] } }],
  }) ?? assert.fail('it is a file of service tags')

const endpoints = [
  {
    id: 56,
    serviceArea: 'Common',
    urls: ['login.microsoftonline.com', '*.msftidentity.com'],
    ips: ['20.190.128.0/18'],
  },
  { id: 59, serviceArea: 'Common', urls: ['*.hip.live.com'] },
  { id: 60, serviceArea: 'Common', urls: ['broken.example'], ips: ['20.190.128.1/18'] },
]

const tables: readonly Table[] = [
  { kind: 'service-tags', asOf: '2026-11-16', tags },
  { kind: 'endpoints', asOf: '2026-10-30', sets: readEndpoints(endpoints) ?? [] },
  { kind: 'names', asOf: '2026-11-22', names: readNameTable('login.windows.net 20.190.129.1\n') },
]

const site = { hosts: { dc01: { roles: [], name: 'dc01.corp.example', addresses: ['10.1.0.5'] } } }

test('tags, looked-up names, published names and the site’s own are known with their date', () => {
  const { tag, name } = knowledgeOf(tables, site)
  const said = (found: ReturnType<typeof name>) => found && [rangeTexts(found.addresses), found.asOf]
  assert.deepEqual(rangeTexts(tag('azureactivedirectory')?.addresses.sure ?? []), ['20.190.128.0/18', '40.126.0.0/18'])
  assert.equal(tag('Storage'), undefined)
  assert.deepEqual(said(name('Login.microsoftonline.com.')), [['20.190.128.0/18'], '2026-10-30'])
  assert.deepEqual(said(name('a.msftidentity.com')), [['20.190.128.0/18'], '2026-10-30'])
  assert.deepEqual(said(name('login.windows.net')), [['20.190.129.1'], '2026-11-22'])
  assert.deepEqual(said(name('dc01.corp.example')), [['10.1.0.5'], 'the site file'])
})

test('a set without addresses, or with one that cannot be read, says nothing of its names', () => {
  const { name } = knowledgeOf(tables)
  assert.equal(name('a.hip.live.com'), undefined)
  assert.equal(name('broken.example'), undefined)
  assert.equal(name('*.msftidentity.com')?.asOf, '2026-10-30')
})

test('what is no list of endpoints is none, whatever it is', () => {
  assert.equal(readEndpoints({ values: [] }), undefined)
  assert.equal(readEndpoints([]), undefined)
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      readEndpoints(value)
    }),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cidrContains, formatAddress, parseAddress, parseCidr } from '../model/cidr.ts'
import { ServiceTags } from './serviceTags.ts'

const file = (tags: Readonly<Record<string, readonly unknown[]>>): unknown => ({
  changeNumber: 375,
  cloud: 'Public',
  values: Object.entries(tags).map(([name, addressPrefixes]) => ({ name, id: name, properties: { addressPrefixes } })),
})

function read(tags: Readonly<Record<string, readonly unknown[]>>): ServiceTags {
  return ServiceTags.read(file(tags)) ?? assert.fail('it is a file of service tags')
}

test('an address is in a tag by its ranges, and in one that is not there it is not known', () => {
  const tags = read({
    AzureActiveDirectory: ['20.190.128.0/18', '2603:1006:2000::/48'],
    'Storage.WestEurope': ['13.69.40.16/28'],
  })
  const rows = [
    '20.190.128.0',
    '20.190.191.255',
    '20.190.192.0',
    '20.190.127.255',
    '2603:1006:2000::1',
    '2603:1006:2001::',
    'no address',
  ]
  assert.deepEqual(
    rows.map((address) => tags.contains('azureactivedirectory', address)),
    [true, true, false, false, true, false, false],
  )
  assert.equal(tags.contains('AzureCloud', '20.190.128.0'), undefined)
  assert.deepEqual([tags.has('storage.westeurope'), tags.size, tags.changeNumber, tags.unread], [true, 2, 375, 0])
})

test('a tag has its ranges, those that touch as one, and one that is not there has none', () => {
  const tags = read({ AzureCloud: ['20.0.1.0/24', '2603:1000::/24', '20.0.0.0/24'] })
  const range = (family: 4 | 6, first: string, size: bigint) => {
    const value = parseAddress(first)?.value ?? assert.fail(first)
    return { family, first: value, last: value + size - 1n }
  }
  assert.deepEqual(tags.ranges('azurecloud'), [range(4, '20.0.0.0', 512n), range(6, '2603:1000::', 1n << 104n)])
  assert.equal(tags.ranges('Storage'), undefined)
})

test('prefixes that cannot be read are counted and are of no tag', () => {
  const tags = read({ A: ['10.0.0.0/8', '10.0.0.1/8', 'rubbish', 7] })
  assert.deepEqual([tags.unread, tags.contains('A', '10.1.1.1'), tags.contains('A', '11.0.0.0')], [3, true, false])
})

for (const [what, document] of [
  ['nothing', undefined],
  ['a text', 'ServiceTags'],
  ['a list', []],
  ['no tags', file({})],
  ['a tag without prefixes', { changeNumber: 1, values: [{ name: 'A', properties: {} }] }],
  ['no change number', { values: [{ name: 'A', properties: { addressPrefixes: [] } }] }],
] as const) {
  test(`${what} is no file of service tags`, () => assert.equal(ServiceTags.read(document), undefined))
}

test('what is found among sorted ranges is what looking at each prefix finds', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6())
  const prefix = fc.tuple(address, fc.nat(128)).map(([text, length]) => {
    const read = parseAddress(text)
    if (read === undefined) return '10.0.0.0/8'
    const width = read.family === 4 ? 32 : 128
    const bits = BigInt(Math.max(0, width - (length % (width + 1))))
    return `${formatAddress({ family: read.family, value: (read.value >> bits) << bits })}/${width - Number(bits)}`
  })
  fc.assert(
    fc.property(fc.array(prefix, { maxLength: 20 }), address, (prefixes, asked) => {
      const read = parseAddress(asked)
      const expected = prefixes.some((text) => {
        const cidr = parseCidr(text)
        return 'ok' in cidr && read !== undefined && cidrContains(cidr.ok, read)
      })
      assert.equal(ServiceTags.read(file({ A: prefixes }))?.contains('A', asked), expected)
    }),
  )
})

test('whatever a document holds, nothing is thrown', () => {
  fc.assert(fc.property(fc.anything(), (document) => void ServiceTags.read(document)))
})

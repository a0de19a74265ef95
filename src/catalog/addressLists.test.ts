import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCidr } from '../model/cidr.ts'
import { addressLists } from './addressLists.ts'
import { addressListOfTag, addressListsOf } from './addressListsOf.ts'
import { parsePattern } from './pattern.ts'

test('every prefix of a list is one, stands once, and its names are patterns that the catalog reads', () => {
  for (const { id, prefixes, names, asOf } of addressLists) {
    assert.ok(prefixes.length > 0, id)
    assert.match(asOf, /^\d{4}-\d\d-\d\d$/)
    assert.equal(new Set(prefixes).size, prefixes.length, id)
    for (const prefix of prefixes) assert.ok('ok' in parseCidr(prefix), `${id}: ${prefix}`)
    for (const name of names) assert.notEqual(parsePattern(name).kind, 'tag', `${id}: ${name}`)
  }
  assert.equal(new Set(addressLists.map(({ id }) => id)).size, addressLists.length)
})

/** A name, its cloud, and the lists that have its addresses. */
const rows = [
  ['login.microsoftonline.com', 'worldwide', ['m365-56']],
  ['LOGIN.microsoftonline.com', 'worldwide', ['m365-56']],
  ['*.servicebus.windows.net', 'worldwide', ['tag-service-bus']],
  ['ns1.servicebus.windows.net', 'worldwide', ['tag-service-bus']],
  ['login.microsoftonline.us', 'usgov-gcchigh', ['m365-gcc-high-13']],
  ['login.partner.microsoftonline.cn', 'china', ['m365-china-10', 'm365-china-17']],
  ['*.msappproxy.net', 'worldwide', []],
  ['crl.microsoft.com', 'worldwide', []],
  ['login.microsoftonline.com', 'china', []],
] as const

for (const [name, cloud, ids] of rows) {
  test(`the addresses of ${name} in ${cloud} stand in ${ids.length === 0 ? 'no list' : ids.join(' and ')}`, () => {
    assert.deepEqual(
      addressListsOf(name, cloud).map(({ id }) => id),
      ids,
    )
  })
}

test('a service tag is found in any letter case', () => {
  assert.equal(addressListOfTag('azureactivedirectory')?.id, 'tag-azure-active-directory')
  assert.equal(addressListOfTag('Internet'), undefined)
})

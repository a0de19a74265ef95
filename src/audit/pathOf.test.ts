import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditSite } from '../../test/auditSite.ts'
import type { DevicePath } from '../model/site.ts'
import type { PathEnd } from './pathOf.ts'
import { isWithin, pathOf } from './pathOf.ts'

const connect01: PathEnd = { name: 'connect01', role: 'entra-connect' }
const dc01: PathEnd = { name: 'dc01', role: 'domain-controller' }
const staff: PathEnd = { name: 'staff', role: 'user-client' }
const entra: PathEnd = { name: 'entra-id', role: 'entra-id' }

const rows: readonly (readonly [
  what: string,
  paths: readonly DevicePath[],
  ends: readonly [PathEnd, PathEnd],
  through: readonly string[] | undefined,
])[] = [
  ['by its host', [{ from: 'connect01', to: 'internet', through: ['a', 'b'] }], [connect01, entra], ['a', 'b']],
  ['the other way round', [{ from: 'internet', to: 'connect01', through: ['a', 'b'] }], [connect01, entra], ['b', 'a']],
  [
    'by the network that a host is in',
    [{ from: 'servers', to: 'internet', through: ['a'] }],
    [connect01, entra],
    ['a'],
  ],
  ['by a role', [{ from: 'domain-controller', to: 'staff', through: ['a'] }], [dc01, staff], ['a']],
  ['by any host', [{ from: 'any', to: 'internet', through: ['a'] }], [dc01, entra], ['a']],
  ['by a cloud role', [{ from: 'connect01', to: 'entra-id', through: ['a'] }], [connect01, entra], ['a']],
  ['by no other cloud role', [{ from: 'connect01', to: 'crl-ocsp', through: ['a'] }], [connect01, entra], undefined],
  ['by no path of others', [{ from: 'dc01', to: 'internet', through: ['a'] }], [connect01, entra], undefined],
  [
    'not inside for what is outside',
    [{ from: 'connect01', to: 'internet', through: ['a'] }],
    [connect01, dc01],
    undefined,
  ],
]

for (const [what, paths, [from, to], through] of rows) {
  test(`a way is found ${what}`, () => {
    assert.deepEqual(pathOf({ ...auditSite, paths }, from, to), through)
  })
}

test('of several paths the one that names the ends most closely counts, wherever it stands', () => {
  const paths: DevicePath[] = [
    { from: 'any', to: 'internet', through: ['far'] },
    { from: 'servers', to: 'internet', through: ['near'] },
    { from: 'connect01', to: 'internet', through: ['own'] },
  ]
  for (const order of [paths, paths.toReversed()]) {
    assert.deepEqual(pathOf({ ...auditSite, paths: order }, connect01, entra), ['own'])
    assert.deepEqual(pathOf({ ...auditSite, paths: order }, { name: 'dc02', role: 'any' }, entra), ['far'])
  }
})

test('a host is in a network with all of its addresses, and a network with all of its prefixes', () => {
  assert.equal(isWithin(auditSite, 'connect01', 'servers'), true)
  assert.equal(isWithin(auditSite, 'dc02', 'servers'), false)
  assert.equal(isWithin(auditSite, 'desks', 'staff'), true)
  assert.equal(isWithin(auditSite, 'staff', 'desks'), false)
  assert.equal(isWithin(auditSite, 'nobody', 'servers'), false)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clouds } from '../model/cloud.ts'
import { isPort } from '../model/ports.ts'
import type { NameFeature } from './nameRow.ts'
import { nameFeatures } from './nameRow.ts'
import { nameRows } from './names.ts'
import { isHostName, parsePattern } from './pattern.ts'

const counts: Readonly<Record<NameFeature, number>> = {
  'connect-sync': 26,
  'pass-through-authentication': 34,
  'application-proxy': 45,
  'seamless-sso': 5,
  'connect-health': 28,
  'cloud-sync': 36,
  'password-writeback': 7,
  'password-protection': 3,
  'hybrid-join': 9,
  'sign-in': 58,
  graph: 5,
  'ad-fs': 3,
  scim: 1,
  revocation: 17,
}

test('there are 277 names', () => {
  assert.equal(nameRows.length, 277)
})

test('every list has all of its rows', () => {
  for (const feature of nameFeatures) {
    assert.equal(nameRows.filter((row) => row.feature === feature).length, counts[feature], feature)
  }
})

test('every name has ports, a purpose, a source and its date, and is a name or pattern that can be read', () => {
  for (const row of nameRows) {
    const name = `${row.feature} ${row.pattern}`
    assert.ok(row.ports.length > 0 && row.ports.every(isPort), name)
    assert.ok(row.purpose.length > 0 && row.source.length > 10, name)
    assert.match(row.asOf, /^\d{4}-\d{2}-\d{2}$/, name)
    assert.ok(
      row.clouds.every((cloud) => clouds.includes(cloud)),
      name,
    )
    const pattern = parsePattern(row.pattern)
    assert.ok(pattern.kind !== 'exact' || isHostName(pattern.name), name)
    assert.ok(pattern.kind !== 'wildcard' || pattern.labels.length > 1, name)
    assert.equal(row.scheme === 'http', row.ports.length === 1 && row.ports[0] === 80, name)
  }
})

test('a list for the US government counts for both of its clouds, but Graph has a host in each', () => {
  const usgov = nameRows.filter((row) => row.clouds.includes('usgov-gcchigh') !== row.clouds.includes('usgov-dod'))
  assert.deepEqual(
    usgov.map(({ pattern, clouds: of }) => [pattern, of]),
    [
      ['graph.microsoft.us', ['usgov-gcchigh']],
      ['dod-graph.microsoft.us', ['usgov-dod']],
    ],
  )
})

test('the customer’s own names count in every cloud, those of the closed German cloud in none', () => {
  for (const row of nameRows) {
    if (row.only === 'customer') assert.deepEqual(row.clouds, clouds)
    assert.equal(row.clouds.length === 0, row.only === 'germany-retired')
  }
  assert.equal(nameRows.filter(({ only }) => only === 'customer').length, 3)
  assert.equal(nameRows.filter(({ only }) => only === 'germany-retired').length, 2)
})

test('the same name stands once in a list for a cloud, port, scheme and purpose', () => {
  const keys = nameRows.map(({ feature, clouds: of, pattern, ports, purpose }) =>
    [feature, of, pattern, ports, purpose].join('|'),
  )
  assert.equal(new Set(keys).size, keys.length)
})

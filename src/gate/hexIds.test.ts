import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { hexIds } from './hexIds.ts'

test('ids of a trace are as long as asked for, in hexadecimal, and none comes twice', () => {
  const idOf = hexIds((octets) => randomBytes(octets))
  const ids = Array.from({ length: 2000 }, (_, at) => idOf(at % 2 === 0 ? 16 : 8))
  for (const [at, id] of ids.entries()) assert.match(id, at % 2 === 0 ? /^[0-9a-f]{32}$/ : /^[0-9a-f]{16}$/)
  assert.equal(new Set(ids).size, ids.length)
})

test('no octet of the source is in two ids', () => {
  let fetched = 0
  // Each octet differs from its neighbours: what is handed out twice would be seen.
  const idOf = hexIds((octets) => {
    fetched += 1
    return Uint8Array.from({ length: octets }, (_, at) => (fetched * 31 + at) % 251)
  })
  const octets = Array.from({ length: 500 }, () => idOf(16)).flatMap((id) => [...Buffer.from(id, 'hex')])
  const breaks = octets.filter((octet, at) => at > 0 && octet !== ((octets[at - 1] ?? 0) + 1) % 251).length
  assert.equal(fetched, 2)
  assert.ok(breaks <= 1, `only a new fetch breaks the row, and it was broken ${breaks} times`)
})

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { needs } from '../../test/needs.ts'
import { captureFilter } from './captureFilter.ts'

test('a filter takes each address once, mapped ones as they go over the wire, and every ICMP error', () => {
  const filter = captureFilter(['10.0.0.1', '::ffff:10.0.0.1', '2001:DB8::1'])
  assert.match(filter, /^host 10\.0\.0\.1 or host 2001:db8::1 or \(icmp /)
  assert.match(captureFilter([]), /^\(icmp /)
})

test('of many addresses it takes what opens and ends connections, whoever they are with', () => {
  const filter = captureFilter(Array.from({ length: 151 }, (_, index) => `10.0.0.${index}`))
  assert.ok(!filter.includes('host') && filter.includes('tcp[13]'))
})

test('what is no address is misuse: a name would be looked up, and words would be part of the filter', () => {
  for (const text of ['dc01.corp.example', '10.0.0.1 or tcp', ''])
    assert.throws(() => captureFilter([text]), RangeError)
})

for (const { what, count } of [
  { what: 'without addresses', count: 0 },
  { what: 'of as many addresses as it names', count: 150 },
  { what: 'of more', count: 151 },
]) {
  test(`libpcap understands a filter ${what}, and it is not too long for a kernel`, (t) => {
    const tcpdump = needs(t, 'tcpdump')
    if (tcpdump === undefined) return
    const filter = captureFilter(Array.from({ length: count }, (_, at) => `2001:db8:${at.toString(16)}::${at + 1}`))
    for (const link of ['EN10MB', 'LINUX_SLL2']) {
      const listing: string = execFileSync(tcpdump, ['-y', link, '-ddd', filter], { encoding: 'utf8' })
      const steps = Number.parseInt(listing, 10)
      assert.ok(steps > 1 && steps <= 4096, `${steps} on ${link}`)
    }
  })
}

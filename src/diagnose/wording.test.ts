import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cloudFlow, flowOf } from '../../test/observed.ts'
import { allowRule, captureAt, commonName, dayOf, duration, hostOf, listed, placeOf } from './wording.ts'

test('lists read as people say them, each word once', () => {
  assert.equal(listed([]), '')
  assert.equal(listed(['389']), '389')
  assert.equal(listed(['389', '88', '389', '445']), '389, 88 and 445')
})

test('a host of the site goes by its own word, another by the name that is dialled', () => {
  assert.equal(hostOf(flowOf()), 'dc01')
  assert.equal(hostOf(cloudFlow()), 'login.microsoftonline.com')
  assert.equal(placeOf(cloudFlow()), '443/tcp on login.microsoftonline.com')
})

test('a rule inside names addresses, a rule to the cloud names what Microsoft publishes', () => {
  assert.equal(allowRule(flowOf(), { from: '10.1.0.10' }), 'allow tcp 10.1.0.10 -> 10.1.0.5:636')
  assert.equal(
    allowRule(cloudFlow({ target: { pattern: '*.msappproxy.net' } }), { from: '10.1.0.10', address: '20.1.1.1' }),
    'allow tcp 10.1.0.10 -> *.msappproxy.net:443',
  )
  assert.equal(
    allowRule(flowOf({ target: { address: '2001:db8::5' } }), { from: '2001:db8::10' }),
    'allow tcp 2001:db8::10 -> [2001:db8::5]:636',
  )
})

test('lengths of time are rounded to what matters', () => {
  assert.deepEqual([3.4, 2400, 600_000, 10_800_000, 950_400_000].map(duration), [
    '3 ms',
    '2.4 s',
    '10 min',
    '3 hours',
    '11 days',
  ])
  assert.equal(dayOf('2026-11-18T10:00:05.000Z'), '2026-11-18')
  assert.equal(dayOf('no time'), 'no time')
})

test('the common name of a distinguished name, else its organisation, else all of it', () => {
  assert.equal(commonName('CN=login.microsoftonline.com,O=Microsoft Corporation,C=US'), 'login.microsoftonline.com')
  assert.equal(commonName('C=US,O=Corp\\, Inc.'), 'Corp, Inc.')
  assert.equal(commonName('OU=only'), 'OU=only')
  assert.equal(commonName('O=Evil\\, CN=login.microsoftonline.com,CN=real'), 'real')
  assert.equal(commonName('O=Evil\\+CN=login.microsoftonline.com'), 'Evil+CN=login.microsoftonline.com')
  assert.equal(commonName('OU=a+CN=b,O=c'), 'b')
  assert.equal(commonName('cn=Lu\\C4\\8Di\\C4\\87,O=c'), 'Lučić')
  assert.equal(commonName('2.5.4.97=x, CN = spaced'), '2.5.4.97=x, CN = spaced')
  assert.equal(commonName('CN=tail\\'), 'CN=tail\\')
  assert.equal(commonName(''), '')
})

test('a capture is asked for by what is known', () => {
  assert.match(captureAt('10.1.0.5', flowOf().target), /tcpdump -ni any 'host 10\.1\.0\.5 and port 636'$/)
})

test('any text has a common name, and what is escaped inside a value is never taken for another attribute', () => {
  const character = fc.constantFrom('C', 'N', '=', ',', '\\', '+', ' ', 'a', 'O', '0', '\n')
  fc.assert(
    fc.property(fc.string({ unit: character }), (text) => {
      assert.equal(typeof commonName(text), 'string')
      const escaped = text.trim().replaceAll(/[,+\\=\n ]/g, (each) => `\\${each}`)
      assert.equal(commonName(`O=${escaped}x,CN=real`), 'real')
    }),
  )
})

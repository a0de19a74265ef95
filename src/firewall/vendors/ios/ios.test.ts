import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { textsOfLines } from '../../../../test/firewall/anyTexts.ts'
import { readsAny } from '../../../../test/firewall/readsAny.ts'
import type { FirewallCase } from '../../../../test/firewallCases.ts'
import { firewallCases } from '../../../../test/firewallCases.ts'
import { read } from './index.ts'

const folder = new URL('./cases/', import.meta.url)
const row = (
  flow: string,
  expect: FirewallCase['expect'],
  says: string,
  more: Partial<FirewallCase> = {},
): FirewallCase => ({ file: 'realistic.cfg', flow, expect, says, ...more })

const cases: readonly FirewallCase[] = [
  row('10.1.0.10 > 20.190.128.1:443', 'allow', 'a wildcard, a group, and several ports behind one word', {
    by: '101 line 1',
  }),
  row('10.1.0.40 > 20.190.191.255:80', 'allow', 'networks of a group have a netmask'),
  row('10.1.0.10 > 20.190.192.0:443', 'drop', 'a wildcard ends where it ends', { by: '101 line 4' }),
  row('10.1.0.7 > 192.0.2.1:8443', 'allow', 'a wildcard with a hole: odd addresses'),
  row('10.1.0.8 > 192.0.2.1:8443', 'drop', 'and not even ones'),
  row('10.1.0.5 > 192.0.2.1:53/udp', 'allow', 'answers over UDP have a line of their own'),
  row('10.1.0.5 > 192.0.2.1:123/udp', 'drop', 'what no line permits'),
  row('2001:db8:1::9 > [2603:1006:2000::1]:443', 'allow', 'IPv6 has lists of its own'),
  row('2001:db8:1::9 > [2603:1006:2000::1]:80', 'drop', 'which end with a denial too', { by: 'implicit deny of six' }),
  row(
    '192.0.9.1 > 198.51.100.30:443',
    'drop',
    'a list for what comes in sees addresses before they are translated; the answer meets the list of the other side',
    {
      by: '101 line 4',
    },
  ),
  row('192.0.9.1 > 198.51.100.2:22', 'drop', 'and denies the rest', { passage: 'input', by: 'outside-in line 4' }),
]

firewallCases(read, folder, cases)

test('every statement of the realistic file is understood', () => {
  const text = readFileSync(new URL('realistic.cfg', folder), 'utf8')
  assert.deepEqual(read([{ name: 'branch.cfg', text }], { places: {} }).coverage.unread, [])
})

test('any text is read to its end, and every statement is accounted for', () => {
  readsAny(read, textsOfLines([readFileSync(new URL('realistic.cfg', folder), 'utf8')]))
})

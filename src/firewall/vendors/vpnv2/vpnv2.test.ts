import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { textsOfParts } from '../../../../test/firewall/anyTexts.ts'
import { readsAny, readsMutated } from '../../../../test/firewall/readsAny.ts'
import { wayTo } from '../../../../test/firewall/wayTo.ts'
import type { FirewallCase } from '../../../../test/firewallCases.ts'
import { firewallCases } from '../../../../test/firewallCases.ts'
import { read } from './index.ts'

const cases = new URL('cases/', import.meta.url)
const fileOf = (name: string) => ({ name, text: readFileSync(new URL(name, cases), 'utf8') })
const noHints = { places: {} }

/** File, address, where it leads; `?`: it depends. */
const ways: readonly (readonly [string, string, string])[] = [
  ['split.xml', '10.1.1.1', 'tunnel split'],
  ['split.xml', '10.9.1.1', 'past the tunnel'],
  ['split.xml', '20.190.128.1', 'past the tunnel'],
  ['force.xml', '20.190.128.1', 'past the tunnel'],
  ['force.xml', '192.0.2.1', 'tunnel force'],
  ['lockdown.ps1', '192.0.2.1', 'tunnel lockdown'],
  ['plugin.xml', '192.0.2.1', '?past the tunnel'],
  ['intune.json', '192.0.2.1', 'tunnel Corp VPN'],
  ['intune-apps.json', '192.0.2.1', 'tunnel Apps'],
  ['realistic.xml', '40.126.1.1', 'past the tunnel'],
  ['realistic.xml', '10.99.1.1', 'past the tunnel'],
  ['realistic.xml', '172.17.1.1', 'tunnel Device tunnel'],
]

for (const [name, address, expected] of ways) {
  test(`${name}: ${address} leads to ${expected}`, () => {
    const [ruleSet] = read([fileOf(name)], noHints).ruleSets
    assert.ok(ruleSet !== undefined)
    assert.equal(wayTo(ruleSet, address), expected)
  })
}

const rows: readonly Omit<FirewallCase, 'says'>[] = [
  {
    file: 'split.xml',
    flow: '10.7.0.5 > 10.20.3.4:443/tcp',
    passage: 'output',
    expect: 'allow',
    by: 'TrafficFilter 1',
    line: 12,
  },
  {
    file: 'split.xml',
    flow: '10.7.0.5 > 10.30.3.4:5050/tcp',
    passage: 'output',
    expect: 'allow',
    by: 'TrafficFilter 1',
  },
  {
    file: 'split.xml',
    flow: '10.7.0.5 > 10.20.3.4:80/tcp',
    passage: 'output',
    expect: 'drop',
    by: 'no traffic rule of the profile fits',
  },
  { file: 'split.xml', flow: '10.7.0.5 > 10.20.3.4:443/udp', passage: 'output', expect: 'drop' },
  {
    file: 'split.xml',
    flow: '10.7.0.5 > 10.20.3.4:8443/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /agent\.exe/,
  },
  { file: 'split.xml', flow: '10.7.0.5 > 10.9.3.4:80/tcp', passage: 'output', expect: 'allow' },
  { file: 'split.xml', flow: '10.7.0.5 > 20.190.128.1:443/tcp', passage: 'output', expect: 'allow' },
  {
    file: 'split.xml',
    flow: '10.20.9.7 > 10.7.0.5:3389/tcp',
    passage: 'input',
    expect: 'allow',
    by: 'TrafficFilter 3',
  },
  { file: 'split.xml', flow: '10.20.8.7 > 10.7.0.5:3389/tcp', passage: 'input', expect: 'drop' },
  // The proxy is for every name, and an address alone may have been a name.
  {
    file: 'force.xml',
    flow: '10.7.0.5 > 192.0.2.1:443/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /proxy\.corp\.example:8080/,
  },
  {
    file: 'force.xml',
    flow: '2001:db8::5 > [2603:1006:2000::1]:443/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /IPv6 address in the tunnel/,
  },
  {
    file: 'force.xml',
    flow: '10.7.0.5 > app.corp.example:443/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /proxy\.corp\.example:8080/,
  },
  { file: 'class-route.xml', flow: '10.7.0.5 > 192.0.2.1:443/tcp', passage: 'output', expect: 'allow' },
  {
    file: 'class-route.xml',
    flow: '10.7.0.5 > 10.20.1.1:443/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /DisableClassBasedDefaultRoute/,
  },
  { file: 'lockdown.ps1', flow: '10.7.0.5 > 192.0.2.1:443/tcp', passage: 'output', expect: 'allow' },
  { file: 'lockdown.ps1', flow: '10.7.0.5 > 198.51.100.1:443/tcp', passage: 'output', expect: 'drop', by: 'LockDown' },
  { file: 'odd.xml', flow: '10.7.0.5 > 10.1.1.1:443/tcp', passage: 'output', expect: 'may', dependsOn: /RemoteNames/ },
  { file: 'odd.xml', flow: '10.7.0.5 > 10.1.1.1:80/tcp', passage: 'output', expect: 'drop' },
  { file: 'odd.xml', flow: '10.7.0.5 > 192.0.2.1:80/tcp', passage: 'output', expect: 'allow' },
  {
    file: 'plugin.xml',
    flow: '10.7.0.5 > 192.0.2.1:443/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /the app of the VPN/,
  },
  {
    file: 'intune.json',
    flow: '10.7.0.5 > 10.20.3.4:8442/tcp',
    passage: 'output',
    expect: 'allow',
    by: 'all but 8443',
  },
  { file: 'intune.json', flow: '10.7.0.5 > 10.20.3.4:8443/tcp', passage: 'output', expect: 'drop' },
  { file: 'intune.json', flow: '10.7.0.5 > 10.20.1.4:53/udp', passage: 'output', expect: 'allow', by: 'names' },
  { file: 'intune.json', flow: '10.7.0.5 > 192.0.2.4:443/tcp', passage: 'output', expect: 'drop' },
  {
    file: 'intune-apps.json',
    flow: '10.7.0.5 > 192.0.2.4:443/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /agent\.exe/,
  },
  { file: 'realistic.xml', flow: '10.7.0.5 > 10.20.1.10:389/tcp', passage: 'output', expect: 'allow' },
  { file: 'realistic.xml', flow: '10.7.0.5 > 10.20.1.12:389/tcp', passage: 'output', expect: 'drop' },
  { file: 'realistic.xml', flow: '10.7.0.5 > 20.190.128.1:443/tcp', passage: 'output', expect: 'allow' },
  { file: 'realistic.xml', flow: '10.20.9.1 > 10.7.0.5:5985/tcp', passage: 'input', expect: 'allow' },
]

firewallCases(
  read,
  cases,
  rows.map((row) => ({ ...row, says: `${row.file}: ${row.passage} ${row.flow} is ${row.expect}` })),
)

test('any text is read without a throw, and every statement is accounted for', () => {
  const texts = textsOfParts(
    '<VPNProfile>',
    '</VPNProfile>',
    '<Route><Address>10.0.0.0</Address>',
    '<PrefixSize>8</PrefixSize></Route>',
    '<TrafficFilter>',
    '</TrafficFilter>',
    '<Protocol>6</Protocol>',
    '{"trafficRules":[{"protocols":6}]',
    ',"routes":[{}]}',
    '\n',
  )
  readsAny(read, texts)
  readsMutated(read, cases)
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { splicedTexts } from '../../../../test/firewall/anyTexts.ts'
import { readsAny } from '../../../../test/firewall/readsAny.ts'
import type { FirewallCase } from '../../../../test/firewallCases.ts'
import { firewallCases, judgeCase } from '../../../../test/firewallCases.ts'
import { formatAddress } from '../../../model/cidr.ts'
import { read } from './index.ts'

const folder = new URL('./cases/', import.meta.url)
const row = (
  file: FirewallCase['file'],
  flow: string,
  expect: FirewallCase['expect'],
  says: string,
  more: Partial<FirewallCase> = {},
): FirewallCase => ({ file, flow, expect, says, ...more })
const lan = { lan: ['10.1.0.0/24'], wan: ['0.0.0.0/0'] }

const cases: readonly FirewallCase[] = [
  row('realistic.xml', '10.1.0.10 > 20.190.128.1:443', 'allow', 'a rule of the interface passes what an alias names'),
  row('realistic.xml', '10.1.0.10 > 20.190.128.1:8443', 'drop', 'what no rule passes is dropped', {
    by: 'default deny',
  }),
  row('realistic.xml', '10.1.0.11 > 40.126.1.1:80', 'allow', 'each member of an alias counts'),
  row('realistic.xml', '10.1.0.11 > 20.190.128.1:8080', 'drop', 'a rule that is off is none', { by: 'default deny' }),
  row('realistic.xml', '10.1.0.12 > login.microsoftonline.com:443', 'allow', 'an alias of names passes its names'),
  row('realistic.xml', '10.1.0.12 > 20.190.128.1:443', 'may', 'by address it depends on what they resolve to', {
    dependsOn: /addresses of login\.microsoftonline\.com/,
  }),
  row('realistic.xml', '10.1.0.13 > 20.190.128.1:443', 'may', 'a fetched list depends on its content', {
    dependsOn: /feed/,
  }),
  row('realistic.xml', '10.1.0.20 > 8.8.8.8:53/udp', 'reject', 'a negated destination is everything but it'),
  row('realistic.xml', '2001:db8:1::9 > [2603:1006:2000::1]:443', 'may', 'a schedule is a matter of time', {
    dependsOn: /sched office/,
  }),
  row('realistic.xml', '192.0.9.1 > 198.51.100.2:8443', 'allow', 'a port forward and its rule', {
    by: 'NAT gate',
    becomes: '192.168.50.30:8443',
  }),
  row('realistic.xml', '192.0.9.1 > 198.51.100.2:443', 'allow', 'a port forward that passes by itself', {
    by: 'passed by its port forward',
    becomes: '192.168.50.11:443',
  }),
  row('realistic.xml', '192.0.9.1 > 192.168.50.11:443', 'drop', 'which is for what was forwarded alone', { in: 'wan' }),
  row('realistic.xml', '172.16.0.1 > 198.51.100.2:8443', 'drop', 'private sources are blocked on the outer interface', {
    in: 'wan',
    by: 'block private networks of WAN',
  }),
  row('realistic.xml', '240.0.0.1 > 198.51.100.2:8443', 'drop', 'and so are reserved ones', { in: 'wan' }),
  row('realistic.xml', '10.1.0.50 > 10.1.0.1:443', 'allow', 'nobody locks himself out', {
    passage: 'input',
    by: 'anti-lockout rule',
  }),
  row('floating.xml', '10.1.0.9 > 192.0.2.1:445', 'allow', 'rules of a group come before those of an interface', {
    by: 'group: SMB',
  }),
  row('floating.xml', '10.1.0.9 > 192.0.2.1:23', 'drop', 'and floating ones that are quick before both', { line: 12 }),
  row('floating.xml', '10.2.0.9 > 192.0.2.1:8080', 'drop', 'a floating rule that is not quick decides where none is'),
  row('floating.xml', '10.2.0.9 > 192.0.2.8:8080', 'allow', 'of several the last one decides', {
    by: 'floating: but there',
  }),
  row(
    'floating.xml',
    '10.1.0.9 > 192.0.2.1:8080',
    'drop',
    'a rule of the interface lets it in, and one lets it not out',
    {
      by: 'floating: no 8080',
    },
  ),
  row('floating.xml', '10.1.0.9 > 192.0.2.1:25', 'drop', 'what comes in may be forbidden to go out', {
    by: 'floating out: no mail',
  }),
  row('floating.xml', '10.1.0.9 > 10.2.0.5:25', 'allow', 'by that interface alone'),
  row('translations.xml', '192.0.9.1 > 198.51.100.5:9003', 'allow', 'a range of ports keeps its offsets', {
    becomes: '10.1.0.30:8003',
  }),
  row(
    'translations.xml',
    '10.1.0.9 > 198.51.100.5:9003',
    'allow',
    'with reflection it passes from inside, led there or not',
  ),
  row('translations.xml', '192.0.9.1 > 198.51.100.5:443', 'drop', 'a forward that is off is none', { in: 'wan' }),
  row('translations.xml', '192.0.9.1 > 198.51.100.6:443', 'allow', 'one to one', { becomes: '10.1.0.60' }),
  row('translations.xml', '203.0.114.9 > 198.51.100.6:443', 'drop', 'and not where an exception stands before it', {
    in: 'wan',
  }),
  row('translations.xml', '192.0.9.1 > 198.51.100.20:443', 'allow', 'a block keeps its offsets', {
    becomes: '10.1.0.20',
  }),
  row('opnsense.xml', '10.1.0.10 > 192.0.2.1:443', 'allow', 'the newer list goes by its sequence', { by: 'sync' }),
  row('opnsense.xml', '10.1.0.12 > 192.0.2.1:80', 'drop', 'and the rest is what it says', { by: 'nothing else' }),
  row('opnsense.xml', '10.1.0.20 > 192.0.2.1:443', 'may', 'countries are a list that is not in the file', {
    dependsOn: /land/,
  }),
  row('opnsense.xml', '10.1.0.99 > 192.0.2.1:443', 'unknown-ref', 'an alias that is off is a reference to nothing', {
    dependsOn: /gone/,
  }),
  row(
    ['filter-alone.xml', 'aliases-alone.xml'],
    '10.1.0.10 > 40.126.3.1:443',
    'allow',
    'sections that were saved alone',
    {
      places: lan,
      in: 'lan',
    },
  ),
  row('filter-alone.xml', '10.1.0.10 > 40.126.3.1:443', 'unknown-ref', 'without its aliases a rule refers to nothing', {
    places: lan,
    in: 'lan',
  }),
  row('filter-alone.xml', '10.1.0.77 > 192.0.2.1:443', 'may', 'an element that is not known may narrow its rule', {
    places: lan,
    in: 'lan',
    dependsOn: /frobnicate/,
  }),
  row('ipv6-off.xml', '2001:db8:1::9 > [2603:1006:2000::1]:443', 'drop', 'IPv6 that is not allowed is dropped first', {
    by: 'IPv6 is not allowed (ipv6allow)',
  }),
  row('ipv6-off.xml', '10.1.0.9 > 192.0.2.1:443', 'allow', 'IPv4 is', { in: 'lan' }),
  row('policy-routing.xml', '10.1.0.20 > 192.0.2.1:443', 'drop', 'what a gateway leads out meets the rules there', {
    by: 'no TLS by the second way',
  }),
  row('policy-routing.xml', '10.1.0.9 > 192.0.2.1:443', 'allow', 'and what routes lead out does not'),
  row('policy-routing.xml', '10.1.0.20 > 192.0.2.1:25', 'allow', 'nor does it meet the rules of where routes lead', {
    by: 'by the second way',
  }),
  row('policy-routing.xml', '10.1.0.9 > 192.0.2.1:25', 'drop', 'which hold for others', { by: 'no other mail' }),
  row('policy-routing.xml', '10.1.0.25 > 192.0.2.1:25', 'allow', 'a tag that a rule sets is seen on the way out', {
    by: 'marked as mail',
  }),
  row('policy-routing.xml', '10.1.0.21 > 192.0.2.1:443', 'may', 'of a group of gateways it is the one that is up', {
    dependsOn: /interface/,
  }),
  row('policy-routing.xml', '10.1.0.21 > 192.0.2.1:80', 'allow', 'where both ways pass it does not matter which'),
  row('policy-routing.xml', '10.1.0.22 > 192.0.2.1:443', 'may', 'a gateway that is not in the file leads anywhere'),
  row('policy-routing.xml', '10.1.0.23 > 192.0.2.1:25', 'drop', 'a rule that may lead the way of the routes as well'),
  row('policy-routing.xml', '10.1.0.20 > 10.99.1.1:443', 'may', 'networks of tunnels may be exempt from gateways', {
    dependsOn: /tunnels/,
  }),
  row('opnsense-gateways.xml', '10.1.0.20 > 192.0.2.1:443', 'drop', 'gateways of OPNsense lead out as well', {
    by: 'no TLS there',
  }),
  row(
    'opnsense-gateways.xml',
    '10.1.0.20 > 10.1.0.1:53/udp',
    'may',
    'what a gateway leads may not reach the firewall',
    {
      passage: 'input',
      dependsOn: /for the device itself/,
    },
  ),
  row('opnsense-gateways.xml', '10.1.0.21 > 10.1.0.1:53/udp', 'allow', 'and what none leads does', {
    passage: 'input',
  }),
  row('opnsense-gateways.xml', '10.1.0.21 > 192.0.2.1:443', 'allow', 'and the marked one is that of the routes', {
    by: 'all',
  }),
  row('policy-routing.xml', '10.1.0.9 > 203.0.113.2:22', 'drop', '(self) is every address of the firewall', {
    passage: 'input',
    by: 'not to the firewall',
  }),
]

firewallCases(read, folder, cases)

/** With which address something goes out. */
const sources: readonly (readonly [from: string, leaves: string])[] = [
  ['10.1.0.10', '198.51.100.9'],
  ['10.1.0.11', '10.1.0.11'],
  ['10.1.0.12', '198.51.100.2'],
  ['10.1.0.18', '198.51.100.18'],
  ['10.1.0.60', '198.51.100.6'],
]

for (const [from, leaves] of sources) {
  test(`${from} goes out as ${leaves}`, () => {
    const [part] = judgeCase(read, folder, row('translations.xml', `${from} > 192.0.2.1:443`, 'allow', '')).parts
    const [source] = part?.becomes?.source ?? part?.source ?? []
    assert.equal(source === undefined ? '' : formatAddress({ family: source.family, value: source.first }), leaves)
  })
}

test('automatic outbound NAT is for every inner network, manual for whom its rules name alone', () => {
  const leaves = (file: string, from: string): string => {
    const [part] = judgeCase(read, folder, row(file, `${from} > 20.190.128.1:443`, 'allow', '')).parts
    const [source] = part?.becomes?.source ?? part?.source ?? []
    return source === undefined ? '' : formatAddress({ family: source.family, value: source.first })
  }
  assert.equal(leaves('realistic.xml', '10.1.0.10'), '198.51.100.2')
  assert.equal(leaves('policy-routing.xml', '10.1.0.10'), '198.51.100.2')
  assert.equal(leaves('policy-routing.xml', '10.1.0.9'), '10.1.0.9')
})

test('what a gateway leads out has the address of that way, and says where it leaves', () => {
  const asked = row('policy-routing.xml', '10.1.0.20 > 192.0.2.1:80', 'allow', '')
  const [part] = judgeCase(read, folder, asked).parts
  const [source] = part?.becomes?.source ?? []
  assert.equal(source && formatAddress({ family: source.family, value: source.first }), '203.0.113.2')
  assert.equal(part?.out, 'opt1')
})

test('every statement of the realistic file is understood', () => {
  const text = readFileSync(new URL('realistic.xml', folder), 'utf8')
  assert.deepEqual(read([{ name: 'config.xml', text }], { places: {} }).coverage.unread, [])
})

test('any text is read to its end, and every statement is accounted for', () => {
  const files = ['realistic.xml', 'floating.xml', 'opnsense.xml'].map((name) =>
    readFileSync(new URL(name, folder), 'utf8'),
  )
  const damaged = splicedTexts(files, 200)
  const words = fc.constantFrom('lan', 'any', '10.0.0.0/8', 'x', '443', '!y', '(self)')
  const rule = fc
    .tuple(words, words, words)
    .map(
      ([a, b, c]) =>
        `<pfsense><filter><rule><interface>${a}</interface><protocol>${c}</protocol><source><address>${b}</address><port>${c}</port></source></rule></filter></pfsense>`,
    )
  readsAny(read, fc.oneof(fc.string(), damaged, rule))
})

test('aliases that stand for each other end', () => {
  const text = readFileSync(new URL('aliases-alone.xml', folder), 'utf8')
  const { coverage } = read([{ name: 'a', text }], { places: {} })
  assert.equal(coverage.statements, 2)
})

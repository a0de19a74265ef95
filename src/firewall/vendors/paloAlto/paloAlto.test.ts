import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import type { FirewallCase } from '../../../../test/firewallCases.ts'
import { firewallCases, nothingKnown } from '../../../../test/firewallCases.ts'
import { formatAddress } from '../../../model/cidr.ts'
import { judge } from '../../judge.ts'
import { parseAskedFlow } from '../../parseAskedFlow.ts'
import { read } from './index.ts'

const folder = new URL('./cases/', import.meta.url)
const readText = (text: string) => read([{ name: 'pa', text }], { places: {} })
const readFile = (name: string) => readText(readFileSync(new URL(name, folder), 'utf8'))

const order: readonly FirewallCase[] = [
  {
    says: 'the first rule decides',
    file: 'order.xml',
    flow: '10.1.0.10 > 10.2.0.10:88/tcp',
    expect: 'drop',
    by: 'first',
  },
  {
    says: 'what the first does not match goes on',
    file: 'order.xml',
    flow: '10.1.0.10 > 10.2.0.11:88/tcp',
    expect: 'allow',
    by: 'second',
  },
  {
    says: 'any is both families',
    file: 'objects.xml',
    flow: '2001:db8:1::5 > [2001:db8:2::5]:8443/tcp',
    expect: 'allow',
    by: 'nets',
  },
  {
    says: 'a disabled rule matches nothing',
    file: 'disabled.xml',
    flow: '10.1.0.10 > 10.2.0.10:88/tcp',
    expect: 'drop',
    by: 'interzone-default',
  },
  {
    says: 'within a zone it is allowed',
    file: 'defaults.xml',
    flow: '10.1.0.10 > 10.1.0.20:88/tcp',
    expect: 'allow',
    by: 'intrazone-default',
  },
  {
    says: 'between zones it is denied',
    file: 'defaults.xml',
    flow: '10.1.0.10 > 10.2.0.20:88/tcp',
    expect: 'drop',
    by: 'interzone-default',
  },
  {
    says: 'zones follow from routes',
    file: 'defaults.xml',
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    expect: 'allow',
    by: 'web',
  },
  {
    says: 'the default between zones can be changed',
    file: 'defaultsOverridden.xml',
    flow: '10.1.0.10 > 10.2.0.20:88/tcp',
    expect: 'allow',
    by: 'interzone-default',
  },
  {
    says: 'the default within a zone can be changed',
    file: 'defaultsOverridden.xml',
    flow: '10.1.0.10 > 10.1.0.20:88/tcp',
    expect: 'reject',
    by: 'intrazone-default',
  },
  {
    says: 'an intrazone rule is for one zone',
    file: 'ruleTypes.xml',
    flow: '10.1.0.10 > 10.1.0.20:443/tcp',
    expect: 'allow',
    by: 'within',
  },
  {
    says: 'an intrazone rule is not for two zones',
    file: 'ruleTypes.xml',
    flow: '10.1.0.10 > 10.2.0.20:443/tcp',
    expect: 'drop',
  },
  {
    says: 'an interzone rule is for two zones',
    file: 'ruleTypes.xml',
    flow: '10.1.0.10 > 10.2.0.20:80/tcp',
    expect: 'allow',
    by: 'between',
  },
  {
    says: 'an interzone rule is not for one zone',
    file: 'ruleTypes.xml',
    flow: '10.1.0.10 > 10.1.0.20:80/tcp',
    expect: 'drop',
    by: 'intrazone-default',
  },
  { says: 'deny drops', file: 'actions.xml', flow: '10.1.0.10 > 10.2.0.1:1/tcp', expect: 'drop', by: 'deny' },
  {
    says: 'reset-both rejects',
    file: 'actions.xml',
    flow: '10.1.0.10 > 10.2.0.3:1/tcp',
    expect: 'reject',
    by: 'reset',
  },
  {
    says: 'of a reset to the server alone the client sees nothing',
    file: 'actions.xml',
    flow: '10.1.0.10 > 10.2.0.4:1/tcp',
    expect: 'drop',
    by: 'server',
  },
  {
    says: 'an action that is not known may be anything',
    file: 'actions.xml',
    flow: '10.1.0.10 > 10.2.0.5:1/tcp',
    expect: 'may',
    dependsOn: /teleport/,
  },
]

const objects: readonly FirewallCase[] = [
  {
    says: 'bits behind a prefix do not matter',
    file: 'objects.xml',
    flow: '10.1.200.1 > 10.2.0.10:8443/tcp',
    expect: 'allow',
    by: 'nets',
  },
  {
    says: 'a range has its last address',
    file: 'objects.xml',
    flow: '10.1.200.1 > 10.2.0.19:8443/tcp',
    expect: 'allow',
  },
  {
    says: 'a range ends after its last address',
    file: 'objects.xml',
    flow: '10.1.200.1 > 10.2.0.20:8443/tcp',
    in: 'trust',
    out: 'dmz',
    expect: 'drop',
  },
  {
    says: 'a wildcard mask matches every number where it is set',
    file: 'objects.xml',
    flow: '192.0.2.7 > 10.3.99.5:9001/tcp',
    expect: 'allow',
  },
  {
    says: 'a wildcard mask compares the bits where it is not set',
    file: 'objects.xml',
    flow: '192.0.2.7 > 10.3.99.6:9001/tcp',
    in: 'trust',
    out: 'dmz',
    expect: 'drop',
  },
  {
    says: 'addresses stand in rules as they are',
    file: 'objects.xml',
    flow: '10.7.1.1:500 > 10.8.0.9:500/udp',
    expect: 'allow',
    by: 'direct',
  },
  {
    says: 'a service has ports of the client',
    file: 'objects.xml',
    flow: '10.7.1.1:600 > 10.8.0.9:500/udp',
    in: 'trust',
    out: 'dmz',
    expect: 'drop',
  },
  {
    says: 'a name that is asked for is the name of the object',
    file: 'unknownObjects.xml',
    flow: '10.1.0.1 > login.microsoftonline.com:443/tcp',
    in: 'trust',
    out: 'untrust',
    expect: 'allow',
    by: 'name',
  },
  {
    says: 'an address may be that of a name',
    file: 'unknownObjects.xml',
    flow: '10.1.0.1 > 192.0.2.1:443/tcp',
    in: 'trust',
    out: 'untrust',
    expect: 'may',
    dependsOn: /login\.microsoftonline\.com resolves to/,
  },
  {
    says: 'a dynamic group may hold an address',
    file: 'unknownObjects.xml',
    flow: '10.1.0.1 > 192.0.2.1:80/tcp',
    in: 'trust',
    out: 'untrust',
    expect: 'may',
    dependsOn: /'web' and 'prod'/,
  },
  {
    says: 'an external list may hold an address',
    file: 'unknownObjects.xml',
    flow: '10.1.0.1 > 192.0.2.1:22/tcp',
    in: 'trust',
    out: 'untrust',
    expect: 'may',
    dependsOn: /external list "feed"/,
  },
  {
    says: 'a country may hold an address',
    file: 'unknownObjects.xml',
    flow: '10.1.0.1 > 192.0.2.1:25/tcp',
    in: 'trust',
    out: 'untrust',
    expect: 'may',
    dependsOn: /region NL/,
  },
  {
    says: 'an object that nothing defines is no empty one',
    file: 'unknownObjects.xml',
    flow: '10.1.0.1 > 192.0.2.1:88/tcp',
    in: 'trust',
    out: 'untrust',
    expect: 'unknown-ref',
    dependsOn: /"gone"/,
  },
  {
    says: 'groups that hold each other may be anything',
    file: 'unknownObjects.xml',
    flow: '10.1.0.1 > 192.0.2.1:99/tcp',
    in: 'trust',
    out: 'untrust',
    expect: 'may',
    dependsOn: /holds itself/,
  },
  {
    says: 'a denied name does not deny nothing',
    file: 'deniedName.xml',
    flow: '10.1.0.1 > 192.0.2.1:99/tcp',
    expect: 'may',
    dependsOn: /bad\.example\.com/,
  },
  {
    says: 'a negated source leaves out its addresses',
    file: 'negated.xml',
    flow: '10.1.9.1 > 192.0.2.1:99/tcp',
    in: 'trust',
    out: 'untrust',
    expect: 'drop',
  },
  {
    says: 'a negated source is everything else',
    file: 'negated.xml',
    flow: '10.1.8.1 > 192.0.2.1:99/tcp',
    expect: 'allow',
  },
]

const conditions: readonly FirewallCase[] = [
  {
    says: 'an application is told after the connection stands',
    file: 'applications.xml',
    flow: '10.1.0.1 > 10.2.0.1:443/tcp',
    in: 'a',
    out: 'b',
    expect: 'may',
    dependsOn: /application is ssl, ms-office365/,
  },
  {
    says: 'default ports are those of the application',
    file: 'applications.xml',
    flow: '10.1.0.1 > 10.2.0.2:443/tcp',
    in: 'a',
    out: 'b',
    expect: 'may',
    dependsOn: /default port/,
  },
  {
    says: 'any application on a service is exact',
    file: 'applications.xml',
    flow: '10.1.0.1 > 10.2.0.3:443/tcp',
    expect: 'allow',
    by: 'any',
  },
  {
    says: 'people',
    file: 'conditions.xml',
    flow: '10.1.0.1 > 10.2.0.3:1/tcp',
    in: 'a',
    out: 'b',
    expect: 'may',
    dependsOn: /corp\\admins/,
  },
  {
    says: 'a schedule',
    file: 'conditions.xml',
    flow: '10.1.0.1 > 10.2.0.3:2/tcp',
    in: 'a',
    out: 'b',
    expect: 'may',
    dependsOn: /office/,
  },
  {
    says: 'a category of addresses',
    file: 'conditions.xml',
    flow: '10.1.0.1 > 10.2.0.3:3/tcp',
    in: 'a',
    out: 'b',
    expect: 'may',
    dependsOn: /malware/,
  },
  {
    says: 'a rule that is for some firewalls',
    file: 'conditions.xml',
    flow: '10.1.0.1 > 10.2.0.3:4/tcp',
    in: 'a',
    out: 'b',
    expect: 'may',
    dependsOn: /which firewall/,
  },
  {
    says: 'a category that lists names is those names',
    file: 'urlCategory.xml',
    flow: '10.1.0.1 > x.y.msappproxy.net:443/tcp',
    in: 'a',
    out: 'b',
    expect: 'allow',
    by: 'entra',
  },
  {
    says: 'a star in a list of names does not cover the name itself',
    file: 'urlCategory.xml',
    flow: '10.1.0.1 > msappproxy.net:443/tcp',
    in: 'a',
    out: 'b',
    expect: 'drop',
  },
  {
    says: 'a URL filter that blocks nothing is no doubt',
    file: 'urlFilter.xml',
    flow: '10.1.0.1 > 10.2.0.3:443/tcp',
    expect: 'allow',
  },
  {
    says: 'what a URL filter blocks nobody knows',
    file: 'urlFilter.xml',
    flow: '10.1.0.1 > 10.2.0.3:80/tcp',
    in: 'a',
    out: 'b',
    expect: 'may',
    dependsOn: /strict url/,
  },
  {
    says: 'people sign in before it passes',
    file: 'authentication.xml',
    flow: '10.1.0.1 > 10.2.0.3:80/tcp',
    expect: 'may',
    dependsOn: /signed in/,
  },
  {
    says: 'what needs no sign-in passes',
    file: 'authentication.xml',
    flow: '10.1.0.1 > 10.2.0.3:443/tcp',
    expect: 'allow',
    by: 'all',
  },
  {
    says: 'where rules lead nobody knows by routes',
    file: 'forwarded.xml',
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    expect: 'may',
  },
  {
    says: 'what comes to the firewall itself is not told',
    file: 'defaults.xml',
    flow: '10.1.0.10 > 10.1.0.1:443/tcp',
    passage: 'input',
    expect: 'may',
  },
]

const translation: readonly FirewallCase[] = [
  {
    says: 'a rule has the address before and the zone after translation',
    file: 'destinationNat.xml',
    flow: '192.0.2.7 > 203.0.113.4:443/tcp',
    expect: 'allow',
    by: 'published',
    becomes: '10.2.0.10:8443',
  },
  {
    says: 'what no NAT rule matches stays in the outer zone',
    file: 'destinationNat.xml',
    flow: '192.0.2.7 > 203.0.113.4:80/tcp',
    expect: 'drop',
    by: 'by outer zone',
  },
  {
    says: 'the zone of a NAT rule is that of the original destination',
    file: 'natWrongZone.xml',
    flow: '192.0.2.7 > 203.0.113.4:443/tcp',
    expect: 'allow',
    becomes: '203.0.113.4',
  },
  {
    says: 'a static translation both ways leads inwards',
    file: 'sourceNat.xml',
    flow: '192.0.2.7 > 203.0.113.6:443/tcp',
    expect: 'allow',
    by: 'in',
    becomes: '10.2.0.20',
  },
]

const routes: readonly FirewallCase[] = [
  {
    says: 'where routes are learnt nobody knows the zone',
    file: 'learntRoutes.xml',
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    expect: 'may',
  },
  {
    says: 'with two routers nobody knows the zone',
    file: 'twoRouters.xml',
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    expect: 'may',
  },
  {
    says: 'a route that discards is no path',
    file: 'discard.xml',
    flow: '10.1.0.10 > 192.0.2.1:443/tcp',
    expect: 'no-path',
  },
  {
    says: 'an interface that asks for its address learns the default route',
    file: 'dhcp.xml',
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    expect: 'allow',
    by: 'web',
  },
  {
    says: 'a NAT rule for IPv4 does nothing to IPv6',
    file: 'natFamily.xml',
    flow: '2001:db8:1::1 > [2001:db8::2]:443/tcp',
    in: 'trust',
    out: 'dmz',
    expect: 'allow',
    by: 'six',
    becomes: '2001:db8::2',
  },
]

const texts: readonly FirewallCase[] = [
  {
    says: 'a setting that is not known makes its rule one that may match',
    file: 'unknownSetting.xml',
    flow: '10.1.0.1 > 10.2.0.3:1/tcp',
    in: 'a',
    out: 'b',
    expect: 'may',
    dependsOn: /quantum/,
  },
  {
    says: 'a rulebase that is not known makes everything doubtful',
    file: 'unknownRulebase.xml',
    flow: '10.1.0.1 > 10.2.0.3:1/tcp',
    expect: 'may',
    dependsOn: /teleport/,
  },
  {
    says: 'an answer of the API with a rulebase',
    file: 'answer.xml',
    flow: '10.1.0.1 > 10.2.0.3:1/tcp',
    expect: 'allow',
    by: 'all',
  },
  {
    says: 'a prompt before and after is none of it',
    file: 'prompt.xml',
    flow: '10.1.0.1 > 10.2.0.3:1/tcp',
    expect: 'allow',
    by: 'all',
  },
  {
    says: 'virtual systems are rule sets of their own',
    file: 'systems.xml',
    ruleSet: 'pa-2/vsys1',
    flow: '10.1.0.1 > 10.2.0.3:443/tcp',
    expect: 'allow',
    by: 'one',
  },
  {
    says: 'rules of one system do nothing in another',
    file: 'systems.xml',
    ruleSet: 'pa-2/vsys2',
    flow: '10.1.0.1 > 10.2.0.3:443/tcp',
    in: 'a',
    out: 'b',
    expect: 'drop',
  },
  {
    says: 'shared rules come first, and their objects are the nearest',
    file: 'panorama.xml',
    ruleSet: 'berlin',
    flow: '10.1.0.1 > 10.3.0.10:80/tcp',
    expect: 'drop',
    by: 'shared first',
  },
  {
    says: 'rules of the group above come before those of the group',
    file: 'panorama.xml',
    ruleSet: 'berlin',
    flow: '10.1.0.1 > 10.3.0.10:443/tcp',
    expect: 'allow',
    by: 'europe first',
  },
  {
    says: 'rules of the firewall itself come between',
    file: 'panorama.xml',
    ruleSet: 'berlin',
    flow: '10.1.0.1 > 10.3.0.11:80/tcp',
    expect: 'may',
    dependsOn: /rules of the firewall itself/,
  },
  {
    says: 'set commands: rules, groups and names in quotes',
    file: 'commands.set',
    flow: '10.1.0.10 > 20.190.128.1:8443/tcp',
    expect: 'allow',
    by: 'out',
  },
  {
    says: 'set commands: move, delete and rename',
    file: 'commands.set',
    flow: '10.1.0.99 > 192.0.2.1:1/tcp',
    expect: 'drop',
    by: 'block',
  },
  {
    says: 'set commands: a word that is not known makes its rule doubtful',
    file: 'unknownRuleWord.set',
    flow: '10.1.0.99 > 192.0.2.1:1/tcp',
    in: 'a',
    out: 'b',
    expect: 'may',
  },
  {
    says: 'set commands: a line that nobody can place makes everything doubtful',
    file: 'unknownCommand.set',
    flow: '10.1.0.99 > 192.0.2.1:1/tcp',
    expect: 'may',
    dependsOn: /flux capacitor/,
  },
  {
    says: 'set commands of a Panorama',
    file: 'panorama.set',
    ruleSet: 'berlin',
    flow: '10.1.0.99 > 10.2.0.10:443/tcp',
    expect: 'allow',
    by: 'web',
  },
]

const site: readonly FirewallCase[] = [
  {
    says: 'a site: Entra Connect reaches Entra by prefix',
    file: 'realistic.xml',
    flow: '10.20.0.30 > 20.190.128.7:443/tcp',
    expect: 'allow',
  },
  {
    says: 'a site: Entra Connect does not reach other names',
    file: 'realistic.xml',
    flow: '10.20.0.30 > 192.0.2.9:443/tcp',
    expect: 'drop',
    by: 'interzone-default',
  },
  {
    says: 'a site: the authentication agent reaches its names',
    file: 'realistic.xml',
    flow: '10.20.0.31 > abc.servicebus.windows.net:443/tcp',
    out: 'untrust',
    expect: 'allow',
  },
  {
    says: 'a site: revocation lists depend on a feed',
    file: 'realistic.xml',
    flow: '10.20.0.31 > 192.0.2.80:80/tcp',
    expect: 'may',
    dependsOn: /entra prefixes/,
  },
  {
    says: 'a site: branches reach the controllers',
    file: 'realistic.xml',
    flow: '10.40.7.7 > 10.20.0.11:636/tcp',
    expect: 'allow',
    by: 'clients to controllers',
  },
  {
    says: 'a site: the federation service is published',
    file: 'realistic.xml',
    flow: '192.0.2.9 > 198.51.100.3:443/tcp',
    expect: 'allow',
    by: 'sts from outside',
    becomes: '10.30.0.10',
  },
  {
    says: 'a site: what no NAT rule takes stays in the outer zone, where the default allows it',
    file: 'realistic.xml',
    flow: '192.0.2.9 > 198.51.100.3:49443/tcp',
    expect: 'allow',
    by: 'intrazone-default',
  },
]

firewallCases(read, folder, [...order, ...objects, ...conditions, ...translation, ...routes, ...texts, ...site])

const judgedOf = (file: string, flow: string, ends: { readonly in?: string; readonly out?: string } = {}) => {
  const [ruleSet] = readFile(file).ruleSets
  const asked = parseAskedFlow(flow)
  assert.ok(ruleSet !== undefined && 'ok' in asked)
  return judge(ruleSet, { ...asked.ok, ...ends }, 'forward', nothingKnown)
}

test('TLS is opened by the first decryption rule, and not where an exclusion has the name', () => {
  const inspected = (flow: string) => judgedOf('decryption.xml', flow).parts.map((part) => part.inspected ?? 'no')
  assert.deepEqual(inspected('10.1.0.10 > portal.example.com:443/tcp'), ['may'])
  assert.deepEqual(inspected('10.9.0.10 > portal.example.com:443/tcp'), ['yes'])
  assert.deepEqual(inspected('10.1.0.10 > x.msappproxy.net:443/tcp'), ['no'])
  assert.deepEqual(inspected('10.1.0.10 > x.servicebus.windows.net:443/tcp'), ['no'])
  assert.deepEqual(inspected('10.2.0.10 > portal.example.com:443/tcp'), ['no'])
  assert.deepEqual(inspected('10.9.0.10 > portal.example.com:443/udp'), ['no'])
})

test('sources are translated by the first NAT rule that matches the packet as it came', () => {
  const sources = (flow: string) =>
    judgedOf('sourceNat.xml', flow).parts.map(({ becomes }) =>
      becomes?.source?.map(({ first }) => formatAddress({ family: 4, value: first })),
    )
  assert.deepEqual(sources('10.1.0.10 > 192.0.2.1:443/tcp'), [['203.0.113.2']])
  assert.deepEqual(sources('10.1.0.200 > 192.0.2.1:443/tcp'), [['203.0.113.5']])
  assert.deepEqual(sources('10.1.0.10 > 198.51.100.1:443/tcp'), [undefined])
  assert.deepEqual(sources('10.2.0.20 > 192.0.2.1:443/tcp'), [['203.0.113.6']])
})

test('every statement of a whole configuration is understood', () => {
  for (const name of [
    'realistic.xml',
    'commands.set',
    'panorama.xml',
    'panorama.set',
    'sourceNat.xml',
    'decryption.xml',
    'objects.xml',
  ]) {
    const { coverage, ruleSets } = readFile(name)
    assert.deepEqual(coverage.unread, [], name)
    assert.ok(coverage.statements > 1, name)
    assert.deepEqual(
      ruleSets.flatMap(({ doubts }) => doubts),
      [],
      name,
    )
  }
})

test('what is not understood is told with its line, and a text that stops is no configuration', () => {
  assert.deepEqual(
    readFile('unknownCommand.set').coverage.unread.map(({ span, why }) => [span.line, why]),
    [
      [2, '"quantum" is not known here'],
      [3, '"flux" is not known here'],
    ],
  )
  const cut = readFile('cut.xml')
  assert.deepEqual(cut.ruleSets, [])
  assert.match(cut.coverage.unread[0]?.why ?? '', /no XML/)
  assert.deepEqual(
    readFile('unknownSetting.xml').coverage.unread.map(({ span }) => span.text),
    ['<quantum>yes</quantum>'],
  )
})

test('zones of the one template of a Panorama are those of its device groups', () => {
  const [ruleSet] = readFile('panorama.set').ruleSets
  assert.deepEqual(
    ruleSet?.places.map(({ name, kind, zones }) => [name, kind, zones]),
    [
      ['ethernet1/1', 'interface', ['servers']],
      ['servers', 'zone', undefined],
    ],
  )
})

test('a rule knows its line and its path', () => {
  const rule = readFile('answer.xml').ruleSets[0]?.chains.security?.[0]
  assert.equal(rule?.span.line, 2)
  assert.equal(rule?.span.path, "/response/result/rulebase/security/rules/entry[@name='all']")
})

test('a hundred thousand objects and groups in a row are read', () => {
  const many = Array.from(
    { length: 50_000 },
    (_, at) => `set address a${at} ip-netmask 10.${at % 256}.${(at >> 8) % 256}.0/24`,
  )
  const row = Array.from({ length: 50_000 }, (_, at) => `set address-group g${at} static g${at + 1}`)
  const rule =
    'set rulebase security rules r from any to any source g0 destination any application any service any action allow'
  const { ruleSets, coverage } = readText([...many, ...row, rule].join('\r\n'))
  assert.equal(coverage.statements, 100_001)
  assert.match(ruleSets[0]?.chains.security?.[0]?.match.source?.possible[0]?.because.what ?? '', /nested more than/)
})

const corpus = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'))

const mutated = fc
  .record({
    text: fc.constantFrom(...corpus),
    cuts: fc.array(
      fc.record({
        at: fc.nat(),
        how: fc.constantFrom('drop', 'double', 'cut', 'octet'),
        with: fc.string({ maxLength: 3 }),
      }),
      { maxLength: 4 },
    ),
  })
  .map(({ text, cuts }) =>
    cuts.reduce((lines, { at, how, with: other }) => {
      const place = at % lines.length
      const line = lines[place] ?? ''
      const inside = at % (line.length + 1)
      if (how === 'drop') return lines.toSpliced(place, 1)
      if (how === 'double') return lines.toSpliced(place, 0, line)
      if (how === 'cut') return lines.toSpliced(place, 1, line.slice(0, inside))
      return lines.toSpliced(place, 1, line.slice(0, inside) + other + line.slice(inside + 1))
    }, text.split('\n')),
  )
  .map((lines) => lines.join('\n'))

test('any text, and any configuration with slips, is read and accounted for', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), mutated), (text) => {
      const { coverage, ruleSets } = readText(text)
      assert.equal(coverage.statements, coverage.understood + coverage.unread.length)
      assert.ok(coverage.understood >= 0)
      for (const { stages, chains } of ruleSets) for (const { chain } of stages) assert.ok(chains[chain] !== undefined)
    }),
    { numRuns: 300 },
  )
})

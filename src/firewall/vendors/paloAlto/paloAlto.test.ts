import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { mutatedTexts } from '../../../../test/firewall/mutatedTexts.ts'
import { readsAny } from '../../../../test/firewall/readsAny.ts'
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

firewallCases(read, folder, [...order, ...texts, ...site])

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

const mutated = fc.oneof(...corpus.map(mutatedTexts))

test('any text, and any configuration with slips, is read and accounted for', () => {
  readsAny(read, fc.oneof(fc.string(), mutated), 300)
})

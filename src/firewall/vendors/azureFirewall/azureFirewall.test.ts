import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { brokenJson } from '../../../../test/firewall/anyTexts.ts'
import { readsAny } from '../../../../test/firewall/readsAny.ts'
import type { FirewallCase } from '../../../../test/firewallCases.ts'
import { firewallCases, nothingKnown } from '../../../../test/firewallCases.ts'
import { judge } from '../../judge.ts'
import { parseAskedFlow } from '../../parseAskedFlow.ts'
import { blocks } from '../azure/addressTexts.ts'
import { read } from './index.ts'

const folder = new URL('./cases/', import.meta.url)

/** A case in which a rule of the filter is named beside the last step, which translates the source. */
interface ThroughCase extends FirewallCase {
  readonly through?: string
}

const cases: readonly ThroughCase[] = [
  {
    says: 'the group of the smaller number is asked first, whatever its place',
    file: 'order.json',
    flow: '10.1.0.10 > 203.0.113.8:8443/tcp',
    expect: 'allow',
    through: 'early/second/allow-8443',
  },
  {
    says: 'in a group the collection of the smaller number is asked first',
    file: 'order.json',
    flow: '10.1.0.10 > 203.0.113.9:8443/tcp',
    expect: 'drop',
    by: 'early/first/deny-some',
  },
  {
    says: 'what no rule allows is denied',
    file: 'order.json',
    flow: '10.1.0.10 > 203.0.113.9:22/tcp',
    expect: 'drop',
    by: 'default deny',
  },
  {
    says: 'the firewall carries no IPv6',
    file: 'order.json',
    flow: '2001:db8::1 > [2001:db8::2]:8443/tcp',
    expect: 'drop',
    by: 'default deny',
  },
  {
    says: 'a broad network rule is asked before every application rule, and no name counts',
    file: 'network-before-application.json',
    flow: '10.1.0.10 > 198.51.100.7:443/tcp',
    name: 'login.example.com',
    expect: 'allow',
    through: 'g/broad/allow-web',
  },
  {
    says: 'an application rule denies a name where no network rule matched',
    file: 'network-before-application.json',
    flow: '10.1.0.10 > 203.0.113.7:443/tcp',
    name: 'login.example.com',
    expect: 'reject',
    by: 'g/names/deny-name',
  },
  {
    says: 'an application rule lets a name pass',
    file: 'names.json',
    flow: '10.1.0.10 > login.microsoftonline.com:443/tcp',
    expect: 'allow',
    through: 'g/names/entra',
  },
  {
    says: 'a star covers names of several labels',
    file: 'names.json',
    flow: '10.1.0.10 > a.b.msappproxy.net:443/tcp',
    expect: 'allow',
    through: 'g/names/entra',
  },
  {
    says: 'a star before a dot leaves the name itself out',
    file: 'names.json',
    flow: '10.1.0.10 > msappproxy.net:443/tcp',
    expect: 'drop',
    by: 'default deny',
  },
  {
    says: 'a star without a dot covers names that merely end so',
    file: 'names.json',
    flow: '10.1.0.10 > notexample.org:443/tcp',
    expect: 'allow',
    through: 'g/names/ends-so',
  },
  {
    says: 'an application rule holds at its ports alone',
    file: 'names.json',
    flow: '10.1.0.10 > login.microsoftonline.com:5671/tcp',
    expect: 'drop',
    by: 'default deny',
  },
  {
    says: 'an application rule is about TCP',
    file: 'names.json',
    flow: '10.1.0.10 > login.microsoftonline.com:443/udp',
    expect: 'drop',
    by: 'default deny',
  },
  {
    says: 'a database is let through by its name',
    file: 'names.json',
    flow: '10.1.0.10 > sql1.database.windows.net:1433/tcp',
    expect: 'allow',
    through: 'g/names/sql',
  },
  {
    says: 'whether TLS is spoken at an unusual port is not known',
    file: 'names.json',
    flow: '10.1.0.10 > app.example.com:8443/tcp',
    expect: 'may',
    dependsOn: /TLS that names its server is spoken at port 8443/,
  },
  {
    says: 'an application rule may ask for the address too',
    file: 'names.json',
    flow: '10.1.0.10 > 203.0.113.8:443/tcp',
    name: 'gw.example.com',
    expect: 'drop',
    by: 'default deny',
  },
  {
    says: 'names of the platform itself may pass without a rule',
    file: 'names.json',
    flow: '10.1.0.10 > md-1.blob.core.windows.net:443/tcp',
    expect: 'may',
    dependsOn: /platform/,
  },
  {
    says: 'nobody knows the names of an FQDN tag',
    file: 'fqdn-tags.json',
    flow: '10.1.0.10 > download.windowsupdate.com:80/tcp',
    expect: 'may',
    dependsOn: /WindowsUpdate/,
  },
  {
    says: 'nobody knows the names of a web category',
    file: 'fqdn-tags.json',
    flow: '10.2.0.10 > www.example.com:443/tcp',
    expect: 'may',
    dependsOn: /web category news/,
  },
  {
    says: 'a URL with a path asks for more than the name',
    file: 'urls.json',
    flow: '10.1.0.10 > www.example.com:443/tcp',
    expect: 'may',
    dependsOn: /path of the request/,
  },
  {
    says: 'a URL without a path is its name',
    file: 'urls.json',
    flow: '10.1.0.10 > files.example.com:443/tcp',
    expect: 'allow',
    through: 'g/urls/whole',
  },
  {
    says: 'what DNAT translates is allowed, whatever network rules deny',
    file: 'dnat.json',
    flow: '198.51.100.7 > 203.0.113.5:443/tcp',
    expect: 'allow',
    by: 'SNAT of the proxy',
    becomes: '10.2.0.4:8443',
  },
  {
    says: 'what DNAT does not translate is held against network rules',
    file: 'dnat.json',
    flow: '198.51.100.7 > 10.2.0.4:8443/tcp',
    expect: 'drop',
    by: 'g/net/deny-all-in',
  },
  {
    says: 'rules of the parent are asked first, whatever their numbers',
    file: 'inheritance.json',
    flow: '10.1.0.10 > 203.0.113.9:8443/tcp',
    expect: 'drop',
    by: 'b/base-net/base-deny-8443',
  },
  {
    says: 'DNAT rules of the parent are not inherited',
    file: 'inheritance.json',
    flow: '10.1.0.10 > 203.0.113.5:443/tcp',
    expect: 'allow',
    becomes: '203.0.113.5',
  },
  {
    says: 'rules of a parent that is in no file may deny',
    file: 'parent-missing.json',
    flow: '10.1.0.10 > 203.0.113.9:443/tcp',
    expect: 'may',
    dependsOn: /the policy base/,
  },
  {
    says: 'rules of a group that is in no file may deny',
    file: 'group-missing.json',
    flow: '10.1.0.10 > 203.0.113.9:443/tcp',
    expect: 'unknown-ref',
    dependsOn: /rule collection group other/,
  },
  {
    says: 'groups without their policy leave its settings and its parent open',
    file: 'groups-only.json',
    flow: '10.1.0.10 > 203.0.113.9:443/tcp',
    expect: 'may',
    dependsOn: /the policy edge/,
  },
  {
    says: 'policies that inherit from each other end',
    file: 'circle.json',
    ruleSet: 'a',
    flow: '10.1.0.10 > 203.0.113.9:443/tcp',
    expect: 'unknown-ref',
    dependsOn: /inherit from each other/,
  },
  {
    says: 'an IP group of the files is its addresses, ranges too',
    file: 'ip-groups.json',
    flow: '10.1.2.7 > 203.0.113.9:443/tcp',
    expect: 'allow',
    through: 'g/net/known',
  },
  {
    says: 'what is in no IP group is denied',
    file: 'ip-groups.json',
    flow: '10.1.2.10 > 10.9.9.9:443/tcp',
    expect: 'drop',
  },
  {
    says: 'an IP group that is in no file is not empty',
    file: 'ip-groups.json',
    flow: '10.9.0.1 > 203.0.113.9:8443/tcp',
    expect: 'unknown-ref',
    dependsOn: /IP group partners/,
  },
  {
    says: 'an IP group is what the user says it is',
    file: 'ip-groups.json',
    flow: '10.9.0.1 > 203.0.113.9:8443/tcp',
    places: { partners: ['203.0.113.0/24'] },
    expect: 'allow',
    through: 'g/net/absent',
  },
  {
    says: 'a name in a network rule needs the DNS proxy',
    file: 'fqdn-network.json',
    flow: '10.1.0.10 > time.example.com:123/udp',
    expect: 'may',
    dependsOn: /DNS proxy is off/,
  },
  {
    says: 'a star in a name of a network rule is not understood',
    file: 'fqdn-network-proxy.json',
    flow: '10.1.0.10 > 203.0.113.9:124/udp',
    expect: 'may',
    dependsOn: /\*\.example\.com/,
  },
  {
    says: 'the DNS proxy answers at the firewall itself',
    file: 'explicit-proxy.json',
    flow: '10.1.0.10 > 10.0.1.4:53/udp',
    passage: 'input',
    expect: 'allow',
    by: 'DNS proxy',
  },
  {
    says: 'a service tag without a table may match',
    file: 'tags.json',
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    expect: 'may',
    dependsOn: /AzureActiveDirectory/,
  },
  {
    says: 'ICMP passes a rule with ports',
    file: 'icmp.json',
    flow: '10.1.0.10 > 203.0.113.9/icmp',
    expect: 'allow',
    by: 'SNAT',
  },
  {
    says: 'threat intelligence that denies may deny anything public',
    file: 'threat-deny.json',
    flow: '10.1.0.10 > 203.0.113.9:443/tcp',
    expect: 'may',
    dependsOn: /threat intelligence/,
  },
  {
    says: 'threat intelligence leaves its allow list alone',
    file: 'threat-deny.json',
    flow: '10.1.0.10 > 198.51.100.7:443/tcp',
    expect: 'allow',
  },
  {
    says: 'threat intelligence knows no private addresses',
    file: 'threat-deny.json',
    flow: '10.1.0.10 > 10.9.0.7:443/tcp',
    expect: 'allow',
  },
  {
    says: 'the source stays as it is toward ranges that count as private',
    file: 'snat.json',
    flow: '10.1.0.10 > 203.0.113.7:443/tcp',
    expect: 'allow',
    by: 'g/net/all',
  },
  {
    says: 'the source is translated toward the internet',
    file: 'snat.json',
    flow: '10.1.0.10 > 198.51.100.7:443/tcp',
    expect: 'allow',
    by: 'SNAT',
  },
  {
    says: 'of two collections with one priority nobody knows which is first',
    file: 'equal.json',
    flow: '10.1.0.10 > 198.51.100.7:443/tcp',
    expect: 'may',
    dependsOn: /priority 100/,
  },
  {
    says: 'an address that is none may be any',
    file: 'odd.json',
    flow: '10.1.0.10 > 198.51.100.7:81/tcp',
    expect: 'may',
    dependsOn: /10\.0\.0\.300/,
  },
  {
    says: 'an action that is no word may be either',
    file: 'odd.json',
    flow: '10.1.0.10 > 198.51.100.7:8080/tcp',
    expect: 'may',
    dependsOn: /inspect/,
  },
  {
    says: 'classic rules stand in the firewall itself, by the priority of their collections',
    file: 'classic.json',
    flow: '10.1.0.10 > 10.2.0.4:389/tcp',
    expect: 'drop',
    by: 'deny/ldap',
  },
  {
    says: 'classic network rules allow',
    file: 'classic.json',
    flow: '10.1.0.10 > 10.2.0.4:636/tcp',
    expect: 'allow',
  },
  {
    says: 'classic application rules allow a name',
    file: 'classic.json',
    flow: '10.1.0.10 > login.microsoftonline.com:443/tcp',
    expect: 'allow',
  },
  {
    says: 'classic DNAT rules translate',
    file: 'classic.json',
    flow: '198.51.100.7 > 203.0.113.5:443/tcp',
    expect: 'allow',
    becomes: '10.1.0.4:443',
  },
  {
    says: 'a list of classic collections leaves the rest of the firewall open',
    file: 'classic-list.json',
    flow: '10.1.0.10 > 10.2.0.4:636/tcp',
    expect: 'unknown-ref',
    dependsOn: /other rules and settings of the firewall fw/,
  },
  {
    says: 'a policy whose name is a parameter is still the one of its groups and its firewall',
    file: 'template.json',
    flow: '10.1.0.10 > login.microsoftonline.com:443/tcp',
    expect: 'allow',
    by: 'SNAT of the proxy',
  },
  {
    says: 'a parameter without a value may be any address',
    file: 'template.json',
    flow: '10.1.0.10 > 10.2.0.4:88/tcp',
    expect: 'may',
    dependsOn: /parameter "dc"/,
  },
  {
    says: "Terraform's network rules allow",
    file: 'terraform-plan.json',
    flow: '10.1.0.10 > 10.2.0.4:88/udp',
    expect: 'allow',
  },
  {
    says: "Terraform's application rules allow a name",
    file: 'terraform-plan.json',
    flow: '10.1.0.10 > login.microsoftonline.com:443/tcp',
    expect: 'allow',
  },
  {
    says: "Terraform's DNAT rules translate",
    file: 'terraform-plan.json',
    flow: '198.51.100.7 > 203.0.113.5:443/tcp',
    expect: 'allow',
    becomes: '10.1.0.4:443',
  },
  {
    says: 'in a real site the sync server signs in by name',
    file: 'realistic.json',
    flow: '10.20.2.4 > login.microsoftonline.com:443/tcp',
    expect: 'allow',
  },
  {
    says: 'in a real site agents reach their queues by name',
    file: 'realistic.json',
    flow: '10.20.2.4 > x.servicebus.windows.net:443/tcp',
    expect: 'allow',
  },
  {
    says: 'in a real site revocation lists are fetched by name',
    file: 'realistic.json',
    flow: '10.20.2.4 > crl3.digicert.com:80/tcp',
    expect: 'allow',
  },
  {
    says: 'in a real site nothing goes to 8443',
    file: 'realistic.json',
    flow: '10.20.2.4 > 20.190.128.1:8443/tcp',
    expect: 'drop',
    by: 'rcg-network/rc-deny/no-8443',
  },
  {
    says: 'in a real site the parent denies a name before users may browse',
    file: 'realistic.json',
    flow: '10.30.0.9 > pastebin.com:443/tcp',
    expect: 'reject',
    by: 'rcg-base/rc-base-web/no-pastebin',
  },
  {
    says: 'in a real site the domain is reached by LDAPS',
    file: 'realistic.json',
    flow: '10.20.2.4 > 10.20.1.4:636/tcp',
    expect: 'allow',
  },
  {
    says: 'in a real site AD FS is published by its proxies',
    file: 'realistic.json',
    flow: '198.51.100.7 > 203.0.113.5:49443/tcp',
    expect: 'allow',
    becomes: '10.20.5.4:49443',
  },
]

firewallCases(read, folder, cases)

for (const { says, file, flow, name, through, places = {} } of cases) {
  if (through === undefined) continue
  test(`${says}: by ${through}`, () => {
    const files = [file].flat().map((one) => ({ name: one, text: readFileSync(new URL(one, folder), 'utf8') }))
    const hints = Object.entries(places).map(([place, prefixes]) => [place, blocks(...prefixes)] as const)
    const [ruleSet] = read(files, { places: Object.fromEntries(hints) }).ruleSets
    const asked = parseAskedFlow(flow)
    assert.ok(ruleSet !== undefined && 'ok' in asked)
    const { parts } = judge(ruleSet, { ...asked.ok, ...(name !== undefined && { name }) }, 'forward', nothingKnown)
    assert.deepEqual(
      parts.map(({ decidedBy }) => decidedBy.find(({ stage }) => stage === 'rules')?.rule),
      [through],
    )
  })
}

const texts = readdirSync(folder).map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))

function rulesIn(name: string) {
  const file = texts.find((one) => one.name === name)
  assert.ok(file)
  const { ruleSets, coverage } = read([file], { places: {} })
  return { rules: Object.values(ruleSets[0]?.chains ?? {}).flat(), coverage }
}

test('a rule that opens TLS says so, and its neighbour does not', () => {
  const { rules } = rulesIn('tls.json')
  assert.equal(rules.find(({ name }) => name === 'g/names/opened')?.inspectsTls, true)
  assert.equal(rules.find(({ name }) => name === 'g/names/closed')?.inspectsTls, undefined)
})

test('with the DNS proxy on, a name in a network rule depends on its addresses alone', () => {
  const rule = rulesIn('fqdn-network-proxy.json').rules.find(({ name }) => name === 'g/net/ntp')
  assert.deepEqual(rule?.unknowns, [])
  assert.deepEqual(
    rule?.match.destination?.possible.map(({ because }) => because.names?.map(({ name }) => name)),
    [['time.example.com']],
  )
})

test('every statement of the well-formed samples is understood', () => {
  for (const name of ['realistic.json', 'classic.json', 'terraform-plan.json', 'template.json', 'names.json']) {
    const { coverage } = rulesIn(name)
    assert.deepEqual(coverage.unread, [], name)
    assert.ok(coverage.understood > 3, name)
  }
})

test('statements that are not understood are listed with their place', () => {
  const { coverage } = rulesIn('odd.json')
  assert.equal(coverage.unread.length, 4)
  assert.match(
    coverage.unread.map(({ why }) => why).join('\n'),
    /10\.0\.0\.300[\s\S]*"x" is no port[\s\S]*sctp[\s\S]*"inspect"/,
  )
})

test('any text is read to an end, with every statement accounted for', () => {
  readsAny(read, fc.string(), 300)
  readsAny(read, brokenJson(texts.map(({ text }) => text)), 600)
})

test('values of the wrong kind anywhere are read to an end', () => {
  const value = fc.jsonValue({ maxDepth: 2 })
  const keys = [
    'name',
    'ruleType',
    'ipProtocols',
    'protocols',
    'sourceAddresses',
    'targetFqdns',
    'sourceIpGroups',
    'destinationPorts',
    'translatedAddress',
    'fqdnTags',
  ]
  const collection = fc.record(
    {
      name: value,
      priority: value,
      action: value,
      rules: fc.oneof(value, fc.array(fc.dictionary(fc.constantFrom(...keys), value))),
    },
    { requiredKeys: [] },
  )
  const group = fc.record(
    {
      id: value,
      name: value,
      priority: value,
      ruleCollections: fc.oneof(value, fc.array(collection)),
      basePolicy: value,
      snat: value,
      networkRuleCollections: fc.oneof(value, fc.array(collection)),
    },
    { requiredKeys: [] },
  )
  readsAny(
    read,
    fc.array(group).map((groups) => JSON.stringify(groups)),
  )
})

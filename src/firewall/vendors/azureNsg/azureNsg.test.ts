import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { brokenJson } from '../../../../test/firewall/anyTexts.ts'
import { readsAny } from '../../../../test/firewall/readsAny.ts'
import type { FirewallCase } from '../../../../test/firewallCases.ts'
import { firewallCases } from '../../../../test/firewallCases.ts'
import { addressesOf } from '../../addresses.ts'
import type { Knowledge } from '../../judged.ts'
import { blocks } from '../azure/addressTexts.ts'
import { read } from './index.ts'

const folder = new URL('./cases/', import.meta.url)

/** A table that has one tag, as of a day. */
const entraTag: Knowledge = {
  tag: (name) =>
    name === 'AzureActiveDirectory'
      ? { addresses: addressesOf(blocks('20.190.128.0/18', '40.126.0.0/18')), asOf: '2026-11-16' }
      : undefined,
  name: () => undefined,
}

const out = { passage: 'output' } as const
const into = { passage: 'input' } as const

const cases: readonly FirewallCase[] = [
  {
    says: 'the number of a rule decides, not its place in the list',
    file: 'priorities.json',
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    ...out,
    expect: 'allow',
    by: 'allow-entra',
  },
  {
    says: 'a rule of the other direction may have the same priority',
    file: 'priorities.json',
    flow: '10.1.0.10 > 192.88.0.1:443/tcp',
    ...out,
    expect: 'drop',
    by: 'deny-web',
    line: 7,
  },
  {
    says: 'what no rule allows comes in by no default rule',
    file: 'priorities.json',
    flow: '8.8.8.8 > 10.1.0.10:3389/tcp',
    ...into,
    expect: 'drop',
    by: 'DenyAllInBound',
  },
  {
    says: 'rules stand under properties in an answer of the API',
    file: 'rest-nested.json',
    flow: '10.1.0.10 > 10.1.0.11:3389/tcp',
    ...into,
    expect: 'allow',
    by: 'allow-rdp',
  },
  {
    says: 'default rules of the export are not made a second time',
    file: 'rest-nested.json',
    flow: '10.1.0.10 > 20.1.2.3:443/tcp',
    ...out,
    expect: 'allow',
    by: 'AllowInternetOutBound',
    line: 52,
  },
  {
    says: 'a group without rules lets out to the internet',
    file: 'defaults-absent.json',
    flow: '10.1.0.10 > 20.1.2.3:25/tcp',
    ...out,
    expect: 'allow',
    by: 'AllowInternetOutBound',
  },
  {
    says: 'a group without rules lets nothing in from the internet',
    file: 'defaults-absent.json',
    flow: '20.1.2.3 > 10.1.0.10:443/tcp',
    ...into,
    expect: 'drop',
    by: 'DenyAllInBound',
  },
  {
    says: 'VirtualNetwork is not empty: private addresses may be in it',
    file: 'defaults-absent.json',
    flow: '10.1.0.10 > 10.2.0.5:443/tcp',
    ...into,
    expect: 'may',
    dependsOn: /VirtualNetwork/,
  },
  {
    says: 'VirtualNetwork is what the user says it is',
    file: 'defaults-absent.json',
    flow: '10.1.0.10 > 10.2.0.5:443/tcp',
    ...into,
    places: { VirtualNetwork: ['10.1.0.0/16', '10.2.0.0/16'] },
    expect: 'allow',
    by: 'AllowVnetInBound',
  },
  {
    says: 'what is outside of the virtual network that the user gives is denied',
    file: 'defaults-absent.json',
    flow: '10.9.0.10 > 10.2.0.5:443/tcp',
    ...into,
    places: { VirtualNetwork: ['10.1.0.0/16', '10.2.0.0/16'] },
    expect: 'drop',
  },
  {
    says: 'a tag without a table may match',
    file: 'tags.json',
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    ...out,
    expect: 'may',
    dependsOn: /AzureActiveDirectory/,
  },
  {
    says: 'a tag with a table is settled',
    file: 'tags.json',
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    ...out,
    knowledge: entraTag,
    expect: 'allow',
    by: 'entra',
  },
  {
    says: 'a tag of a region without a table may match',
    file: 'tags.json',
    flow: '10.1.0.10 > 20.60.0.1:443/tcp',
    ...out,
    knowledge: entraTag,
    expect: 'may',
    dependsOn: /Storage\.WestEurope/,
  },
  {
    says: 'no tag of a service holds private addresses',
    file: 'tags.json',
    flow: '10.1.0.10 > 10.60.0.1:443/tcp',
    ...out,
    expect: 'drop',
    by: 'deny-all',
  },
  {
    says: 'the tag of the load balancer is the address of the host',
    file: 'tags.json',
    flow: '168.63.129.16 > 10.1.0.10:443/tcp',
    ...into,
    expect: 'allow',
    by: 'probes',
  },
  {
    says: 'the classic spelling of Internet is understood',
    file: 'tags.json',
    flow: '20.1.2.3 > 10.1.0.10:443/tcp',
    ...into,
    expect: 'drop',
    by: 'deny-internet',
  },
  {
    says: 'the DNS of the platform passes a group that denies all',
    file: 'platform.json',
    flow: '10.1.0.10 > 168.63.129.16:53/udp',
    ...out,
    expect: 'allow',
    by: 'Azure platform',
  },
  {
    says: 'a rule on a tag of the platform makes that doubtful',
    file: 'platform-tag.json',
    flow: '10.1.0.10 > 168.63.129.16:53/udp',
    ...out,
    expect: 'may',
    dependsOn: /platform/,
  },
  {
    says: 'plural fields are read where the singular ones are empty',
    file: 'plural.json',
    flow: '10.1.0.11 > 20.190.130.1:8085/tcp',
    ...out,
    expect: 'allow',
    by: 'agents',
  },
  {
    says: 'where singular and plural fields are filled both count',
    file: 'both-fields.json',
    flow: '10.1.0.11 > 198.51.100.1:8443/tcp',
    ...out,
    expect: 'allow',
    by: 'both',
  },
  {
    says: 'the singular ones of them',
    file: 'both-fields.json',
    flow: '10.1.0.10 > 192.0.2.1:443/tcp',
    ...out,
    expect: 'allow',
    by: 'both',
  },
  {
    says: 'a public address is translated before groups are asked',
    file: 'public-address.json',
    flow: '198.51.100.9 > 52.1.2.3:443/tcp',
    ...into,
    expect: 'allow',
    by: 'to-the-private-address',
    becomes: '10.1.1.4',
  },
  {
    says: 'a rule for the public address never matches',
    file: 'public-address.json',
    flow: '198.51.100.9 > 52.1.2.3:8443/tcp',
    ...into,
    expect: 'drop',
    by: 'DenyAllInBound',
  },
  {
    says: 'going out, groups see the private address',
    file: 'public-address.json',
    flow: '10.1.1.4 > 20.190.128.1:443/tcp',
    ...out,
    expect: 'allow',
    by: 'AllowInternetOutBound',
  },
  {
    says: 'IPv6 prefixes are matched',
    file: 'plural.json',
    flow: '10.1.0.12 > 20.190.130.1:443/tcp',
    ...out,
    expect: 'drop',
    by: 'deny-all',
  },
  {
    says: 'ICMP is its own protocol and asks for no ports',
    file: 'protocols.json',
    flow: '10.1.0.10 > 20.1.2.3/icmp',
    ...out,
    expect: 'allow',
    by: 'ping',
  },
  {
    says: 'whether Icmp stands for ICMPv6 is not known',
    file: 'protocols.json',
    flow: '2001:db8::1 > 2603:1006:2000::1/icmp',
    ...out,
    expect: 'may',
    dependsOn: /ICMPv6/,
  },
  {
    says: 'a protocol that is not known may be any',
    file: 'protocols.json',
    flow: '10.1.0.10 > 10.9.0.1:80/tcp',
    ...out,
    expect: 'drop',
    by: 'deny-all',
  },
  {
    says: 'of two rules with one priority nobody knows which counts',
    file: 'equal-priorities.json',
    flow: '10.1.0.10 > 192.0.2.7:443/tcp',
    ...out,
    expect: 'may',
    dependsOn: /priority 100/,
  },
  {
    says: 'equal priorities leave other rules alone',
    file: 'equal-priorities.json',
    flow: '10.1.0.10 > 198.51.100.7:443/tcp',
    ...out,
    expect: 'allow',
    by: 'clear',
  },
  {
    says: 'a rule whose writing failed may be in effect',
    file: 'failed.json',
    flow: '10.1.0.10 > 192.0.2.7:443/tcp',
    ...out,
    expect: 'may',
    dependsOn: /provisioningState is Failed/,
  },
  {
    says: 'a group whose writing failed makes all its answers doubtful',
    file: 'failed-group.json',
    flow: '10.1.0.10 > 20.1.2.7:443/tcp',
    ...out,
    expect: 'may',
    dependsOn: /provisioningState is Failed/,
  },
  {
    says: 'a denied address that is none may be any',
    file: 'invalid-prefix.json',
    flow: '10.1.0.10 > 20.1.2.3:443/tcp',
    ...out,
    expect: 'may',
    dependsOn: /10\.0\.0\.300/,
  },
  {
    says: 'a prefix with bits behind its length bears on its block alone',
    file: 'invalid-prefix.json',
    flow: '10.1.0.10 > 198.51.100.9:443/tcp',
    ...out,
    expect: 'may',
    dependsOn: /198\.51\.100\.7\/24/,
  },
  {
    says: 'a range of ports that runs backwards may be any port',
    file: 'invalid-prefix.json',
    flow: '10.1.0.10 > 192.0.2.9:22/tcp',
    ...out,
    expect: 'may',
    dependsOn: /90-80/,
  },
  {
    says: 'a direction that is no word may be either',
    file: 'no-direction.json',
    flow: '10.1.0.10 > 192.0.2.9:443/tcp',
    ...out,
    expect: 'may',
    dependsOn: /Sideways/,
  },
  {
    says: 'an access that is no word may be either',
    file: 'no-direction.json',
    flow: '10.1.0.10 > 198.51.100.9:443/tcp',
    ...out,
    expect: 'may',
    dependsOn: /Permit/,
  },
  {
    says: 'a rule of unknown priority may come first',
    file: 'no-direction.json',
    flow: '10.1.0.10 > 203.0.113.9:443/tcp',
    ...out,
    expect: 'may',
    dependsOn: /soon/,
  },
  {
    says: 'in a real site the sync server reaches Entra by its published ranges',
    file: 'realistic.json',
    flow: '10.20.2.4 > 20.190.129.1:443/tcp',
    ...out,
    knowledge: entraTag,
    expect: 'allow',
    by: 'entra-tag',
  },
  {
    says: 'in a real site the sync server has no way to 8443',
    file: 'realistic.json',
    flow: '10.20.2.4 > 20.190.129.1:8443/tcp',
    ...out,
    expect: 'drop',
    by: 'deny-8443',
  },
  {
    says: 'in a real site revocation lists are fetched',
    file: 'realistic.json',
    flow: '10.20.2.4 > 2.16.0.9:80/tcp',
    ...out,
    expect: 'allow',
    by: 'revocation',
  },
  {
    says: 'in a real site the sync server asks the domain controller by LDAPS',
    file: 'realistic.json',
    flow: '10.20.2.4 > 10.20.1.4:636/tcp',
    ...into,
    expect: 'allow',
    by: 'in-ldaps',
  },
  {
    says: 'in a real site the agents of a domain controller depend on a tag',
    file: 'realistic.json',
    flow: '10.20.1.4 > 52.239.1.1:443/tcp',
    ...out,
    expect: 'may',
    dependsOn: /AzureActiveDirectory/,
  },
  {
    says: 'in a real site the proxies of AD FS reach it',
    file: 'realistic.json',
    flow: '10.20.5.4 > 10.20.4.4:443/tcp',
    ...out,
    expect: 'allow',
    by: 'to-adfs',
  },
  {
    says: 'in a real site the database admits the application group of the sync server',
    file: 'realistic.json',
    flow: '10.20.2.4 > 10.20.3.4:1433/tcp',
    ...into,
    expect: 'allow',
    by: 'from-sync',
  },
  {
    says: 'in a real site jump hosts stand without a group',
    file: 'realistic.json',
    flow: '10.20.9.4 > 20.1.2.3:443/tcp',
    ...out,
    expect: 'allow',
  },
]

firewallCases(read, folder, cases)

const texts = readdirSync(folder).map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))

test('every statement of the well-formed samples is understood', () => {
  for (const name of [
    'realistic.json',
    'template.json',
    'terraform-plan.json',
    'terraform-state.json',
    'effective.json',
  ]) {
    const file = texts.find((one) => one.name === name)
    assert.ok(file)
    const { coverage } = read([file], { places: {} })
    assert.deepEqual(coverage.unread, [], name)
    assert.ok(coverage.understood > 3, name)
  }
})

test('a place is the line that a person looks for', () => {
  const file = texts.find(({ name }) => name === 'realistic.json')
  assert.ok(file)
  const [ruleSet] = read([file], { places: {} }).ruleSets
  const rule = Object.values(ruleSet?.chains ?? {})
    .flat()
    .find(({ name }) => name === 'deny-8443')
  assert.equal(file.text.split('\n')[rule?.span.line ?? 0]?.trim(), '"name": "deny-8443",')
})

test('any text is read to an end, with every statement accounted for', () => {
  readsAny(read, fc.string(), 300)
  readsAny(read, brokenJson(texts.map(({ text }) => text)), 600)
})

test('values of the wrong kind anywhere are read to an end', () => {
  const value = fc.jsonValue({ maxDepth: 3 })
  const group = fc.record(
    {
      name: value,
      id: value,
      securityRules: fc.oneof(
        value,
        fc.array(
          fc.dictionary(
            fc.constantFrom(
              'name',
              'priority',
              'access',
              'direction',
              'protocol',
              'sourceAddressPrefix',
              'destinationPortRanges',
              'sourceApplicationSecurityGroups',
              'properties',
            ),
            value,
          ),
        ),
      ),
      subnets: value,
      properties: value,
      addressSpace: value,
      ipConfigurations: value,
      effectiveSecurityRules: value,
    },
    { requiredKeys: [] },
  )
  readsAny(
    read,
    fc.array(group).map((groups) => JSON.stringify(groups)),
  )
})

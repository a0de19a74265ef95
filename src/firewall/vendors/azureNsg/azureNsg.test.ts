import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
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
    says: 'application groups are the addresses of their interfaces, whatever the case of ids',
    file: 'application-groups.json',
    flow: '10.1.0.4 > 10.1.0.5:1433/tcp',
    ...out,
    ruleSet: 'app',
    expect: 'allow',
    by: 'to-sql',
  },
  {
    says: 'an interface that is in no application group is outside of it',
    file: 'application-groups.json',
    flow: '10.1.0.6 > 10.1.0.5:1433/tcp',
    ...out,
    ruleSet: 'app',
    expect: 'drop',
    by: 'deny-all',
  },
  {
    says: 'a machine that no file shows may be in an application group',
    file: 'application-groups.json',
    flow: '10.1.0.9 > 10.1.0.5:1433/tcp',
    ...out,
    ruleSet: 'app',
    expect: 'may',
    dependsOn: /application security group web/,
  },
  {
    says: 'an application group is what the user says it is',
    file: 'application-groups.json',
    flow: '10.1.0.9 > 10.1.0.5:1433/tcp',
    ...out,
    places: { web: ['10.1.0.9'] },
    ruleSet: 'app',
    expect: 'allow',
  },
  {
    says: 'both groups let in what both allow',
    file: 'subnet-and-interface.json',
    ruleSet: 'subnet-and-interface.json',
    flow: '20.1.2.3 > 10.1.1.4:443/tcp',
    ...into,
    expect: 'allow',
    by: 'allow-https-in',
  },
  {
    says: 'the group of the interface denies what that of the subnet allows',
    file: 'subnet-and-interface.json',
    ruleSet: 'subnet-and-interface.json',
    flow: '20.1.2.3 > 10.1.1.4:22/tcp',
    ...into,
    expect: 'drop',
    by: 'deny-ssh-in',
  },
  {
    says: 'another machine of the subnet is not behind the group of the interface',
    file: 'subnet-and-interface.json',
    ruleSet: 'subnet-and-interface.json',
    flow: '20.1.2.3 > 10.1.1.5:22/tcp',
    ...into,
    expect: 'allow',
    by: 'allow-ssh-in',
  },
  {
    says: 'going out, the interface is asked first',
    file: 'subnet-and-interface.json',
    ruleSet: 'subnet-and-interface.json',
    flow: '10.1.1.4 > 20.1.2.3:445/tcp',
    ...out,
    expect: 'drop',
    by: 'deny-smb',
  },
  {
    says: 'between machines of one subnet its group is asked too',
    file: 'subnet-and-interface.json',
    ruleSet: 'subnet-and-interface.json',
    flow: '10.1.1.5 > 10.1.1.6:3389/tcp',
    ...into,
    expect: 'allow',
    by: 'AllowVnetInBound',
  },
  {
    says: 'a subnet without a group lets pass',
    file: 'subnet-and-interface.json',
    ruleSet: 'subnet-and-interface.json',
    flow: '20.1.2.3 > 10.1.2.5:22/tcp',
    ...into,
    expect: 'allow',
  },
  {
    says: 'of a subnet that is in no file nobody knows the group',
    file: 'subnet-and-interface.json',
    ruleSet: 'subnet-and-interface.json',
    flow: '20.1.2.3 > 10.7.2.5:22/tcp',
    ...into,
    expect: 'may',
    dependsOn: /not in these files/,
  },
  {
    says: 'a peer of the network is in VirtualNetwork',
    file: 'peering.json',
    flow: '10.2.0.9 > 10.1.1.4:22/tcp',
    ...into,
    expect: 'allow',
    by: 'AllowVnetInBound',
  },
  {
    says: 'a peer that is not connected may be in it by another way',
    file: 'peering.json',
    flow: '10.3.0.9 > 10.1.1.4:22/tcp',
    ...into,
    expect: 'may',
    dependsOn: /VirtualNetwork/,
  },
  {
    says: 'a security admin rule denies before any group',
    file: 'admin-rules.json',
    flow: '20.1.2.3 > 10.1.1.4:22/tcp',
    ...into,
    expect: 'drop',
    by: 'deny-ssh',
  },
  {
    says: 'what an admin rule always allows passes the groups by',
    file: 'admin-rules.json',
    flow: '10.1.1.4 > 10.1.0.53:53/tcp',
    ...out,
    expect: 'allow',
  },
  {
    says: 'what an admin rule allows is held against the groups',
    file: 'admin-rules.json',
    flow: '10.1.1.4 > 20.1.2.3:443/tcp',
    ...out,
    expect: 'drop',
    by: 'deny-all-out',
  },
  {
    says: 'effective rules have the content of tags',
    file: 'effective.json',
    flow: '10.1.1.4 > 20.190.128.7:443/tcp',
    ...out,
    expect: 'allow',
    by: 'allow-entra',
  },
  {
    says: 'effective rules deny what a tag with its content denies',
    file: 'effective.json',
    flow: '10.1.1.4 > 20.1.2.7:443/tcp',
    ...out,
    expect: 'drop',
    by: 'deny-web',
  },
  {
    says: 'effective rules of subnet and interface are both asked',
    file: 'effective.json',
    flow: '10.1.0.9 > 10.1.1.4:22/tcp',
    ...into,
    expect: 'drop',
    by: 'deny-ssh',
  },
  {
    says: 'whether 0.0.0.0/0 in effective rules means IPv6 is not known',
    file: 'effective.json',
    flow: '2001:db8::1 > [2001:db8::2]:3389/tcp',
    ...into,
    expect: 'may',
    dependsOn: /stands for IPv6/,
  },
  {
    says: 'a list of rules alone is a group',
    file: 'rule-list.json',
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    ...out,
    expect: 'allow',
    by: 'allow-entra',
  },
  {
    says: 'an answer of Resource Graph is read',
    file: 'resource-graph.json',
    flow: '10.1.0.10 > 10.1.0.11:3389/tcp',
    ...into,
    expect: 'allow',
    by: 'allow-rdp',
  },
  {
    says: 'a list that goes on elsewhere is doubtful',
    file: 'more-pages.json',
    flow: '10.1.0.10 > 20.1.2.3:443/tcp',
    ...out,
    expect: 'may',
    dependsOn: /not understood/,
  },
  {
    says: 'an export that left the rules out says nothing',
    file: 'query-without-rules.json',
    flow: '10.1.0.10 > 20.1.2.3:443/tcp',
    ...out,
    expect: 'may',
    dependsOn: /not in the export/,
  },
  {
    says: "PowerShell's capitals and lists are read",
    file: 'powershell.json',
    flow: '10.1.0.10 > 40.126.1.1:80/tcp',
    ...out,
    expect: 'allow',
    by: 'allow-entra',
  },
  {
    says: 'what ConvertTo-Json cut off is not taken for nothing',
    file: 'powershell-cut.json',
    flow: '10.1.0.10 > 40.126.1.1:80/tcp',
    ...out,
    expect: 'may',
    dependsOn: /-Depth/,
  },
  {
    says: 'lists that ConvertTo-Json joined with blanks are lists',
    file: 'powershell-joined.json',
    flow: '10.1.0.10 > 40.126.1.1:80/tcp',
    ...out,
    expect: 'allow',
    by: 'allow',
  },
  {
    says: 'parameters, variables and children of a template are worked out',
    file: ['template.json', 'template.parameters.json'],
    flow: '10.1.5.4 > 20.190.128.1:80/tcp',
    ...out,
    expect: 'allow',
    by: 'entra',
  },
  {
    says: 'a default value counts where no parameters file is given',
    file: 'template.json',
    flow: '10.1.5.4 > 20.190.128.1:443/tcp',
    ...out,
    expect: 'allow',
    by: 'entra',
  },
  {
    says: 'a parameter without a value may be any address',
    file: 'template.json',
    flow: '10.1.5.4 > 20.1.2.3:8443/tcp',
    ...out,
    expect: 'may',
    dependsOn: /parameter "partner"/,
  },
  {
    says: 'a parameters file says which',
    file: ['template.json', 'template.parameters.json'],
    flow: '10.1.5.4 > 198.51.100.3:8443/tcp',
    ...out,
    expect: 'drop',
    by: 'partner',
  },
  {
    says: 'loops of a template make their rules',
    file: 'template.json',
    flow: '10.1.5.4 > 20.1.2.3:123/udp',
    ...out,
    expect: 'drop',
    by: 'ntp',
  },
  {
    says: 'a template within a template is read with what it is given, and its outputs lead back',
    file: 'template-nested.json',
    flow: '20.1.2.3 > 10.1.1.4:443/tcp',
    ...into,
    expect: 'allow',
    by: 'web',
  },
  {
    says: 'a rule whose condition only a deployment settles may be there',
    file: 'template-condition.json',
    flow: '10.1.0.4 > 20.1.2.3:443/tcp',
    ...out,
    expect: 'may',
    dependsOn: /parameter "locked"/,
  },
  {
    says: 'a linked template may hold anything',
    file: 'template-linked.json',
    flow: '10.1.0.4 > 20.1.2.3:443/tcp',
    ...out,
    expect: 'may',
    dependsOn: /not understood/,
  },
  {
    says: "rules of Terraform's two forms make one group, attached by what the configuration names",
    file: 'terraform-plan.json',
    flow: '10.1.5.4 > 20.190.128.1:443/tcp',
    ...out,
    expect: 'allow',
    by: 'entra',
  },
  {
    says: 'an inline rule of a plan is asked behind',
    file: 'terraform-plan.json',
    flow: '10.1.5.4 > 20.1.2.3:443/tcp',
    ...out,
    expect: 'drop',
    by: 'inline-deny',
  },
  {
    says: 'a rule that a state has twice is one rule',
    file: 'terraform-state.json',
    flow: '10.1.5.4 > 20.190.128.1:443/tcp',
    ...out,
    expect: 'allow',
    by: 'entra',
  },
  {
    says: 'a subnet whose group is in no file does not pass for one without a group',
    file: 'group-elsewhere.json',
    flow: '20.1.2.3 > 10.1.2.4:443/tcp',
    ...into,
    expect: 'may',
    dependsOn: /not in these files/,
  },
  {
    says: 'rules that only an apply tells are not taken for none',
    file: 'terraform-unknown-rules.json',
    flow: '10.1.2.4 > 20.1.2.3:443/tcp',
    ...out,
    expect: 'may',
    dependsOn: /security_rule/,
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
  const change = fc.record({
    file: fc.nat(texts.length - 1),
    from: fc.nat(400),
    drop: fc.nat(3),
    twice: fc.boolean(),
    put: fc.constantFrom('', '{', ']', '"', '"[parameters(\'x\')]"', '[]', 'null', '-1', '"*"', '{},'),
  })
  fc.assert(
    fc.property(change, fc.string(), ({ file, from, drop, twice, put }, text) => {
      const lines = (texts[file]?.text ?? '').split('\n')
      const at = from % lines.length
      const some = lines.slice(at, at + drop)
      const changed = [...lines.slice(0, at), ...(twice ? [...some, ...some] : []), put, ...lines.slice(at + drop)]
      for (const one of [changed.join('\r\n'), lines.slice(0, at).join('\n'), text, `\uFEFF${lines.join('\r')}`]) {
        const { coverage, ruleSets } = read([{ name: 'a.json', text: one }], { places: {} })
        assert.equal(coverage.statements, coverage.understood + coverage.unread.length)
        for (const { stages, chains } of ruleSets) for (const { chain } of stages) assert.ok(chains[chain])
      }
    }),
    { numRuns: 300 },
  )
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
  fc.assert(
    fc.property(fc.array(group), (groups) => {
      const { coverage } = read([{ name: 'a.json', text: JSON.stringify(groups) }], { places: {} })
      assert.equal(coverage.statements, coverage.understood + coverage.unread.length)
    }),
  )
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { splicedTexts } from '../../../../test/firewall/anyTexts.ts'
import { readsAny } from '../../../../test/firewall/readsAny.ts'
import { firewallCases } from '../../../../test/firewallCases.ts'
import { read } from './index.ts'

const folder = new URL('./cases/', import.meta.url)
const output = { passage: 'output' } as const
const input = { passage: 'input' } as const

firewallCases(read, folder, [
  {
    ...{
      says: 'aws: a group alone in the files is the device, and one of its rules is enough',
      file: 'groups.json',
      ...output,
    },
    ...{ flow: '10.1.0.10 > 20.190.128.1:443/tcp', expect: 'allow', by: 'egress tcp 443 to 0.0.0.0/0', line: 24 },
  },
  {
    ...{ says: 'aws: what no rule allows is dropped', file: 'groups.json', ...output },
    ...{ flow: '10.1.0.10 > 20.190.128.1:80/tcp', expect: 'drop', by: 'no rule of the security groups allows it' },
  },
  {
    ...{ says: 'aws: 0.0.0.0/0 is IPv4 alone', file: 'groups.json', ...output },
    ...{ flow: '2001:db8:1::10 > [2603:1006:2000::1]:443/tcp', expect: 'drop' },
  },
  {
    ...{
      says: 'aws: members of a group that refers to itself are unknown without interfaces',
      file: 'groups.json',
      ...input,
    },
    ...{
      flow: '10.1.0.11 > 10.1.0.10:3389/tcp',
      expect: 'may',
      dependsOn: /which machines are in the security group connect \(sg-0c0ffee1\)/,
    },
  },
  {
    ...{
      says: 'aws: the user can say who is in a group, by its name',
      file: 'groups.json',
      ...input,
      places: { connect: ['10.1.0.0/28'] },
    },
    ...{ flow: '10.1.0.11 > 10.1.0.10:3389/tcp', expect: 'allow' },
  },
  {
    ...{
      says: 'aws: a machine of which nobody says its groups may have others',
      file: 'groups.json',
      ...output,
      places: { connect: ['10.1.0.0/28'] },
    },
    ...{ flow: '10.1.7.7 > 20.190.128.1:80/tcp', expect: 'may', dependsOn: /which security groups are attached/ },
  },
  {
    ...{ says: 'aws: an ICMP type with all its codes', file: 'groups.json', ...input },
    ...{ flow: '10.1.0.11 > 10.1.0.10/icmp', expect: 'allow' },
  },
  {
    ...{ says: 'aws: a prefix list without its entries', file: ['groups.json', 'lists.json'], ...output },
    ...{
      flow: '10.1.0.10 > 10.1.0.5:636/tcp',
      expect: 'unknown-ref',
      dependsOn: /entries of the prefix list domain-controllers/,
    },
  },
  {
    ...{
      says: 'aws: entries of a prefix list, known by the name of their file',
      file: ['groups.json', 'lists.json', 'pl-0d0c.json'],
      ...output,
    },
    ...{ flow: '10.1.0.10 > 10.1.0.5:636/tcp', expect: 'allow', by: 'egress tcp 636 to pl-0d0c' },
  },
  {
    ...{ says: 'aws: who is not on the list', file: ['groups.json', 'lists.json', 'pl-0d0c.json'], ...output },
    ...{ flow: '10.1.0.10 > 10.1.0.7:636/tcp', expect: 'drop' },
  },
  {
    ...{
      says: "aws: AWS's own list and a group over a peering are unknown",
      file: ['groups.json', 'lists.json'],
      ...output,
    },
    ...{ flow: '10.1.0.10 > 10.8.0.5:5671/tcp', expect: 'may', dependsOn: /com\.amazonaws\.eu-central-1\.s3/ },
  },
  {
    ...{ says: 'aws: a group that is gone', file: 'groups.json', ...output },
    ...{
      flow: '10.1.0.10 > 10.1.0.9:1433/tcp',
      expect: 'unknown-ref',
      dependsOn: /sg-gone, which is not in the files/,
    },
  },
  {
    ...{ says: 'aws: instance metadata is never filtered', file: 'groups.json', ...output },
    ...{ flow: '10.1.0.10 > 169.254.169.254:80/tcp', expect: 'allow', by: 'services that AWS does not filter' },
  },
  {
    ...{ says: "aws: the VPC's resolver is never filtered", file: ['groups.json', 'vpcs.json'], ...output },
    ...{ flow: '10.1.0.10 > 10.1.0.2:53/udp', expect: 'allow', by: "the network's own resolver" },
  },
  {
    ...{ says: 'aws: another resolver is', file: ['groups.json', 'vpcs.json'], ...output },
    ...{ flow: '10.1.0.10 > 10.1.0.5:53/udp', expect: 'drop' },
  },
  {
    ...{
      says: 'aws: without the block of the VPC nobody knows which address its resolver has',
      file: 'groups.json',
      ...output,
    },
    ...{ flow: '10.1.0.10 > 10.1.0.2:53/udp', expect: 'may', dependsOn: /VPC's own resolver/ },
  },
  {
    ...{
      says: 'aws: what no group of several allows is dropped, whichever is attached',
      file: 'two-groups.json',
      ...output,
    },
    ...{ flow: '2001:db8:1::1 > [2001:db8::1]:443/tcp', expect: 'drop' },
  },
  {
    ...{ says: 'aws: what all groups allow is allowed, whichever is attached', file: 'two-groups.json', ...output },
    ...{ flow: '10.1.0.10 > 20.190.128.1:443/tcp', expect: 'allow' },
  },
  {
    ...{
      says: 'aws: what one of several groups allows depends on which is attached',
      file: 'two-groups.json',
      ...output,
    },
    ...{ flow: '10.1.0.10 > 20.190.128.1:80/tcp', expect: 'may', dependsOn: /which security groups are attached/ },
  },
  {
    ...{ says: 'aws: an interface with one group', file: ['two-groups.json', 'interfaces.json'], ...output },
    ...{ flow: '10.1.0.10 > 20.190.128.1:80/tcp', expect: 'drop' },
  },
  {
    ...{
      says: 'aws: groups of one interface add up, and protocol -1 has no ports',
      file: ['two-groups.json', 'interfaces.json'],
      ...output,
    },
    ...{ flow: '10.1.1.20 > 20.190.128.1:80/tcp', expect: 'allow', by: 'egress all traffic to 0.0.0.0/0' },
  },
  {
    ...{
      says: 'aws: a reference to a group means private addresses, never public ones',
      file: ['two-groups.json', 'interfaces.json'],
      ...input,
    },
    ...{ flow: '203.0.113.10 > 10.1.1.20:443/tcp', expect: 'drop' },
  },
  {
    ...{ says: 'aws: a public address leads to its interface', file: ['two-groups.json', 'interfaces.json'], ...input },
    ...{ flow: '192.0.2.7 > 203.0.113.10:443/tcp', expect: 'drop' },
  },
  {
    ...{
      says: 'aws: an interface with a group that no file has',
      file: ['two-groups.json', 'interfaces.json'],
      ...output,
    },
    ...{
      flow: '10.1.1.30 > 20.190.128.1:443/tcp',
      expect: 'unknown-ref',
      dependsOn: /rules of the security group sg-else/,
    },
  },
  {
    ...{ says: 'aws: rules are called by their own ids', file: 'rules.json', ...output },
    ...{ flow: '10.1.0.10 > 20.190.128.1:443/tcp', expect: 'allow', by: 'sgr-01' },
  },
  {
    ...{
      says: 'aws: a rule that only one of two exports has is doubtful',
      file: ['two-groups.json', 'rules.json', 'interfaces.json'],
      ...output,
    },
    ...{ flow: '10.1.0.10 > 20.190.128.1:80/tcp', expect: 'may', dependsOn: /which of two exports is right/ },
  },
  {
    ...{
      says: 'aws: a rule that both exports have is not',
      file: ['two-groups.json', 'rules.json', 'interfaces.json'],
      ...output,
    },
    ...{ flow: '10.1.0.10 > 20.190.128.1:443/tcp', expect: 'allow', by: 'sgr-01' },
  },
  {
    ...{
      says: 'aws: the lowest number of a network ACL decides, and answers find their ports',
      file: ['acl.json', 'subnets.json'],
      ...output,
    },
    ...{ flow: '10.1.0.10 > 20.190.128.1:443/tcp', expect: 'allow' },
  },
  {
    ...{ says: 'aws: protocol -1 of a network ACL means all ports', file: ['acl.json', 'subnets.json'], ...output },
    ...{ flow: '10.1.0.10 > 198.51.100.1:443/tcp', expect: 'drop', by: '100', line: 10 },
  },
  {
    ...{ says: 'aws: answers are held against the inbound entries', file: ['acl.json', 'subnets.json'], ...output },
    ...{ flow: '10.1.0.10 > 203.0.113.1:443/tcp', expect: 'drop', by: '90' },
  },
  {
    ...{ says: 'aws: no inbound entry for IPv6, no answers over IPv6', file: ['acl.json', 'subnets.json'], ...output },
    ...{ flow: '2001:db8:1::10 > [2603:1006:2000::1]:443/tcp', expect: 'drop', by: '*' },
  },
  {
    ...{
      says: 'aws: a network ACL of another subnet',
      file: ['acl.json', 'default-acl.json', 'subnets.json'],
      ...output,
    },
    ...{ flow: '10.1.1.20 > 198.51.100.1:443/tcp', expect: 'allow' },
  },
  {
    ...{ says: 'aws: within one subnet no network ACL is asked', file: ['acl.json', 'subnets.json'], ...output },
    ...{ flow: '10.1.0.10 > 10.1.0.5:636/tcp', expect: 'allow', by: 'within one subnet' },
  },
  {
    ...{ says: 'aws: to another subnet it is', file: ['acl.json', 'subnets.json'], ...output },
    ...{ flow: '10.1.0.10 > 10.1.1.20:636/tcp', expect: 'drop', by: '*' },
  },
  {
    ...{ says: 'aws: without blocks of subnets two private ends may be in one', file: 'acl.json', ...output },
    ...{ flow: '10.1.0.10 > 10.1.1.20:636/tcp', expect: 'may', dependsOn: /whether both ends are in one subnet/ },
  },
  {
    ...{ says: 'aws: a private and a public end are never in one subnet', file: 'acl.json', ...output },
    ...{ flow: '10.1.0.10 > 20.190.128.1:5671/tcp', expect: 'drop', by: '*' },
  },
  {
    ...{
      says: 'aws: answers to a narrow range miss most clients',
      file: ['acl-narrow.json', 'subnets.json'],
      ...output,
    },
    ...{ flow: '10.1.0.10:40000 > 20.190.128.1:443/tcp', expect: 'drop', by: '*' },
  },
  {
    ...{ says: 'aws: answers of a Windows client fit into it', file: ['acl-narrow.json', 'subnets.json'], ...output },
    ...{ flow: '10.1.0.10:49152-65535 > 20.190.128.1:443/tcp', expect: 'allow' },
  },
  {
    ...{
      says: 'aws: what comes in needs an outbound entry for its answers',
      file: ['acl.json', 'subnets.json'],
      ...input,
    },
    ...{ flow: '10.9.0.7 > 10.1.0.10:443/tcp', expect: 'drop', by: '*' },
  },
  {
    ...{
      says: 'aws: one network ACL of several, and no word about subnets',
      file: ['acl.json', 'default-acl.json'],
      ...output,
    },
    ...{
      flow: '10.1.0.10 > 20.190.128.1:5671/tcp',
      expect: 'may',
      dependsOn: /in a subnet of the network ACL servers/,
    },
  },
  {
    ...{
      says: 'aws: an internet gateway carries what has a public address',
      file: ['routes.json', 'subnets.json', 'interfaces.json', 'two-groups.json'],
      ...output,
    },
    ...{ flow: '10.1.0.10 > 20.190.128.1:443/tcp', expect: 'allow', by: 'igw-1' },
  },
  {
    ...{ says: 'aws: a route whose target is gone', file: ['routes.json', 'subnets.json'], ...output },
    ...{ flow: '10.1.0.10 > 192.0.2.9:443/tcp', expect: 'drop', by: 'tgw-1, which is gone' },
  },
  {
    ...{
      says: 'aws: the main table serves subnets without their own',
      file: ['routes.json', 'subnets.json'],
      ...output,
    },
    ...{ flow: '10.1.1.20 > 20.190.128.1:443/tcp', expect: 'drop', by: 'no route' },
  },
  {
    ...{
      says: 'aws: whether a machine has a public address no file says',
      file: ['routes.json', 'subnets.json'],
      ...output,
    },
    ...{ flow: '10.1.0.10 > 20.190.128.1:443/tcp', expect: 'may', dependsOn: /has a public IPv4 address/ },
  },
  {
    ...{ says: 'aws: a template without egress leaves all of it open', file: 'template.yaml', ...output },
    ...{ flow: '10.1.0.20 > 198.51.100.1:25/tcp', expect: 'allow', by: 'default outbound rule' },
  },
  {
    ...{ says: 'aws: a template refers to groups by GetAtt', file: 'template.yaml', ...input },
    ...{ flow: '10.1.0.10 > 10.1.0.20:443/tcp', expect: 'allow' },
  },
  {
    ...{ says: 'aws: what a parameter decides is unknown', file: 'template.yaml', ...input },
    ...{ flow: '10.5.0.9 > 10.1.0.20:8080/tcp', expect: 'unknown-ref', dependsOn: /the parameter ProxyCidr/ },
  },
  {
    ...{ says: 'aws: bits behind a prefix are cut off', file: 'template.yaml', ...input },
    ...{ flow: '10.7.0.200 > 10.1.0.20:9000/tcp', expect: 'allow' },
  },
  {
    ...{ says: 'aws: a rule that a condition of the template makes', file: 'template.yaml', ...output },
    ...{
      flow: '10.1.0.10 > 20.190.128.1:443/tcp',
      expect: 'may',
      dependsOn: /the condition IsProduction/,
    },
  },
  {
    ...{ says: 'aws: ports 0 to 0 are no range of all ports', file: 'template.yaml', ...output },
    ...{ flow: '10.1.0.10 > 20.190.128.1:80/tcp', expect: 'drop' },
  },
  {
    ...{ says: 'aws: a network ACL of a template denies what it does not have', file: 'template-acl.json', ...output },
    ...{ flow: '10.1.0.10 > 20.190.128.1:443/tcp', expect: 'drop', by: '*' },
  },
  {
    ...{
      says: 'aws: a plan with rules in the block',
      file: 'plan.json',
      ...output,
      places: { connect: ['10.1.0.10'], bare: ['10.1.0.20'] },
    },
    ...{ flow: '10.1.0.10 > 20.190.128.1:443/tcp', expect: 'allow', by: 'egress tcp 443 to 0.0.0.0/0' },
  },
  {
    ...{
      says: 'aws: a plan with rules as resources of their own',
      file: 'plan.json',
      ...output,
      places: { connect: ['10.1.0.10'], bare: ['10.1.0.20'] },
    },
    ...{ flow: '10.1.0.20 > 20.190.128.1:443/tcp', expect: 'allow', by: 'aws_security_group_rule.web' },
  },
  {
    ...{
      says: 'aws: Terraform takes the default outbound rule away',
      file: 'plan.json',
      ...output,
      places: { connect: ['10.1.0.10'], bare: ['10.1.0.20'] },
    },
    ...{ flow: '10.1.0.20 > 198.51.100.1:25/tcp', expect: 'drop' },
  },
  {
    ...{
      says: 'aws: a plan that refers to a group by the configuration',
      file: 'plan.json',
      ...input,
      places: { connect: ['10.1.0.10'], bare: ['10.1.0.20'] },
    },
    ...{
      flow: '10.1.0.10 > 10.1.0.20:8443/tcp',
      expect: 'allow',
      by: 'aws_vpc_security_group_ingress_rule.from_connect',
    },
  },
  {
    ...{ says: 'aws: an export that goes on behind its token is doubtful throughout', file: 'cut.json', ...output },
    ...{ flow: '10.1.0.10 > 20.190.128.1:80/tcp', expect: 'may', dependsOn: /NextToken/ },
  },
  {
    ...{ says: 'aws: a condition that nobody knows makes a rule doubtful', file: 'strange.json', ...output },
    ...{ flow: '10.1.0.10 > 20.190.128.1:443/tcp', expect: 'may', dependsOn: /OnlyOnMondays/ },
  },
  {
    ...{ says: 'aws: ports the wrong way round are not read', file: 'strange.json', ...output },
    ...{ flow: '10.1.0.10 > 192.0.2.1:100/tcp', expect: 'may', dependsOn: /ports from 900 to 80/ },
  },
  {
    ...{ says: 'aws: an address that is none may be any', file: 'strange.json', ...output },
    ...{ flow: '10.1.0.10 > 10.1.0.5:53/udp', expect: 'may', dependsOn: /10\.1\.0\.300/ },
  },
  {
    ...{ says: 'aws: a permission without anybody is doubtful', file: 'incomplete.json', ...output },
    ...{ flow: '10.1.0.10 > 20.190.128.1:443/tcp', expect: 'may', dependsOn: /whom a rule of sg-1 is about/ },
  },
  {
    ...{ says: 'aws: a list that a query left out is doubtful', file: 'incomplete.json', ...input },
    ...{
      flow: '10.9.9.9 > 10.1.0.10:443/tcp',
      expect: 'may',
      dependsOn: /IpPermissions of sg-1, which the file leaves out/,
    },
  },
  {
    ...{ says: 'aws: answers to what comes in need a route too', file: ['routes.json', 'subnets.json'], ...input },
    ...{ flow: '192.0.2.7 > 10.1.1.20:443/tcp', expect: 'drop', by: 'no route' },
  },
  {
    ...{
      says: 'aws: a rule added to a group that is not there leaves its others unknown',
      file: 'added.yaml',
      ...input,
    },
    ...{
      flow: '10.8.0.7 > 10.1.0.10:443/tcp',
      expect: 'unknown-ref',
      dependsOn: /sg-0existing, which is not in the files/,
    },
  },
  {
    ...{ says: 'aws: what is added to it is allowed', file: 'added.yaml', ...input },
    ...{ flow: '10.9.0.7 > 10.1.0.10:443/tcp', expect: 'allow', by: 'FromOffice' },
  },
  {
    ...{ says: 'aws: a Terraform state shows separate rules twice', file: 'state.json', ...output },
    ...{ flow: '10.1.0.10 > 20.190.128.1:443/tcp', expect: 'allow' },
  },
  {
    ...{ says: 'aws: a rule in the block alone fights with separate ones', file: 'state.json', ...output },
    ...{ flow: '10.1.0.10 > 20.190.160.1:80/tcp', expect: 'may', dependsOn: /Terraform applies last/ },
  },
  {
    ...{ says: 'aws: a network ACL of a state, with a rule of its own', file: 'state.json', ...output },
    ...{ flow: '10.1.0.10 > 20.190.191.1:443/tcp', expect: 'drop', by: '90' },
  },
  {
    ...{ says: 'aws, realistic: Entra Connect signs in', file: 'realistic.json', ...output },
    ...{ flow: '10.40.2.10 > 20.190.129.1:443/tcp', expect: 'allow' },
  },
  {
    ...{
      says: 'aws, realistic: answers of a part of Entra are lost in the network ACL',
      file: 'realistic.json',
      ...output,
    },
    ...{ flow: '10.40.2.10 > 40.126.33.1:443/tcp', expect: 'drop', by: '105' },
  },
  {
    ...{ says: 'aws, realistic: Service Bus is not allowed', file: 'realistic.json', ...output },
    ...{ flow: '10.40.2.10 > 52.236.186.1:443/tcp', expect: 'drop', by: 'no rule of the security groups allows it' },
  },
  {
    ...{ says: 'aws, realistic: the second server has the default group as well', file: 'realistic.json', ...output },
    ...{ flow: '10.40.2.7 > 52.236.186.1:443/tcp', expect: 'allow' },
  },
  {
    ...{ says: 'aws, realistic: revocation lists depend on a prefix list', file: 'realistic.json', ...output },
    ...{ flow: '10.40.2.10 > 152.199.19.160:80/tcp', expect: 'unknown-ref', dependsOn: /prefix list revocation/ },
  },
  {
    ...{ says: 'aws, realistic: LDAPS to a domain controller, on the way out', file: 'realistic.json', ...output },
    ...{ flow: '10.40.2.10 > 10.40.2.5:636/tcp', expect: 'allow' },
  },
  {
    ...{ says: 'aws, realistic: password changes are not let out', file: 'realistic.json', ...output },
    ...{ flow: '10.40.2.10 > 10.40.2.5:464/tcp', expect: 'drop' },
  },
  {
    ...{ says: 'aws, realistic: AD FS does not reach the domain controller by RPC', file: 'realistic.json', ...input },
    ...{ flow: '10.40.1.20 > 10.40.2.5:49200/tcp', expect: 'drop' },
  },
  {
    ...{ says: 'aws, realistic: 8443 was left open to everybody', file: 'realistic.json', ...input },
    ...{ flow: '192.0.2.7 > 198.51.100.20:8443/tcp', expect: 'allow', by: 'ingress tcp 8443 from 0.0.0.0/0' },
  },
])

const names = [
  'groups.json',
  'acl.json',
  'interfaces.json',
  'routes.json',
  'rules.json',
  'template.yaml',
  'plan.json',
  'realistic.json',
]
const texts = names.map((name) => readFileSync(new URL(name, folder), 'utf8'))

test('aws: any text is accounted for, and so is any mutilated one', () => {
  readsAny(read, fc.string())
  readsAny(read, splicedTexts(texts))
})

test('aws: members of JSON exchanged for others are accounted for', () => {
  const value = fc.jsonValue({ maxDepth: 3 })
  const lists = [
    'SecurityGroups',
    'SecurityGroupRules',
    'NetworkAcls',
    'NetworkInterfaces',
    'RouteTables',
    'Subnets',
    'Vpcs',
    'Entries',
  ]
  const answer = fc.tuple(fc.constantFrom(...lists), fc.array(value))
  readsAny(
    read,
    answer.map(([list, elements]) => JSON.stringify({ [list]: elements })),
  )
})

test('aws: entries of a prefix list are unread where nothing says whose they are', () => {
  const { coverage } = read([{ name: 'entries.json', text: '{"Entries":[{"Cidr":"10.0.0.0/8"}]}' }], { places: {} })
  assert.match(coverage.unread[0]?.why ?? '', /put the id of the prefix list/)
})

test('aws: two networks with one address do not add up', () => {
  const card = (id: string, vpc: string, group: string) => ({
    ...{
      NetworkInterfaceId: id,
      SubnetId: `subnet-${vpc}`,
      PrivateIpAddress: '10.0.0.5',
      Groups: [{ GroupId: group }],
    },
  })
  const group = (id: string) => ({ GroupId: id, GroupName: id, IpPermissions: [], IpPermissionsEgress: [] })
  const text = JSON.stringify({
    ...{ SecurityGroups: [group('sg-a'), group('sg-b')] },
    ...{ NetworkInterfaces: [card('eni-1', 'a', 'sg-a'), card('eni-2', 'b', 'sg-b')] },
  })
  const [ruleSet] = read([{ name: 'a.json', text }], { places: {} }).ruleSets
  assert.ok(ruleSet?.stages.every(({ attachedTo }) => attachedTo?.sure.length === 0))
})

test('aws: names that every object has are names like others', () => {
  const names = ['constructor', 'valueOf', '__proto__', 'toString']
  const groups = names.map((name) => ({
    ...{ GroupId: name, GroupName: name, IpPermissions: [{ IpProtocol: name, UserIdGroupPairs: [{ GroupId: name }] }] },
    IpPermissionsEgress: [{ IpProtocol: 'tcp', FromPort: 1, ToPort: 2, PrefixListIds: [{ PrefixListId: name }] }],
  }))
  const { coverage } = read([{ name: 'a.json', text: JSON.stringify({ SecurityGroups: groups }) }], { places: {} })
  assert.equal(coverage.unread.length, names.length)
})

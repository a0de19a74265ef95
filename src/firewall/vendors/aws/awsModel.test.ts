import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { judge, noKnowledge } from '../../judge.ts'
import { parseAskedFlow } from '../../parseAskedFlow.ts'
import { read } from './index.ts'

const groupIds = ['sg-0', 'sg-1', 'sg-2'] as const
const hosts = ['10.0.0.1', '10.0.0.2', '10.0.1.1', '10.0.1.2'] as const
const blocks = { '10.0.0.0/24': '10.0.0.', '10.0.1.0/24': '10.0.1.', '0.0.0.0/0': '' } as const
type Block = keyof typeof blocks

const peer = fc.oneof(
  fc.constantFrom<Block>('10.0.0.0/24', '10.0.1.0/24', '0.0.0.0/0').map((block) => ({ block })),
  fc.constantFrom(...groupIds).map((group) => ({ group })),
)
const ports = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 3 }))
  .map(([from, more]) => ({ from, to: from + more }))
const rule = fc.record({ group: fc.constantFrom(...groupIds), isEgress: fc.boolean(), ports, peer })
const cards = fc.tuple(...hosts.map(() => fc.subarray([...groupIds], { minLength: 1 })))
const entry = fc.record({
  number: fc.integer({ min: 1, max: 5 }),
  isEgress: fc.boolean(),
  isAllowed: fc.boolean(),
  block: fc.constantFrom<Block>('10.0.0.0/24', '10.0.1.0/24', '0.0.0.0/0'),
  ports: fc.option(ports, { nil: undefined }),
})

test('aws: judged flows are those that a plain walk over groups and entries lets through', () => {
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 8 }),
      cards,
      fc.uniqueArray(entry, { maxLength: 6, selector: ({ number, isEgress }) => `${number} ${isEgress}` }),
      fc.constantFrom(...hosts),
      fc.constantFrom(...hosts),
      fc.integer({ min: 1, max: 8 }),
      fc.boolean(),
      (rules, groupsOf, entries, source, destination, port, isOut) => {
        if (source === destination) return
        const own = isOut ? source : destination
        const far = isOut ? destination : source
        const attached = groupsOf[hosts.indexOf(own)] ?? []
        const isMember = (host: string, group: string) =>
          groupsOf[hosts.indexOf(host as (typeof hosts)[number])]?.some((id) => id === group) === true
        // Of a group without a card in the files nobody knows whose cards are in it elsewhere: it may let pass.
        const isEmpty = (group: string): boolean => !groupsOf.some((groups) => groups.some((id) => id === group))
        if (rules.some(({ peer }) => 'group' in peer && isEmpty(peer.group))) return
        const isGroupOpen = rules.some(
          (one) =>
            one.isEgress === isOut &&
            attached.includes(one.group) &&
            one.ports.from <= port &&
            port <= one.ports.to &&
            ('block' in one.peer ? far.startsWith(blocks[one.peer.block]) : isMember(far, one.peer.group)),
        )
        // The first entry by number, and then the one of the other direction for the answer, from the port 50000.
        const isEntryOpen = (isEgress: boolean, asked: number): boolean =>
          entries
            .filter((one) => one.isEgress === isEgress)
            .toSorted((a, b) => a.number - b.number)
            .find(
              (one) =>
                far.startsWith(blocks[one.block]) &&
                (one.ports === undefined || (one.ports.from <= asked && asked <= one.ports.to)),
            )?.isAllowed === true
        const isInOneSubnet = own.slice(0, 7) === far.slice(0, 7)
        const expected = isGroupOpen && (isInOneSubnet || (isEntryOpen(isOut, port) && isEntryOpen(!isOut, 50000)))
        const [ruleSet] = read([{ name: 'all.json', text: textOf(rules, groupsOf, entries) }], { places: {} }).ruleSets
        const asked = parseAskedFlow(`${source}:50000 > ${destination}:${port}/tcp`)
        assert.ok(ruleSet !== undefined && 'ok' in asked)
        const { verdict } = judge(ruleSet, asked.ok, isOut ? 'output' : 'input', noKnowledge)
        assert.equal(verdict, expected ? 'allow' : 'deny')
      },
    ),
    { numRuns: 400 },
  )
})

type RuleOf<T> = T extends fc.Arbitrary<infer U> ? U : never

function textOf(
  rules: readonly RuleOf<typeof rule>[],
  groupsOf: readonly (readonly string[])[],
  entries: readonly RuleOf<typeof entry>[],
): string {
  const permissions = (group: string, isEgress: boolean) =>
    rules
      .filter((one) => one.group === group && one.isEgress === isEgress)
      .map((one) => ({
        ...{ IpProtocol: 'tcp', FromPort: one.ports.from, ToPort: one.ports.to },
        ...('block' in one.peer
          ? { IpRanges: [{ CidrIp: one.peer.block }] }
          : { UserIdGroupPairs: [{ GroupId: one.peer.group }] }),
      }))
  return JSON.stringify({
    SecurityGroups: groupIds.map((id) => ({
      ...{
        GroupId: id,
        GroupName: id,
        IpPermissions: permissions(id, false),
        IpPermissionsEgress: permissions(id, true),
      },
    })),
    NetworkInterfaces: hosts.map((host, at) => ({
      ...{ NetworkInterfaceId: `eni-${at}`, SubnetId: `subnet-${host.slice(5, 6)}`, PrivateIpAddress: host },
      Groups: (groupsOf[at] ?? []).map((id) => ({ GroupId: id })),
    })),
    NetworkAcls: [
      {
        NetworkAclId: 'acl-1',
        Associations: ['0', '1'].map((id) => ({ SubnetId: `subnet-${id}` })),
        Entries: entries.map(({ number, isEgress, isAllowed, block, ports: range }) => ({
          ...{ RuleNumber: number, Egress: isEgress, RuleAction: isAllowed ? 'allow' : 'deny', CidrBlock: block },
          ...(range === undefined
            ? { Protocol: '-1' }
            : { Protocol: '6', PortRange: { From: range.from, To: range.to } }),
        })),
      },
    ],
    Subnets: ['0', '1'].map((id) => ({ SubnetId: `subnet-${id}`, VpcId: 'vpc-1', CidrBlock: `10.0.${id}.0/24` })),
    Vpcs: [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16' }],
  })
}

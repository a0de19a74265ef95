import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { parse } from '@cdktf/hcl2json'
import {
  hostileTexts,
  poisonedPermits,
  sampleDenials,
  sampleOptions,
  samplePermits,
} from '../../../../test/samplePermits.ts'
import { sampleWriting, writerCases } from '../../../../test/writerCases.ts'
import type { Permit } from '../../permit.ts'
import { rangesOfPrefix } from '../../rangesOfPrefix.ts'
import { read, write } from './index.ts'
import type { Permission } from './permissionsOf.ts'

writerCases({ vendor: 'aws', read, write })

const options = { ...sampleOptions, passage: 'output' } as const
const [signIn, ...others] = samplePermits
assert.ok(signIn !== undefined)

interface Described {
  readonly SecurityGroups: readonly {
    readonly GroupId: string
    readonly GroupName: string
    readonly Description: string
    readonly IpPermissions: readonly Permission[]
    readonly IpPermissionsEgress: readonly Permission[]
  }[]
  readonly PrefixLists: readonly {
    readonly PrefixListId: string
    readonly PrefixListName: string
    readonly Cidrs: readonly string[]
  }[]
}

function parts(permits: readonly Permit[], denials: readonly Permit[] = [], more: object = {}) {
  const written = write(permits, denials, { ...options, ...more })
  const [json, script, terraform] = written.files
  assert.ok(json !== undefined && script !== undefined && terraform !== undefined)
  const described: Described = JSON.parse(json.text)
  return { ...written, described, script: script.text, terraform: terraform.text }
}

/** One line for each rule of a group: direction, traffic, far end, description. */
function linesOf(permissions: readonly Permission[], way: string): readonly string[] {
  return permissions.flatMap(({ IpProtocol, FromPort, ToPort, IpRanges, Ipv6Ranges, PrefixListIds }) => {
    const traffic = `${way} ${IpProtocol} ${FromPort} ${ToPort}`
    return [
      ...IpRanges.map(({ CidrIp, Description }) => `${traffic} ${CidrIp} ${Description}`),
      ...Ipv6Ranges.map(({ CidrIpv6, Description }) => `${traffic} ${CidrIpv6} ${Description}`),
      ...PrefixListIds.map(({ PrefixListId, Description }) => `${traffic} ${PrefixListId} ${Description}`),
    ]
  })
}

function byText(one: readonly unknown[], other: readonly unknown[]): number {
  return String(one[0]) < String(other[0]) ? -1 : 1
}

function describedLines({ SecurityGroups }: Described): readonly string[] {
  return SecurityGroups.flatMap(({ GroupName, IpPermissions, IpPermissionsEgress }) =>
    [...linesOf(IpPermissions, 'ingress'), ...linesOf(IpPermissionsEgress, 'egress')].map(
      (line) => `${GroupName} ${line}`,
    ),
  ).toSorted()
}

async function terraformLines(text: string): Promise<{ rules: readonly string[]; lists: unknown; names: unknown }> {
  const { resource } = (await parse('written.tf', text)) as {
    resource: Record<string, Record<string, never[]>>
  }
  const groups: Record<string, { name: string; description: string; vpc_id: string }[]> =
    resource.aws_security_group ?? {}
  const lists: Record<string, { name: string; entry: { cidr: string }[]; max_entries: number }[]> =
    resource.aws_ec2_managed_prefix_list ?? {}
  const rules = (['egress', 'ingress'] as const).flatMap((way) => {
    const own: Record<string, Record<string, string | number>[]> = resource[`aws_vpc_security_group_${way}_rule`] ?? {}
    return Object.values(own).map(([rule = {}]) => {
      const group = /^\$\{aws_security_group\.(\w+)\.id\}$/.exec(String(rule['security_group_id']))?.[1] ?? ''
      const list = /^\$\{aws_ec2_managed_prefix_list\.(\w+)\.id\}$/.exec(String(rule['prefix_list_id']))?.[1] ?? ''
      const far = rule['cidr_ipv4'] ?? rule['cidr_ipv6'] ?? `pl-${lists[list]?.[0]?.name}`
      const { ip_protocol, from_port, to_port, description } = rule
      return `${groups[group]?.[0]?.name} ${way} ${ip_protocol} ${from_port} ${to_port} ${far} ${description}`
    })
  })
  return {
    rules: rules.toSorted(),
    lists: Object.values(lists)
      .map(([list]) => [list?.name, list?.entry.map(({ cidr }) => cidr), list?.max_entries])
      .toSorted(byText),
    names: Object.values(groups)
      .map(([group]) => [group?.name, group?.description, group?.vpc_id])
      .toSorted(byText),
  }
}

/** A program of the name `aws` that writes its arguments down and answers with ids. */
function runScript(t: TestContext, script: string): readonly (readonly string[])[] {
  const folder = mkdtempSync(join(tmpdir(), 'postern-aws-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const program = [
    '#!/bin/sh',
    `for each in "$@"; do printf '%s\\0' "$each"; done >> '${folder}/calls'`,
    `printf '\\1' >> '${folder}/calls'`,
    'case "$2" in',
    '  create-managed-prefix-list) echo "pl-made-by:$4" ;;',
    '  create-security-group) echo "sg-made-by:$6" ;;',
    '  describe-managed-prefix-lists) echo create-complete ;;',
    '  describe-security-group-rules) printf "sgr-1\\tsgr-2\\n" ;;',
    'esac',
  ]
  writeFileSync(join(folder, 'aws'), `${program.join('\n')}\n`)
  chmodSync(join(folder, 'aws'), 0o755)
  writeFileSync(join(folder, 'script.sh'), script)
  const { status, stderr } = spawnSync('/bin/sh', [join(folder, 'script.sh'), 'vpc-1'], {
    env: { PATH: `${folder}:/usr/bin:/bin` },
    encoding: 'utf8',
    timeout: 60_000,
  })
  assert.deepEqual([status, stderr], [0, ''])
  const calls = readFileSync(join(folder, 'calls'), 'utf8').split('\u0001').slice(0, -1)
  return calls.map((call) => call.split('\0').slice(0, -1))
}

test('aws: Terraform has every list, group and rule that is proven, and no other', async () => {
  for (const text of [undefined, ...hostileTexts]) {
    const permits = text === undefined ? samplePermits : poisonedPermits(samplePermits, text)
    const { described, terraform } = parts(permits, sampleDenials, { site: text ?? 'hq', on: text ?? '2026-11-22' })
    const found = await terraformLines(terraform)
    assert.deepEqual(found.rules, describedLines(described))
    assert.ok(found.rules.length > permits.length)
    assert.deepEqual(
      found.lists,
      described.PrefixLists.map(({ PrefixListName, Cidrs }) => [PrefixListName, Cidrs, Cidrs.length]).toSorted(byText),
    )
    assert.deepEqual(
      found.names,
      described.SecurityGroups.map(({ GroupName, Description }) => [GroupName, Description, `\${var.vpc_id}`]).toSorted(
        byText,
      ),
    )
  }
})

test('aws: the script makes what is proven, whatever the texts are', async (t) => {
  const { asked } = await sampleWriting('hq', 'aws')
  for (const text of [undefined, "'; touch broken; '$(reboot)`id`\n\"\\"]) {
    const permits = text === undefined ? asked.permits : poisonedPermits(samplePermits, text)
    const { described, script } = parts(permits, [], { site: text ?? 'hq', on: text ?? '2026-11-22' })
    const calls = runScript(t, script)
    const made = calls.flatMap((call): readonly string[] => {
      if (!call[1]?.startsWith('authorize-security-group-')) return []
      const permissions: readonly Permission[] = JSON.parse(call[5] ?? '')
      const group = call[3]?.replace('sg-made-by:', '') ?? ''
      return linesOf(permissions, call[1].slice(25)).map((line) => `${group} ${line.replaceAll('pl-made-by:', 'pl-')}`)
    })
    assert.deepEqual(made.toSorted(), describedLines(described))
    const lists = calls.filter(([, command]) => command === 'create-managed-prefix-list')
    assert.deepEqual(
      lists.map((call) => [call[3], JSON.parse(call[9] ?? '').map(({ Cidr }: { Cidr: string }) => Cidr)]),
      described.PrefixLists.map(({ PrefixListName, Cidrs }) => [PrefixListName, Cidrs]),
    )
    const emptied = calls.filter(([, command]) => command === 'revoke-security-group-egress')
    assert.equal(emptied.length, described.SecurityGroups.length)
    assert.deepEqual(emptied[0]?.slice(-2), ['sgr-1', 'sgr-2'])
  }
})

test('aws: names and descriptions are of the letters and the length that EC2 takes', () => {
  for (const text of ['hq', ...hostileTexts]) {
    const permits = poisonedPermits(samplePermits, text).map((permit) => ({ ...permit, why: `${text} `.repeat(50) }))
    const { described } = parts(permits, [], { site: text })
    const texts = described.SecurityGroups.flatMap((group) => [
      ...[group.GroupName, group.Description],
      ...[...group.IpPermissions, ...group.IpPermissionsEgress].flatMap(({ IpRanges, PrefixListIds }) =>
        [...IpRanges, ...PrefixListIds].map(({ Description }) => Description),
      ),
    ])
    for (const one of [...texts, ...described.PrefixLists.map(({ PrefixListName }) => PrefixListName)]) {
      assert.match(one, /^[a-zA-Z0-9. _:/()#,@[\]+=&;{}!$*-]{1,255}$/)
    }
    for (const { GroupName } of described.SecurityGroups) assert.doesNotMatch(GroupName, /^sg-/)
  }
})

test('aws: the same far end at the same ports is one rule, with the flows of both', () => {
  const again = {
    ...signIn,
    id: 'again',
    flows: ['other'],
    ports: [
      { first: 443, last: 443 },
      { first: 80, last: 80 },
    ],
  }
  const lines = describedLines(parts([signIn, again]).described).filter((line) => line.includes('tcp 443 443 20.190'))
  assert.equal(lines.length, 1)
  assert.match(lines[0] ?? '', /\(aadc-login, aadc-graph, other\)/)
})

test('aws: many prefixes are lists of a hundred, which count as rules: above the quota it is told, above the limit not said', () => {
  const many = (count: number): Permit => ({
    ...signIn,
    id: `many-${count}`,
    to: {
      label: 'many',
      ranges: Array.from({ length: count }, (_, at) => rangesOfPrefix(`20.${at >> 8}.${at & 255}.2`)).flat(),
    },
  })
  const some = parts([many(250)])
  assert.deepEqual(
    some.described.PrefixLists.map(({ Cidrs }) => Cidrs.length),
    [100, 100, 50],
  )
  assert.match(some.duties.join('\n'), /counts as 250 rules/)
  const most = parts([many(998), ...others, many(1001)])
  assert.deepEqual(new Set(most.notSaid.map(({ permit }) => permit)).has('many-998'), false)
  assert.match(most.notSaid.find(({ permit }) => permit === 'many-1001')?.why ?? '', /1000 rules/)
  assert.doesNotMatch(parts(samplePermits).duties.join('\n'), /counts as/)
  assert.match(parts(samplePermits).duties.join('\n'), /Network ACLs .* ports 1024 to 65535/)
})

test('aws: an echo request is type 8 and 128, code 0, and no other ICMP', () => {
  const echo = samplePermits.find(({ transport }) => transport === 'icmp')
  assert.ok(echo !== undefined)
  assert.deepEqual(
    describedLines(parts([echo]).described).map((line) => line.split(' ').slice(1, 6).join(' ')),
    ['egress icmp 8 0 10.1.0.5/32', 'egress icmpv6 128 0 2001:db8:1::5/128'],
  )
})

test('aws: a group that only accepts lets nothing out, so that it opens nothing that another group holds back', (t) => {
  const to = { label: 'dc01', ranges: rangesOfPrefix('10.1.0.5') }
  const { described, script, duties } = parts([{ ...signIn, to, passage: 'input' }])
  assert.deepEqual(
    describedLines(described).map((line) => line.split(' ').slice(0, 6).join(' ')),
    ['postern-hq-dc01 ingress tcp 443 443 10.1.0.10/32'],
  )
  const commands = runScript(t, script).map(([, command]) => command)
  assert.deepEqual(commands, [
    'create-security-group',
    'describe-security-group-rules',
    'revoke-security-group-egress',
    'authorize-security-group-ingress',
  ])
  assert.match(duties.join('\n'), /postern-hq-dc01 let nothing out/)
})

test('aws: names are not said, nor a denial for machines without a group', () => {
  const { notSaid } = parts(samplePermits, sampleDenials)
  const told = new Map(notSaid.map(({ permit, why }) => [permit, why]))
  assert.match(told.get('pta01-to-any-msappproxy-net-tcp-443') ?? '', /a security group takes no names/)
  assert.match(told.get('deny-clients-to-sync01-tcp') ?? '', /cannot deny/)
  assert.equal(told.has('deny-pta01-to-dc02-tcp-3389'), false)
})

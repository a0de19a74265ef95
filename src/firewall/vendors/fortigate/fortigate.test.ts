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
const readText = (text: string) => read([{ name: 'fw.conf', text }], { places: {} })
const readFile = (name: string) => readText(readFileSync(new URL(name, folder), 'utf8'))

const order: readonly FirewallCase[] = [
  {
    says: 'the first policy of the list decides, whatever the numbers are',
    file: 'listOrder.conf',
    flow: '10.1.0.10 > 10.2.0.10:88/tcp',
    expect: 'drop',
    by: 'policy 20 (first)',
    line: 2,
  },
  {
    says: 'what the first policy does not match goes on to the second',
    file: 'listOrder.conf',
    flow: '10.1.0.10 > 10.2.0.11:88/tcp',
    expect: 'allow',
    by: 'policy 3 (second)',
    line: 12,
  },
  {
    says: 'move puts a policy before another',
    file: 'move.conf',
    flow: '10.1.0.10 > 10.2.0.10:88/tcp',
    expect: 'drop',
    by: 'policy 2',
  },
  {
    says: 'a disabled policy matches nothing',
    file: 'disabled.conf',
    flow: '10.1.0.10 > 10.2.0.10:88/tcp',
    expect: 'drop',
    by: 'implicit deny (policy 0)',
  },
  {
    says: 'a policy without action denies',
    file: 'defaultDeny.conf',
    flow: '10.1.0.10 > 10.2.0.10:88/tcp',
    expect: 'drop',
    by: 'policy 1',
  },
  {
    says: 'a script appends, unsets and deletes',
    file: 'script.conf',
    flow: '10.2.0.10 > 10.9.0.10:443/tcp',
    expect: 'allow',
    by: 'policy 1',
  },
  { says: 'what a script replaced is gone', file: 'script.conf', flow: '10.2.0.10 > 10.9.0.10:22/tcp', expect: 'drop' },
  {
    says: 'a denying policy that sends a packet back rejects',
    file: 'rejects.conf',
    flow: '10.1.0.10 > 10.2.0.10:25/tcp',
    expect: 'reject',
    by: 'policy 1',
  },
  {
    says: 'the ACL drops before every policy',
    file: 'acl.conf',
    flow: '10.1.0.66 > 10.2.0.10:443/tcp',
    in: 'port2',
    expect: 'drop',
    by: 'acl 1',
  },
  {
    says: 'the ACL is of its interface alone',
    file: 'acl.conf',
    flow: '10.1.0.66 > 10.2.0.10:443/tcp',
    in: 'port3',
    expect: 'allow',
    by: 'policy 1',
  },
  {
    says: 'an IPv6 policy is of srcaddr6 and dstaddr6',
    file: 'policy6.conf',
    flow: '2001:db8:1::5 > [2001:db8:2::5]:443/tcp',
    expect: 'allow',
    by: 'policy 1',
  },
  {
    says: 'a policy without IPv6 objects matches no IPv6',
    file: 'policy6.conf',
    flow: '2001:db8:1::5 > [2001:db8:2::5]:22/tcp',
    expect: 'drop',
    by: 'implicit deny (policy 0)',
  },
  {
    says: 'policy6 of older releases is read beside',
    file: 'policy6.conf',
    flow: '2001:db8:1::5 > [2001:db8:2::5]:53/udp',
    expect: 'allow',
  },
  { says: 'policy6 matches no IPv4', file: 'policy6.conf', flow: '10.1.0.10 > 10.2.0.10:53/udp', expect: 'drop' },
  {
    says: 'a consolidated policy is of both families',
    file: 'consolidated.conf',
    flow: '2001:db8:1::5 > [2001:db8:2::5]:443/tcp',
    expect: 'allow',
    by: 'policy 1 (both)',
  },
]

const texts: readonly FirewallCase[] = [
  {
    says: 'quotes, escapes and values of several lines',
    file: 'multiLine.conf',
    flow: '10.1.0.10 > 10.9.0.1:443/tcp',
    expect: 'allow',
    by: 'policy 1 (it\'s "fine")',
  },
  {
    says: 'a quote that swallows commands makes everything doubtful',
    file: 'openQuote.conf',
    flow: '10.1.0.10 > 10.9.0.1:443/tcp',
    expect: 'may',
  },
  {
    says: 'a text that stops in the middle makes everything doubtful',
    file: 'cut.conf',
    flow: '10.1.0.10 > 10.9.0.1:443/tcp',
    expect: 'may',
  },
  {
    says: 'a prompt before the configuration is none of it',
    file: 'prompt.conf',
    flow: '10.1.0.10 > 10.9.0.1:443/tcp',
    expect: 'allow',
    by: 'policy 1',
  },
  {
    says: 'a setting that is not known makes its policy one that may match',
    file: 'unknownSetting.conf',
    flow: '10.1.0.10 > 10.9.0.1:443/tcp',
    expect: 'may',
    dependsOn: /quantum-state/,
  },
  {
    says: 'a block that is not known makes everything doubtful',
    file: 'unknownBlock.conf',
    flow: '10.1.0.10 > 10.9.0.1:443/tcp',
    expect: 'may',
    dependsOn: /flux capacitor/,
  },
  {
    says: 'policies by application are doubtful',
    file: 'ngfw.conf',
    flow: '10.1.0.10 > 10.9.0.1:443/tcp',
    expect: 'may',
    dependsOn: /security-policy/,
  },
  {
    says: 'a web filter that blocks nothing is no doubt',
    file: 'filters.conf',
    flow: '10.1.0.10 > 10.9.0.1:443/tcp',
    expect: 'allow',
  },
  {
    says: 'what an application list blocks nobody knows',
    file: 'filters.conf',
    flow: '10.1.0.10 > 10.9.0.1:80/tcp',
    expect: 'may',
    dependsOn: /block p2p/,
  },
]

const site: readonly FirewallCase[] = [
  {
    says: 'a site: Entra Connect reaches Entra by prefix',
    file: 'realistic.conf',
    flow: '10.20.0.30 > 20.190.128.7:443/tcp',
    expect: 'allow',
    by: 'source NAT of policy 15 (sync to entra)',
  },
  {
    says: 'a site: the authentication agent reaches its names',
    file: 'realistic.conf',
    flow: '10.20.0.31 > abc.servicebus.windows.net:443/tcp',
    expect: 'allow',
    by: 'source NAT of policy 16 (pta to entra)',
  },
  {
    says: 'a site: the authentication agent has no port 80 for revocation lists',
    file: 'realistic.conf',
    flow: '10.20.0.31 > crl.microsoft.com:80/tcp',
    expect: 'drop',
    by: 'policy 99 (log the rest)',
  },
  {
    says: 'a site: Entra Connect reaches the controllers by high RPC ports',
    file: 'realistic.conf',
    flow: '10.20.0.30 > 10.20.0.10:50000/tcp',
    expect: 'allow',
    by: 'policy 12 (sync to controllers)',
  },
  {
    says: 'a site: the federation service is published',
    file: 'realistic.conf',
    flow: '192.0.2.9 > 198.51.100.3:443/tcp',
    expect: 'allow',
    by: 'policy 20 (publish sts)',
    becomes: '10.30.0.10:443',
  },
  {
    says: 'a site: the port of certificates is in the policy and not in the virtual IP',
    file: 'realistic.conf',
    flow: '192.0.2.9 > 198.51.100.3:49443/tcp',
    expect: 'drop',
  },
  {
    says: 'a site: the proxy reaches the federation service',
    file: 'realistic.conf',
    flow: '10.30.0.10 > 10.20.0.40:443/tcp',
    expect: 'allow',
    by: 'policy 21 (wap to adfs)',
  },
  {
    says: 'a site: a disabled policy for all does nothing',
    file: 'realistic.conf',
    flow: '10.30.0.10 > 10.20.0.10:88/tcp',
    expect: 'drop',
  },
]

firewallCases(read, folder, [...order, ...texts, ...site])

const judgedOf = (file: string, flow: string) => {
  const [ruleSet] = readFile(file).ruleSets
  const asked = parseAskedFlow(flow)
  assert.ok(ruleSet !== undefined && 'ok' in asked)
  return judge(ruleSet, asked.ok, 'forward', nothingKnown)
}

test('TLS is opened by the profile of the policy, and left alone for exempted names', () => {
  const inspected = (flow: string) => judgedOf('inspection.conf', flow).parts.map((part) => part.inspected ?? 'no')
  assert.deepEqual(inspected('10.1.0.10 > portal.example.com:443/tcp'), ['yes'])
  assert.deepEqual(inspected('10.1.0.10 > x.msappproxy.net:443/tcp'), ['no'])
  assert.deepEqual(inspected('10.1.0.10 > portal.example.com:8443/tcp'), ['yes'])
  assert.deepEqual(inspected('10.1.0.10 > portal.example.com:25/tcp'), ['no'])
  assert.deepEqual(inspected('10.2.0.10 > portal.example.com:443/tcp'), ['no'])
  assert.deepEqual(inspected('10.3.0.10 > portal.example.com:443/tcp'), ['may'])
})

test('sources are translated by the pool, by the interface, or by the virtual IP of their own', () => {
  const sources = (file: string, flow: string) =>
    judgedOf(file, flow).parts.map(({ becomes }) =>
      becomes?.source?.map(({ first }) => formatAddress({ family: 4, value: first })),
    )
  assert.deepEqual(sources('pool.conf', '10.1.0.10 > 192.0.2.1:443/tcp'), [['203.0.113.3']])
  assert.deepEqual(sources('centralNat.conf', '10.1.0.10 > 192.0.2.1:443/tcp'), [['203.0.113.2']])
  assert.deepEqual(sources('virtualAddress.conf', '10.2.0.20 > 192.0.2.1:443/tcp'), [['203.0.113.5']])
  assert.deepEqual(sources('virtualAddress.conf', '10.2.0.21 > 192.0.2.1:443/tcp'), [['203.0.113.2']])
})

test('every statement of a whole configuration is understood', () => {
  for (const name of ['realistic.conf', 'vdoms.conf', 'multiLine.conf', 'virtualAddress.conf', 'inspection.conf']) {
    const { coverage, ruleSets } = readFile(name)
    assert.deepEqual(coverage.unread, [], name)
    assert.deepEqual(
      ruleSets.flatMap(({ doubts }) => doubts),
      [],
      name,
    )
  }
})

test('what is not understood is told with its line', () => {
  assert.deepEqual(
    readFile('unknownSetting.conf').coverage.unread.map(({ span, why }) => [span.line, why]),
    [[3, 'the setting "quantum-state" is not known here']],
  )
  assert.deepEqual(readText('').ruleSets, [])
})

test('files of objects and of policies are one device', () => {
  const objects = 'config firewall address\nedit "a"\nset subnet 10.1.0.0/24\nnext\nend\n'
  const policies =
    'config firewall policy\nedit 1\nset srcaddr "a"\nset dstaddr "all"\nset service "ALL"\nset action accept\nnext\nend\n'
  const { ruleSets } = read(
    [
      { name: 'a', text: objects },
      { name: 'b', text: `\uFEFF${policies.replaceAll('\n', '\r\n')}` },
    ],
    { places: {} },
  )
  const rule = ruleSets[0]?.chains.policies?.find(({ name }) => name === 'policy 1')
  assert.equal(rule?.match.source?.sure.length, 1)
  assert.deepEqual([rule?.span.file, rule?.span.line], ['b', 2])
})

test('a hundred thousand objects, groups in a row and blocks within each other are read', () => {
  const address = (at: number) => `edit "a${at}"\nset subnet 10.${at % 256}.${(at >> 8) % 256}.0/24\nnext\n`
  const many = Array.from({ length: 100_000 }, (_, at) => address(at)).join('')
  const group = (at: number) => `edit "g${at}"\nset member "g${at + 1}"\nnext\n`
  const row = Array.from({ length: 100_000 }, (_, at) => group(at)).join('')
  const policy =
    'config firewall policy\nedit 1\nset srcaddr "g0"\nset dstaddr "all"\nset service "ALL"\nset action accept\nnext\nend\n'
  const deep = 'config firewall address\n'.repeat(100_000)
  const { ruleSets } = readText(`config firewall address\n${many}end\nconfig firewall addrgrp\n${row}end\n${policy}`)
  const rule = ruleSets[0]?.chains.policies?.find(({ name }) => name === 'policy 1')
  assert.match(rule?.match.source?.possible[0]?.because.what ?? '', /nested more than/)
  assert.ok((readText(deep).ruleSets[0]?.doubts.length ?? 0) > 0)
})

test('groups of virtual IPs that many policies name are written out up to a bound, and then may be any of them', () => {
  const at = (block: string, entries: readonly string[]) => `config firewall ${block}\n${entries.join('')}end\n`
  const names = Array.from({ length: 400 }, (_, number) => `v${number}`)
  const address = (name: string, number: number) =>
    `edit "${name}"\nset extip 198.51.${100 + (number >> 8)}.${number & 255}\nset mappedip 10.0.${number >> 8}.${number & 255}\nnext\n`
  const group = `edit "all of them"\nset member ${names.map((name) => `"${name}"`).join(' ')}\nnext\n`
  const policy = (number: number) =>
    `edit ${number}\nset srcaddr "all"\nset dstaddr "all of them"\nset service "HTTPS"\nset action accept\nnext\n`
  const policies = Array.from({ length: 300 }, (_, number) => policy(number + 1))
  const { ruleSets } = readText(at('vip', names.map(address)) + at('vipgrp', [group]) + at('policy', policies))
  const rules = ruleSets[0]?.chains['policies for virtual IPs'] ?? []
  assert.ok(rules.length < 110_000)
  assert.match(rules.at(-1)?.unknowns[0]?.what ?? '', /too many to write them out/)
})

const corpus = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'))

const mutated = fc.oneof(...corpus.map(mutatedTexts))

test('any text, and any configuration with slips, is read and accounted for', () => {
  readsAny(read, fc.oneof(fc.string(), mutated), 300)
})

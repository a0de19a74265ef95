import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { accountsForAll } from '../../../../test/firewall/accountsForAll.ts'
import { textsOfParts } from '../../../../test/firewall/anyTexts.ts'
import { readsAny, readsMutated } from '../../../../test/firewall/readsAny.ts'
import type { FirewallCase } from '../../../../test/firewallCases.ts'
import { firewallCases } from '../../../../test/firewallCases.ts'
import { read } from './index.ts'

const cases = new URL('cases/', import.meta.url)
const fileOf = (name: string) => ({ name, text: readFileSync(new URL(name, cases), 'utf8') })
const noHints = { places: {} }

/** What is asked, and the right answer; `profile`: the user says that it is the active one. */
const rows: readonly (Omit<FirewallCase, 'says'> & { readonly profile?: string })[] = [
  // Registry strings of a policy: MS-GPFAS 2.2.2.19.
  {
    file: 'gpo.reg',
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    passage: 'output',
    expect: 'allow',
    by: 'Entra ID sign-in',
    line: 17,
  },
  {
    file: 'gpo.reg',
    flow: '10.1.0.10 > 40.126.63.255:443/tcp',
    passage: 'output',
    expect: 'allow',
    by: 'Entra ID sign-in',
  },
  {
    file: 'gpo.reg',
    flow: '10.1.0.10 > 40.126.64.0:443/tcp',
    passage: 'output',
    expect: 'drop',
    by: 'default of the profile, outbound: Block',
  },
  // A condition on IPv4 alone is none for IPv6.
  { file: 'gpo.reg', flow: '2001:db8::10 > [2603:1006:2000::1]:443/tcp', passage: 'output', expect: 'drop' },
  // Block comes before allow, wherever it stands.
  {
    file: 'gpo.reg',
    flow: '10.1.0.10 > 20.190.191.9:443/tcp',
    passage: 'output',
    expect: 'drop',
    by: 'One network of it',
    line: 23,
  },
  {
    file: 'gpo.reg',
    flow: '10.1.0.10 > 10.1.0.5:389/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /profile is Domain/,
  },
  {
    file: 'gpo.reg',
    flow: '10.1.0.10 > 10.1.0.5:636/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /profile is Domain/,
  },
  { file: 'gpo.reg', flow: '10.1.0.10 > 192.0.2.1:25/tcp', passage: 'output', expect: 'drop' },
  { file: 'gpo.reg', flow: '10.1.0.10 > 192.0.2.1:110/tcp', passage: 'output', expect: 'drop' },
  {
    file: 'gpo.reg',
    flow: '10.1.0.10 > 192.0.2.1:5671/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /agent\.exe/,
  },
  { file: 'gpo.reg', flow: '10.1.0.10 > 192.0.2.1:8443/tcp', passage: 'output', expect: 'may', dependsOn: /NewKey/ },
  { file: 'gpo.reg', flow: '10.1.0.10 > 192.0.2.1:53/udp', passage: 'output', expect: 'may', dependsOn: /DNS servers/ },
  { file: 'gpo.reg', flow: '10.1.0.7 > 10.1.0.10:135/tcp', passage: 'input', expect: 'allow', by: 'RPC' },
  {
    file: 'gpo.reg',
    flow: '10.1.0.7 > 10.1.0.10:50000/tcp',
    passage: 'input',
    expect: 'may',
    dependsOn: /RPC servers/,
  },
  { file: 'gpo.reg', flow: '10.2.0.7 > 10.1.0.10:135/tcp', passage: 'input', expect: 'drop' },
  { file: 'gpo.reg', flow: '10.1.0.7 > 10.1.0.10/icmp', passage: 'input', expect: 'allow', by: 'Ping' },
  // An authenticated bypass comes before the block.
  {
    file: 'gpo.reg',
    flow: '10.2.0.7 > 10.1.0.10:3389/tcp',
    passage: 'input',
    expect: 'may',
    dependsOn: /IPsec authenticates/,
  },
  // Local rules, the defaults of the factory, service hardening, a profile that is off, one that is shut.
  {
    file: 'local-merge.reg',
    flow: '10.1.0.10 > 192.0.2.1:443/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /service being Own/,
  },
  {
    file: 'local-merge.reg',
    flow: '10.1.0.7 > 10.1.0.10:443/tcp',
    passage: 'input',
    profile: 'Domain',
    expect: 'drop',
    by: 'default of the profile, inbound: Block',
  },
  {
    file: 'local-merge.reg',
    flow: '10.1.0.7 > 10.1.0.10:443/tcp',
    passage: 'input',
    profile: 'Private',
    expect: 'drop',
    by: 'all inbound blocked, whatever the rules (profile Private)',
  },
  {
    file: 'local-merge.reg',
    flow: '10.1.0.7 > 10.1.0.10:443/tcp',
    passage: 'input',
    profile: 'Public',
    expect: 'allow',
    by: 'the firewall is off (profile Public)',
  },
  {
    file: 'local-merge.reg',
    flow: '10.1.0.7 > 10.1.0.10:443/tcp',
    passage: 'input',
    expect: 'may',
    dependsOn: /profile is Domain/,
  },
  {
    file: 'reg-query.txt',
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /cut off/,
  },
  { file: 'reg-query.txt', flow: '10.1.0.10 > 20.190.128.1:443/udp', passage: 'output', expect: 'may' },
  { file: 'plain-lines.txt', flow: '10.1.0.10 > 192.0.2.1:443/tcp', passage: 'output', expect: 'allow', by: 'Web' },
  {
    file: 'plain-lines.txt',
    flow: '10.1.0.10 > 192.0.2.1:8530/tcp',
    passage: 'output',
    expect: 'drop',
    by: 'Updates',
    line: 2,
  },
  // Two rules of different profiles together leave nothing open.
  { file: 'plain-lines.txt', flow: '10.1.0.10 > 192.0.2.1:88/tcp', passage: 'output', expect: 'allow' },
  { file: 'plain-lines.txt', flow: '10.1.0.10 > 192.0.2.1:445/tcp', passage: 'output', expect: 'may' },
  // Words for ports and addresses, and conditions on who sends; without settings inbound is blocked, outbound is not.
  { file: 'words.reg', flow: '10.3.0.7 > 10.1.0.10:443/tcp', passage: 'input', expect: 'may', dependsOn: /IP-HTTPS/ },
  {
    file: 'words.reg',
    flow: '10.1.0.7 > 10.1.0.10:443/tcp',
    passage: 'input',
    expect: 'drop',
    by: 'default of the profile, inbound: Block',
  },
  { file: 'words.reg', flow: '10.1.0.10 > 10.3.0.1:443/tcp', passage: 'output', expect: 'may', dependsOn: /IP-HTTPS/ },
  {
    file: 'words.reg',
    flow: '10.1.0.10 > 192.0.2.1:22/tcp',
    passage: 'output',
    expect: 'allow',
    by: 'default of the profile, outbound: Allow',
  },
  { file: 'words.reg', flow: '10.1.0.7 > 10.1.0.10:3544/udp', passage: 'input', expect: 'may', dependsOn: /Teredo/ },
  ...['LocalSubnet', 'default gateway', 'DHCP', 'WINS'].map((word) => ({
    file: 'words.reg',
    flow: '10.1.0.7 > 10.1.0.10:389/tcp',
    passage: 'input' as const,
    expect: 'may' as const,
    dependsOn: new RegExp(word),
  })),
  {
    file: 'words.reg',
    flow: '10.1.0.10 > 192.0.2.1:8443/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /intranet/,
  },
  { file: 'words.reg', flow: '10.2.0.9 > 10.1.0.10:8444/tcp', passage: 'input', expect: 'allow', line: 18 },
  { file: 'words.reg', flow: '10.2.0.9 > 10.1.0.11:8444/tcp', passage: 'input', expect: 'drop' },
  { file: 'words.reg', flow: '10.2.0.9 > 10.1.0.11:8445/tcp', passage: 'input', expect: 'may', dependsOn: /Wireless/ },
  { file: 'words.reg', flow: '10.2.0.9 > 10.1.0.11:8446/tcp', passage: 'input', expect: 'may', dependsOn: /ADSync/ },
  { file: 'words.reg', flow: '10.2.0.9 > 10.1.0.11:8447/tcp', passage: 'input', expect: 'may', dependsOn: /account/ },
  // JSON of the cmdlets.
  {
    file: 'realistic.json',
    flow: '10.20.5.21 > 20.190.128.1:443/tcp',
    passage: 'output',
    expect: 'allow',
    by: 'Entra ID, sign-in and sync',
  },
  {
    file: 'realistic.json',
    flow: '2001:db8::21 > [2603:1006:2000::9]:443/tcp',
    passage: 'output',
    expect: 'allow',
    by: 'Entra ID over IPv6',
  },
  {
    file: 'realistic.json',
    flow: '10.20.5.21 > 20.190.191.7:443/tcp',
    passage: 'output',
    expect: 'drop',
    by: 'Block Entra test range',
  },
  {
    file: 'realistic.json',
    flow: '10.20.5.21 > 10.20.1.10:389/tcp',
    passage: 'output',
    expect: 'allow',
    by: 'Domain controllers, TCP',
  },
  { file: 'realistic.json', flow: '10.20.5.21 > 10.20.1.12:389/tcp', passage: 'output', expect: 'drop' },
  {
    file: 'realistic.json',
    flow: '10.20.5.21 > 192.0.2.80:80/tcp',
    passage: 'output',
    expect: 'allow',
    by: 'Revocation lists',
  },
  {
    file: 'realistic.json',
    flow: '10.20.5.21 > 203.0.113.9:80/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /learnt of crl\.microsoft\.com/,
  },
  {
    file: 'realistic.json',
    flow: '10.20.5.21 > crl.microsoft.com:80/tcp',
    passage: 'output',
    expect: 'allow',
    by: 'Revocation lists',
  },
  {
    file: 'realistic.json',
    flow: '10.20.5.21 > 203.0.113.9:5671/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /AzureADConnectAuthenticationAgentService/,
  },
  // A rule that is switched off (2 in numbers), and a local one, which the profile does not merge.
  { file: 'realistic.json', flow: '10.20.5.21 > 203.0.113.9:25/tcp', passage: 'output', expect: 'drop' },
  {
    file: 'realistic.json',
    flow: '10.20.9.4 > 10.20.5.21:5985/tcp',
    passage: 'input',
    expect: 'allow',
    by: 'Management by WinRM',
  },
  {
    file: 'realistic.json',
    flow: '10.20.5.4 > 10.20.5.21:135/tcp',
    passage: 'input',
    expect: 'allow',
    by: 'RPC endpoint mapper',
  },
  {
    file: 'realistic.json',
    flow: '10.20.5.4 > 10.20.5.21:445/tcp',
    passage: 'input',
    expect: 'may',
    dependsOn: /IPsec/,
  },
  { file: 'nested-words.json', flow: '10.1.0.10 > 10.9.1.1:443/tcp', passage: 'output', expect: 'allow' },
  {
    file: 'nested-words.json',
    flow: '10.1.0.10 > 10.9.1.1:8005/tcp',
    passage: 'output',
    profile: 'Private',
    expect: 'allow',
    by: 'Words and nested filters',
  },
  {
    file: 'nested-words.json',
    flow: '10.1.0.10 > 10.9.1.1:80/tcp',
    passage: 'output',
    profile: 'Private',
    expect: 'drop',
  },
  {
    file: 'nested-words.json',
    flow: '10.1.0.10 > 192.0.2.1:22/tcp',
    passage: 'output',
    profile: 'Domain',
    out: 'Ethernet 2',
    expect: 'drop',
    by: 'By one interface',
  },
  {
    file: 'nested-words.json',
    flow: '10.1.0.10 > 192.0.2.1:22/tcp',
    passage: 'output',
    profile: 'Domain',
    out: 'Ethernet',
    expect: 'allow',
  },
  {
    file: 'rules-alone.json',
    flow: '10.1.0.10 > 192.0.2.1:443/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /the export does not have/,
  },
  {
    file: 'same-id-twice.json',
    flow: '10.1.0.10 > 192.0.2.1:443/tcp',
    passage: 'output',
    expect: 'drop',
    by: 'Local twin',
  },
  {
    file: 'same-id-twice.json',
    flow: '10.1.0.10 > 192.0.2.1:80/tcp',
    passage: 'output',
    expect: 'drop',
    by: 'Policy twin',
  },
  { file: 'same-id-twice.json', flow: '10.1.0.10 > 192.0.2.1:81/tcp', passage: 'output', expect: 'allow' },
  {
    file: 'same-id-unclear.json',
    flow: '10.1.0.10 > 192.0.2.1:443/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /which of 2 filters/,
  },
  { file: 'both-stores.json', flow: '10.1.0.10 > 192.0.2.1:443/tcp', passage: 'output', expect: 'drop', by: 'Web' },
  // Tables.
  {
    file: 'firewall-manager.csv',
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    passage: 'output',
    expect: 'allow',
    by: 'Entra out',
    line: 2,
  },
  {
    file: 'firewall-manager.csv',
    flow: '10.1.0.10 > 192.0.2.1:8443/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /RemoteDynamicKeywordAddresses/,
  },
  {
    file: 'firewall-manager.csv',
    flow: '10.1.0.7 > 10.1.0.10:80/tcp',
    passage: 'input',
    expect: 'allow',
    by: 'Web in',
  },
  {
    file: ['export-rules.csv', 'export-filters.csv'],
    flow: '10.1.0.10 > 192.0.2.1:443/tcp',
    passage: 'output',
    expect: 'drop',
    by: 'Web, in two files',
    line: 3,
  },
  {
    file: ['export-rules.csv', 'export-filters.csv'],
    flow: '10.1.0.10 > 192.0.2.1:25/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /System\.String\[\]/,
  },
  {
    file: 'wf-inbound.txt',
    flow: '10.1.0.7 > 10.1.0.10:23/tcp',
    passage: 'input',
    expect: 'may',
    dependsOn: /wf\.msc does not show/,
  },
  // netsh.
  {
    file: ['netsh-rules.txt', 'netsh-profiles.txt'],
    flow: '10.1.0.10 > 192.0.2.1:443/tcp',
    passage: 'output',
    profile: 'Domain',
    expect: 'drop',
    by: 'default of the profile, outbound: Block',
  },
  {
    file: ['netsh-rules.txt', 'netsh-profiles.txt'],
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    passage: 'output',
    profile: 'Public',
    expect: 'allow',
  },
  {
    file: ['netsh-rules.txt', 'netsh-profiles.txt'],
    flow: '10.1.0.7 > 10.1.0.10/icmp',
    passage: 'input',
    profile: 'Private',
    expect: 'drop',
  },
  {
    file: ['netsh-rules.txt', 'netsh-profiles.txt'],
    flow: '10.1.0.7 > 10.1.0.10/icmp',
    passage: 'input',
    profile: 'Domain',
    expect: 'may',
    dependsOn: /netsh does not show/,
  },
]

firewallCases(
  read,
  cases,
  rows.map(({ profile, ...row }) => ({
    ...row,
    says: `${[row.file].flat().join(' and ')}${profile === undefined ? '' : `, ${profile}`}: ${row.passage} ${row.flow} is ${row.expect}`,
    ...(profile !== undefined && { places: { [profile]: ['0.0.0.0/0', '::/0'] } }),
  })),
)

test('what is not understood is listed with its line and with what to run instead', () => {
  const german = read([fileOf('netsh-german.txt')], noHints)
  assert.deepEqual(german.ruleSets, [])
  assert.equal(german.coverage.unread[0]?.span.line, 2)
  assert.match(
    german.coverage.unread[0]?.why ?? '',
    /"Regelname" is no label of netsh in English.*run: .*Get-NetFirewallRule/,
  )
  const cut = read([fileOf('reg-query.txt')], noHints)
  assert.deepEqual(
    cut.coverage.unread.map(({ span, why }) => [span.line, why]),
    [
      [9, 'DefaultInboundAction is neither 0 nor 1'],
      [4, 'the rule string is cut off: it does not end in "|"'],
    ],
  )
})

test('rules that are off, static or of the factory count as understood and are not asked', () => {
  const { ruleSets, coverage } = read([fileOf('local-merge.reg')], noHints)
  assert.deepEqual(coverage.unread, [])
  const names = Object.values(ruleSets[0]?.chains ?? {}).flatMap((rules) => rules.map(({ name }) => name))
  assert.equal(
    names.some((name) => /DHCP|reset|Own service out/.test(name)),
    false,
  )
})

test('bypass comes before block and block before allow, whatever their order in the file', () => {
  const { ruleSets } = read([fileOf('realistic.json')], noHints)
  const inbound = ruleSets[0]?.chains['inbound']?.map(({ name }) => name) ?? []
  assert.deepEqual(inbound.slice(0, 2), ['Bypass for the scanner', 'Block SMB in'])
  assert.equal(inbound.at(-1), 'default of the profile, inbound: Block')
})

test('a word for addresses is settled by what the user says of it', () => {
  const text = 'v2.30|Action=Block|Active=TRUE|Dir=Out|RA4=LocalSubnet|Name=near|\n'
  const near = { family: 4 as const, first: 0x0a010000n, last: 0x0a0100ffn }
  const { ruleSets } = read([{ name: 'a.txt', text }], { places: { LocalSubnet: [near] } })
  assert.deepEqual(ruleSets[0]?.chains['outbound']?.[0]?.match.destination, { sure: [near], possible: [] })
})

test('any text is read without a throw, and every statement is accounted for', () => {
  const texts = textsOfParts(
    'v2.30|',
    'Action=Allow|',
    'Dir=Out|',
    'RA4=',
    '10.0.0.0/8',
    '|',
    '\n',
    'Rule Name: x\n',
    '-'.repeat(30),
    '[HKEY_LOCAL_MACHINE\\',
    ']',
    '"a"="',
    '{"Direction":1,"Action":2}',
    '[',
    ';',
    '\t',
  )
  readsAny(read, texts)
})

test('cases with lines dropped, doubled and cut are read without a throw', () => {
  readsMutated(read, cases)
})

test('a line of a megabyte of blanks ends', () => {
  for (const line of [`HKLM\\${' '.repeat(1e6)}]x`, `    a${' '.repeat(1e6)}REG_X`, `${' '.repeat(1e6)}v2.3`]) {
    accountsForAll(read([{ name: 'wide', text: `v2.30|Action=Allow|\n${line}` }], noHints))
  }
})

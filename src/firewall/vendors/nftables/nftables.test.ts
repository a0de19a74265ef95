import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { accountsForAll } from '../../../../test/firewall/accountsForAll.ts'
import { readsAny, readsMutated } from '../../../../test/firewall/readsAny.ts'
import type { FirewallCase } from '../../../../test/firewallCases.ts'
import { firewallCases } from '../../../../test/firewallCases.ts'
import { read } from './index.ts'

const cases = new URL('./cases/', import.meta.url)
const lan = { in: 'lan0', out: 'wan0' } as const

/** A flow from one host inside to one outside. */
const outward = (
  file: FirewallCase['file'],
  says: string,
  port: number,
  expect: FirewallCase['expect'],
  more: Partial<FirewallCase> = {},
): FirewallCase => ({
  says,
  file,
  flow: `10.0.0.5:50000 > 192.0.2.1:${port}/tcp`,
  ...lan,
  expect,
  ...more,
})

const mayRows: readonly (readonly [number, string, RegExp])[] = [
  [1001, 'a dynamic set', /set learnt/],
  [1002, 'a limit', /rate/],
  [1003, 'the time of day', /time of day/],
  [1004, 'a user', /user/],
  [1005, 'a count of connections', /connections/],
  [1006, 'the traffic class', /IP header/],
  [1007, 'a queue', /queue/],
  [1008, 'a name that is looked up at load', /vpn\.corp\.example/],
  [1012, 'chance', /turn/],
  [1013, 'a quota', /quota/],
  [1014, 'a transparent proxy', /transparent proxy/],
  [1015, 'a limit for each address', /each element/],
  [1016, 'the mark of a connection', /mark of the connection/],
  [1017, 'an address that is rewritten', /rewritten/],
  [1018, 'a control group', /control group/],
]

firewallCases(read, cases, [
  outward('stages.nft', 'every base chain of a hook has to accept', 443, 'allow', { by: 'rule 1', line: 17 }),
  outward('stages.nft', 'a drop is final, however many chains would accept', 8443, 'drop', { by: 'rule 1', line: 4 }),
  outward('stages.nft', 'a later chain refuses what an earlier one accepted', 5671, 'reject', { line: 11 }),
  outward('stages.nft', 'an accept ends its own chain alone', 22, 'drop', { by: 'policy drop', line: 16 }),
  outward('same-priority.nft', 'of chains of one priority, and behind a flowtable, all have to accept', 443, 'allow', {
    by: 'rule 2',
  }),
  outward('same-priority.nft', 'whichever of them comes first, a drop is final', 22, 'drop', { line: 6 }),
  outward('same-priority.nft', 'where two end it the one that was added last does', 23, 'drop', { line: 14 }),
  outward('same-priority.nft', 'what none ends passes all of them', 80, 'allow', { by: 'policy accept', line: 3 }),
  outward('families.nft', 'a table of ip filters IPv4', 22, 'drop', { by: 'policy drop' }),
  {
    says: 'and lets IPv6 pass unseen',
    file: 'families.nft',
    flow: '2001:db8::5 > [2001:db8:1::1]:22/tcp',
    expect: 'allow',
  },
  outward('families.nft', 'ARP is no packet of IP', 443, 'allow'),
  outward('families.nft', 'a bridge may be on the way', 443, 'may', {
    flow: '10.0.0.5 > 192.0.2.66:443/tcp',
    dependsOn: /bridge/,
  }),
  outward('families.nft', 'a device is filtered at its ingress', 443, 'drop', {
    flow: '192.0.2.99 > 10.0.0.5:443/tcp',
    in: 'wan0',
    out: 'lan0',
    line: 22,
  }),
  outward('families.nft', 'and the others are not', 443, 'allow', {
    flow: '192.0.2.99 > 10.0.0.5:443/tcp',
    in: 'lan0',
    out: 'wan0',
  }),
  outward('includes.nft', 'an include that was not given makes everything doubtful', 443, 'may', {
    flow: '10.1.0.5 > 10.0.0.1:443/tcp',
    dependsOn: /more\.nft/,
  }),
  outward(
    ['includes.nft', 'more.nft'],
    'a file that was given is read where it is included, with what was defined before',
    22,
    'may',
    { flow: '10.1.0.5 > 10.0.0.2:22/tcp', dependsOn: /rules-\*/ },
  ),
  outward('commands.nft', 'commands build up a rule set', 22, 'allow', {
    flow: '10.0.5.7 > 192.0.2.1:22/tcp',
    line: 7,
  }),
  outward('commands.nft', 'insert puts a rule before the others', 22, 'drop', {
    flow: '10.0.5.66 > 192.0.2.1:22/tcp',
    line: 8,
  }),
  outward('commands.nft', 'an element that was added is in the set', 22, 'allow', {
    flow: '10.0.9.1 > 192.0.2.1:22/tcp',
  }),
  outward('unread.nft', 'what is not understood may match where it could', 443, 'may', {
    flow: '10.0.0.9 > 192.0.2.1:443/tcp',
    dependsOn: /not understood/,
  }),
  outward('unread.nft', 'a remark of xt is a condition, and its verdict may be', 443, 'may', { dependsOn: /xt_u32/ }),
  outward('unread.nft', 'what stands before it is sure', 25, 'drop', { line: 5 }),
  ...mayRows.map(([port, what, dependsOn]) =>
    outward('unknowns.nft', `${what} is no certainty`, port, 'may', { dependsOn }),
  ),
  outward('unknowns.nft', 'a set that is not there is a reference to nothing', 1009, 'unknown-ref', {
    dependsOn: /missing/,
  }),
  outward('unknowns.nft', 'a chain that is not there is a reference to nothing', 1010, 'unknown-ref', {
    dependsOn: /nowhere/,
  }),
  outward('unknowns.nft', 'an element with a timeout may be gone', 1011, 'may', {
    flow: '10.0.0.77 > 192.0.2.1:1011/tcp',
    dependsOn: /expired/,
  }),
  outward('unknowns.nft', 'an element without one is there', 1011, 'drop', { flow: '10.0.0.78 > 192.0.2.1:1011/tcp' }),
  {
    says: 'an interface that nobody named may be any',
    file: 'unknowns.nft',
    flow: '10.0.0.5 > 192.0.2.1:1019/tcp',
    expect: 'may',
    dependsOn: /interface/,
  },
  outward('flags.nft', 'a set of flags is exact: SYN alone is in it, SYN and ACK is not', 1001, 'drop'),
  outward('flags.nft', 'a flag without a sign is a test of its bit', 1002, 'allow'),
  outward('flags.nft', 'the first packet has no ACK', 1003, 'drop'),
  outward('flags.nft', 'bits under a mask', 1004, 'allow'),
  outward('flags.nft', 'the same with a slash', 1005, 'allow'),
  outward('flags.nft', 'a packet with SYN alone is not unlike SYN', 1006, 'drop'),
  outward('states.nft', 'two states behind == are a number that no state is: the answer is dropped', 443, 'drop'),
  outward('states.nft', 'and behind != they are always another', 80, 'allow'),
  outward('nat.nft', 'the forward chain sees what dnat made', 443, 'allow', {
    flow: '192.0.2.5 > 198.51.100.1:443/tcp',
    in: 'wan0',
    out: 'lan0',
    becomes: '10.0.0.80:8443',
  }),
  outward('nat.nft', 'a map leads to addresses by port', 22, 'allow', {
    flow: '192.0.2.5 > 198.51.100.1:22/tcp',
    in: 'wan0',
    out: 'lan0',
    becomes: '10.0.0.81',
  }),
  outward('nat.nft', 'what was not translated has no such status', 22, 'drop', {
    flow: '192.0.2.5 > 10.0.0.81:22/tcp',
    in: 'wan0',
    out: 'lan0',
  }),
  outward('nat.nft', 'redirect leads to the machine itself', 80, 'allow', { in: 'guest0', becomes: '0.0.0.0:3128' }),
  outward('nat.nft', 'snat changes the source behind the forward chain', 443, 'allow', {
    flow: '10.0.1.7 > 192.0.2.1:443/tcp',
  }),
  outward('nat.nft', 'a pool is any of its addresses', 443, 'drop', {
    flow: '192.0.2.5 > 198.51.100.2:443/tcp',
    in: 'wan0',
    out: 'lan0',
  }),
  outward('nat.nft', 'one of two in turn', 22, 'may', {
    flow: '192.0.2.5 > 198.51.100.3:22/tcp',
    in: 'wan0',
    out: 'lan0',
    dependsOn: /turn/,
  }),
  outward('listing.json', 'JSON: a set by name', 8005, 'allow', { by: 'handle 9' }),
  outward('listing.json', 'JSON: a verdict map of pairs', 25, 'drop', {
    flow: '10.1.0.5 > 10.0.0.1:25/tcp',
    by: 'handle 8',
  }),
  outward('listing.json', 'JSON: a jump from a map', 25, 'allow', {
    flow: '10.1.0.5 > 10.0.0.2:25/tcp',
    by: 'handle 6',
  }),
  {
    says: 'JSON: what xt does nobody tells',
    file: 'listing.json',
    flow: '10.0.0.5 > 192.0.2.1:53/udp',
    expect: 'drop',
  },
  ...(
    [
      ['10.10.20.15 > 20.190.128.1:443/tcp', 'may', { dependsOn: /set blocked/, line: 97 }],
      ['10.10.20.15 > 20.190.128.1:8443/tcp', 'reject', { line: 97 }],
      ['10.10.5.12 > 192.0.2.1:25/tcp', 'reject', {}],
      ['2001:db8:10:20::5 > [2603:1006:2000::1]:443/tcp', 'allow', {}],
      ['2001:db8:10:20::5 > [2001:db8:9::1]:443/tcp', 'reject', {}],
      ['10.10.66.9 > 192.0.2.1:443/tcp', 'drop', {}],
    ] as const
  ).map(([flow, expect]): FirewallCase => ({ says: `a site: ${flow}`, file: 'realistic.nft', flow, ...lan, expect })),
])

test('any text is accounted for, and nothing is thrown', () => {
  readsAny(read, fc.string({ unit: 'binary' }), 200)
  readsAny(read, fc.json())
  readsMutated(read, cases, ['realistic.nft', 'unknowns.nft', 'listing.json', 'nat.nft', 'commands.nft'], 60)
})

test('a hundred thousand of anything comes to an end', () => {
  const much = [
    'table inet t {'.repeat(100_000),
    `table inet t { chain c { ${'{'.repeat(100_000)}`,
    `table inet t { chain c { ip saddr ${'('.repeat(100_000)}`,
    ':'.repeat(100_000),
    `table ip t { set s { type ipv4_addr; elements = { ${Array.from({ length: 50_000 }, (_, n) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`).join(', ')} } } }`,
    `table inet t { ${Array.from({ length: 2000 }, (_, n) => `chain c${n} { jump c${(n + 1) % 2000}; goto c${n}; }`).join('\n')} }`,
  ]
  for (const text of much) accountsForAll(read([{ name: 'a', text }], { places: {} }))
})

test('pairs that multiply become a rule that nobody knows of, and are told', () => {
  const ports = Array.from({ length: 200 }, (_, n) => n * 2 + 1).join(', ')
  const pairs = Array.from({ length: 300 }, (_, n) => `10.0.${n >> 8}.${n & 255} . ${n + 1}`).join(', ')
  const text = `table inet t { chain c { type filter hook forward priority 0; ip saddr . tcp dport { ${pairs} } ip daddr . tcp sport { ${pairs} } tcp dport { ${ports} } drop; } }`
  const { coverage } = read([{ name: 'a', text }], { places: {} })
  assert.match(coverage.unread[0]?.why ?? '', /combinations/)
})

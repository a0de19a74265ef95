import { test } from 'node:test'
import fc from 'fast-check'
import { accountsForAll } from '../../../../test/firewall/accountsForAll.ts'
import { readsAny, readsMutated } from '../../../../test/firewall/readsAny.ts'
import type { FirewallCase } from '../../../../test/firewallCases.ts'
import { firewallCases } from '../../../../test/firewallCases.ts'
import { read } from './index.ts'

const cases = new URL('./cases/', import.meta.url)
const site = ['realistic.v4', 'realistic.v6']

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
  in: 'lan0',
  out: 'wan0',
  expect,
  ...more,
})

const mayRows: readonly (readonly [number, string, RegExp])[] = [
  [1001, 'an ipset', /ipset trusted/],
  [1002, 'a limit', /rate/],
  [1003, 'the time of day', /time of day/],
  [1004, 'what a packet carries', /carries/],
  [1005, 'what was seen lately', /seen lately/],
  [1006, 'an address of Ethernet', /Ethernet/],
  [1007, 'a limit for each address', /rate/],
  [1008, 'the mark of a connection', /mark of the connection/],
  [1009, 'a queue', /queue/],
  [1010, 'a match that is not known', /wonder/],
  [1012, 'chance', /chance/],
  [1013, 'a name that is looked up at load', /vpn\.corp\.example/],
  [1014, 'a country', /countries/],
  [1015, 'octets of the packet', /octets/],
]

firewallCases(read, cases, [
  outward('basics.v4', 'jump comes back behind the chain', 1001, 'allow', { by: 'rule 6', line: 14 }),
  outward('basics.v4', 'goto does not: the policy is next', 1002, 'drop', { by: 'policy DROP', line: 4 }),
  outward('basics.v4', 'a rule without a target counts and goes on', 25, 'drop'),
  outward('basics.v4', 'a reset is a reject', 1003, 'reject', { by: 'rule 7' }),
  outward('basics.v4', 'a log goes on, and a quoted comment is no target', 1004, 'allow', { by: 'rule 9' }),
  outward('basics.v4', 'several ports and ranges', 1011, 'allow'),
  outward('basics.v4', 'a negated source with a mask in dots', 1006, 'drop'),
  outward('basics.v4', 'the same from elsewhere', 1006, 'allow', { flow: '10.0.1.5:50000 > 192.0.2.1:1006/tcp' }),
  outward('basics.v4', 'a plus stands for any ending', 1007, 'allow'),
  outward('basics.v4', 'an interface that must not be', 1007, 'drop', { out: 'wan1' }),
  outward('basics.v4', 'the first packet is SYN', 1008, 'allow'),
  outward('basics.v4', 'and not unlike SYN', 1009, 'drop'),
  outward('basics.v4', 'a negated range', 1013, 'drop'),
  outward('basics.v4', 'remembering an address asks nothing', 1014, 'allow'),
  outward('order.v4', 'raw comes before all others, and drops', 2001, 'drop', { line: 4 }),
  outward('order.v4', 'mangle drops what the filter would accept', 2002, 'drop', { line: 13 }),
  outward('order.v4', 'a mark of mangle is seen by the filter', 2003, 'allow', { by: 'rule 2', line: 29 }),
  outward('order.v4', 'mangle at FORWARD sees the port that nat made', 2004, 'drop', { line: 13 }),
  outward('order.v4', 'mangle at POSTROUTING comes last', 2005, 'drop', { line: 14 }),
  outward('order.v4', 'what none of them drops passes', 2006, 'allow', { line: 31 }),
  outward('order.v4', 'a chain of the user has no policy, and one that nothing leads to does nothing', 2007, 'drop', {
    by: 'policy DROP',
    line: 25,
  }),
  outward('order.v4', 'who sends it is no certainty', 443, 'may', {
    flow: '10.0.0.1:50000 > 192.0.2.1:443/tcp',
    passage: 'output',
    dependsOn: /user or program/,
  }),
  outward('nat.v4', 'ports behind a slash keep their offsets', 5003, 'allow', {
    flow: '192.0.2.5 > 198.51.100.2:5003/tcp',
    in: 'wan0',
    out: 'lan0',
    becomes: '10.0.0.82:6003',
  }),
  {
    says: 'of IPv6 nothing is said where its file is missing',
    file: 'basics.v4',
    flow: '2001:db8::5 > [2001:db8:1::1]:443/tcp',
    expect: 'may',
    dependsOn: /ip6tables/,
  },
  ...mayRows.map(([port, what, dependsOn]) =>
    outward('unknowns.v4', `${what} is no certainty`, port, 'may', { dependsOn }),
  ),
  outward('unknowns.v4', 'a target that is not defined is a reference to nothing', 1011, 'unknown-ref', {
    dependsOn: /WONDER/,
  }),
  outward('nat.v4', 'FORWARD sees what DNAT made', 443, 'allow', {
    flow: '192.0.2.5 > 198.51.100.1:443/tcp',
    in: 'wan0',
    out: 'lan0',
    becomes: '10.0.0.80',
  }),
  outward('nat.v4', 'ACCEPT in nat leaves the packet as it is', 80, 'reject', {
    flow: '192.0.2.5 > 198.51.100.1:80/tcp',
    in: 'wan0',
    out: 'lan0',
  }),
  outward('nat.v4', 'REDIRECT leads to INPUT', 8000, 'allow', { becomes: '0.0.0.0:3128', by: 'policy ACCEPT' }),
  outward('nat.v4', 'NETMAP keeps the host', 443, 'allow', {
    flow: '192.0.2.5 > 198.51.100.70:443/tcp',
    in: 'wan0',
    out: 'lan0',
    becomes: '10.0.1.70',
  }),
  outward('kube.v4', 'a service without endpoints refuses', 443, 'reject', {
    flow: '10.244.1.9 > 10.96.0.66:443/tcp',
    in: 'cni0',
    out: 'eth0',
  }),
  outward('kube.v4', 'a service leads to one of its endpoints', 443, 'allow', {
    flow: '192.0.2.5 > 10.96.0.10:443/tcp',
    in: 'eth0',
    out: 'cni0',
  }),
  outward('kube.v4', 'what no rule of Kubernetes names is dropped', 443, 'drop', {
    flow: '10.244.1.9 > 192.0.2.1:443/tcp',
    in: 'cni0',
    out: 'eth0',
  }),
  outward('cut.v4', 'a table without COMMIT is not loaded', 443, 'may', { dependsOn: /COMMIT/ }),
  outward('other-tables.v4', 'tables of nft that the file does not have', 443, 'may', { dependsOn: /incompatible/ }),
  outward('script.sh', 'a script of commands, lines continued', 443, 'allow', { line: 4 }),
  outward('script.sh', 'inserted first, and the older form of not', 443, 'drop', {
    flow: '192.168.0.5 > 192.0.2.1:443/tcp',
    line: 6,
  }),
  {
    says: 'both families in one script',
    file: 'script.sh',
    flow: '2001:db8::5 > [2001:db8:1::1]:443/tcp',
    expect: 'drop',
  },
  ...(
    [
      ['10.10.20.15 > 20.190.128.1:443/tcp', 'allow'],
      ['10.10.20.15 > 20.190.128.1:8443/tcp', 'reject'],
      ['10.10.20.31 > 192.0.2.9:443/tcp', 'allow'],
      ['10.10.77.7 > 192.0.2.9:443/tcp', 'may'],
      ['10.10.5.12 > 192.0.2.1:8050/tcp', 'allow'],
      ['203.0.113.7 > 192.0.2.1:443/tcp', 'drop'],
      ['2001:db8:10:20::15 > [2603:1006:2000::1]:443/tcp', 'allow'],
      ['2001:db8:10:20::16 > [2603:1006:2000::1]:443/tcp', 'reject'],
    ] as const
  ).map(
    ([flow, expect]): FirewallCase => ({ says: `a site: ${flow}`, file: site, flow, in: 'lan0', out: 'wan0', expect }),
  ),
  {
    says: 'a site: published by DNAT',
    file: site,
    flow: '192.0.2.9 > 198.51.100.20:8443/tcp',
    in: 'wan0',
    out: 'lan0',
    expect: 'allow',
    becomes: '10.10.20.81:443',
  },
  {
    says: 'a site: administration',
    file: site,
    flow: '10.10.5.11 > 10.10.0.1:22/tcp',
    passage: 'input',
    in: 'lan0',
    expect: 'allow',
  },
  {
    says: 'a site: administration by others',
    file: site,
    flow: '10.10.5.12 > 10.10.0.1:22/tcp',
    passage: 'input',
    in: 'lan0',
    expect: 'reject',
  },
])

test('any text is accounted for, and nothing is thrown', () => {
  readsAny(read, fc.string({ unit: 'binary' }), 200)
  readsMutated(read, cases, ['realistic.v4', 'unknowns.v4', 'nat.v4', 'kube.v4', 'script.sh'], 60)
})

test('a hundred thousand of anything comes to an end', () => {
  const much = [
    `*filter\n:FORWARD DROP [0:0]\n${'-A FORWARD -p tcp -m tcp --dport 443 -j ACCEPT\n'.repeat(50_000)}COMMIT\n`,
    `*filter\n${Array.from({ length: 2000 }, (_, n) => `-A c${n} -j c${(n + 1) % 2000}`).join('\n')}\n-A FORWARD -j c0\nCOMMIT\n`,
    `*filter\n-A FORWARD ${'! '.repeat(100_000)}\n-A FORWARD ${'-m tcp '.repeat(20_000)}`,
    '"'.repeat(100_001),
    '\\'.repeat(100_001),
  ]
  for (const text of much) accountsForAll(read([{ name: 'a', text }], { places: {} }))
})

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { caughtShell } from '../../test/caughtShell.ts'
import { auditReportSchema } from '../config/auditSchema.ts'
import type { AuditFlowReport, AuditReport } from '../model/auditReport.ts'
import { runCli } from './runCli.ts'

const siteText = (through: string): string => `site: hq
domain: corp.example
features: [seamless-sso, password-hash-sync]
hosts:
  squid01: { roles: [outbound-proxy], name: proxy.corp.example, addresses: [10.1.0.40] }
  squid02: { roles: [outbound-proxy], name: other.corp.example, addresses: [10.1.0.41] }
  connect01: { roles: [entra-connect], addresses: [10.1.0.10] }
  dc01: { roles: [domain-controller, dns-server], addresses: [10.1.0.5] }
networks:
  staff: { roles: [user-client], prefixes: [10.2.0.0/24] }
proxies:
  egress: { url: "http://proxy.corp.example:3128", used-by: [] }
  other: { url: "http://other.corp.example:3128", used-by: [] }
devices:
  browsers: { vendor: pac, files: [proxy.pac] }
  squid01: { vendor: squid, files: [squid.conf] }
  lan: { vendor: nftables, files: [lan.nft] }
  edge: { vendor: nftables, files: [edge.nft] }
paths:
  - { from: staff, to: internet, through: [${through}] }
  - { from: connect01, to: internet, through: [browsers, edge] }
  - { from: squid02, to: internet, through: [edge] }
`

const files: Readonly<Record<string, string>> = {
  'squid.yaml': siteText('browsers, squid01, edge'),
  'lan.yaml': siteText('browsers, lan, squid01, edge'),
  'direct.yaml': siteText('browsers, edge'),
  'behind.yaml': siteText('edge, browsers'),
  'proxy.pac': `// Contoso
function FindProxyForURL(url, host) {
  if (host == "login.microsoftonline.com") return "DIRECT";
  if (host == "old.example.com") return "PROXY old.corp.example:8080; DIRECT";
  if (host == "other.example.com") return "PROXY 10.1.0.41:3128";
  if (host == "port.example.com") return "PROXY proxy.corp.example:8080";
  if (host == "looked.example.com" && dnsResolve(host)) return "DIRECT";
  return "PROXY proxy.corp.example:3128; DIRECT";
}
`,
  'squid.conf': `acl staff src 10.2.0.0/24
acl names dstdomain .microsoftonline.com .microsoftazuread-sso.com .example.com
http_access allow staff names
http_access deny all
`,
  'lan.nft': `table inet lan {
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		ip saddr 10.2.0.0/24 tcp dport 443 accept
	}
}
`,
  'edge.nft': `table inet edge {
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		ip saddr { 10.1.0.40, 10.1.0.41 } tcp dport { 80, 443 } accept
		ip saddr 10.2.0.0/24 ip daddr 20.190.128.0/18 tcp dport 443 accept
	}
}
`,
  'loops.pac': 'function FindProxyForURL() { while (true) {} }\n',
  'names.txt': 'login.microsoftonline.com 20.190.129.9\nlooked.example.com 192.0.2.7\n',
}

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-scripts-'))
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text)
})
after(() => rm(folder, { recursive: true, force: true }))

async function reportOf(...words: readonly string[]): Promise<AuditReport> {
  const { shell, written } = caughtShell(folder)
  await runCli(['audit', ...words, '--names', 'names.txt', '--json'], shell)
  assert.notEqual(written.stdout, '', written.stderr)
  return auditReportSchema.parse(JSON.parse(written.stdout))
}

async function asked(site: string, name: string): Promise<AuditFlowReport> {
  const { flows, notJudged } = await reportOf('--site', site, '--flow', `10.2.0.5 > ${name}:443`)
  const [flow] = flows
  assert.ok(flow !== undefined, JSON.stringify(notJudged))
  return flow
}

interface Row {
  readonly says: string
  readonly site: string
  readonly name: string
  readonly verdict: AuditFlowReport['verdict']
  readonly through: readonly string[]
  /** Device and rule of the script's step. */
  readonly answer: string
  readonly tells: RegExp
}

const main = 'PROXY proxy.corp.example:3128; DIRECT'

const rows: readonly Row[] = [
  {
    says: 'the proxy that it names is the one of the path: its configuration judges the name, and the edge what it opens',
    site: 'squid.yaml',
    name: 'www.example.com',
    verdict: 'allow',
    through: ['browsers', 'squid01', 'edge'],
    answer: main,
    tells: /^allowed by rule 2 of edge/,
  },
  {
    says: 'what the proxy denies is denied: a browser does not go on from an answer',
    site: 'squid.yaml',
    name: 'www.other.net',
    verdict: 'deny',
    through: ['browsers', 'squid01', 'edge'],
    answer: main,
    tells: /^rejected by http_access deny all of squid01/,
  },
  {
    says: 'DIRECT takes the proxy out of the path',
    site: 'squid.yaml',
    name: 'login.microsoftonline.com',
    verdict: 'allow',
    through: ['browsers', 'edge'],
    answer: 'DIRECT',
    tells: /^allowed by rule 3 of edge/,
  },
  {
    says: 'a proxy that nobody knows leads away from the path, by its name',
    site: 'squid.yaml',
    name: 'old.example.com',
    verdict: 'misdirected',
    through: ['browsers'],
    answer: 'PROXY old.corp.example:8080; DIRECT',
    tells:
      /^arrives at old\.corp\.example port 8080 instead by PROXY old\.corp\.example:8080; DIRECT of browsers, .*\(proxy\.pac:2\)$/,
  },
  {
    says: 'another proxy of the site leads away too, by its address',
    site: 'squid.yaml',
    name: 'other.example.com',
    verdict: 'misdirected',
    through: ['browsers'],
    answer: 'PROXY 10.1.0.41:3128',
    tells: /^arrives at 10\.1\.0\.41 port 3128 instead/,
  },
  {
    says: 'and so does another port of the same machine',
    site: 'squid.yaml',
    name: 'port.example.com',
    verdict: 'misdirected',
    through: ['browsers'],
    answer: 'PROXY proxy.corp.example:8080',
    tells: /^arrives at 10\.1\.0\.40 port 8080 instead/,
  },
  {
    says: 'a way that is silent before the proxy is not the last: browsers go on to the next',
    site: 'lan.yaml',
    name: 'www.example.com',
    verdict: 'may',
    through: ['browsers', 'lan', 'squid01', 'edge'],
    answer: main,
    tells:
      /^depends on whether a browser goes on to DIRECT, where the way before it does not answer, at policy drop of lan/,
  },
  {
    says: 'where the path has no proxy, one of the site is taken as the script names it',
    site: 'direct.yaml',
    name: 'other.example.com',
    verdict: 'allow',
    through: ['browsers', 'other', 'edge'],
    answer: 'PROXY 10.1.0.41:3128',
    tells: /^allowed by rule 2 of edge/,
  },
  {
    says: 'and of one that the site does not have nobody knows what becomes of it',
    site: 'direct.yaml',
    name: 'old.example.com',
    verdict: 'may',
    through: ['browsers'],
    answer: 'PROXY old.corp.example:8080; DIRECT',
    tells: /^depends on where the proxy old\.corp\.example:8080 stands, which the site file does not have/,
  },
  {
    says: 'a name that a table has is resolved by it',
    site: 'squid.yaml',
    name: 'looked.example.com',
    verdict: 'deny',
    through: ['browsers', 'edge'],
    answer: 'DIRECT',
    tells: /^dropped by policy drop of edge/,
  },
]

for (const row of rows) {
  test(`${row.site}, ${row.name}: ${row.says}`, async () => {
    const flow = await asked(row.site, row.name)
    assert.equal(flow.verdict, row.verdict, flow.says)
    assert.match(flow.says, row.tells)
    assert.deepEqual(
      flow.through.map(({ device }) => device),
      row.through,
    )
    const [step] = flow.parts[0]?.decidedBy ?? []
    assert.deepEqual([step?.device, step?.rule, step?.file, step?.line], ['browsers', row.answer, 'proxy.pac', 2])
  })
}

test('flows of services do not ask it, and a finding says which stand on its path', async () => {
  const report = await reportOf('--site', 'squid.yaml')
  const sync = report.flows.find(({ flow, from }) => flow === 't2-https-sync' && from === 'connect01')
  assert.match(
    sync?.parts[0]?.decidedBy[0]?.rule ?? '',
    /^not asked: services of connect01 \(Entra Connect server\) do not use the script of a user$/,
  )
  const told = report.findings.filter(({ code }) => code === 'script-not-asked')
  assert.equal(told.length, 1)
  assert.ok(told[0]?.flows.includes('t2-https-sync'))
  const people = report.flows.find(({ from }) => from === 'staff')
  assert.equal(people?.parts[0]?.decidedBy[0]?.rule, main)
})

test('a question from a server is answered for a browser there, with the doubt that a service may ask', async () => {
  const { flows } = await reportOf('--site', 'squid.yaml', '--flow', '10.1.0.10 > www.example.com:443')
  assert.equal(flows[0]?.verdict, 'may')
  assert.match(flows[0]?.dependsOn[0]?.what ?? '', /^whether a browser opens it, or a service of connect01/)
})

test('what is no request of a browser does not ask it', async () => {
  const { flows } = await reportOf('--site', 'squid.yaml', '--flow', '10.2.0.5 > 20.190.128.1:443/udp')
  assert.equal(flows[0]?.parts[0]?.decidedBy[0]?.rule, 'not asked: udp is no request of a browser')
})

test('behind a router no browser asks it, which is said', async () => {
  const flow = await asked('behind.yaml', 'login.microsoftonline.com')
  assert.equal(flow.parts[0]?.decidedBy[0]?.rule, 'not asked: it stands behind edge, where no browser is')
  assert.deepEqual(
    flow.through.map(({ device }) => device),
    ['browsers', 'edge'],
  )
})

test('a script alone tells which way a request goes, and counts as one statement', async () => {
  const { shell, written } = caughtShell(folder)
  const exitCode = await runCli(['audit', 'proxy.pac', '--flow', '10.2.0.5 > www.example.com:443'], shell)
  assert.equal(exitCode, 0, written.stderr)
  assert.match(
    written.stdout,
    /goes by PROXY proxy\.corp\.example:3128; DIRECT of pac, .*\(proxy\.pac:2\): nothing on pac/,
  )
  assert.match(written.stdout, /\n1 of 1 statement understood\n/)
})

test('a script that does not end is not understood, with the reason', async () => {
  const report = await reportOf('loops.pac')
  assert.deepEqual([report.coverage.statements, report.coverage.understood], [1, 0])
  assert.match(report.coverage.unread[0]?.why ?? '', /gives no way: no answer within 3000 ms/)
})

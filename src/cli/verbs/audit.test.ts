import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import type { Ran } from '../../../test/caughtShell.ts'
import { caughtShell } from '../../../test/caughtShell.ts'
import { addressListsOf } from '../../catalog/index.ts'
import { auditReportSchema } from '../../config/auditSchema.ts'
import { vendorRows } from '../../firewall/vendors/index.ts'
import type { AuditReport } from '../../model/auditReport.ts'
import { vendors } from '../../model/vendor.ts'
import { runCli } from '../runCli.ts'
import type { Shell } from '../shell.ts'
import { exitCodes } from '../shell.ts'

const edge = `table inet edge {
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		ip saddr 10.1.0.10 ip daddr 20.190.128.0/18 tcp dport 443 accept comment "Entra"
		ip saddr 10.1.0.10 tcp dport 80 accept
		ip saddr 10.2.0.0/16 ip daddr 10.1.0.5 tcp dport 3389 accept
		ip saddr 10.1.0.10 ip daddr 10.1.0.5 tcp dport { 53, 88, 389 } accept
		ip saddr 10.1.0.10 ip daddr 10.1.0.5 tcp dport 636 reject
	}
}
`

const site = `site: hq
hosts:
  app01: { roles: [app-8443], name: app01.corp.example, addresses: [10.1.0.10] }
  dc01:  { roles: [domain-member], name: dc01.corp.example, addresses: [10.1.0.5] }
networks:
  staff: { roles: [intranet-client], prefixes: [10.2.0.0/16] }
devices:
  edge: { vendor: nftables, files: [edge.nft] }
paths:
  - { from: app01, to: dc01, through: [edge] }
  - { from: staff, to: dc01, through: [edge] }
flows:
  - { id: directory, from: app01, to: dc01, ports: [389, 636, 3268] }
  - { id: no-rdp, from: staff, to: dc01, ports: [3389], forbid: true }
  - { id: no-ssh, from: staff, to: dc01, ports: [22], forbid: true }
`

const windows = JSON.stringify([
  { Name: 'Domain', DefaultInboundAction: 'Block', DefaultOutboundAction: 'Allow', Enabled: true },
])

/** A vendor that the site file may name and that no row reads, as long as there is one. */
const withoutReader = vendors.find((vendor) => !vendorRows.some((row) => row.vendor === vendor))

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-audit-'))
  const files: Readonly<Record<string, string | Uint8Array>> = {
    'edge.nft': edge,
    'utf16.nft': Buffer.from(`\uFEFF${edge.replaceAll('\n', '\r\n')}`, 'utf16le'),
    'latin.nft': Buffer.from(edge.replace('Entra', 'Zugänge'), 'latin1'),
    'unread.nft': edge.replace('tcp dport 80 accept', 'quux frobnicate 7 accept'),
    'windows.json': windows,
    'hq.yaml': site,
    'names.txt': 'crl.microsoft.com 20.190.129.9\nlogin.microsoftonline.com 20.190.129.9\n',
    'bin.conf': Uint8Array.of(0, 1, 2, 250, 0, 7),
    'rubbish.txt': 'nothing that anybody wrote\n',
    'no-device.yaml': site.replace(/^devices:\n.*\n/m, '').replace(/^paths:\n.*\n.*\n/m, ''),
    'no-reader.yaml': site.replace('nftables', withoutReader ?? 'nftables'),
    'proxied.yaml': `${site}proxies:\n  egress: { url: 'http://10.1.0.40:3128', used-by: [app01] }\n`,
    'missing.yaml': site.replace('edge.nft', 'gone.nft'),
    '-evil\u202e{x}`[1].nft': edge,
  }
  for (const [file, octets] of Object.entries(files)) await writeFile(join(folder, file), octets)
})
after(() => rm(folder, { recursive: true, force: true }))

async function audit(words: readonly string[], over: Partial<Shell> = {}): Promise<Ran> {
  const { shell, written } = caughtShell(folder, over)
  const exitCode = await runCli(['audit', ...words], shell)
  return { exitCode, ...written }
}

async function reportOf(...words: readonly string[]): Promise<AuditReport> {
  const { stdout, stderr } = await audit([...words, '--json'])
  assert.notEqual(stdout, '', stderr)
  const report: unknown = JSON.parse(stdout)
  const parsed = auditReportSchema.parse(report)
  assert.deepEqual(parsed, report, 'the schema knows every key')
  return parsed
}

const entra = '10.1.0.10 > 20.190.128.1:443/tcp'

test('a question is answered with the rule and its line, and the exit code follows', async () => {
  const allowed = await audit(['edge.nft', '--flow', entra])
  assert.equal(allowed.exitCode, exitCodes.well, allowed.stderr)
  assert.match(allowed.stdout, /^files of the command line: nothing is denied; 1 of 1 question allowed\n/)
  assert.match(allowed.stdout, /allow +10\.1\.0\.10 > 20\.190\.128\.1:443\/tcp\n +allowed by .+ \(edge\.nft:5\)\n/)
  assert.match(allowed.stdout, /\n9 of 9 statements understood\n|\n\d+ of \d+ statements understood\n/)
  const denied = await audit(['edge.nft', '--flow', '10.1.0.10 > 20.190.128.1:8443/tcp'])
  assert.equal(denied.exitCode, exitCodes.findings)
  assert.match(denied.stdout, /deny +10\.1\.0\.10 > 20\.190\.128\.1:8443\/tcp\n +dropped by .+ \(edge\.nft:3\)\n/)
  assert.match(denied.stdout, /fix: +allow tcp 10\.1\.0\.10 -> 20\.190\.128\.1:8443 on nftables, before /)
})

test('a name without addresses depends on them, and a table of names settles it with its day', async () => {
  const flow = '10.1.0.10 > crl.microsoft.com:443/tcp'
  const [unknown] = (await reportOf('edge.nft', '--flow', flow)).flows
  assert.equal(unknown?.verdict, 'may')
  const report = await reportOf('edge.nft', '--flow', flow, '--names', 'names.txt')
  assert.equal(report.flows[0]?.verdict, 'allow')
  assert.equal(report.flows[0]?.addressesAsOf, report.tables[0]?.asOf)
  assert.match(report.tables[0]?.asOf ?? '', /^\d{4}-\d\d-\d\d$/)
})

test('without a table, addresses of the catalog count, with the day of their list', async () => {
  const [flow] = (await reportOf('edge.nft', '--flow', '10.1.0.10 > login.microsoftonline.com:443/tcp')).flows
  assert.equal(flow?.addressesAsOf, addressListsOf('login.microsoftonline.com', 'worldwide')[0]?.asOf)
  assert.notEqual(flow?.verdict, 'may')
})

test('the flows of a site go through the devices of its paths, and a forbidden one that passes is a finding', async () => {
  const report = await reportOf('--site', 'hq.yaml')
  const verdict = (id: string, port: number) =>
    report.flows.find(({ flow, target }) => flow === id && target.port === port)?.verdict
  assert.deepEqual(
    [verdict('directory', 389), verdict('directory', 636), verdict('directory', 3268), verdict('no-ssh', 22)],
    ['allow', 'deny', 'deny', 'deny'],
  )
  const rejected = report.flows.find(({ target }) => target.port === 636)
  assert.equal(rejected?.denial, 'reject')
  assert.deepEqual(
    rejected?.decidedBy.map(({ device, file, line }) => ({ device, file, line })),
    [{ device: 'edge', file: 'edge.nft', line: 9 }],
  )
  assert.equal(verdict('no-rdp', 3389), 'allow')
  const [finding] = report.findings.filter(({ code }) => code === 'forbidden-flow-open')
  assert.deepEqual(finding?.where, { file: 'edge.nft', line: 7, flow: 'no-rdp' })
  assert.ok(report.notJudged.some(({ why }) => why === 'no device known between app01 and internet'))
  assert.equal(report.summary.forbiddenOpen, 1)
  const { exitCode, stdout } = await audit(['--site', 'hq.yaml'])
  assert.equal(exitCode, exitCodes.findings)
  assert.match(stdout, /\nforbidden {2}.+ of edge, 1 flow\n/)
})

test('an id of the plan chooses its flows, and one that no plan has is told the nearest', async () => {
  const report = await reportOf('--site', 'hq.yaml', '--flow', 'no-ssh')
  assert.deepEqual([...new Set(report.flows.map(({ flow }) => flow))], ['no-ssh'])
  const { exitCode, stderr } = await audit(['--site', 'hq.yaml', '--flow', 'no-shs'])
  assert.equal(exitCode, exitCodes.usage)
  assert.match(stderr, /^--flow: unknown flow "no-shs" in the plan of hq\.yaml, did you mean no-ssh\?/m)
})

test('a FILE that the site file has is that device, with its paths', async () => {
  const report = await reportOf('edge.nft', '--site', 'hq.yaml')
  assert.deepEqual(
    report.devices.map(({ name }) => name),
    ['edge'],
  )
  assert.ok(report.flows.some(({ flow }) => flow === 'directory'))
})

test('a FILE that the site file does not have is taken to stand before the internet, which is said', async () => {
  const { stdout, stderr } = await audit(['utf16.nft', '--site', 'no-device.yaml', '--json'])
  assert.match(stderr, /^postern: nftables is taken to stand between hq and the internet; /m)
  const report = auditReportSchema.parse(JSON.parse(stdout))
  assert.ok(report.flows.some(({ from, direction }) => from === 'app01' && direction === 'outbound-internet'))
})

test('without a site and a question there are findings and coverage, and how to ask', async () => {
  const { exitCode, stdout } = await audit(['edge.nft'])
  assert.equal(exitCode, exitCodes.well)
  assert.match(stdout, /^files of the command line: no flow was asked; /)
  assert.match(stdout, /statements understood\n/)
  assert.match(stdout, /\nnext: ask for a flow: postern audit edge\.nft --flow /)
})

test('UTF-16 with Windows’ line ends is read, and what is no Unicode is a guess that is said', async () => {
  assert.equal((await reportOf('utf16.nft', '--flow', entra)).flows[0]?.verdict, 'allow')
  const { exitCode, stderr } = await audit(['latin.nft', '--flow', entra])
  assert.equal(exitCode, exitCodes.well)
  assert.match(stderr, /^postern: latin\.nft is neither UTF-8 nor UTF-16: read as Windows-1252, /m)
})

test('a configuration comes by stdin as well', async () => {
  const { exitCode, stdout } = await audit(['-', '--flow', entra, '--json'], {
    stdin: Readable.from([Buffer.from(edge)]),
  })
  assert.equal(exitCode, exitCodes.well)
  const [flow] = auditReportSchema.parse(JSON.parse(stdout)).flows
  assert.equal(flow?.decidedBy[0]?.file, '-')
  const both = await audit(['-', '--site', '-'], { stdin: Readable.from([]) })
  assert.match(both.stderr, /only one of FILE and --site can be -/)
})

test('files of two vendors are two devices, each asked by itself', async () => {
  const report = await reportOf('edge.nft', 'windows.json', '--flow', entra)
  assert.deepEqual(
    report.devices.map(({ name }) => name),
    ['nftables', 'windows'],
  )
  assert.deepEqual(
    report.flows.map(({ through }) => through),
    [[{ device: 'nftables', passage: 'forward' }], [{ device: 'windows', passage: 'output' }]],
  )
})

test('a firewall of one machine is asked to be placed where both ends could be it', async () => {
  const flow = '10.1.0.10 > 10.1.0.5:389/tcp'
  const report = await reportOf('windows.json', '--flow', flow)
  assert.equal(report.flows.length, 0)
  assert.match(report.notJudged[0]?.add ?? '', /--as out/)
  const placed = await reportOf('windows.json', '--flow', flow, '--as', 'in')
  assert.deepEqual(placed.flows[0]?.through, [{ device: 'windows', passage: 'input' }])
})

test('what was not understood makes doubtful what it could touch, and is listed', async () => {
  const report = await reportOf('unread.nft', '--flow', '10.1.0.10 > 203.0.113.9:80/tcp')
  assert.equal(report.flows[0]?.verdict, 'may')
  assert.ok(report.coverage.understood < report.coverage.statements)
  assert.deepEqual(
    report.coverage.unread.map(({ file, line }) => [file, line]),
    [['unread.nft', 6]],
  )
})

const refused: readonly (readonly [what: string, words: readonly string[], says: RegExp])[] = [
  ['a file that is not there', ['gone.nft'], /^gone\.nft:1:1: it cannot be read: .+, name a file that can$/],
  [
    'a file of an unknown vendor',
    ['rubbish.txt'],
    /^rubbish\.txt:1:1: nothing in it tells whose configuration it is, say it with --vendor, .+ postern explain VENDOR tells how; .*nftables/,
  ],
  [
    'a vendor that is none',
    ['edge.nft', '--vendor', 'nftable'],
    /^--vendor: unknown vendor "nftable", did you mean nftables\?/,
  ],
  [
    'a question without an arrow',
    ['edge.nft', '--flow', '10.1.0.10:443/tcp'],
    /^--flow: in "10\.1\.0\.10:443\/tcp" it has no ">"/,
  ],
  [
    'a question of a machine that nobody knows',
    ['edge.nft', '--flow', 'app01 > dc01:389'],
    /^--flow: in "app01 > dc01:389" nothing tells which address "app01" has, write its address, or .+ \(--site FILE\)/,
  ],
  [
    'a file of another vendor',
    ['edge.nft', '--vendor', 'fortigate'],
    /^edge\.nft:1:1: nothing in it was understood as a configuration of fortigate: .+, name nftables as its vendor, which/,
  ],
  ['what is no text', ['bin.conf'], /^bin\.conf:1:1: it is no text, say it with --vendor/],
  [
    'an id without a site',
    ['edge.nft', '--flow', 'directory'],
    /^--flow: directory is of a plan, and there is no site file here/,
  ],
  ['no site file', [], /^\.\/postern\.yaml:1:1: there is no site file here, .+; a FILE needs none: postern audit FILE/],
  ['a site without devices', ['--site', 'no-device.yaml'], /^no-device\.yaml:1:1: the site has no devices, /],
  [
    'a file of a device that is not there',
    ['--site', 'missing.yaml'],
    /^missing\.yaml:8:\d+: "gone\.nft": it cannot be read/,
  ],
  ['a table that is none', ['edge.nft', '--tags', 'hq.yaml'], /^hq\.yaml:1:1: --tags: it is no JSON, name ServiceTags/],
  [
    'names that are none',
    ['edge.nft', '--names', 'rubbish.txt'],
    /^rubbish\.txt:1:1: --names: no line of it has a name and an address/,
  ],
  [
    'a result in the place of a FILE',
    ['edge.nft', '--out', './edge.nft'],
    /^--out: "\.\/edge\.nft" is the file that FILE edge\.nft reads/,
  ],
]

for (const [what, words, says] of refused) {
  test(`${what} is refused with 2, in one line`, async () => {
    const { exitCode, stdout, stderr } = await audit([...words, '--quiet'])
    assert.deepEqual([exitCode, stdout], [exitCodes.usage, ''], stderr)
    assert.match(stderr.trimEnd(), says)
    assert.equal(stderr.trimEnd().split('\n').length, 1)
  })
}

test('a question names its ends as the site file does, and is that of their addresses', async () => {
  const ask = async (flow: string) =>
    (await reportOf('--site', 'hq.yaml', '--flow', flow)).flows.map(({ verdict, through, parts: [part] }) => [
      verdict,
      through.map(({ device }) => device).join(),
      part?.for.sources.join(),
      part?.for.destinations.join(),
    ])
  const answer = [['allow', 'edge', '10.1.0.10', '10.1.0.5']]
  assert.deepEqual(await ask('10.1.0.10 > 10.1.0.5:389'), answer)
  for (const flow of ['app01 > dc01:389', 'app01.corp.example -> dc01.corp.example:389', 'APP01 > 10.1.0.5:389']) {
    assert.deepEqual(await ask(flow), answer, flow)
  }
  const [first] = await ask('staff > dc01:3389')
  assert.deepEqual(first?.slice(0, 3), ['allow', 'edge', '10.2.0.0/16'])
})

test('a question past the proxy that the site file has is told to be one', async () => {
  const { stderr } = await audit([
    '--site',
    'proxied.yaml',
    '--flow',
    'app01 > 20.190.128.1:443',
    '--flow',
    'app01 > dc01:389',
  ])
  assert.match(
    stderr,
    /^postern: "app01 > 20\.190\.128\.1:443" is asked past the proxy egress, .+ app01 go: --flow ID/m,
  )
  assert.doesNotMatch(stderr, /dc01:389" is asked past/)
})

test('a file that looks like another vendor and is understood in part is told to', async () => {
  const { exitCode, stderr } = await audit(['edge.nft', '--vendor', 'asa'])
  assert.equal(exitCode, exitCodes.well)
  assert.match(stderr, /^postern: edge\.nft looks like nftables, and is read as asa/m)
})

test('statements that were not understood are not counted as findings beside', async () => {
  const { stdout } = await audit(['unread.nft'])
  assert.match(stdout, /^files of the command line: no flow was asked; nothing was found\n/)
  assert.match(stdout, /\n +- unread\.nft:6: /)
})

test('a device of a vendor that is not read is told at its place', async (t) => {
  if (withoutReader === undefined) {
    t.skip('every vendor is read')
    return
  }
  const { exitCode, stderr } = await audit(['--site', 'no-reader.yaml', '--quiet'])
  assert.equal(exitCode, exitCodes.usage)
  const says = `no-reader\\.yaml:8:\\d+: configurations of ${withoutReader} are not read, read are: `
  assert.match(stderr, new RegExp(`^${says}`))
})

test('a file with a hostile name is named so that nothing acts on a terminal', async () => {
  const name = '-evil\u202e{x}`[1].nft'
  for (const format of ['text', 'json', 'sarif', 'junit', 'markdown', 'html']) {
    const { exitCode, stdout, stderr } = await audit(['--format', format, '--flow', entra, '--', name])
    assert.equal(exitCode, exitCodes.well, stderr)
    assert.doesNotMatch(stdout + stderr, /[\p{Cf}]/u)
  }
})

test('a result goes whole into a file, and a stopped audit ends with 130', async () => {
  const { exitCode, stdout } = await audit(['edge.nft', '--format', 'sarif', '--out', 'audit.sarif'])
  assert.deepEqual([exitCode, stdout], [exitCodes.well, ''])
  assert.equal(JSON.parse(await readFile(join(folder, 'audit.sarif'), 'utf8')).version, '2.1.0')
  const stopped = await audit(['edge.nft'], { signal: AbortSignal.abort() })
  assert.equal(stopped.exitCode, exitCodes.interrupted)
})

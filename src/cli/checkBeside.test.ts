import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import type { Ran } from '../../test/caughtShell.ts'
import { caughtShell } from '../../test/caughtShell.ts'
import { checkReportOf, flowReportOf } from '../../test/reports.ts'
import { auditReportSchema } from '../config/auditSchema.ts'
import { parseSite } from '../config/parseSite.ts'
import type { AuditReport } from '../model/auditReport.ts'
import type { CheckReport, FlowReport } from '../model/report.ts'
import { planFlows } from '../plan/planFlows.ts'
import { runCli } from './runCli.ts'
import type { Shell } from './shell.ts'

const siteText = `site: hq
hosts:
  app01: { roles: [app-8443], name: app01.corp.example, addresses: [10.1.0.10] }
  dc01:  { roles: [domain-member], name: dc01.corp.example, addresses: [10.1.0.5] }
devices:
  edge: { vendor: nftables, files: [edge.nft] }
paths:
  - { from: app01, to: dc01, through: [edge] }
flows:
  - { id: directory, from: app01, to: dc01, ports: [389, 636, 3268] }
`

const edge = `table inet edge {
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		ip saddr 10.1.0.10 ip daddr 10.1.0.5 tcp dport { 389, 636 } accept
		ip saddr 10.1.0.10 ip daddr 10.1.0.5 tcp dport 3268 reject
	}
}
`

const startedAt = new Date(Date.now() - 60_000).toISOString()

/** A check of the own flows, of which some are as is given by port. */
function checkOf(byPort: Readonly<Record<number, Partial<FlowReport>>>, parts: Partial<CheckReport> = {}): CheckReport {
  const parsed = parseSite(siteText, 'hq.yaml')
  assert.ok('site' in parsed)
  const flows = planFlows(parsed.site)
    .filter(({ flow }) => flow === 'directory')
    .map((flow) => flowReportOf(flow, byPort[flow.target.port ?? 0]))
  return checkReportOf(flows, { from: 'app01', startedAt, ...parts })
}

const kept: Partial<FlowReport> = {
  verdict: 'blocked',
  cause: 'filtered-silently',
  confidence: 'likely',
  says: 'tcp/636 on dc01 is silent',
}

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-with-'))
  const old = { startedAt: new Date(Date.now() - 30 * 86_400_000).toISOString() }
  const files: Readonly<Record<string, string>> = {
    'hq.yaml': siteText,
    'edge.nft': edge,
    'agrees.json': JSON.stringify(checkOf({ 3268: { ...kept, cause: 'refused' } })),
    'differs.json': JSON.stringify(checkOf({ 636: kept })),
    'old.json': JSON.stringify(checkOf({ 636: kept }, old)),
    'other.json': JSON.stringify(checkOf({}, { site: 'branch', interrupted: true, flows: [] })),
    'no-report.json': '{"kind":"plan"}',
  }
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text)
})
after(() => rm(folder, { recursive: true, force: true }))

async function audit(words: readonly string[], over: Partial<Shell> = {}): Promise<Ran> {
  const { shell, written } = caughtShell(folder, over)
  const exitCode = await runCli(['audit', '--site', 'hq.yaml', '--flow', 'directory', ...words], shell)
  return { exitCode, ...written }
}

async function reportOf(words: readonly string[], over: Partial<Shell> = {}): Promise<AuditReport> {
  const { stdout, stderr } = await audit([...words, '--json'], over)
  assert.notEqual(stdout, '', stderr)
  const report: unknown = JSON.parse(stdout)
  const parsed = auditReportSchema.parse(report)
  assert.deepEqual(parsed, report, 'the schema knows every key')
  return parsed
}

test('a check that saw what the configurations say has no finding', async () => {
  const { wire, findings } = await reportOf(['--with', 'agrees.json'])
  assert.deepEqual([wire?.both, wire?.agree, wire?.file, wire?.from], [3, 3, 'agrees.json', 'app01'])
  assert.deepEqual(
    findings.filter(({ code }) => code === 'unknown-device' || code === 'configuration-differs'),
    [],
  )
})

test('text says what disagrees, when the check was made, and the next step', async () => {
  const { stdout, exitCode } = await audit(['--with', 'differs.json'])
  assert.equal(exitCode, 1)
  assert.match(stdout, /\nfinding unknown-device \(high\): something that the configurations do not have/)
  assert.match(stdout, /\nfinding configuration-differs \(high\): what is at hand of edge is not what runs/)
  assert.match(stdout, /\(edge\.nft:6\)/)
  assert.match(stdout, /\non the wire: differs\.json of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, from app01\n/)
  assert.match(stdout, /3 flows in both: 1 agree, 1 allowed on paper and kept back on the\s+wire, 1 not as the/)
})

test('an old check is said to be old, on stderr and in the report', async () => {
  const { stdout, stderr } = await audit(['--with', 'old.json'])
  assert.match(stderr, /postern: old\.json is old: its check was made 30 days ago/)
  assert.match(stdout, /30 days before this audit: an old\s+report\n/)
})

test('a check of another site, that was stopped, and that has nothing in common, is said to be so', async () => {
  const { stderr, stdout } = await audit(['--with', 'other.json'])
  assert.match(stderr, /other\.json is of a check that was stopped before its end/)
  assert.match(stderr, /other\.json is of the site branch, and this is an audit of hq/)
  assert.match(stderr, /other\.json and this audit have no flow in common: the check was made as app01/)
  assert.match(stdout, /0 flows in both: 0 agree; 3 on paper alone, 0 on the wire alone/)
})

test('a check comes from standard input, and the command to audit again has it', async () => {
  const stdin = Readable.from([Buffer.from(JSON.stringify(checkOf({ 636: kept })))])
  const { wire } = await reportOf(['--with', '-'], { stdin })
  assert.deepEqual([wire?.file, wire?.unknownDevice], ['-', 1])
  const { stdout } = await audit(['--with', 'differs.json'])
  assert.match(stdout.replace(/\s+/g, ' '), /--with differs\.json/)
})

test('SARIF has both findings, that of the configuration at its line; Markdown and JUnit have the check', async () => {
  const { stdout } = await audit(['--with', 'differs.json', '--format', 'sarif'])
  const { results } = JSON.parse(stdout).runs[0]
  const [differs] = results.filter(({ ruleId }: { ruleId: string }) => ruleId === 'configuration-differs')
  assert.deepEqual(differs.locations[0].physicalLocation.region, { startLine: 6 })
  assert.ok(results.some(({ ruleId }: { ruleId: string }) => ruleId === 'unknown-device'))
  assert.match(
    (await audit(['--with', 'differs.json', '--format', 'markdown'])).stdout,
    /\*\*On the wire:\*\* differs.*3 flows in both/,
  )
  const junit = (await audit(['--with', 'differs.json', '--format', 'junit'])).stdout
  assert.match(junit, /<property name="wire" value="differs\.json of /)
  assert.match(junit, /on the wire: blocked, unknown-device: tcp\/636 on dc01 is silent/)
  assert.match((await audit(['--with', 'differs.json', '--format', 'html'])).stdout, /On the wire/)
})

const wrong: readonly (readonly [says: string, words: readonly string[], stderr: RegExp])[] = [
  [
    'what is no report of a check',
    ['--with', 'no-report.json'],
    /no-report\.json:1:\d+: the report of a plan, which was not checked yet/,
  ],
  [
    'a report that is not there',
    ['--with', 'gone.json'],
    /gone\.json:1:1: --with: the report cannot be had: .*name a file that postern check --json --out FILE wrote/,
  ],
  ['two things from standard input', ['-', '--with', '-'], /only one of FILE, --site and --with can be -/],
]

for (const [says, words, stderr] of wrong) {
  test(`${says} is refused`, async () => {
    const stdin = Readable.from([Buffer.from('')])
    const ran = await audit(words, { stdin })
    assert.equal(ran.exitCode, 2)
    assert.match(ran.stderr.replace(/\s+/g, ' '), stderr)
  })
}

test('without a site there is nothing to hold a check against', async () => {
  const { shell, written } = caughtShell(folder)
  const exitCode = await runCli(['audit', 'edge.nft', '--with', 'agrees.json'], shell)
  assert.equal(exitCode, 2)
  assert.match(written.stderr, /--with: a check is joined to the flows of a site: name its site file with --site/)
})

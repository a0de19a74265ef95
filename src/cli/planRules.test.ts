import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Ran } from '../../test/caughtShell.ts'
import { caughtShell } from '../../test/caughtShell.ts'
import { rulesReportSchema } from '../config/rulesSchema.ts'
import { vendorRows } from '../firewall/vendors/index.ts'
import type { RulesReport } from '../model/rulesReport.ts'
import { isProven } from './planRules.ts'
import { runCli } from './runCli.ts'
import { exitCodes } from './shell.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-rules-'))
  await writeFile(
    join(folder, 'site.yaml'),
    `site: hq
tenant: contoso.onmicrosoft.com
features: [password-hash-sync]
hosts:
  connect01: { roles: [entra-connect], addresses: [10.1.0.10] }
  dc01:      { roles: [domain-controller, dns-server], addresses: [10.1.0.5] }
devices:
  edge: { vendor: nftables, files: [edge.nft], interfaces: { lan0: [10.0.0.0/8] } }
paths:
  - { from: connect01, to: internet, through: [edge] }
flows:
  - { id: no-rdp, from: connect01, to: dc01, ports: [3389], forbid: true }
`,
  )
  await writeFile(join(folder, 'names.txt'), 'adminwebservice.microsoftonline.com 192.0.2.7\n')
})
after(() => rm(folder, { recursive: true, force: true }))

async function plan(...words: readonly string[]): Promise<Ran> {
  const { shell, written } = caughtShell(folder)
  const exitCode = await runCli(['plan', '--site', 'site.yaml', ...words], shell)
  return { exitCode, ...written }
}

async function reported(...words: readonly string[]): Promise<RulesReport> {
  const { stdout } = await plan('--json', ...words)
  return rulesReportSchema.parse(JSON.parse(stdout))
}

test('the rules go to stdout and their proof to stderr', async () => {
  const { stdout, stderr } = await plan('--for', 'nftables')
  assert.match(stdout, /^#!\/usr\/sbin\/nft -f\n/)
  assert.match(stderr, /nftables: read back, (\d+) of \1 statements understood; (\d+) of \2 openings allowed/)
  assert.match(stderr, /nothing allowed beyond/)
})

test('on a terminal the proof keeps to its width, wherever the rules go', async () => {
  const { shell, written } = caughtShell(folder, { isTerminal: true, columns: 80, env: { NO_COLOR: '1' } })
  await runCli(['plan', '--site', 'site.yaml', '--for', 'nftables', '--out', 'wide.nft'], shell)
  const proof = written.stderr.slice(written.stderr.indexOf('nftables: read back'))
  assert.ok(proof.split('\n').length > 4, proof)
  for (const line of proof.split('\n')) assert.ok(line.length <= 80, line)
})

test('a required flow without a rule is not all well, and is named', async () => {
  const lacking = await plan('--for', 'nftables')
  assert.equal(lacking.exitCode, exitCodes.findings)
  assert.match(
    lacking.stderr,
    /required flows are without a rule of nftables, or have names without one: .*t2-https-sync/,
  )
  const quiet = await plan('--for', 'nftables', '--quiet')
  assert.deepEqual([quiet.exitCode, quiet.stderr], [exitCodes.findings, ''])
  const [byName, few] = [await plan('--for', 'squid'), await plan('--for', 'nftables', '--flow', 't1-dns')]
  for (const { exitCode, stderr } of [byName, few]) {
    assert.equal(exitCode, exitCodes.well, stderr)
    assert.doesNotMatch(stderr, /without a rule of/)
  }
})

test('the report has the files, the proof and what could not be said, by its documented shape', async () => {
  const report = await reported('--for', 'nftables')
  assert.equal(report.kind, 'rules')
  assert.match(report.files[0]?.text ?? '', /tcp dport/)
  assert.equal(report.proof.allowed, report.proof.asked)
  assert.deepEqual(report.proof.beyond, [])
  assert.ok(report.notSaid.some(({ why }) => /no list has the addresses of .*, and nftables takes no names/.test(why)))
  assert.ok(report.duties.some((duty) => /as of \d{4}-\d\d-\d\d/.test(duty)))
})

test('of a device only what crosses it is written', async () => {
  const [whole, device] = [await reported('--for', 'nftables'), await reported('--for', 'nftables', '--device', 'edge')]
  assert.equal(device.device, 'edge')
  assert.match(whole.files[0]?.text ?? '', /10\.1\.0\.5/)
  assert.doesNotMatch(device.files[0]?.text ?? '', /daddr 10\.1\.0\.5/)
  assert.ok(device.proof.asked > 0 && device.proof.asked < whole.proof.asked)
})

test('what the user looked up comes before Microsoft’s lists, and its date is said', async () => {
  const { files } = await reported('--for', 'nftables', '--names', 'names.txt')
  assert.match(files[0]?.text ?? '', /192\.0\.2\.7/)
})

test('only the flows that were chosen have rules', async () => {
  const { files } = await reported('--for', 'nftables', '--flow', 't1-dns')
  assert.match(files[0]?.text ?? '', /dport 53 accept comment "\(t1-dns\)/)
  assert.doesNotMatch(files[0]?.text ?? '', /dport 443/)
})

test('several files go to a folder, and one place takes the first, which is said', async () => {
  await plan('--for', 'azure-nsg', '--out', 'nsg/')
  assert.deepEqual((await readdir(join(folder, 'nsg'))).toSorted(), ['nsg-hq.bicep', 'nsg-hq.json', 'nsg-hq.tf'])
  const { stderr } = await plan('--for', 'azure-nsg', '--out', 'nsg.json')
  assert.match(stderr, /with it belong nsg-hq\.bicep, nsg-hq\.tf: --out FOLDER\/ writes them all/)
  assert.equal(
    await readFile(join(folder, 'nsg.json'), 'utf8'),
    await readFile(join(folder, 'nsg', 'nsg-hq.json'), 'utf8'),
  )
})

test('all vendors are written, read and proven by one command', async () => {
  const { exitCode, stdout, stderr } = await plan('--for', 'all', '--out', 'all/')
  assert.deepEqual([exitCode, stdout], [exitCodes.findings, ''], stderr)
  assert.match(stderr, /required flows are without a rule of nftables/)
  const writing = vendorRows.filter(({ says }) => says !== undefined).map(({ vendor }) => vendor)
  assert.deepEqual((await readdir(join(folder, 'all'))).toSorted(), writing.toSorted())
  for (const vendor of writing) assert.match(stderr, new RegExp(`^${vendor} +\\d+ +(\\d+) of \\1 `, 'm'))
})

test('every row that says what it can say has a writer, and no other', async () => {
  for (const { vendor, says, load } of vendorRows) {
    const { write } = await load()
    assert.equal(write !== undefined, says !== undefined, vendor)
  }
})

const refusals: readonly (readonly [string, readonly string[], RegExp])[] = [
  [
    'a vendor without a writer names those that have one',
    ['--for', 'routes'],
    /no rules are written for routes, written are: azure-nsg, /,
  ],
  ['an unknown vendor names the nearest', ['--for', 'nftable'], /unknown vendor "nftable", did you mean nftables/],
  ['all of them need a folder', ['--for', 'all'], /name a folder for them: --out FOLDER\//],
  ['a device that is not there', ['--for', 'nftables', '--device', 'egde'], /--device: unknown device "egde"/],
  [
    'a format of the plan',
    ['--for', 'nftables', '--format', 'csv'],
    /--format: with --for there are the rules themselves/,
  ],
  ['an option of rules without a vendor', ['--device', 'edge'], /--device: goes with --for VENDOR/],
  ['a table that is not there', ['--for', 'nftables', '--tags', 'gone.json'], /gone\.json/],
  [
    'the site file as the place of the rules',
    ['--for', 'nftables', '--out', 'site.yaml'],
    /is the file that --site reads/,
  ],
]

for (const [says, words, expected] of refusals) {
  test(`refused, with what would be right: ${says}`, async () => {
    const { exitCode, stdout, stderr } = await plan(...words)
    assert.deepEqual([exitCode, stdout], [exitCodes.usage, ''])
    assert.match(stderr, expected)
  })
}

test('a required opening that the rules do not allow is no proof, nor is a denial that is open', async () => {
  const report = await reported('--for', 'nftables')
  const failing = { permit: 'a', flows: ['a'], verdict: 'deny', why: '' } as const
  const withProof = (more: Partial<RulesReport['proof']>): RulesReport => ({
    ...report,
    proof: { ...report.proof, ...more },
  })
  assert.equal(isProven(report), true)
  assert.equal(isProven(withProof({ notAllowed: [{ ...failing, necessity: 'required' }] })), false)
  assert.equal(isProven(withProof({ notAllowed: [{ ...failing, necessity: 'recommended' }] })), true)
  assert.equal(isProven(withProof({ notClosed: [{ ...failing, necessity: 'not-required' }] })), false)
})

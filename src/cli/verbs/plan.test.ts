import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Ran } from '../../../test/caughtShell.ts'
import { caughtShell } from '../../../test/caughtShell.ts'
import { planReportSchema } from '../../config/reportSchema.ts'
import type { PlanReport } from '../../model/report.ts'
import { runCli } from '../runCli.ts'
import { exitCodes } from '../shell.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-plan-'))
  await writeFile(
    join(folder, 'site.yaml'),
    `site: hq
tenant: contoso.onmicrosoft.com
features: [seamless-sso, scim, ad-fs, group-writeback]
hosts:
  connect01: { roles: [entra-connect], addresses: [10.1.0.10] }
  dc01:      { roles: [domain-controller, dns-server], addresses: [10.1.0.5] }
  adfs01:    { roles: [adfs], addresses: [10.1.0.20] }
  app01:     { roles: [scim-app], addresses: [10.1.0.30] }
flows:
  - { id: payroll, from: connect01, to: app01, ports: [8443], transport: [tcp], service: https }
`,
  )
})
after(() => rm(folder, { recursive: true, force: true }))

const plan = (...words: readonly string[]): Promise<Ran> => planIn({}, ...words)

async function planIn(over: { readonly program?: string }, ...words: readonly string[]): Promise<Ran> {
  const { shell, written } = caughtShell(folder, over)
  const exitCode = await runCli(['plan', '--site', 'site.yaml', ...words], shell)
  return { exitCode, ...written }
}

async function planned(...words: readonly string[]): Promise<PlanReport> {
  const { exitCode, stdout, stderr } = await plan('--json', ...words)
  assert.deepEqual([exitCode, stderr], [exitCodes.well, ''])
  return planReportSchema.parse(JSON.parse(stdout))
}

const idsOf = ({ flows }: PlanReport): readonly string[] => [...new Set(flows.map(({ flow }) => flow))]

test('the summary counts every flow of the report once, those that stay on a host among them', async () => {
  const { summary, flows } = await planned()
  assert.equal(
    Object.values(summary).reduce((sum, count) => sum + count, 0),
    flows.length,
  )
  assert.equal(summary.localOnly, 1)
  assert.equal((await planned('--from', 'connect01')).summary.localOnly, 0)
})

test('the site’s own flow carries no date, and a row of a page its page’s', async () => {
  const { flows } = await planned()
  assert.ok(!Object.hasOwn(flows.find(({ flow }) => flow === 'payroll') ?? {}, 'asOf'))
  assert.equal(flows.find(({ flow }) => flow === 't1-dns')?.asOf, '2025-04-09')
})

test('--from takes any end that opens a flow of the plan, Microsoft’s side included', async () => {
  assert.deepEqual(idsOf(await planned('--from', 'entra-provisioning')), ['scim-in'])
  assert.deepEqual(idsOf(await planned('--from', 'internet')), ['neg-inbound-connect'])
  const own = await planned('--from', 'connect01')
  assert.ok(own.flows.length > 5 && own.flows.every(({ from }) => from === 'connect01'))
})

test('--flow takes rows and own flows, with commas or again', async () => {
  assert.deepEqual(idsOf(await planned('--flow', 'payroll,t1-gc')), ['t1-gc', 'payroll'])
  assert.deepEqual(idsOf(await planned('--flow', 't1-gc', '--flow', 't1-dns')), ['t1-dns', 't1-gc'])
})

const refused: readonly (readonly [words: readonly string[], line: RegExp])[] = [
  [
    ['--from', 'conect01'],
    /^--from: "conect01" is none of the ends that can open a flow here; did you mean connect01\?\n$/,
  ],
  [['--from', 'entra-provisionin'], /did you mean entra-provisioning\?\n$/],
  [['--feature', 'seamles-sso'], /^--feature: "seamles-sso" is none of the features; did you mean seamless-sso\?\n$/],
  [
    ['--feature', 'ldaps'],
    /^--feature: ldaps is off in site\.yaml; add it under features: \(on are seamless-sso, scim, ad-fs, group-writeback\)\n$/,
  ],
  [['--flow', 't1-gcc'], /^--flow: "t1-gcc" is none of the flows of this plan; did you mean t1-gc\?\n$/],
  [
    ['--flow', 't1-ldaps'],
    /^--flow: t1-ldaps is not in the plan of this site; postern explain t1-ldaps says when it would be\n$/,
  ],
  [['--from', '\u001b[2J\n'], /^--from: "\\u\{1b\}\[2J\\u\{a\}" is none of [^\n]+\n$/],
]

for (const [words, line] of refused) {
  test(`plan ${JSON.stringify(words.join(' '))} ends with 2, one line on stderr and nothing written`, async () => {
    const { exitCode, stdout, stderr } = await plan(...words, '--out', 'plan.txt')
    assert.deepEqual([exitCode, stdout], [exitCodes.usage, ''])
    assert.match(stderr, line)
    assert.deepEqual(await readdir(folder), ['site.yaml'])
  })
}

const empty: readonly (readonly [words: readonly string[], line: string])[] = [
  [
    ['--feature', 'group-writeback'],
    'postern: group-writeback is on and has no flow of its own; postern explain group-writeback says what it is\n',
  ],
  [['--from', 'app01', '--feature', 'scim'], 'postern: no flow of the plan fits --from and --feature\n'],
]

for (const [words, line] of empty) {
  test(`plan ${words.join(' ')} is an empty report, and one line says why unless --quiet`, async () => {
    const { exitCode, stdout, stderr } = await plan('--json', ...words)
    assert.deepEqual([exitCode, stderr], [exitCodes.well, line])
    assert.deepEqual(planReportSchema.parse(JSON.parse(stdout)).flows, [])
    assert.equal((await plan('--json', '--quiet', ...words)).stderr, '')
  })
}

test('the site file is not written over by its plan', async () => {
  const site = await readFile(join(folder, 'site.yaml'), 'utf8')
  for (const out of ['site.yaml', './site.yaml', join(folder, 'site.yaml')]) {
    const { exitCode, stdout, stderr } = await plan('--out', out)
    assert.deepEqual([exitCode, stdout], [exitCodes.usage, ''])
    assert.match(stderr, /^--out: ".*site\.yaml" is the file that --site reads, name another one for the result\n$/)
  }
  assert.equal(await readFile(join(folder, 'site.yaml'), 'utf8'), site)
})

test('in a checkout the next steps are those that can be typed there', async () => {
  const { stdout } = await planIn({ program: 'npm run -s postern --' })
  assert.match(stdout, /\nnext: npm run -s postern -- plan --format markdown .*; npm run -s postern -- check proves/)
})

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { FlowRow } from '../src/catalog/index.ts'
import { featureRows, flowRows, roleRows } from '../src/catalog/index.ts'
import { runCli } from '../src/cli/runCli.ts'
import { exitCodes } from '../src/cli/shell.ts'
import { planReportSchema } from '../src/config/reportSchema.ts'
import type { Cloud } from '../src/model/cloud.ts'
import type { Feature } from '../src/model/feature.ts'
import { features } from '../src/model/feature.ts'
import type { SiteRole } from '../src/model/role.ts'
import { siteRoles } from '../src/model/role.ts'
import { facts } from '../src/model/site.ts'
import { caughtShell } from './caughtShell.ts'

/*
 * `postern plan --json` for each feature alone contains exactly the rows whose typed condition names it.
 *
 * A condition names a feature when the feature stands in it. Rows that name no feature are there whatever is on: they
 * are compared apart. A row that names several as alternatives (`t1-smb`) belongs to each of them. A row that wants
 * several at once (`t6b-https`) belongs to none alone: it is missing from the plan of each, and stands in the plan of
 * all of them together.
 *
 * Rows also ask for facts, and for roles that the site has or lacks, and no one site can meet them all: `t5-certauth`
 * wants certauth-on-443 false, its fallback wants it true. So the command runs on several sites, is held to the rows of
 * each, and over all of them must have planned every row that names the feature.
 */

/** A site in which nothing but the feature decides: who is there, and every fact answered alike. */
interface Setting {
  readonly title: string
  readonly cloud: Cloud
  readonly roles: readonly SiteRole[]
  readonly facts: boolean
}

const withoutAgent = siteRoles.filter((role) => role !== 'provisioning-agent')
const settings: readonly Setting[] = [
  { title: 'every role, every fact true', cloud: 'worldwide', roles: siteRoles, facts: true },
  { title: 'every role, every fact false', cloud: 'worldwide', roles: siteRoles, facts: false },
  { title: 'no provisioning agent, every fact true', cloud: 'worldwide', roles: withoutAgent, facts: true },
  { title: 'every role, every fact true, in China', cloud: 'china', roles: siteRoles, facts: true },
]

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-plan-'))
})
after(() => rm(folder, { recursive: true, force: true }))

/** Runs the command on a site file, and gives the ids of its rows with the features that it says they are for. */
async function plan(
  setting: Setting,
  on: readonly Feature[],
  ...more: readonly string[]
): Promise<Map<string, string>> {
  // Two hosts for each role: a farm's node does not synchronise with itself.
  const hosts = setting.roles.flatMap((role, at) =>
    [1, 2].map((host) => [`${role}-${host}`, { roles: [role], addresses: [`10.1.${at}.${host}`] }]),
  )
  const site = {
    site: 'one',
    cloud: setting.cloud,
    tenant: 'contoso.onmicrosoft.com',
    domain: 'corp.example',
    features: on,
    facts: Object.fromEntries(facts.map((fact) => [fact, setting.facts])),
    hosts: Object.fromEntries(hosts),
  }
  // Every JSON text is YAML (YAML 1.2 §1.3).
  await writeFile(join(folder, 'site.yaml'), JSON.stringify(site))
  const { shell, written } = caughtShell(folder)
  const exitCode = await runCli(['plan', '--site', 'site.yaml', '--json', '--quiet', ...more], shell)
  assert.deepEqual([exitCode, written.stderr], [exitCodes.well, ''])
  const { flows } = planReportSchema.parse(JSON.parse(written.stdout))
  return new Map(flows.map(({ flow, features: because }) => [flow, because.toSorted().join()]))
}

const namesNone = ({ condition }: FlowRow): boolean => condition.features.length === 0
const names = ({ condition }: FlowRow, feature: Feature): boolean => condition.features.flat().includes(feature)
const isMetBy = ({ condition }: FlowRow, on: readonly Feature[]): boolean =>
  condition.features.every((group) => group.some((feature) => on.includes(feature)))

/** Whether a row is there in a setting, once its features are on. A cloud, a group and the internet need no host. */
function isIn({ condition, from }: FlowRow, setting: Setting): boolean {
  const has = (role: string): boolean => setting.roles.some((played) => played === role)
  return (
    condition.clouds.includes(setting.cloud) &&
    condition.facts.every(({ is }) => is === setting.facts) &&
    condition.roles.every(({ role, is }) => has(role) === (is === 'played')) &&
    (roleRows[from].side !== 'site' || has(from))
  )
}

const idsOf = (rows: readonly FlowRow[]): readonly string[] => rows.map(({ id }) => id).toSorted()
const known = new Map(flowRows.map((row) => [row.id, row]))

/** Rows of a plan that name no feature, and the others. */
function parted(planned: ReadonlyMap<string, string>): { readonly plain: string[]; readonly named: string[] } {
  const ids = [...planned.keys()].toSorted()
  const isPlain = (id: string): boolean => {
    const row = known.get(id)
    assert.ok(row, `${id} is no row of the catalog`)
    return namesNone(row)
  }
  return { plain: ids.filter(isPlain), named: ids.filter((id) => !isPlain(id)) }
}

for (const feature of features) {
  test(`plan --json for ${feature} alone has exactly the rows whose condition names it`, async () => {
    const seen = new Set<string>()
    for (const setting of settings) {
      const planned = await plan(setting, [feature])
      const { plain, named } = parted(planned)
      const there = flowRows.filter((row) => isIn(row, setting))
      assert.deepEqual(
        named,
        idsOf(there.filter((row) => names(row, feature) && isMetBy(row, [feature]))),
        `${feature}: ${setting.title}`,
      )
      assert.deepEqual(plain, idsOf(there.filter(namesNone)), `whatever is on: ${setting.title}`)
      for (const id of named) {
        assert.equal(planned.get(id), feature, id)
        seen.add(id)
      }
    }
    assert.deepEqual(
      [...seen].toSorted(),
      idsOf(flowRows.filter((row) => names(row, feature) && isMetBy(row, [feature]))),
      'each row that names the feature was planned in some setting',
    )
  })

  test(`plan --json --feature ${feature} leaves out what no feature calls for`, async () => {
    for (const setting of settings) {
      const whole = parted(await plan(setting, [feature]))
      const part = parted(await plan(setting, [feature], '--feature', feature))
      assert.deepEqual(part, { plain: [], named: whole.named }, setting.title)
    }
  })

  test(`${feature} with no more than the roles it needs plans the rows that those roles open`, async () => {
    // The first of each group will do; a group that the feature does not need stays empty.
    const roles = new Set(featureRows[feature].needs.flatMap(([first]) => first ?? []))
    const setting: Setting = { title: 'its roles alone', cloud: 'worldwide', roles: [...roles], facts: true }
    const { named } = parted(await plan(setting, [feature]))
    assert.deepEqual(
      named,
      idsOf(flowRows.filter((row) => !namesNone(row) && isMetBy(row, [feature]) && isIn(row, setting))),
    )
  })
}

const combined = flowRows.filter(({ condition }) => condition.features.length > 1)

test('some rows want several features at once', () => {
  assert.deepEqual(idsOf(combined), ['adfs-wstrust-windows', 't6b-direct-ip', 't6b-https'])
})

for (const { id, condition } of combined) {
  test(`${id} stands in no plan of one of its features, and in that of all of them together`, async () => {
    const [setting] = settings
    assert.ok(setting)
    const wanted = [...new Set(condition.features.flatMap(([first]) => first ?? []))]
    for (const feature of wanted) assert.ok(!(await plan(setting, [feature])).has(id), feature)
    const together = await plan(setting, wanted)
    assert.equal(together.get(id), wanted.toSorted().join())
  })
}

test('with every feature on each row of the catalog is planned in some setting', async () => {
  const seen = new Set<string>()
  for (const setting of settings) for (const id of (await plan(setting, features)).keys()) seen.add(id)
  assert.deepEqual([...seen].toSorted(), idsOf(flowRows))
})

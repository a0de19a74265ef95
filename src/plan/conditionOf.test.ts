import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { emptySite, everybody, hostOf } from '../../test/sites.ts'
import type { FlowRow } from '../catalog/index.ts'
import { factRows, flowRows } from '../catalog/index.ts'
import { clouds } from '../model/cloud.ts'
import type { Feature } from '../model/feature.ts'
import { features } from '../model/feature.ts'
import type { SiteRole } from '../model/role.ts'
import type { Site } from '../model/site.ts'
import { facts } from '../model/site.ts'
import { planFlows } from './planFlows.ts'

/** The rows that a site with these features alone must have, by a plain reading of the typed conditions. */
function rowsNaming(on: readonly Feature[], site: Site): string[] {
  const settled = (row: FlowRow): boolean =>
    row.condition.facts.every(({ fact, is }) => {
      const derived: Record<string, boolean> = { 'outbound-proxy': false, 'ad-fs-farm': true }
      const value = site.facts[fact] ?? derived[fact] ?? factRows[fact].default
      return value === 'unknown' || value === is
    })
  const machines = [...Object.values(site.hosts), ...Object.values(site.networks)]
  const peopled = (row: FlowRow): boolean =>
    row.condition.roles.every(
      ({ role, is }) => machines.some(({ roles }) => roles.includes(role)) === (is === 'played'),
    )
  return flowRows
    .filter(({ condition }) => condition.features.every((group) => group.some((each) => on.includes(each))))
    .filter(({ condition }) => condition.clouds.includes(site.cloud))
    .filter(settled)
    .filter(peopled)
    .map(({ id }) => id)
    .sort()
}

const planned = (site: Site): string[] => [...new Set(planFlows(site).map(({ flow }) => flow))].sort()

for (const cloud of clouds) {
  for (const feature of features) {
    test(`${feature} alone in ${cloud} plans exactly the rows whose condition it meets or that name no feature`, () => {
      const site = { ...everybody, cloud, features: [feature] }
      assert.deepEqual(planned(site), rowsNaming([feature], site))
      for (const { flow, features: because } of planFlows(site)) {
        const row = flowRows.find(({ id }) => id === flow)
        assert.deepEqual(because, row?.condition.features.flat().includes(feature) ? [feature] : [], flow)
      }
    })
  }
}

const conditions: readonly {
  readonly row: string
  readonly features: readonly Feature[]
  readonly hosts: readonly SiteRole[]
  readonly networks?: readonly SiteRole[]
  readonly planned: boolean
}[] = [
  ...(['t6b-https', 't6b-direct-ip'] as const).flatMap((row) => [
    { row, features: ['seamless-sso'], hosts: ['entra-connect'], planned: false } as const,
    { row, features: ['password-hash-sync'], hosts: ['entra-connect'], planned: false } as const,
    { row, features: ['seamless-sso', 'password-hash-sync'], hosts: ['entra-connect'], planned: true } as const,
  ]),
  { row: 't1-smb', features: ['seamless-sso'], hosts: ['entra-connect'], planned: true },
  { row: 't1-smb', features: ['password-writeback'], hosts: ['entra-connect'], planned: true },
  { row: 't1-smb', features: ['password-hash-sync'], hosts: ['entra-connect'], planned: false },
  { row: 'adfs-wstrust-windows', features: ['hybrid-join'], hosts: ['intranet-client', 'adfs'], planned: false },
  { row: 'adfs-wstrust-windows', features: ['ad-fs'], hosts: ['intranet-client', 'adfs'], planned: false },
  {
    row: 'adfs-wstrust-windows',
    features: ['hybrid-join', 'ad-fs'],
    hosts: ['intranet-client', 'adfs'],
    planned: true,
  },
  { row: 'adfs-crl', features: ['certificate-auth'], hosts: ['adfs'], planned: true },
  { row: 'adfs-crl', features: ['ad-fs'], hosts: ['adfs'], planned: true },
  { row: 'adfs-crl', features: ['hybrid-join'], hosts: ['adfs'], planned: false },
  ...(['t5-https', 'adfs-metadata'] as const).flatMap((row) => [
    { row, features: ['ad-fs'], hosts: ['user-client', 'adfs'], planned: false } as const,
    { row, features: ['ad-fs'], hosts: ['user-client', 'adfs', 'wap'], planned: true } as const,
    { row, features: ['ad-fs'], hosts: ['user-client', 'adfs'], networks: ['wap'], planned: true } as const,
    { row, features: [], hosts: ['user-client', 'adfs', 'wap'], planned: false } as const,
  ]),
  ...(['t5-certauth', 'adfs-certauth-443'] as const).flatMap((row) => [
    { row, features: ['certificate-auth'], hosts: ['user-client', 'adfs'], planned: false } as const,
    { row, features: ['certificate-auth'], hosts: ['user-client', 'wap'], planned: true } as const,
  ]),
  { row: 'scim-in', features: ['scim'], hosts: ['scim-app'], planned: true },
  { row: 'scim-in', features: ['scim'], hosts: ['scim-app', 'provisioning-agent'], planned: false },
  { row: 'scim-in', features: ['scim'], hosts: ['scim-app'], networks: ['provisioning-agent'], planned: false },
  { row: 'scim-agent', features: ['scim'], hosts: ['scim-app', 'provisioning-agent'], planned: true },
  { row: 'scim-agent', features: ['scim'], hosts: ['scim-app'], planned: false },
]

for (const { row, features: on, hosts, networks = [], planned: expected } of conditions) {
  const who = [...hosts, ...networks.map((role) => `a network of ${role}`)].join(', ')
  test(`${row} is ${expected ? 'planned' : 'left out'} with ${on.join(' and ') || 'no feature'} and ${who}`, () => {
    const site: Site = {
      ...emptySite,
      features: on,
      facts: { 'filter-by-address-only': true },
      hosts: Object.fromEntries(hosts.map((role) => [role, hostOf([role])])),
      networks: Object.fromEntries(networks.map((role) => [`net-${role}`, { roles: [role], prefixes: [] }])),
    }
    const found = planFlows(site).filter(({ flow }) => flow === row)
    assert.equal(found.length > 0, expected)
    for (const { features: because } of found) assert.deepEqual(new Set(because), new Set(on))
  })
}

test('any combination of features plans the union of what each plans alone', () => {
  fc.assert(
    fc.property(fc.subarray([...features]), fc.constantFrom(...clouds), (on, cloud) => {
      const site = { ...everybody, cloud, features: on }
      assert.deepEqual(planned(site), rowsNaming(on, site))
    }),
    { numRuns: 40 },
  )
})

test('a fact that nobody settled leaves the flow conditional and named; a settled one requires or removes it', () => {
  const site: Site = { ...everybody, features: ['ad-fs'] }
  const winrm = (facts: Site['facts']) => planFlows({ ...site, facts }).filter(({ flow }) => flow === 't1-winrm')
  assert.ok(
    winrm({}).every(
      ({ necessity, unsettled }) => necessity === 'conditional' && unsettled[0] === 'wizard-manages-ad-fs',
    ),
  )
  assert.ok(winrm({}).length > 0)
  assert.ok(winrm({ 'wizard-manages-ad-fs': true }).every(({ necessity }) => necessity === 'required'))
  assert.deepEqual(winrm({ 'wizard-manages-ad-fs': false }), [])
})

test('endpoint mapper and dynamic RPC are for set-up, and daily with password hash sync', () => {
  const phase = (on: readonly Feature[]) =>
    planFlows({ ...everybody, features: on }).find(({ flow }) => flow === 't1-rpc-epm')?.phase
  assert.equal(phase([]), 'setup')
  assert.equal(phase(['password-hash-sync']), 'setup+runtime')
})

test('every fact decides some row or is derived from one', () => {
  const used = new Set(flowRows.flatMap(({ condition }) => condition.facts.map(({ fact }) => fact)))
  assert.deepEqual(
    facts.filter((fact) => !used.has(fact)),
    [],
  )
})

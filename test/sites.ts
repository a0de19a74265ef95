import type { SiteRole } from '../src/model/role.ts'
import { siteRoles } from '../src/model/role.ts'
import type { Host, Site } from '../src/model/site.ts'

/** Sites for tests of the plan. */

export const emptySite: Site = {
  site: 'test',
  cloud: 'worldwide',
  features: [],
  facts: {},
  hosts: {},
  networks: {},
  resolvers: { internal: [], control: [] },
  proxies: {},
  trust: { certificates: [] },
  names: {},
  flows: [],
  devices: {},
  paths: [],
}

export function hostOf(roles: readonly SiteRole[], ...addresses: string[]): Host {
  return { roles, addresses }
}

/** A site in which every role is played twice, so that no flow is absent for want of an end. */
export const everybody: Site = {
  ...emptySite,
  tenant: '11111111-2222-4333-8444-555555555555',
  domain: 'corp.example',
  federationService: 'sts.corp.example',
  hosts: Object.fromEntries(
    siteRoles.flatMap((role, index) => [
      [`${role}-1`, hostOf([role], `10.1.${index}.1`)],
      [`${role}-2`, hostOf([role], `10.1.${index}.2`)],
    ]),
  ),
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everybody } from '../../test/sites.ts'
import type { Site } from '../model/site.ts'
import { planFlows } from './planFlows.ts'

const { federationService: _, tenant, ...unnamed } = everybody
const federated: Site = { ...everybody, features: ['ad-fs', 'certificate-auth'] }

const namesOf = (site: Site, id: string): readonly (string | undefined)[] => [
  ...new Set(
    planFlows(site)
      .filter(({ flow }) => flow === id)
      .map(({ target: { name } }) => name),
  ),
]

test('a row of AD FS is dialled by the name of the federation service, and certificate sign-in by its certauth name', () => {
  assert.deepEqual(namesOf(federated, 'adfs-clients'), ['sts.corp.example'])
  assert.deepEqual(namesOf(federated, 'adfs-certauth-443'), ['certauth.sts.corp.example'])
})

test('without a federation service no row of AD FS has a name that nobody wrote', () => {
  const site: Site = { ...unnamed, features: ['ad-fs', 'certificate-auth'] }
  for (const id of ['adfs-clients', 'adfs-certauth-443']) assert.deepEqual(namesOf(site, id), [undefined], id)
})

/** The paths that a site's flows ask of one name over HTTPS; what must be closed is asked for none. */
const pathsOf = (site: Site, name: string): readonly (string | undefined)[] => [
  ...new Set(
    planFlows(site)
      .filter(({ target, expect }) => expect === 'open' && target.name === name && target.service === 'https')
      .map(({ target: { path } }) => path),
  ),
]

test('the authority is asked for the discovery page of the tenant, or of any; other names of Microsoft for none', () => {
  const site: Site = { ...everybody, features: ['password-hash-sync', 'application-proxy'] }
  const page = '/v2.0/.well-known/openid-configuration'
  assert.deepEqual(pathsOf(site, 'login.microsoftonline.com'), [`/${tenant}${page}`])
  assert.deepEqual(pathsOf({ ...unnamed, features: site.features }, 'login.microsoftonline.com'), [`/common${page}`])
  assert.deepEqual(pathsOf(site, 'graph.microsoft.com').filter(Boolean), [])
})

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { decodeJwt } from 'jose'
import { asking, browserOf, gate, opened, redeem, signIn, tokenPath } from '../../../test/tenantClient.ts'
import { daemonApp, graphAppId, people, type Tenant } from './index.ts'

const { id } = people.manyGroups

async function graphClient(t: TestContext, tenant: Tenant, person?: string) {
  const ask = asking(t, tenant)
  const about = { client: gate.clientId, api: graphAppId, ...(person !== undefined && { person }) }
  const token = await tenant.accessToken(about)
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return (path: string, body?: string) => ask(path, body, headers)
}

test('whoever is in more than 200 groups has none of them in a token, and all of them in Graph', async (t) => {
  const tenant = await opened(t)
  const token = await tenant.accessToken({ person: id, client: gate.clientId, api: gate.clientId })
  const claims = decodeJwt(token)
  assert.equal(claims['groups'], undefined)
  assert.deepEqual(claims['_claim_names'], { groups: 'src1' })
  const graph = await graphClient(t, tenant)
  const found: string[] = []
  let next: string | undefined = `/v1.0/users/${id}/getMemberObjects`
  let pages = 0
  while (next !== undefined) {
    const { status, json } = await graph(next, pages === 0 ? '{"securityEnabledOnly":true}' : undefined)
    assert.equal(status, 200, JSON.stringify(json))
    found.push(...json.value)
    next = json['@odata.nextLink']
    pages += 1
  }
  assert.equal(pages, 3)
  assert.deepEqual(found, people.manyGroups.groups)
})

test('memberships have names, and pages as long as they are asked for', async (t) => {
  const tenant = await opened(t)
  const graph = await graphClient(t, tenant)
  const { json } = await graph(`/v1.0/users/${id}/transitiveMemberOf/microsoft.graph.group?$top=999&$select=id`)
  assert.equal(json.value.length, people.manyGroups.groups.length)
  assert.equal(json.value[0].displayName, 'Network operators')
  assert.equal(json['@odata.nextLink'], undefined)
})

test('an app that is in more than 200 groups has none of them in its token, and all of them in Graph', async (t) => {
  const tenant = await opened(t)
  const daemon = daemonApp('s', gate.clientId, { groups: people.manyGroups.groups })
  tenant.register(daemon)
  const claims = decodeJwt(await tenant.accessToken({ client: daemon.clientId, api: gate.clientId }))
  assert.deepEqual([claims['groups'], claims['_claim_names']], [undefined, { groups: 'src1' }])
  const graph = await graphClient(t, tenant)
  const first = `/v1.0/servicePrincipals/${daemon.servicePrincipalId}/getMemberObjects`
  assert.equal((await graph(first, '{"securityEnabledOnly":false}')).json.value.length, 100)
  assert.equal((await graph(first, '{}')).status, 400)
  assert.equal((await graph(first)).status, 405)
  tenant.register({ ...daemon, groups: people.admin.groups })
  const few = decodeJwt(await tenant.accessToken({ client: daemon.clientId, api: gate.clientId }))
  assert.deepEqual(few['groups'], people.admin.groups)
})

test('a person may see their own entry and groups, and nobody else’s', async (t) => {
  const tenant = await opened(t)
  const token = await tenant.accessToken({
    person: people.ordinary.id,
    client: gate.clientId,
    api: graphAppId,
    scopes: ['User.Read'],
  })
  const ask = asking(t, tenant)
  const graph = (path: string) => ask(path, undefined, { authorization: `Bearer ${token}` })
  assert.equal((await graph('/v1.0/me')).json.id, people.ordinary.id)
  assert.equal((await graph('/v1.0/me/transitiveMemberOf')).json.value.length, 1)
  assert.equal((await graph(`/v1.0/users/${people.admin.id}`)).status, 403)
  assert.equal((await graph(`/v1.0/users/${people.admin.id}/memberOf`)).status, 403)
  assert.equal((await graph('/v1.0/users/nobody')).status, 404)
  assert.equal((await graph('/v1.0/users/%')).status, 404)
})

test('the userinfo endpoint knows a person by the subject of the ID token', async (t) => {
  const tenant = await opened(t)
  const ask = asking(t, tenant)
  const code =
    (await signIn(browserOf(t, tenant), tenant, people.admin.id, { scope: 'openid profile' })).get('code') ?? ''
  const { json: tokens } = await ask(tokenPath(tenant), redeem(code))
  const { json } = await ask('/oidc/userinfo', undefined, { authorization: `Bearer ${tokens.access_token}` })
  assert.deepEqual(json, { sub: decodeJwt(tokens.id_token).sub, name: people.admin.name })
})

test('without a token for Graph nothing is told', async (t) => {
  const tenant = await opened(t)
  tenant.register(daemonApp('s'))
  const ask = asking(t, tenant)
  const other = await tenant.accessToken({ person: people.admin.id, client: gate.clientId, api: gate.clientId })
  const graph = await tenant.accessToken({ client: gate.clientId, api: graphAppId })
  const expired = await tenant.accessToken({ client: gate.clientId, api: graphAppId, claims: { exp: 1 } })
  const elsewhere = await tenant.accessToken({ client: gate.clientId, api: graphAppId, claims: { aud: gate.clientId } })
  for (const token of ['', other, expired, elsewhere, graph.slice(0, -8), `${graph}x`]) {
    const { status, headers } = await ask(`/v1.0/users/${id}`, undefined, { authorization: `Bearer ${token}` })
    assert.equal(status, 401)
    assert.match(headers.get('www-authenticate') ?? '', /^Bearer/)
  }
  const form = {
    grant_type: 'client_credentials',
    client_id: daemonApp('s').clientId,
    client_secret: 's',
    scope: `${tenant.origin}/.default`,
  }
  const { json } = await ask(tokenPath(tenant), form)
  const denied = await ask(`/v1.0/users/${id}`, undefined, { authorization: `Bearer ${json.access_token}` })
  assert.equal(denied.status, 403, 'a daemon without permissions of its own')
})

test('Graph throttles, fails, denies, and leads astray on request', async (t) => {
  const tenant = await opened(t)
  const graph = await graphClient(t, tenant)
  const first = `/v1.0/users/${id}/transitiveMemberOf`
  await tenant.misbehave({ graph: 'throttled' })
  const throttled = await graph(first)
  assert.deepEqual([throttled.status, throttled.headers.get('retry-after')], [429, '7'])
  await tenant.misbehave({ graph: 'unavailable' })
  assert.equal((await graph(first)).status, 503)
  await tenant.misbehave({ graph: 'forbidden' })
  assert.equal((await graph(first)).status, 403)
  await tenant.misbehave({ graph: 'endless' })
  const { json: page } = await graph(first)
  const { json: again } = await graph(page['@odata.nextLink'])
  assert.equal(again['@odata.nextLink'], page['@odata.nextLink'])
  await tenant.misbehave({ graph: 'next-elsewhere' })
  assert.equal(new URL((await graph(first)).json['@odata.nextLink']).host, 'graph.example')
  await tenant.misbehave({ graph: 'second-page-fails' })
  const { json } = await graph(first)
  assert.equal((await graph(json['@odata.nextLink'])).status, 500)
  await tenant.behave()
  assert.equal((await graph(json['@odata.nextLink'])).status, 200)
})

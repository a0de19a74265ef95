import assert from 'node:assert/strict'
import { createPublicKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { type TestContext, test } from 'node:test'
import { makeSigningKey } from './signingKey.ts'
import { tenant, tenantAnswers } from './tenant.ts'

interface Answer {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

/** The tenant behind a plain port; the front of the lab puts TLS before it. */
async function served(t: TestContext): Promise<(host: string, path: string) => Promise<Answer>> {
  const key = makeSigningKey(Date.now())
  const server = createServer(tenantAnswers(() => key))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const bound = server.address()
  assert.ok(bound !== null && typeof bound === 'object')
  return async (host, path) => {
    const asked = request({ host: '127.0.0.1', port: bound.port, path, headers: { host }, agent: false })
    asked.end()
    const [answer] = await once(asked, 'response')
    let text = ''
    for await (const chunk of answer) text += chunk
    return { status: answer.statusCode, headers: answer.headers, text }
  }
}

const authority = 'login.microsoftonline.com'

test('the discovery document of the tenant names its issuer, by id and by name, and carries a request id', async (t) => {
  const get = await served(t)
  for (const segment of [tenant.id, tenant.name]) {
    const answer = await get(authority, `/${segment}/v2.0/.well-known/openid-configuration`)
    assert.equal(answer.status, 200)
    assert.match(String(answer.headers['content-type']), /^application\/json/)
    assert.match(String(answer.headers['x-ms-request-id']), /^[0-9a-f-]{36}$/)
    const document = JSON.parse(answer.text)
    assert.equal(document.issuer, `https://login.microsoftonline.com/${tenant.id}/v2.0`)
    assert.equal(document.jwks_uri, `https://login.microsoftonline.com/${tenant.id}/discovery/v2.0/keys`)
    assert.equal(document.token_endpoint, `https://login.microsoftonline.com/${tenant.id}/oauth2/v2.0/token`)
  }
})

test('the version 1 form has the issuer of version 1, with its trailing slash', async (t) => {
  const get = await served(t)
  const { text } = await get('login.windows.net', `/${tenant.id}/.well-known/openid-configuration`)
  const document = JSON.parse(text)
  assert.equal(document.issuer, `https://sts.windows.net/${tenant.id}/`)
  assert.equal(document.jwks_uri, `https://login.microsoftonline.com/${tenant.id}/discovery/keys`)
})

test('the common endpoint keeps a placeholder in its issuer', async (t) => {
  const get = await served(t)
  const { text } = await get(authority, '/common/v2.0/.well-known/openid-configuration')
  assert.equal(JSON.parse(text).issuer, 'https://login.microsoftonline.com/{tenantid}/v2.0')
})

test('the key set holds a real key, with its certificate, under its thumbprint', async (t) => {
  const get = await served(t)
  const { text } = await get(authority, `/${tenant.id}/discovery/v2.0/keys`)
  const [key, ...others] = JSON.parse(text).keys
  assert.equal(others.length, 0)
  const published = createPublicKey({ key, format: 'jwk' })
  const certificate = new X509Certificate(Buffer.from(key.x5c[0], 'base64'))
  assert.equal(published.asymmetricKeyDetails?.modulusLength, 2048)
  assert.ok(certificate.publicKey.equals(published))
  const sha1 = Buffer.from(certificate.fingerprint.replaceAll(':', ''), 'hex').toString('base64url')
  assert.deepEqual([key.kid, key.x5t], [sha1, sha1])
  assert.equal(key.issuer, `https://login.microsoftonline.com/${tenant.id}/v2.0`)
  assert.equal((await get(authority, `/${tenant.id}/discovery/v2.0/keys`)).text, text)
})

test('instance discovery knows the aliases of the cloud', async (t) => {
  const get = await served(t)
  const { text } = await get(authority, '/common/discovery/instance?api-version=1.1&authorization_endpoint=x')
  assert.ok(JSON.parse(text).metadata[0].aliases.includes('login.windows.net'))
})

test('a tenant that does not exist is refused with its code', async (t) => {
  const get = await served(t)
  const { status, text } = await get(authority, '/fabrikam.example/v2.0/.well-known/openid-configuration')
  assert.equal(status, 400)
  assert.deepEqual(JSON.parse(text).error_codes, [90002])
})

test('Graph without a token answers as Graph does', async (t) => {
  const get = await served(t)
  const { status, text } = await get('graph.microsoft.com', '/')
  assert.equal(status, 401)
  assert.equal(JSON.parse(text).error.code, 'InvalidAuthenticationToken')
})

test('any other name is a front end that has nothing to show', async (t) => {
  const get = await served(t)
  assert.equal((await get('management.azure.com', '/')).status, 200)
  assert.equal((await get('management.azure.com', `/${tenant.id}/v2.0/.well-known/openid-configuration`)).status, 404)
})

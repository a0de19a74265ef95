import assert from 'node:assert/strict'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { authorities } from '../../identity/index.ts'
import { openPki } from '../../lab/servers/pki.ts'
import { createNet } from '../../net/createNet.ts'
import { beforeCredentials } from './beforeCredentials.ts'
import type { SignInMeans } from './signInKind.ts'

interface Row {
  readonly when: string
  readonly path: string
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** What is said; absent: it is well. */
  readonly says?: RegExp
  readonly host?: string
}

const form = '<html><form><input name="UserName"><input type="password"></form></html>'
const document = JSON.stringify({
  issuer: 'https://sts.corp.example/adfs',
  authorization_endpoint: 'https://sts.corp.example/adfs/oauth2/authorize',
})
const sso = 'autologon.microsoftazuread-sso.com'
const ticket = { 'www-authenticate': 'Negotiate' }

const rows: readonly Row[] = [
  { when: 'AD FS shows its form', path: '/adfs/ls/idpinitiatedsignon', status: 200, body: form },
  { when: 'AD FS asks for a ticket', path: '/adfs/ls/wia', status: 401, headers: ticket },
  { when: 'AD FS shows an error', path: '/adfs/ls/', status: 200, body: `${form} MSIS7065`, says: /shows no form/ },
  { when: 'the proxy of AD FS has lost its trust', path: '/adfs/ls/', status: 503, says: /answered with 503/ },
  { when: 'AD FS tells of itself', path: '/adfs/.well-known/openid-configuration', status: 200, body: document },
  {
    when: 'AD FS tells nothing',
    path: '/adfs/.well-known/openid-configuration',
    status: 200,
    body: '{}',
    says: /names no issuer/,
  },
  {
    when: 'Seamless SSO asks for a ticket',
    host: sso,
    path: '/corp.example/winauth/sso',
    status: 401,
    headers: ticket,
  },
  {
    when: 'Seamless SSO asks for none',
    host: sso,
    path: '/corp.example/winauth/sso',
    status: 200,
    says: /does not ask for a Kerberos ticket/,
  },
  {
    when: 'a page leads to what is no TLS',
    path: '/adfs/ls/',
    status: 302,
    headers: { location: 'http://sts.corp.example/' },
    says: /no HTTPS/,
  },
  {
    when: 'a page leads on and on',
    path: '/adfs/ls/',
    status: 302,
    headers: { location: '/adfs/ls/' },
    says: /on and on/,
  },
  { when: 'another page is there', path: '/portal', status: 200, body: 'well' },
  { when: 'another page is not there', path: '/portal', status: 404, says: /answered with 404/ },
]

test('what stands before credentials is asked, and none are sent', async (t) => {
  const pki = await openPki({ clock: Date.now, publishedAt: 'http://127.0.0.1:9' })
  const names = ['sts.corp.example', sso]
  const pairs = new Map(
    await Promise.all(names.map(async (name) => [name, await pki.certificate('genuine', name)] as const)),
  )
  for (const { when, host = 'sts.corp.example', path, status, headers = {}, body = '', says } of rows) {
    await t.test(when, async (t) => {
      const pair = pairs.get(host)
      const asked: string[] = []
      const server = createServer({ key: pair?.keyPem, cert: pair?.chainPem }, (request, response) => {
        asked.push(`${request.method} ${request.headers.authorization ?? 'nobody'}`)
        response.writeHead(status, headers).end(body)
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      t.after(() => {
        server.closeAllConnections()
        server.close()
      })
      const { port } = server.address() as AddressInfo
      const means: SignInMeans = {
        net: createNet({ trust: { site: [pki.rootPem], machine: [] }, userAgent: 'postern/test' }),
        authority: authorities.worldwide,
        isPlayed: false,
        tenant: '',
        audiences: [],
        names: { [host]: `127.0.0.1:${port}` },
        proof: async () => ({ why: 'nobody asks' }),
        timeoutMs: 5000,
      }
      const signIn = {
        name: 'portal',
        kind: 'before-credentials',
        everySeconds: 60,
        url: `https://${host}${path}`,
      } as const
      const { outcome, readings } = await beforeCredentials.look(signIn, means, { signal: t.signal, timeoutMs: 5000 })
      if (says === undefined) assert.deepEqual(outcome, { kind: 'well' })
      else assert.match(outcome.kind === 'failed' ? outcome.told.says : '', says)
      assert.ok(asked.every((one) => one === 'GET nobody'))
      assert.ok(status >= 500 || readings.some(({ measure }) => measure === 'authorize-ms'))
    })
  }
})

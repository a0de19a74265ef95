import assert from 'node:assert/strict'
import type { IncomingMessage, RequestListener } from 'node:http'
import { createServer } from 'node:http'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { askProbe } from '../../test/askProbe.ts'
import { makeCertificate } from '../../test/pki.ts'
import { tlsServer } from '../../test/tcpServer.ts'
import { createNet } from '../net/createNet.ts'

const name = 'app01.corp.example'
const root = await makeCertificate({ subject: 'CN=Root', ca: true })
const leaf = await makeCertificate({ subject: 'CN=x', issuer: root, names: [{ type: 'dns', value: name }] })
const net = createNet({ trust: { site: [root.pem], machine: [], node: [] }, userAgent: 'postern/test' })

const authority = 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize'
const redirectUri = `https://${name}:8443/signin-oidc`
const authorize = `${authority}?client_id=a&response_type=code&state=secret&nonce=secret&redirect_uri=${redirectUri}&x=${'x'.repeat(600)}`

/** An app that sends on from each path to another, or gives a page; all that it was asked is kept. */
async function app(t: TestContext, answers: Readonly<Record<string, string>>, asks = true) {
  const asked: IncomingMessage[] = []
  const listener: RequestListener = (request, response) => {
    asked.push(request)
    const answer = answers[request.url ?? ''] ?? '<title>Nothing</title>'
    response.setHeader('set-cookie', 'visit=secret; Path=/; Secure')
    if (answer.startsWith('<')) response.setHeader('content-type', 'text/html').end(answer)
    else response.writeHead(302, { location: answer }).end()
  }
  const http = createServer(listener)
  const server = await tlsServer(t, { key: leaf.keyPem, cert: leaf.pem }, (socket) => http.emit('connection', socket))
  const signIn = asks ? { signIn: { port: 8443 } } : {}
  const { kept, inShort } = await askProbe(net, 'https', {
    address: server.address,
    port: server.port,
    name,
    ...signIn,
  })
  await server.idle()
  const exchanges = kept.filter((one) => one.kind === 'http-exchange')
  return { kept, inShort, paths: asked.map(({ url }) => url), asked, signIn: exchanges.at(-1)?.signIn, exchanges }
}

const openId = { protocol: 'openid-connect', endpoint: authority, clientId: 'a', redirectUri, responseType: 'code' }

test('a redirect to the sign-in is read and not followed, however long it is', async (t) => {
  const { paths, signIn, inShort, kept } = await app(t, { '/': authorize })
  assert.deepEqual(paths, ['/'])
  assert.deepEqual(signIn, { ...openId, by: 'redirect' })
  assert.deepEqual(inShort, [
    'probe tcp-connect connected',
    'probe tls-handshake established',
    'probe http-exchange response',
  ])
  assert.ok(!JSON.stringify(kept).includes('secret'))
})

test('redirects within the app are followed to its sign-in, each over a connection of its own and with the cookie that the app has set', async (t) => {
  const { paths, signIn, inShort, asked, kept } = await app(t, {
    '/': '/a?state=secret',
    '/a?state=secret': `https://${name.toUpperCase()}:8443/b`,
    '/b': authorize,
  })
  assert.deepEqual(paths, ['/', '/a?state=secret', '/b'])
  assert.deepEqual(signIn, { ...openId, by: 'redirect' })
  assert.deepEqual(inShort.slice(3), [
    'control path tcp-connect connected',
    'control path tls-handshake established',
    'control path http-exchange response',
    'control path tcp-connect connected',
    'control path tls-handshake established',
    'control path http-exchange response',
  ])
  assert.deepEqual(
    asked.map(({ headers }) => headers.cookie),
    [undefined, 'visit=secret', 'visit=secret'],
  )
  assert.ok(asked.every(({ headers }) => headers.host?.startsWith(name)))
  assert.ok(!JSON.stringify(kept).includes('secret'))
})

test('a page that hands the request on in a form or by a refresh is read', async (t) => {
  const form = `<form method=post action="${authority}"><input name=client_id value=a><input name=response_type value=code><input name=redirect_uri value="${redirectUri}"></form>`
  assert.deepEqual((await app(t, { '/': form })).signIn, { ...openId, by: 'form' })
  const refresh = `<meta http-equiv=refresh content="0;url=${authorize.replaceAll('&', '&amp;')}">`
  assert.deepEqual((await app(t, { '/': refresh })).signIn, { ...openId, by: 'meta-refresh' })
})

const ends: readonly (readonly [why: string, answers: Readonly<Record<string, string>>, paths: readonly string[]])[] = [
  ['another host', { '/': 'https://app02.corp.example:8443/a' }, ['/']],
  ['another port', { '/': `https://${name}:1/` }, ['/']],
  ['http', { '/': `http://${name}:8443/a` }, ['/']],
  ['no address', { '/': 'http://[' }, ['/']],
  // Without the cookie, with it, and once more the same.
  ['the same path', { '/': '/' }, ['/', '/', '/']],
  ['a circle', { '/': '/a', '/a': '/b', '/b': '/a' }, ['/', '/a', '/b', '/a', '/b']],
  [
    'a ninth redirect',
    Object.fromEntries(Array.from({ length: 12 }, (_, at) => [at === 0 ? '/' : `/${at}`, `/${at + 1}`])),
    ['/', '/1', '/2', '/3', '/4', '/5', '/6', '/7', '/8'],
  ],
  ['a page', { '/': '/a', '/a': '<title>Payroll</title>' }, ['/', '/a']],
]

for (const [why, answers, paths] of ends) {
  test(`a way to a sign-in ends at ${why}`, async (t) => {
    const seen = await app(t, answers)
    assert.deepEqual(seen.paths, paths)
    assert.equal(seen.signIn, undefined)
  })
}

test('no redirect is followed, and no sign-in read, of what is no own app', async (t) => {
  const { paths, exchanges } = await app(t, { '/': authorize }, false)
  assert.deepEqual(paths, ['/'])
  assert.ok(exchanges.every((one) => !('signIn' in one)))
  assert.deepEqual((await app(t, { '/': '/a' }, false)).paths, ['/'])
})

test('an app that hangs on the way to its sign-in was reached all the same', async (t) => {
  const http = createServer((request, response) => {
    if (request.url === '/') response.writeHead(302, { location: '/a' }).end()
  })
  const server = await tlsServer(t, { key: leaf.keyPem, cert: leaf.pem }, (socket) => http.emit('connection', socket))
  const question = { address: server.address, port: server.port, name, signIn: { port: 8443 } }
  const { inShort } = await askProbe(net, 'https', question, 400)
  assert.equal(inShort.at(-1), 'control path http-exchange timeout')
  assert.ok(inShort.includes('probe http-exchange response'))
  await server.idle()
})

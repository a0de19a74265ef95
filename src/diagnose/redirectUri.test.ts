import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { differences, isInternal, isLoopback, uriParts } from './redirectUri.ts'

const uri = fc
  .tuple(
    fc.constantFrom('http', 'https', 'HTTPS'),
    fc.constantFrom('a.example', 'A.example', 'localhost', '[2001:db8::1]', '10.0.0.1'),
    fc.constantFrom('', ':443', ':80', ':8443'),
    fc.constantFrom('', '/', '/cb', '/CB', '/cb/', '/x'),
  )
  .map(([scheme, host, port, path]) => `${scheme}://${host}${port}${path}`)

test('the parts of a redirect URI are as they are written, but for the case of scheme and host', () => {
  assert.deepEqual(uriParts('HTTPS://App.example/Signin%2Doidc/../x?a#b'), {
    scheme: 'https',
    host: 'app.example',
    port: 443,
    path: '/Signin%2Doidc/../x',
  })
  assert.deepEqual(uriParts('http://[2001:DB8:0::1]:8080'), {
    scheme: 'http',
    host: '2001:db8::1',
    port: 8080,
    path: '/',
  })
  for (const none of [
    '',
    'app.example',
    'msal1://auth',
    'https://',
    'https://a:b/',
    'https://[::1',
    'urn:x',
    '//a/b',
  ]) {
    assert.equal(uriParts(none), undefined, none)
  }
})

test('any text has parts, or none, and never a throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        uri.map((text) => `${text}\u0000`),
      ),
      (text) => {
        const parts = uriParts(text)
        assert.ok(parts === undefined || (parts.path.startsWith('/') && parts.host !== ''), text)
      },
    ),
  )
})

test('a redirect URI differs from itself in nothing, and two differ in the same, whichever is registered', () => {
  fc.assert(
    fc.property(uri, uri, (one, other) => {
      const [a, b] = [uriParts(one), uriParts(other)]
      assert.ok(a && b)
      assert.deepEqual(differences(a, a), [])
      assert.deepEqual(differences(a, b), differences(b, a))
      assert.equal(differences(a, b).length === 0, JSON.stringify(a) === JSON.stringify(b) || bothLocal(a, b))
    }),
  )
})

type Parts = NonNullable<ReturnType<typeof uriParts>>
const bothLocal = (a: Parts, b: Parts): boolean =>
  isLoopback(a.host) && a.host === b.host && a.scheme === b.scheme && a.path === b.path

test('the default port of another scheme differs by the scheme alone', () => {
  const [http, https] = [uriParts('http://a.example/cb'), uriParts('https://a.example/cb')]
  assert.ok(http && https)
  assert.deepEqual(differences(http, https), ['scheme'])
})

test('names and addresses of the inside, and of the machine itself, are known as such', () => {
  assert.deepEqual(
    ['app01', '10.1.0.5', '172.20.0.1', 'fd00::1', 'x.local', 'svc.internal'].filter((one) => !isInternal(one)),
    [],
  )
  assert.deepEqual(['app.corp.example', '8.8.8.8', '172.32.0.1', '2001:db8::1', 'local.example'].filter(isInternal), [])
  assert.deepEqual(
    ['localhost', '127.0.0.1', '127.9.9.9', '::1', 'x.localhost'].filter((one) => !isLoopback(one)),
    [],
  )
  assert.deepEqual(['localhost.example', '128.0.0.1', 'app'].filter(isLoopback), [])
})

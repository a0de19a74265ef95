import assert from 'node:assert/strict'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { codeRows } from '../../catalog/codes.ts'
import { playedAuthority } from '../../identity/index.ts'
import { openPki } from '../../lab/servers/pki.ts'
import type { CauseCode } from '../../model/cause.ts'
import type { SyntheticSignIn } from '../../model/watch.ts'
import { createNet } from '../../net/createNet.ts'
import { clientCredentials } from './clientCredentials.ts'
import type { SignInMeans } from './signInKind.ts'
import { entraTold } from './toldFailures.ts'

const tenant = '5b0d3f52-1c1e-4a6f-8a55-0f6c0d9e2009'
const secret = 'Hunter2~the.secret-of-the-app'
const token = 'eyJhbGciOiJub25lIn0.eyJzZWNyZXQiOiJIdW50ZXIyIn0.c2lnbmF0dXJl'
const signIn: SyntheticSignIn = {
  name: 'daemon',
  kind: 'client-credentials',
  everySeconds: 300,
  client: '5b0d3f52-1c1e-4a6f-8a55-0f6c0d9e2002',
  scope: 'api://5b0d3f52-1c1e-4a6f-8a55-0f6c0d9e2001/.default',
}

interface Said {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** `SECRET` and `TOKEN` stand for what was sent, and for what is issued. */
  readonly body: string
}

/** A tenant whose token endpoint says whatever is wanted. */
async function openHostile(t: TestContext): Promise<{ readonly means: SignInMeans; says: Said }> {
  const pki = await openPki({ clock: Date.now, publishedAt: 'http://127.0.0.1:9' })
  const { keyPem, chainPem } = await pki.certificate('genuine', 'localhost')
  const { publicKey } = await crypto.subtle.generateKey(
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) },
    true,
    ['sign', 'verify'],
  )
  const jwk = await crypto.subtle.exportKey('jwk', publicKey)
  const server = createServer({ key: keyPem, cert: chainPem }, (request, response) => {
    const origin = `https://localhost:${(server.address() as AddressInfo).port}`
    const base = `${origin}/${tenant}`
    request.resume()
    if (request.url?.endsWith('openid-configuration')) {
      const document = {
        issuer: `${base}/v2.0`,
        jwks_uri: `${origin}/keys`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
      }
      response.end(JSON.stringify(document))
    } else if (request.url === '/keys') {
      response.end(JSON.stringify({ keys: [{ ...jwk, kid: 'one', use: 'sig' }] }))
    } else {
      const filled = (text: string): string => text.replaceAll('SECRET', secret).replaceAll('TOKEN', token)
      for (const [name, value] of Object.entries(rig.says.headers)) response.setHeader(name, filled(value))
      response.statusCode = rig.says.status
      response.end(filled(rig.says.body))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`
  const means: SignInMeans = {
    net: createNet({ trust: { site: [pki.rootPem], machine: [] }, userAgent: 'postern/test' }),
    authority: playedAuthority(origin),
    isPlayed: true,
    tenant,
    audiences: [],
    names: {},
    proof: async () => ({ ok: { kind: 'secret', secret } }),
    timeoutMs: 5000,
  }
  const rig = { means, says: { status: 200, headers: {}, body: '' } as Said }
  return rig
}

const piece = fc.constantFrom(
  'SECRET',
  'TOKEN',
  'AADSTS7000215: ',
  'AADSTS',
  'SECRET AADSTS53003',
  '',
  'invalid_client',
  '\u0000',
  'é',
)
const word = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''))
const members = fc.record(
  {
    error: word,
    error_description: word,
    correlation_id: word,
    access_token: fc.constantFrom('TOKEN', 'SECRET', ''),
    expires_in: fc.oneof(fc.integer(), word),
    token_type: word,
  },
  { requiredKeys: [] },
)
const anySaid: fc.Arbitrary<Said> = fc.record({
  status: fc.constantFrom(200, 302, 400, 401, 403, 404, 429, 500, 503),
  headers: fc.constantFrom<Readonly<Record<string, string>>>(
    {},
    { location: 'https://localhost/SECRET' },
    { 'retry-after': 'SECRET', server: 'TOKEN' },
    { 'www-authenticate': 'SECRET', date: 'SECRET' },
  ),
  body: fc.oneof(
    members.map((each) => JSON.stringify(each)),
    word,
  ),
})

test('nothing of a secret or a token is in what comes of a sign-in, whatever the tenant answers', async (t) => {
  const rig = await openHostile(t)
  await fc.assert(
    fc.asyncProperty(anySaid, async (said) => {
      rig.says = said
      const look = await clientCredentials.look(signIn, rig.means, { signal: t.signal, timeoutMs: 5000 })
      assert.notEqual(look.outcome.kind, 'well')
      const told = JSON.stringify(look)
      for (const part of [secret, encodeURIComponent(secret), token, ...token.split('.')]) {
        assert.ok(!told.includes(part), told)
      }
    }),
    { numRuns: 40 },
  )
})

test('what Entra ID answers is told by the table of codes: cause, owner and remedy', async (t) => {
  const rig = await openHostile(t)
  const answers: readonly (readonly [code: string, cause: CauseCode, owner: string, fix: RegExp])[] = [
    ['AADSTS7000222', 'wrong-registration', 'app', /New secret or certificate/],
    ['AADSTS53003', 'conditional-access', 'cloud', /sign-in log/],
    ['AADSTS700024', 'clock-skew', 'host', /NTP/],
    ['AADSTS65001', 'consent-missing', 'cloud', /consent/],
    ['AADSTS90002', 'wrong-registration', 'app', /tenant id/],
    ['AADSTS50033', 'cloud-side', 'cloud', /Retry/],
  ]
  for (const [code, cause, owner, fix] of answers) {
    rig.says = {
      status: 400,
      headers: {},
      body: JSON.stringify({ error: 'invalid_client', error_description: `${code}: SECRET` }),
    }
    const { outcome } = await clientCredentials.look(signIn, rig.means, { signal: t.signal, timeoutMs: 5000 })
    assert.ok(outcome.kind === 'failed')
    assert.deepEqual([outcome.told.cause, outcome.told.owner], [cause, owner], code)
    assert.match(outcome.told.fix ?? '', fix)
    assert.match(outcome.told.says, new RegExp(`refused with ${code}: `))
  }
})

test('no code leads to the advice to make an exception to a policy', () => {
  for (const { code } of codeRows) {
    const number = /^AADSTS(\d+)$/.exec(code)?.[1]
    if (number === undefined) continue
    const { cause, fix = '' } = entraTold('the sign-in', { code: number, correlation: 'x' })
    if (cause === 'conditional-access') assert.doesNotMatch(fix, /exclu|exempt|except/i, code)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gateApp, people } from '../../src/lab/tenant/index.ts'
import { everythingTold, fieldOf, origin, playSignIn, poison } from '../playedSignIn.ts'
import type { Against, ConformanceRow, End } from './conformanceRows.ts'
import { conformanceRows } from './conformanceRows.ts'

/** The modules of `oidcc-client-basic-certification-test-plan`, and those of RFC 9207 that stand beside it. */
const modules = [
  'oidcc-client-test',
  'idtoken-sig-rs256',
  'idtoken-sig-none',
  'invalid-sig-rs256',
  'invalid-sig-es256',
  'invalid-sig-hs256',
  'invalid-iss',
  'missing-iat',
  'missing-sub',
  'missing-aud',
  'invalid-aud',
  'invalid-secondary-aud',
  'valid-aud-as-array',
  'invalid-missing-nonce',
  'nonce-invalid',
  'kid-absent-single-jwks',
  'kid-absent-multiple-jwks',
  'discovery-issuer-mismatch',
  'scope-userinfo-claims',
  'userinfo-invalid-sub',
  'userinfo-bearer-header',
  'client-secret-basic',
  'token-type-case-insensitivity',
  'token-endpoint-response-without-expires_in',
  'iat-is-week-in-past',
  'invalid-state',
  'missing-state',
  'invalid-iss-in-authorization-response',
  'removed-iss-in-authorization-response',
]

const { clientId } = gateApp(origin, {})
const rows = conformanceRows(clientId)

const words: Readonly<Record<Against, string>> = {
  'as-asked': 'as the module asks',
  stricter: 'where the module would take it',
  unused: 'and without what the module is about',
}

const endWords = (end: End): string =>
  end.how === 'signed-in' ? 'somebody is signed in' : `nobody is signed in (${end.because ?? end.reason})`

test('every module of the certification of relying parties has a row', () => {
  assert.deepEqual(rows.map(({ module }) => module).toSorted(), modules.toSorted())
})

test('what the gate asks for is a code, by three scopes', async (t) => {
  const { visitor, signIn } = await playSignIn(t)
  const begun = await signIn.begin(visitor().asked('/'), '/')
  const asked = new URL(fieldOf(begun, 'location') ?? '').searchParams
  assert.deepEqual(
    ['response_type', 'scope', 'client_id'].map((name) => asked.getAll(name)),
    [['code'], ['openid profile offline_access'], [clientId]],
  )
})

for (const row of rows) {
  test(`${row.module}: ${endWords(row.end)}, ${words[row.against]}`, async (t) => {
    const { tenant, visitor, events, store } = await playSignIn(t)
    await tenant.misbehave(row.tenant)
    const browser = visitor()
    const answer = await browser.signIn(people.admin.id, '/team')
    const { end } = row
    const session = browser.cookies.get('__Host-postern')
    const told = events.at(-1)
    if (end.how === 'signed-in') {
      assert.deepEqual([answer.status, answer.reason, store.list().length], [303, 'signed-in', 1])
      assert.equal(await browser.who(), people.admin.id)
    } else {
      assert.deepEqual([answer.status, answer.reason, store.list(), session], [end.status, end.reason, [], undefined])
      if (end.because !== undefined) assert.equal(told?.detail?.['because'], end.because, row.why)
    }
    assert.equal(events.filter(({ activity }) => activity === 'sign-in').length, 1, 'one event of a sign-in')
    assert.doesNotMatch(everythingTold(events, [answer]), new RegExp(`${poison}|eyJ[\\w-]{10}`))
    assertAsked(row, tenant.requests)
  })
}

interface Request {
  readonly path: string
  readonly parameters: Readonly<Record<string, string>>
}

/** What went to the tenant: the code once or never, the secret in its form, and nothing to userinfo. */
function assertAsked({ end }: ConformanceRow, requests: readonly Request[]): void {
  const atToken = requests.filter(({ path }) => path.endsWith('/oauth2/v2.0/token'))
  const isRedeemed = end.how === 'signed-in' || end.status !== 400
  assert.equal(atToken.length, isRedeemed ? 1 : 0)
  for (const { parameters } of atToken) {
    assert.equal(parameters['grant_type'], 'authorization_code')
    assert.ok('client_secret' in parameters && 'code_verifier' in parameters)
  }
  assert.equal(
    requests.some(({ path }) => path.includes('userinfo')),
    false,
  )
}

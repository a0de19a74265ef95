import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import type { AccessTokenRequest, Misbehaviour } from '../../../src/lab/tenant/index.ts'
import { gateApp, graphAppId, people } from '../../../src/lab/tenant/index.ts'
import type { TestGate } from '../openTestGate.ts'
import type { Row } from './attackRange.ts'
import { openRange, playRows, reasonsOf } from './attackRange.ts'
import { closing } from './shoot.ts'

interface TokenRow extends Row {
  readonly how?: Misbehaviour
  readonly token?: Partial<AccessTokenRequest>
  /** Makes another text of a token that is good. */
  readonly forge?: (token: string) => string
  readonly line?: string
  /** Whom the backend is told; default: it is told nothing. */
  readonly told?: string
}

const { admin, ordinary } = people
const elsewhere = 'https://login.evil.example'

const partsOf = (token: string): readonly string[] => token.split('.')
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const decoded = (part = ''): Record<string, unknown> => JSON.parse(Buffer.from(part, 'base64url').toString())

/** The header and the claims of a token, changed, under the signature that it had. */
const changed =
  (header: Readonly<Record<string, unknown>>, claims: Readonly<Record<string, unknown>> = {}) =>
  (token: string): string => {
    const [head, body, signature] = partsOf(token)
    return [encoded({ ...decoded(head), ...header }), encoded({ ...decoded(body), ...claims }), signature].join('.')
  }

const refused = (
  reason: string,
  rows: readonly (readonly [name: string, row: Partial<TokenRow>])[],
): readonly TokenRow[] => rows.map(([name, row]) => ({ name, answers: [401], recorded: [reason], ...row }))

const rows: readonly TokenRow[] = [
  ...refused('algorithm-not-allowed', [
    ['a token that nobody has signed', { how: { tokens: 'alg-none' } }],
    ['a token that is said to be signed by nobody, in another case', { forge: changed({ alg: 'nOnE' }) }],
    ['a token that is signed by the public key', { how: { tokens: 'alg-hs256' } }],
    ['a token with an algorithm of a list', { forge: changed({ alg: ['RS256', 'none'] }) }],
    [
      'a token that is signed by a word',
      {
        forge: (token) => {
          const text = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${partsOf(token)[1]}`
          return `${text}.${createHmac('sha256', 'secret').update(text).digest('base64url')}`
        },
      },
    ],
  ]),
  ...refused('signature-invalid', [
    ['a token whose claims were changed', { forge: changed({}, { roles: ['Admin'] }) }],
    ['a token whose object id was changed', { forge: changed({}, { oid: admin.id }) }],
    ['a token without its signature', { forge: (token) => `${partsOf(token).slice(0, 2).join('.')}.AAAA` }],
    [
      'a token that says where its key is',
      { how: { tokens: 'bad-signature', tokenHeader: { jku: `${elsewhere}/keys` } } },
    ],
    [
      'a token with a chain of its own',
      { how: { tokens: 'bad-signature', tokenHeader: { x5u: `${elsewhere}/chain`, x5c: ['AAAA'] } } },
    ],
    [
      'a token that brings its key along, under the name of one that is known',
      { forge: changed({ jwk: { kty: 'oct', k: 'AAAA' } }) },
    ],
  ]),
  ...refused('critical-header', [
    ['a token that demands what nobody knows', { how: { tokenHeader: { crit: ['b64'], b64: false } } }],
  ]),
  ...refused('not-a-jwt', [
    ['a token of two parts', { forge: (token) => partsOf(token).slice(0, 2).join('.') }],
    ['a token that is encrypted', { forge: (token) => `${token}.${'A'.repeat(64)}.AAAA` }],
    [
      'a bomb of a token',
      { forge: () => `${encoded({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' })}..AAAA.${'A'.repeat(9000)}.AAAA` },
    ],
    ['a token whose header is a list', { forge: (token) => `${encoded([])}.${partsOf(token)[1]}.AAAA` }],
    [
      'a token whose header is deep',
      { forge: (token) => `${Buffer.from('['.repeat(5000)).toString('base64url')}.${partsOf(token)[1]}.AAAA` },
    ],
    ['a token with blanks of base64', { forge: (token) => token.replace('.', '=.') }],
  ]),
  ...refused('token-too-large', [
    ['a token of forty thousand letters', { forge: (token) => `${token}${'A'.repeat(40_000)}` }],
  ]),
  ...refused('token-of-graph', [['a token for Graph', { token: { api: graphAppId, scopes: ['User.Read'] } }]]),
  ...refused('audience-mismatch', [
    ['a token for another app', { how: { tokens: 'wrong-audience' } }],
    [
      'a token for ours and for another',
      { how: { accessTokenClaims: { aud: [gateApp('https://localhost', {}).clientId, 'another'] } } },
    ],
  ]),
  ...refused('issuer-mismatch', [
    ['a token of another issuer', { how: { tokens: 'wrong-issuer' } }],
    ['a token whose issuer begins like ours', { how: { accessTokenClaims: { iss: `${elsewhere}/v2.0` } } }],
  ]),
  ...refused('tenant-not-allowed', [
    [
      'a foreign tenant with the same e-mail in a token',
      { how: { tokens: 'another-tenant' }, token: { claims: { email: admin.userName, upn: admin.userName } } },
    ],
  ]),
  ...refused('expired', [['a token that is over', { how: { tokens: 'expired' } }]]),
  ...refused('not-yet-valid', [['a token that is not yet', { how: { tokens: 'not-yet-valid' } }]]),
  ...refused('lifetime-missing', [
    ['a token without an end', { how: { accessTokenClaims: { exp: undefined } } }],
    ['a token whose end is a word', { how: { accessTokenClaims: { exp: '9999999999' } } }],
  ]),
  ...refused('identity-missing', [
    ['a token whose tenant is a path', { how: { accessTokenClaims: { tid: '../../common' } } }],
    ['a token of nobody', { how: { accessTokenClaims: { oid: undefined } } }],
  ]),
  ...refused('version-unknown', [['a token of no version', { how: { accessTokenClaims: { ver: '3.0' } } }]]),
  ...refused('not-an-access-token', [
    ['an ID token', { how: { accessTokenClaims: { scp: undefined, nonce: 'one' } } }],
    ['a token without scope and role', { how: { accessTokenClaims: { scp: undefined, roles: undefined } } }],
  ]),
  ...refused('key-unknown', [
    ['a token by a key that nobody publishes', { forge: changed({ kid: '../../../etc/passwd' }) }],
  ]),
  ...(
    [
      [
        'an e-mail of an administrator',
        { email: admin.userName, upn: admin.userName, preferred_username: admin.userName },
      ],
      [
        'an e-mail with several at signs',
        { email: `${admin.userName}@evil.example@${admin.userName}`, verified_primary_email: [admin.userName] },
      ],
      ['a name with line ends', { name: `Alex\r\nX-Postern-Identity-Object-Id: ${admin.id}` }],
    ] as const
  ).flatMap(([name, claims]): readonly TokenRow[] => [
    {
      name: `${name} is not who asks`,
      token: { claims },
      line: 'GET /api/first',
      answers: [200],
      reaches: ['GET /api/first'],
      recorded: ['passed'],
      told: ordinary.id,
    },
    {
      name: `${name} opens nothing`,
      token: { claims },
      line: 'GET /open/admin/first',
      answers: [403],
      recorded: ['role-missing'],
    },
  ]),
]

/** A token of somebody ordinary. */
async function tokenFor({ scene }: TestGate, { how, token, forge = (text) => text }: TokenRow): Promise<string> {
  const { tenant, client, daemon } = scene
  if (how !== undefined) await tenant.misbehave(how)
  const made = await tenant.accessToken({ person: ordinary.id, client: daemon.clientId, api: client, ...token })
  await tenant.behave()
  return forge(made)
}

test('a token that is not one of this tenant for this app lets nobody in, whatever it says', async (t) => {
  const range = await openRange(t)
  await playRows(
    t,
    range,
    rows,
    async (row) => {
      const token = await tokenFor(range.gate, row)
      range.poison.push(...partsOf(token).filter((part) => part.length > 40))
      return await range.shoot(closing(row.line ?? 'GET /team/first', `Authorization: Bearer ${token}`))
    },
    ({ told }, { text }, octets) => {
      assert.doesNotMatch(text, /evil\.example|eyJ[\w-]{10}/)
      for (const one of octets)
        assert.deepEqual(one.match(/^x-postern-identity-object-id: .*$/gim), [`x-postern-identity-object-id: ${told}`])
    },
  )
})

test('keys are fetched once for a hundred tokens that name keys which nobody has', async (t) => {
  const range = await openRange(t)
  const { tenant } = range.gate.scene
  const good = await tokenFor(range.gate, { name: '', answers: [], recorded: [] })
  const ask = (token: string) => range.shoot(closing('GET /api/first', `Authorization: Bearer ${token}`))
  assert.deepEqual((await ask(good)).statuses, [200])
  tenant.forgetRequests()
  const ports: number[] = []
  for (let round = 0; round < 100; round += 1) {
    const { statuses, port } = await ask(changed({ kid: `made-up-${round}` })(good))
    assert.deepEqual(statuses, [401])
    ports.push(port)
  }
  await range.bystander()
  assert.ok(tenant.requests.length <= 2, `${tenant.requests.length} requests to the tenant`)
  const events = await range.recorded()
  for (const port of ports) assert.deepEqual(reasonsOf(events, port), ['key-unknown'])
})

test('while the tenant hangs, who needs no key of it is served', async (t) => {
  const range = await openRange(t)
  const { tenant } = range.gate.scene
  const good = await tokenFor(range.gate, { name: '', answers: [], recorded: [] })
  await tenant.misbehave({ everywhere: { how: 'hang' } })
  tenant.forgetRequests()
  const hung = range.shoot(closing('GET /api/first', `Authorization: Bearer ${good}`))
  for (let round = 0; round < 1000 && tenant.requests.length === 0; round += 1) await range.bystander()
  assert.equal(tenant.requests.length, 1)
  await range.bystander()
  await tenant.misbehave({ down: true })
  const { statuses, port } = await hung
  assert.deepEqual(statuses, [401])
  assert.deepEqual(reasonsOf(await range.recorded(), port), ['keys-unreachable'])
})

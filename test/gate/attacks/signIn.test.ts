import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Misbehaviour } from '../../../src/lab/tenant/index.ts'
import { people } from '../../../src/lab/tenant/index.ts'
import { heldOctets } from '../../heldOctets.ts'
import { AttackBrowser } from './attackBrowser.ts'
import type { Range, Row } from './attackRange.ts'
import { openRange, playRows, reasonsOf } from './attackRange.ts'
import type { Shot } from './shoot.ts'
import { fieldIn } from './shoot.ts'

interface SignInRow extends Row {
  readonly play: (range: Range, one: () => AttackBrowser) => Promise<Shot>
}

const { admin, ordinary } = people
const elsewhere = 'https://login.evil.example'

/** An answer of the tenant, changed on its way to the gate. */
const changed =
  (change: (answer: URL, range: Range) => void): SignInRow['play'] =>
  async (range, one) => {
    const browser = one()
    const answer = new URL(await browser.atTenant(await browser.begin('/team/x'), ordinary.id))
    change(answer, range)
    const shot = await browser.ask(answer.href)
    assert.equal(await browser.who(), undefined)
    return shot
  }

const refused = (name: string, reason: string, play: SignInRow['play'], status = 400): SignInRow => ({
  name,
  answers: [status],
  recorded: [reason],
  play,
})

const rows: readonly SignInRow[] = [
  refused(
    'mix-up: the answer of another issuer',
    'issuer-mismatch',
    changed(({ searchParams }) => searchParams.set('iss', `${elsewhere}/v2.0`)),
  ),
  refused(
    'a parameter twice: the code',
    'duplicate-parameter',
    changed(({ searchParams }) => searchParams.append('code', 'POISON-17')),
  ),
  refused(
    'a parameter twice: the state',
    'duplicate-parameter',
    changed(({ searchParams }) => searchParams.append('state', 'x'.repeat(43))),
  ),
  refused(
    'a token in the address',
    'answer-unreadable',
    changed(({ searchParams }) => searchParams.set('id_token', 'POISON-17')),
  ),
  refused(
    'a code and an error',
    'answer-unreadable',
    changed(({ searchParams }) => searchParams.set('error', 'access_denied')),
  ),
  refused(
    'no state',
    'answer-unreadable',
    changed(({ searchParams }) => searchParams.delete('state')),
  ),
  refused(
    'a state that somebody made up',
    'state-unknown',
    changed(({ searchParams }) => searchParams.set('state', 'x'.repeat(43))),
  ),
  refused(
    'a code that somebody made up',
    'refused-by-entra',
    changed(({ searchParams }) => searchParams.set('code', 'POISON-17')),
    403,
  ),
  refused(
    'words of the answer are not shown',
    'refused-by-entra',
    changed((answer) => {
      answer.searchParams.delete('code')
      answer.searchParams.set('error', '<script>POISON-17</script>')
      answer.searchParams.set('error_description', '<script>POISON-17</script>')
    }),
    403,
  ),
  refused('replay: the same answer again', 'state-unknown', async (_range, one) => {
    const browser = one()
    const answer = await browser.atTenant(await browser.begin(), ordinary.id)
    assert.deepEqual((await browser.ask(answer)).statuses, [303])
    return await browser.ask(answer)
  }),
  refused(
    'replay: the code of one sign-in with the state of another',
    'refused-by-entra',
    async (_range, one) => {
      const [browser, attacker] = [one(), one()]
      const stolen = new URL(await browser.atTenant(await browser.begin(), admin.id)).searchParams.get('code') ?? ''
      const own = new URL(await attacker.atTenant(await attacker.begin(), ordinary.id))
      own.searchParams.set('code', stolen)
      const shot = await attacker.ask(own.href)
      assert.equal(await attacker.who(), undefined)
      return shot
    },
    403,
  ),
  refused('replay: the answer of somebody else', 'other-browser', async (_range, one) => {
    const [browser, attacker] = [one(), one()]
    const answer = await browser.atTenant(await browser.begin(), admin.id)
    const shot = await attacker.ask(answer)
    assert.equal(await attacker.who(), undefined)
    return shot
  }),
  refused('login CSRF: a browser is given the answer of an attacker', 'other-browser', async (_range, one) => {
    const [victim, attacker] = [one(), one()]
    await victim.begin()
    const shot = await victim.ask(await attacker.atTenant(await attacker.begin(), ordinary.id))
    assert.equal(await victim.who(), undefined)
    return shot
  }),
  {
    name: 'a name that is a script is shown as text',
    answers: [403],
    recorded: ['role-missing'],
    play: async ({ gate: { scene } }, one) => {
      const browser = one()
      await scene.tenant.misbehave({ idTokenClaims: { name: '<script>evil()</script>' } })
      await browser.signIn(ordinary.id)
      await scene.tenant.behave()
      const shot = await browser.ask('/open/admin/first', { fields: ['Accept: text/html'] })
      assert.match(shot.text, /&lt;script&gt;evil\(\)/)
      assert.doesNotMatch(shot.text, /<script/)
      return shot
    },
  },
  {
    name: 'fixation: a session that somebody has planted is not the one of who signs in',
    answers: [303],
    recorded: ['signed-in'],
    play: async (_range, one) => {
      const [victim, attacker] = [one(), one()]
      await attacker.signIn(ordinary.id)
      const planted = attacker.cookies.get('__Host-postern') ?? ''
      victim.cookies.set('__Host-postern', planted)
      const shot = await victim.signIn(admin.id)
      assert.notEqual(victim.cookies.get('__Host-postern'), planted)
      assert.deepEqual([await victim.who(), await attacker.who()], [admin.id, undefined])
      return shot
    },
  },
  {
    name: 'fixation: an id that somebody made up is not taken over',
    answers: [303],
    recorded: ['signed-in'],
    play: async (_range, one) => {
      const browser = one()
      browser.cookies.set('__Host-postern', 'p'.repeat(43))
      const shot = await browser.signIn(ordinary.id)
      assert.notEqual(browser.cookies.get('__Host-postern'), 'p'.repeat(43))
      return shot
    },
  },
]

const goals: readonly (readonly [returnTo: string, comesTo: string])[] = [
  ['https://evil.example/', '/'],
  ['//evil.example/', '/'],
  ['/\\evil.example', '/'],
  ['\\\\evil.example', '/'],
  ['/%2f/evil.example', '/'],
  ['/%09/evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['/./.postern/sign-out', '/'],
  ['/.postern/sign-out', '/'],
  ['/.POSTERN/callback', '/'],
  ['javascript:alert(1)', '/'],
  ['https:evil.example', '/'],
  ['/team\r\nSet-Cookie: a=1', '/'],
  ['@evil.example', '/'],
  ['team', '/'],
  ['/team/x?to=https://evil.example', '/team/x?to=https://evil.example'],
]

const openRedirects = goals.map(
  ([returnTo, comesTo]): SignInRow => ({
    name: `open redirect: to ${JSON.stringify(returnTo)} leads to ${comesTo}`,
    answers: [303],
    recorded: ['signed-in'],
    play: async (_range, one) => {
      const shot = await one().signIn(ordinary.id, returnTo)
      assert.equal(fieldIn(shot.text, 'location'), comesTo)
      return shot
    },
  }),
)

/** What the tenant does, or somebody in its place. */
const wrong: readonly (readonly [name: string, how: Misbehaviour, status: number, reason: string])[] = [
  ['an ID token of another issuer', { tokens: 'wrong-issuer' }, 403, 'token-rejected'],
  ['an ID token for another app', { tokens: 'wrong-audience' }, 403, 'token-rejected'],
  ['an ID token that is over', { tokens: 'expired' }, 403, 'token-rejected'],
  ['an ID token that is not yet', { tokens: 'not-yet-valid' }, 403, 'token-rejected'],
  ['an ID token without a nonce', { tokens: 'no-nonce' }, 403, 'token-rejected'],
  ['an ID token with the nonce of another sign-in', { tokens: 'wrong-nonce' }, 403, 'token-rejected'],
  ['an ID token that nobody has signed', { tokens: 'alg-none' }, 403, 'token-rejected'],
  ['an ID token that is signed by the public key', { tokens: 'alg-hs256' }, 403, 'token-rejected'],
  ['an ID token that brings its key along', { tokens: 'embedded-key' }, 403, 'token-rejected'],
  [
    'an ID token that says where its key is',
    { tokens: 'bad-signature', tokenHeader: { jku: `${elsewhere}/keys` } },
    403,
    'token-rejected',
  ],
  [
    'an ID token with a chain of its own',
    { tokens: 'bad-signature', tokenHeader: { x5u: `${elsewhere}/chain` } },
    403,
    'token-rejected',
  ],
  ['an ID token that demands what nobody knows', { tokenHeader: { crit: ['exp'] } }, 403, 'token-rejected'],
  [
    'a foreign tenant with the same e-mail',
    { tokens: 'another-tenant', idTokenClaims: { email: admin.userName, preferred_username: admin.userName } },
    403,
    'tenant-not-allowed',
  ],
  ['an ID token without a tenant', { idTokenClaims: { tid: undefined } }, 403, 'token-rejected'],
  ['an ID token without an object id', { idTokenClaims: { oid: undefined } }, 403, 'token-rejected'],
  ['no ID token at all', { tokenAnswer: { id_token: undefined } }, 503, 'entra-unreachable'],
  ['a token endpoint that answers ten megabytes', { answers: { token: { how: 'huge' } } }, 503, 'entra-unreachable'],
  [
    'a token endpoint that sends elsewhere',
    { answers: { token: { how: 'redirect', to: `${elsewhere}/token` } } },
    503,
    'entra-unreachable',
  ],
  ['a token endpoint that is broken', { answers: { token: { how: 'status', status: 500 } } }, 503, 'entra-unreachable'],
  ['a token endpoint that cuts the connection', { answers: { token: { how: 'reset' } } }, 503, 'entra-unreachable'],
  ['a token endpoint that answers with a page', { answers: { token: { how: 'not-json' } } }, 503, 'entra-unreachable'],
]

const misbehaving = wrong.map(
  ([name, how, status, reason]): SignInRow =>
    refused(
      name,
      reason,
      async (
        {
          gate: {
            scene: { tenant },
          },
        },
        one,
      ) => {
        const browser = one()
        const answer = await browser.atTenant(await browser.begin('/team/x'), admin.id)
        await tenant.misbehave(how)
        const shot = await browser.ask(answer)
        await tenant.behave()
        assert.equal(await browser.who(), undefined)
        return shot
      },
      status,
    ),
)

for (const [what, some] of Object.entries({
  'an answer that is not the one to this sign-in of this browser signs nobody in': rows,
  'after a sign-in nobody is sent elsewhere': openRedirects,
  'a tenant that says what is not right signs nobody in': misbehaving,
})) {
  test(what, async (t) => {
    const range = await openRange(t)
    range.poison.push('POISON-17')
    const browsers: AttackBrowser[] = []
    const one = (): AttackBrowser => {
      const browser = new AttackBrowser(t, range.gate)
      browsers.push(browser)
      return browser
    }
    const shoot = async ({ play }: SignInRow): Promise<Shot> => {
      const shot = await play(range, one)
      for (const { cookies } of browsers.splice(0)) range.poison.push(...cookies.values())
      return shot
    }
    await playRows(t, range, some, shoot, (_row, { text }) => {
      assert.doesNotMatch(text, /POISON-17|evil\.example\/(token|keys)|eyJ[\w-]{10}/)
    })
  })
}

test('while a sign-in hangs at the tenant, others are served', async (t) => {
  const range = await openRange(t)
  const { tenant } = range.gate.scene
  const browser = new AttackBrowser(t, range.gate)
  const answer = await browser.atTenant(await browser.begin(), ordinary.id)
  await tenant.misbehave({ answers: { token: { how: 'hang' } } })
  tenant.forgetRequests()
  const hung = browser.ask(answer)
  for (let round = 0; round < 1000 && tenant.requests.length === 0; round += 1) await range.bystander()
  assert.equal(tenant.requests.length, 1)
  await range.bystander()
  await tenant.misbehave({ down: true })
  const { statuses, port } = await hung
  assert.deepEqual(statuses, [503])
  assert.equal(await browser.who(), undefined)
  assert.deepEqual(reasonsOf(await range.recorded(), port), ['entra-unreachable'])
})

test('a browser that begins sign-ins without an end has one small cookie, and the gate five of them', async (t) => {
  const range = await openRange(t)
  const browser = new AttackBrowser(t, range.gate)
  const round = async (): Promise<void> => {
    for (let at = 0; at < 60; at += 1) await browser.begin(`/team/${at}?${'x'.repeat(1500)}`)
  }
  await round()
  const before = heldOctets()
  await round()
  await round()
  assert.ok(heldOctets() - before < 8 * 1024 * 1024)
  assert.deepEqual([...browser.cookies.keys()], ['__Host-postern-b'])
  const [kept = ''] = browser.cookies.values()
  assert.equal(kept.length, 43)
  assert.equal(range.gate.serving.signIn?.sessions.pendingOf(kept), 5)
  await range.bystander()
})

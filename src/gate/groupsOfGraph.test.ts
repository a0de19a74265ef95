import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Identity, KnownGroups } from '../identity/index.ts'
import { hypotheticalIdentity, playedAuthority } from '../identity/index.ts'
import type { GateEvent } from '../model/event.ts'
import { GroupsOfGraph } from './groupsOfGraph.ts'

const tenantId = '3f0f9b6e-9c1d-4a7e-8f6a-2f4a1c5d7e90'
const graph = 'https://localhost:8444'
const poison = 'POISON-TOKEN-4711'

function somebody(over: Partial<Identity> = {}): Identity {
  const known = hypotheticalIdentity({ tid: tenantId, oid: '11111111-1111-4111-8111-111111111111' })
  assert.ok('identity' in known)
  return { ...known.identity, groups: { kind: 'over-limit' }, ...over }
}

interface Asking {
  readonly url: string
  readonly method: string
  readonly authorization: string
}

/** Graph as `answer` plays it: a status and a body for each request. */
function played(answer: (asked: Asking, at: number) => { readonly status?: number; readonly body?: unknown }) {
  const asked: Asking[] = []
  const events: GateEvent[] = []
  const clock = { at: 1_795_000_000_000 }
  const tokens: string[] = []
  const groups = new GroupsOfGraph({
    authority: playedAuthority(graph),
    client: {
      appToken: async (tenant, scope) => {
        tokens.push(`${tenant} ${scope}`)
        return { ok: true, granted: { token: poison, seconds: 3600 } }
      },
    },
    fetch: async (url, { method = 'GET', headers = {} } = {}) => {
      await Promise.resolve()
      const one = { url, method, authorization: headers['authorization'] ?? '' }
      asked.push(one)
      const { status = 200, body = {} } = answer(one, asked.length)
      return new Response(JSON.stringify(body), { status })
    },
    recorder: { tell: (event) => void events.push(event) },
    now: () => clock.at,
    signal: new AbortController().signal,
  })
  return { groups, asked, events, clock, tokens }
}

const page = (value: readonly unknown[], next?: string) => ({
  body: { value, ...(next !== undefined && { '@odata.nextLink': next }) },
})
const listed = (...ids: readonly string[]): KnownGroups => ({ kind: 'listed', ids: new Set(ids) })
const unreachable: KnownGroups = { kind: 'unknown', because: 'directory-unreachable' }

test('groups of a token are its own, and nobody is asked; those it does not tell stay unknown', async () => {
  const { groups, asked } = played(() => page([]))
  assert.deepEqual(await groups.groupsOf(somebody({ groups: { kind: 'listed', ids: ['a'] } })), listed('a'))
  const none = await groups.groupsOf(somebody({ groups: { kind: 'not-told' } }))
  assert.deepEqual(none, { kind: 'unknown', because: 'not-told' })
  assert.deepEqual(asked, [])
})

test('all pages are read, of the cloud’s own Graph, by a token of the gate for it', async () => {
  const { groups, asked, tokens } = played((_asked, at) =>
    at === 1 ? page(['A'], `${graph}/v1.0/next?2`) : at === 2 ? page(['B'], `${graph}/v1.0/next?3`) : page(['C']),
  )
  assert.deepEqual(await groups.groupsOf(somebody()), listed('a', 'b', 'c'))
  assert.deepEqual(tokens, [`${tenantId} ${graph}/.default`])
  assert.deepEqual(
    asked.map(({ method, url }) => `${method} ${url.slice(graph.length)}`),
    ['POST /v1.0/users/11111111-1111-4111-8111-111111111111/getMemberObjects', 'GET /v1.0/next?2', 'GET /v1.0/next?3'],
  )
  assert.ok(asked.every(({ authorization }) => authorization === `Bearer ${poison}`))
})

test('an app is asked for as an app', async () => {
  const { groups, asked } = played(() => page(['a']))
  await groups.groupsOf(somebody({ kind: 'app' }))
  assert.match(asked[0]?.url ?? '', /\/v1\.0\/servicePrincipals\//)
})

test('Graph is asked once for all who wait, and what it said is remembered for five minutes', async () => {
  const { groups, asked, clock, tokens } = played((_asked, at) => page([String(at)]))
  const all = await Promise.all(Array.from({ length: 10 }, () => groups.groupsOf(somebody())))
  assert.deepEqual(
    all,
    Array.from({ length: 10 }, () => listed('1')),
  )
  clock.at += 299_999
  assert.deepEqual(await groups.groupsOf(somebody()), listed('1'))
  clock.at += 1
  assert.deepEqual(await groups.groupsOf(somebody()), listed('2'))
  assert.deepEqual(await groups.groupsOf(somebody(), true), listed('3'), 'anew')
  assert.deepEqual([asked.length, tokens.length], [3, 1])
})

test('a clock that is set back keeps no groups for longer', async () => {
  const { groups, asked, clock } = played((_asked, at) => page([String(at)]))
  assert.deepEqual(await groups.groupsOf(somebody()), listed('1'))
  clock.at -= 3_600_000
  assert.deepEqual(await groups.groupsOf(somebody()), listed('2'))
  assert.equal(asked.length, 2)
})

for (const [what, reason, answer] of [
  ['an error', 'status-503', () => ({ status: 503 })],
  ['no right', 'status-403', () => ({ status: 403 })],
  ['a redirect', 'status-302', () => ({ status: 302 })],
  ['something else', 'not-understood', () => ({ body: { value: 'a' } })],
  [
    'an error on the second page',
    'status-500',
    (_asked: Asking, at: number) => (at === 1 ? page(['a'], `${graph}/2`) : { status: 500 }),
  ],
  ['a next page elsewhere', 'next-elsewhere', () => page(['a'], 'https://evil.example/')],
  ['a next page over plain HTTP', 'next-elsewhere', () => page(['a'], 'http://localhost:8444/')],
  ['a next page that is the same for ever', 'endless', () => page(['a'], `${graph}/1`)],
  ['pages without an end', 'too-many-pages', (_asked: Asking, at: number) => page([String(at)], `${graph}/${at}`)],
  [
    'more groups than anybody has',
    'too-many-groups',
    () => page(Array.from({ length: 20_001 }, (_, at) => String(at))),
  ],
] as const) {
  test(`${what} leaves groups unknown, which is told, and not asked again at once`, async () => {
    const { groups, asked, events, clock } = played(answer)
    assert.deepEqual(await groups.groupsOf(somebody()), unreachable)
    assert.deepEqual([events.at(-1)?.reason, events.at(-1)?.detail], ['directory-unreachable', { because: reason }])
    const before = asked.length
    assert.deepEqual(await groups.groupsOf(somebody()), unreachable)
    assert.deepEqual(await groups.groupsOf(somebody(), true), unreachable)
    assert.equal(asked.length, before)
    clock.at += 15_000
    await groups.groupsOf(somebody())
    assert.ok(asked.length > before)
    assert.equal(
      asked.some(({ url }) => !url.startsWith(`${graph}/`)),
      false,
    )
    assert.equal(JSON.stringify(events).includes(poison), false)
  })
}

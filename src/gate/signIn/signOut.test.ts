import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { fieldOf, origin } from '../../../test/playedSignIn.ts'
import { issuerOf } from '../../identity/authorities.ts'
import { hypotheticalIdentity, playedAuthority } from '../../identity/index.ts'
import type { GateEvent } from '../../model/event.ts'
import { openSessions } from '../../store/sessions/index.ts'
import type { Asked, OwnAnswer } from '../exchange.ts'
import { ownCookies } from '../ownCookies.ts'
import { frontChannelSignOut, signOut } from './signOut.ts'

const tenantId = '3f0f9b6e-9c1d-4a7e-8f6a-2f4a1c5d7e90'
const authority = playedAuthority('https://tenant.example')
const issuer = issuerOf(tenantId, '2.0', authority)

/** Somebody who is signed in, and the file that says so. */
function signedIn(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'postern-sign-out-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 's.sqlite')
  const now = () => 1_795_000_000_000
  const opened = openSessions(file, { now })
  assert.ok(opened.ok)
  const { store } = opened
  t.after(() => store.close())
  const known = hypotheticalIdentity({ tid: tenantId, oid: '11111111-1111-4111-8111-111111111111' })
  assert.ok('identity' in known)
  const identity = { ...known.identity, sessionId: 'sid-1' }
  const added = store.add({ identity, groups: { kind: 'listed', ids: new Set() }, issuer })
  assert.ok(added.ok)
  return { file, now, store, id: added.id }
}

function partsOf(store: ReturnType<typeof signedIn>['store']) {
  const events: GateEvent[] = []
  const recorder = { tell: (event: GateEvent) => void events.push(event), tellDurably: async () => {} }
  const settings = { afterSignOut: '/' }
  const client = { signOutUrl: () => 'https://tenant.example/logout' }
  return { events, parts: { authority, origin, settings, store, client, recorder, tenants: [tenantId] } }
}

function asked(over: Partial<Asked>): Asked {
  return {
    method: 'POST',
    host: 'gate.corp.example',
    target: { path: '/.postern/sign-out' },
    address: '10.1.2.3',
    traceId: 'a'.repeat(32),
    at: 0,
    isUpgrade: false,
    isNavigation: true,
    headers: [],
    connection: {
      id: 1,
      address: '10.1.2.3',
      port: 50_000,
      localAddress: '10.0.0.1',
      localPort: 8443,
      tlsVersion: 'TLSv1.3',
      protocol: 'http/1.1',
    },
    ...over,
  }
}

const leaving = (id: string): Asked =>
  asked({
    headers: [
      ['cookie', `${ownCookies.session}=${id}`],
      ['origin', origin],
    ],
  })

function locked(t: TestContext, file: string): void {
  const other = new DatabaseSync(file)
  t.after(() => other.close())
  other.exec('BEGIN IMMEDIATE')
}

const hasCleared = ({ headers }: OwnAnswer): boolean =>
  headers.some(([name, value]) => name === 'set-cookie' && value.startsWith(`${ownCookies.session}=;`))

test('a sign-out that the disk does not take is told as that, and the browser is out all the same', (t) => {
  const { file, store, id } = signedIn(t)
  locked(t, file)
  const { events, parts } = partsOf(store)
  const answer = signOut(parts, leaving(id))
  assert.deepEqual(
    events.map(({ activity, outcome, reason }) => [activity, outcome, reason]),
    [['sign-out', 'failed', 'store-failed']],
  )
  assert.deepEqual([answer.status, answer.reason, answer.outcome], [503, 'store-failed', 'failed'])
  assert.match(answer.body, /may still be signed in.*could not be written down/s)
  assert.match(answer.body, /href="https:\/\/tenant.example\/logout"/)
  assert.ok(hasCleared(answer))
  assert.equal(store.find(id), undefined)
})

test('a sign-out of which it cannot be read whose it is says so, and clears the cookie', (t) => {
  const { file, now, id } = signedIn(t)
  // Nothing is in its memory yet.
  const fresh = openSessions(file, { now })
  assert.ok(fresh.ok)
  t.after(() => fresh.store.close())
  const other = new DatabaseSync(file)
  t.after(() => other.close())
  other.exec('ALTER TABLE session RENAME TO elsewhere')
  const answer = signOut(partsOf(fresh.store).parts, leaving(id))
  assert.deepEqual([answer.status, answer.reason, hasCleared(answer)], [503, 'store-failed', true])
  other.exec('ALTER TABLE elsewhere RENAME TO session')
  assert.equal(signOut(partsOf(fresh.store).parts, leaving(id)).status, 303)
})

test('a sign-out without a session, or of one that is written down, goes on', (t) => {
  const { store, id } = signedIn(t)
  const answers = [leaving('x'.repeat(43)), leaving(id)].map((each) => signOut(partsOf(store).parts, each))
  assert.deepEqual(
    answers.map((answer) => [answer.status, fieldOf(answer, 'location'), hasCleared(answer)]),
    [
      [303, '/', true],
      [303, 'https://tenant.example/logout', true],
    ],
  )
})

test('Entra ID is told when its word could not be written down', (t) => {
  const { file, store } = signedIn(t)
  locked(t, file)
  const { events, parts } = partsOf(store)
  const query = new URLSearchParams({ iss: issuer, sid: 'sid-1' }).toString()
  const target = { path: '/.postern/front-channel-sign-out', query }
  const answer = frontChannelSignOut(parts, asked({ method: 'GET', target }))
  assert.deepEqual([answer.status, answer.reason], [503, 'store-failed'])
  assert.deepEqual(
    events.map(({ outcome, reason, detail }) => [outcome, reason, detail]),
    [['failed', 'store-failed', { sessions: 1 }]],
  )
})

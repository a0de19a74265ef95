import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { hypotheticalIdentity } from '../../identity/index.ts'
import type { SessionsOptions } from './openSessions.ts'
import { openSessions } from './openSessions.ts'
import type { Ended } from './session.ts'
import type { SessionStore } from './sessionStore.ts'

const tenantId = '3f0f9b6e-9c1d-4a7e-8f6a-2f4a1c5d7e90'
const personA = '11111111-1111-4111-8111-111111111111'
const personB = '22222222-2222-4222-8222-222222222222'
const issuer = `https://login.microsoftonline.com/${tenantId}/v2.0`
const poison = 'REFRESH-TOKEN-POISON-0123456789'
const verifier = 'VERIFIER-POISON-0123456789-0123456789-0123456789'

const folderFor = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-sessions-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function opened(
  t: TestContext,
  file: string,
  options: Partial<SessionsOptions> = {},
): { store: SessionStore; clock: { at: number } } {
  const clock = { at: 1_795_000_000_000 }
  const made = openSessions(file, { now: () => clock.at, ...options })
  assert.ok(made.ok, JSON.stringify(made))
  t.after(() => made.store.close())
  return { store: made.store, clock }
}

const of = (objectId = personA, sessionId: string | undefined = undefined) => {
  const known = hypotheticalIdentity({ tid: tenantId, oid: objectId })
  assert.ok('identity' in known)
  const identity = { ...known.identity, sessionId }
  return { identity, groups: { kind: 'listed', ids: new Set(['a', 'b']) }, issuer, refreshToken: poison } as const
}

function added(store: SessionStore, ...given: Parameters<SessionStore['add']>) {
  const made = store.add(...given)
  assert.ok(made.ok, JSON.stringify(made))
  return made
}

test('a session is found by its id, and its id, refresh token and verifier stand nowhere on the disk', (t) => {
  const folder = folderFor(t)
  const file = join(folder, 'own', 'sessions.sqlite')
  const { store } = opened(t, file)
  const { id, session } = added(store, of())
  assert.match(id, /^[\w-]{43}$/)
  assert.match(session.name, /^[0-9a-f]{16}$/)
  assert.deepEqual(store.find(id), session)
  store.begin('state', 'browser', { nonce: 'n', verifier, returnTo: '/', begunAt: session.createdAt })
  assert.equal(store.refreshToken(session.name), poison)
  for (const name of readdirSync(join(folder, 'own'))) {
    const octets = readFileSync(join(folder, 'own', name), 'latin1')
    for (const secret of [id, poison, verifier]) assert.equal(octets.includes(secret), false, `${name} has ${secret}`)
    assert.equal(statSync(join(folder, 'own', name)).mode & 0o777, 0o600, name)
  }
  assert.equal(statSync(join(folder, 'own')).mode & 0o777, 0o700)
})

test('what is no id, and every id but the right one, finds nothing', (t) => {
  const { store } = opened(t, join(folderFor(t), 's.sqlite'))
  const { id } = added(store, of())
  const other = `${id.slice(0, -1)}${id.endsWith('A') ? 'E' : 'A'}`
  for (const text of ['', 'x', other, `${id}=`, ` ${id}`, `${id}${id}`, "' OR 1=1 --"])
    assert.equal(store.find(text), undefined)
})

test('sessions survive that the store is closed, with groups, identity and times of use', (t) => {
  const file = join(folderFor(t), 's.sqlite')
  const first = opened(t, file)
  const { id, session } = added(first.store, of(personA, 'sid-1'))
  first.clock.at += 5000
  first.store.touch(session)
  first.store.close()
  const found = opened(t, file).store.find(id)
  assert.deepEqual(found, { ...session, usedAt: session.usedAt + 5000 })
})

test('sessions end by name, by person, by issuer and sid, and all: each is told at once, and only those', (t) => {
  const { store } = opened(t, join(folderFor(t), 's.sqlite'))
  const told: Ended[] = []
  store.onEnd((ended) => told.push(ended))
  const a1 = added(store, of(personA, 'sid-1'))
  const a2 = added(store, of(personA, 'sid-2'))
  const b = added(store, of(personB, 'sid-1'))
  assert.equal(store.end({ issuer: 'https://evil.example/', sid: 'sid-1' }, 'signed-out-elsewhere').ended.length, 0)
  store.end({ name: a1.session.name }, 'revoked')
  assert.deepEqual(
    told.map(({ name, why }) => [name, why]),
    [[a1.session.name, 'revoked']],
  )
  assert.equal(store.find(a1.id), undefined)
  store.end({ issuer, sid: 'sid-1' }, 'signed-out-elsewhere')
  assert.equal(store.find(b.id), undefined)
  assert.notEqual(store.find(a2.id), undefined)
  store.end({ tenantId, objectId: personA }, 'revoked')
  assert.equal(store.find(a2.id), undefined)
  added(store, of())
  assert.equal(store.end('all', 'revoked').ended.length, 1)
  assert.deepEqual(store.list(), [])
})

test('what another process ends is told here too, and nothing that this one ended is told twice', (t) => {
  const file = join(folderFor(t), 's.sqlite')
  const here = opened(t, file)
  const there = opened(t, file)
  const told: string[] = []
  here.store.onEnd(({ name }) => told.push(name))
  const one = added(here.store, of(personA))
  const two = added(here.store, of(personB))
  here.store.end({ name: one.session.name }, 'signed-out')
  there.store.end({ name: two.session.name }, 'revoked')
  assert.notEqual(here.store.find(two.id), undefined, 'not looked yet')
  here.store.look()
  assert.equal(here.store.find(two.id), undefined)
  assert.deepEqual(told, [one.session.name, two.session.name])
})

test('of a person who has too many the one used least recently ends, and a replaced one ends', (t) => {
  const { store, clock } = opened(t, join(folderFor(t), 's.sqlite'), { perPerson: 2 })
  const ended: string[] = []
  store.onEnd(({ why }) => ended.push(why))
  const one = added(store, of())
  clock.at += 1
  const two = added(store, of())
  clock.at += 1
  store.touch(one.session)
  clock.at += 1
  const three = added(store, of())
  assert.equal(store.find(two.id), undefined)
  assert.notEqual(store.find(one.id), undefined)
  added(store, of(), three.session.name)
  assert.equal(store.find(three.id), undefined)
  assert.notEqual(store.find(one.id), undefined, 'a replaced one makes room by itself')
  assert.deepEqual(ended, ['too-many', 'replaced'])
})

test('the memory is bounded, and what was pushed out is found on the disk with its time of use', (t) => {
  const { store, clock } = opened(t, join(folderFor(t), 's.sqlite'), { mostCached: 2, perPerson: 100 })
  const made = [1, 2, 3, 4].map(() => added(store, of()))
  assert.equal(store.cached, 2)
  clock.at += 1000
  const [first] = made
  assert.ok(first)
  store.touch(first.session)
  for (const { id } of made) assert.notEqual(store.find(id), undefined)
  assert.equal(store.find(first.id)?.usedAt, clock.at)
  assert.equal(store.cached, 2)
})

test('a begun sign-in is taken once, by the browser that began it, in its time', (t) => {
  const { store, clock } = opened(t, join(folderFor(t), 's.sqlite'))
  const begin = (state: string) =>
    store.begin(state, 'browser', { nonce: 'n', verifier, returnTo: '/a', begunAt: clock.at })
  begin('one')
  assert.deepEqual(store.take('one', 'other'), { otherBrowser: '/a' })
  assert.deepEqual(store.take('one', undefined), { otherBrowser: '/a' })
  assert.deepEqual(store.take('one', 'browser'), { nonce: 'n', verifier, returnTo: '/a', begunAt: clock.at })
  assert.equal(store.take('one', 'browser'), 'unknown')
  begin('two')
  clock.at += 600_000
  assert.equal(store.take('two', 'browser'), 'too-late')
})

test('a browser has five begun sign-ins, of which the oldest gives way; all browsers have their bound too', (t) => {
  const { store, clock } = opened(t, join(folderFor(t), 's.sqlite'), { mostPending: 7 })
  const begin = (state: string, browser: string) => {
    clock.at += 1
    store.begin(state, browser, { nonce: 'n', verifier, returnTo: '/', begunAt: clock.at })
  }
  for (const state of ['1', '2', '3', '4', '5', '6']) begin(state, 'mine')
  assert.equal(store.pendingOf('mine'), 5)
  assert.equal(store.take('1', 'mine'), 'unknown')
  for (const state of ['a', 'b', 'c']) begin(state, 'another')
  assert.equal(store.pendingOf('mine') + store.pendingOf('another'), 7)
  assert.equal(store.take('2', 'mine'), 'unknown')
})

test('a full disk lets nobody in, and who is ended then is out at once', (t) => {
  const faults: string[] = []
  const { store } = opened(t, join(folderFor(t), 's.sqlite'), {
    mostMiB: 1,
    perPerson: 100,
    onFault: ({ what }) => faults.push(what),
  })
  const first = added(store, of())
  const groups = { kind: 'listed', ids: new Set(Array.from({ length: 2000 }, (_, at) => `${personA}${at}`)) } as const
  let refused: ReturnType<SessionStore['add']> | undefined
  for (let at = 0; at < 90 && refused?.ok !== false; at += 1) refused = store.add({ ...of(personB), groups })
  assert.deepEqual(refused, { ok: false, fault: { what: 'there is no room for it', right: 'make room on the disk' } })
  assert.ok(faults.includes('there is no room for it'))
  store.end({ name: first.session.name }, 'revoked')
  assert.equal(store.find(first.id), undefined)
})

test('who is ended while nothing can be written is out at once, and on the disk as soon as that can be', (t) => {
  const file = join(folderFor(t), 's.sqlite')
  const { store } = opened(t, file)
  const told: string[] = []
  store.onEnd(({ name }) => told.push(name))
  const { id, session } = added(store, of())
  const another = added(store, of(personB))
  const locked = new DatabaseSync(file)
  t.after(() => locked.close())
  locked.exec('BEGIN IMMEDIATE')
  assert.equal(store.add(of()).ok, false)
  const { ended, isKept } = store.end({ name: session.name }, 'revoked')
  assert.deepEqual([ended.map(({ name }) => name), isKept, told], [[session.name], false, [session.name]])
  assert.equal(store.find(id), undefined)
  assert.equal(store.whyEnded(id), 'revoked')
  assert.deepEqual(
    store.list().map(({ name }) => name),
    [another.session.name],
  )
  locked.exec('ROLLBACK')
  store.close()
  const again = opened(t, file).store
  assert.equal(again.find(id), undefined)
  assert.notEqual(again.find(another.id), undefined)
})

test('damaged, foreign, newer and other-keyed databases, links and shared folders are refused in words', (t) => {
  const folder = folderFor(t)
  const why = (file: string, options: Partial<SessionsOptions> = {}): string => {
    const made = openSessions(file, { now: () => 0, ...options })
    if (!made.ok) return made.fault.what.replace(`${file}: `, '').replace(`${file}.key: `, 'key: ')
    made.store.close()
    return 'opened'
  }
  const at = (name: string) => join(folder, name)
  writeFileSync(at('text'), 'no database at all '.repeat(100))
  assert.equal(why(at('text')), 'it is no database')
  assert.equal(why(at('good')), 'opened')
  const bytes = readFileSync(at('good'))
  writeFileSync(at('torn'), bytes.fill(0x5a, 4096, 3 * 4096))
  writeFileSync(at('torn.key'), readFileSync(at('good.key')))
  assert.equal(why(at('torn')), 'it is damaged')
  const newer = new DatabaseSync(at('good'))
  newer.exec('PRAGMA user_version=2')
  newer.close()
  assert.equal(why(at('good')), 'a newer version wrote it (tables 2, known 1)')
  const foreign = new DatabaseSync(at('foreign'))
  foreign.exec('CREATE TABLE x (y)')
  foreign.close()
  assert.equal(why(at('foreign')), 'it is a database of another program')
  assert.equal(why(at('keyed')), 'opened')
  assert.equal(why(at('keyed'), { key: new Uint8Array(32) }), 'it was written with another key')
  writeFileSync(at('keyed.key'), 'short\n')
  assert.equal(why(at('keyed')), 'key: it holds no key of 32 octets')
  symlinkSync(at('keyed'), at('link'))
  assert.match(why(at('link')), /it cannot be opened \(ELOOP\)/)
  chmodSync(folder, 0o777)
  assert.equal(why(at('new')), 'its folder may be written by others')
})

test('what was answered outlives that the process is killed', { timeout: 30_000 }, async (t) => {
  const file = join(folderFor(t), 's.sqlite')
  const program = `
    import { openSessions } from ${JSON.stringify(new URL('openSessions.ts', import.meta.url).href)}
    const { store } = openSessions(${JSON.stringify(file)}, { now: () => 1_795_000_000_000 })
    const identity = ${JSON.stringify(of().identity)}
    const made = store.add({ identity, groups: { kind: 'listed', ids: new Set() }, issuer: '' })
    process.stdout.write(made.id)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  const [id] = await once(child.stdout, 'data', { signal: t.signal })
  child.kill('SIGKILL')
  await once(child, 'exit', { signal: t.signal })
  assert.equal(opened(t, file).store.find(String(id))?.identity.objectId, personA)
})

test('sessions that are idle or over are swept, with times of use that were not written yet', (t) => {
  const { store, clock } = opened(t, join(folderFor(t), 's.sqlite'))
  const used = added(store, of(personA))
  const left = added(store, of(personB))
  clock.at += 100
  store.touch(used.session)
  assert.deepEqual(
    store.endOld(clock.at - 100, 0).map(({ name, why }) => [name, why]),
    [[left.session.name, 'idle']],
  )
  assert.deepEqual(
    store.endOld(0, clock.at - 100).map(({ name, why }) => [name, why]),
    [[used.session.name, 'over']],
  )
})

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Asked, HeaderFields, OwnAnswer } from '../src/gate/exchange.ts'
import type { SignIn, SignInOptions } from '../src/gate/signIn/index.ts'
import { openSignIn } from '../src/gate/signIn/index.ts'
import { playedAuthority } from '../src/identity/index.ts'
import type { AppRegistration, Tenant } from '../src/lab/tenant/index.ts'
import { gateApp, openTenant } from '../src/lab/tenant/index.ts'
import type { GateEvent, Recorder } from '../src/model/event.ts'
import { createBoundedFetch } from '../src/net/boundedFetch.ts'
import type { SessionStore } from '../src/store/sessions/index.ts'
import { openSessions } from '../src/store/sessions/index.ts'
import { PlainBrowser } from './plainBrowser.ts'

export const origin = 'https://gate.corp.example:8443'
/** Stands in no event, page, error or header, wherever it was put in. */
export const poison = 'POISON-do-not-tell-4711'

export interface Played {
  readonly tenant: Tenant
  readonly signIn: SignIn
  readonly store: SessionStore
  readonly events: GateEvent[]
  readonly clock: { at: number }
  /** The record cannot be written from now on. */
  readonly record: { isBroken: boolean }
  visitor(): Visitor
}

export interface PlayOptions {
  readonly app?: Partial<AppRegistration>
  readonly over?: Partial<SignInOptions>
  readonly timeoutMs?: number
}

/** A sign-in with the built-in tenant behind it and a database of its own, for the length of a test. */
export async function playSignIn(t: TestContext, { app, over, timeoutMs = 5000 }: PlayOptions = {}): Promise<Played> {
  const clock = { at: Date.now() }
  const registered = gateApp(origin, { secret: poison }, app)
  const tenant = await openTenant({ apps: [registered], now: () => clock.at })
  const folder = mkdtempSync(join(tmpdir(), 'postern-sign-in-'))
  const opened = openSessions(join(folder, 'sessions.sqlite'), { now: () => clock.at })
  assert.ok(opened.ok)
  const { store } = opened
  const ending = new AbortController()
  const authority = playedAuthority(tenant.origin)
  const fetch = createBoundedFetch({
    hosts: [authority.host],
    names: { localhost: '127.0.0.1' },
    trust: [tenant.caPem],
    userAgent: 'postern/test',
    timeoutMs,
    signal: ending.signal,
  })
  t.after(async () => {
    ending.abort()
    store.close()
    rmSync(folder, { recursive: true, force: true })
    await fetch.close()
    await tenant.close()
  })
  const events: GateEvent[] = []
  const record = { isBroken: false }
  const recorder: Recorder = {
    tell: (event) => void events.push(event),
    tellDurably: async (event) => {
      if (record.isBroken) throw new Error('the disk is full')
      events.push(event)
    },
  }
  const signIn = openSignIn({
    origin,
    authority,
    tenants: [tenant.id],
    settings: {
      client: registered.clientId,
      credential: { kind: 'secret', reference: 'env:GATE_SECRET' },
      pending: 5,
      withinMinutes: 10,
      afterSignOut: '/',
    },
    sessions: { idleMinutes: 60, hardHours: 12, revalidateMinutes: 15, graceMinutes: 30 },
    store,
    fetch,
    proof: async () => ({ ok: { kind: 'secret', secret: poison } }),
    recorder,
    clock: { now: () => clock.at },
    random: (octets) => randomBytes(octets),
    signal: ending.signal,
    ...over,
  })
  const visitor = (): Visitor => {
    const browser = new PlainBrowser(tenant.caPem, tenant.origin)
    t.after(() => browser[Symbol.asyncDispose]())
    return new Visitor(signIn, tenant, browser, clock)
  }
  return { tenant, signIn, store, events, clock, record, visitor }
}

/** A browser at the gate and at the tenant. */
export class Visitor {
  readonly cookies = new Map<string, string>()
  readonly #signIn: SignIn
  readonly #tenant: Tenant
  readonly #browser: PlainBrowser
  readonly #clock: { readonly at: number }

  constructor(signIn: SignIn, tenant: Tenant, browser: PlainBrowser, clock: { readonly at: number }) {
    this.#signIn = signIn
    this.#tenant = tenant
    this.#browser = browser
    this.#clock = clock
  }

  /** A request of this browser, as the gate reads it. */
  asked(address: string, over: Partial<Asked> = {}): Asked {
    const [path = '/', query] = address.replace(origin, '').split('?')
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers: HeaderFields = cookie === '' ? [] : [['cookie', cookie]]
    return {
      method: 'GET',
      host: 'gate.corp.example',
      target: { path, ...(query !== undefined && { query }) },
      address: '10.1.2.3',
      traceId: 'a'.repeat(32),
      at: this.#clock.at,
      isUpgrade: false,
      isNavigation: true,
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
      headers: [...headers, ...(over.headers ?? [])],
    }
  }

  /** Keeps what an answer leaves. */
  take(answer: OwnAnswer): OwnAnswer {
    for (const [name, value] of answer.headers) {
      if (name !== 'set-cookie') continue
      const [, key = '', kept = ''] = /^([^=]+)=([^;]*)/.exec(value) ?? []
      if (/; Max-Age=0(;|$)/.test(value)) this.cookies.delete(key)
      else this.cookies.set(key, kept)
    }
    return answer
  }

  /** Begins a sign-in and goes through the tenant; returns the address to which that sends back. */
  async throughTenant(person: string, returnTo = '/', context?: string): Promise<string> {
    const begun = this.take(await this.#signIn.begin(this.asked(returnTo), returnTo, context))
    return await this.atTenant(fieldOf(begun, 'location') ?? '', person)
  }

  /** What the tenant does with an address that the gate sends to. */
  async atTenant(address: string, person: string): Promise<string> {
    const shown = await this.#browser.open(address)
    let seen = shown.location === undefined ? await this.#browser.open(shown.url, { person }) : shown
    const number = /id="number">(\d+)</.exec(seen.text)?.[1]
    if (number !== undefined) seen = await this.#browser.open(seen.url, { number })
    assert.ok(seen.location !== undefined, `${seen.status} ${seen.text.slice(0, 400)}`)
    return seen.location
  }

  async finish(address: string, over: Partial<Asked> = {}): Promise<OwnAnswer> {
    return this.take(await this.#signIn.finish(this.asked(address, over)))
  }

  async signIn(person: string, returnTo = '/', context?: string): Promise<OwnAnswer> {
    return await this.finish(await this.throughTenant(person, returnTo, context))
  }

  /** Who the gate takes the browser for. */
  async who(): Promise<string> {
    const read = await this.#signIn.callerOf(this.asked('/'))
    if (!read.ok) return read.reason
    assert.ok(read.caller.by === 'session')
    return read.caller.identity.objectId
  }

  get tenant(): Tenant {
    return this.#tenant
  }
}

export function fieldOf({ headers }: OwnAnswer, wanted: string): string | undefined {
  return headers.find(([name]) => name === wanted)?.[1]
}

/** Whatever could be seen of it outside, in one text. */
export function everythingTold(events: readonly GateEvent[], answers: readonly OwnAnswer[]): string {
  return JSON.stringify([events, answers.map(({ body, headers }) => [body, headers])])
}

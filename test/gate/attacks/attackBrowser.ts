import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { PlainBrowser } from '../../plainBrowser.ts'
import type { TestGate } from '../openTestGate.ts'
import type { Shot } from './shoot.ts'
import { closing, fieldIn, fieldsIn, shootAt } from './shoot.ts'

export interface Question {
  readonly method?: string
  /** Lines of the head besides those of the host, the cookies and the connection. */
  readonly fields?: readonly string[]
  readonly body?: string
}

/** A browser at the gate and at the tenant, of which each request has a connection of its own. */
export class AttackBrowser {
  readonly cookies = new Map<string, string>()
  readonly #gate: TestGate
  readonly #atTenant: PlainBrowser

  constructor(t: TestContext, gate: TestGate) {
    this.#gate = gate
    this.#atTenant = new PlainBrowser(gate.caPem, gate.scene.tenant.origin)
    t.after(() => this.#atTenant[Symbol.asyncDispose]())
  }

  /** Asks the gate, by a path or by an address of it, and keeps the cookies that it leaves. */
  async ask(place: string, { method = 'GET', fields = [], body = '' }: Question = {}): Promise<Shot> {
    const cookies = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const head = closing(
      `${method} ${place.replace(this.#gate.origin, '')}`,
      ...(cookies === '' ? [] : [`Cookie: ${cookies}`]),
      ...(body === '' ? [] : [`Content-Length: ${body.length}`]),
      ...fields,
    )
    const shot = await shootAt(this.#gate, head + body)
    for (const [name, value] of fieldsIn(shot.text)) {
      const [, key, kept = ''] = (name === 'set-cookie' && /^([^=]+)=([^;]*)/.exec(value)) || []
      if (key === undefined) continue
      if (/; Max-Age=0(;|$)/.test(value)) this.cookies.delete(key)
      else this.cookies.set(key, kept)
    }
    return shot
  }

  /** Begins a sign-in; returns the address at the tenant to which the gate sends. */
  async begin(returnTo = '/'): Promise<string> {
    const { text } = await this.ask(`/.postern/sign-in?return=${encodeURIComponent(returnTo)}`)
    const location = fieldIn(text, 'location') ?? ''
    assert.ok(location.startsWith(this.#gate.scene.tenant.origin), text.slice(0, 200))
    return location
  }

  /** Signs somebody in at the tenant; returns the address to which that sends back. */
  async atTenant(address: string, person: string): Promise<string> {
    const shown = await this.#atTenant.open(address)
    let seen = shown.location === undefined ? await this.#atTenant.open(shown.url, { person }) : shown
    const number = /id="number">(\d+)</.exec(seen.text)?.[1]
    if (number !== undefined) seen = await this.#atTenant.open(seen.url, { number })
    const { location = '' } = seen
    assert.ok(location.startsWith(this.#gate.origin), `${seen.status} ${seen.text.slice(0, 400)}`)
    return location
  }

  async signIn(person: string, returnTo = '/'): Promise<Shot> {
    return await this.ask(await this.atTenant(await this.begin(returnTo), person))
  }

  /** Object id of whom the gate takes this browser for; undefined: nobody. */
  async who(): Promise<string | undefined> {
    const { text } = await this.ask('/.postern/whoami')
    return /"objectId": "([^"]+)"/.exec(text)?.[1]
  }
}

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { TestContext } from 'node:test'
import { Agent, fetch } from 'undici'
import { gateApp, openTenant, type Tenant } from '../src/lab/tenant/index.ts'
import { PlainBrowser } from './plainBrowser.ts'

export const secret = 'a-secret-of-the-gate'
/** The gate as it is registered. */
export const gate = gateApp('https://localhost:8443', { secret })
export const callback = gate.redirectUris[0] ?? ''
export const scope = `openid profile offline_access api://${gate.clientId}/access_as_user`
const verifier = 'v'.repeat(50)
const challenge = createHash('sha256').update(verifier).digest('base64url')

/** A tenant with the gate as its app, for the length of a test. */
export async function opened(t: TestContext): Promise<Tenant> {
  const tenant = await openTenant({ apps: [gate] })
  t.after(() => tenant.close())
  return tenant
}

export function browserOf(t: TestContext, tenant: Tenant): PlainBrowser {
  const browser = new PlainBrowser(tenant.caPem, tenant.origin)
  t.after(() => browser[Symbol.asyncDispose]())
  return browser
}

export function authorizeUrl(tenant: Tenant, more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({
    client_id: gate.clientId,
    response_type: 'code',
    redirect_uri: callback,
    scope,
    state: 'a-state',
    nonce: 'a-nonce',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...more,
  })
  return `${tenant.origin}/${tenant.id}/oauth2/v2.0/authorize?${query}`
}

/** Signs somebody in, answers a second factor where one is asked for, and says what the app is told. */
export async function signIn(
  browser: PlainBrowser,
  tenant: Tenant,
  person: string,
  more: Readonly<Record<string, string>> = {},
): Promise<URLSearchParams> {
  const page = await browser.open(authorizeUrl(tenant, more))
  let seen = page.location === undefined ? await browser.open(page.url, { person }) : page
  const number = /id="number">(\d+)</.exec(seen.text)?.[1]
  if (number !== undefined) seen = await browser.open(seen.url, { number })
  const { location = '' } = seen
  assert.ok(location.startsWith(callback), `${seen.status} ${seen.text.slice(0, 300)}`)
  return new URL(location).searchParams
}

/** A plain client of the tenant: fetches, or posts a form, and reads what comes. */
export function asking(t: TestContext, tenant: Tenant) {
  const dispatcher = new Agent({ connect: { ca: tenant.caPem } })
  t.after(() => dispatcher.close())
  return async (
    path: string,
    form?: Readonly<Record<string, string>> | string,
    headers: Readonly<Record<string, string>> = {},
  ) => {
    const response = await fetch(new URL(path, tenant.origin), {
      dispatcher,
      redirect: 'manual',
      headers: { ...headers },
      ...(form !== undefined && { method: 'POST', body: typeof form === 'string' ? form : new URLSearchParams(form) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    return { status: response.status, headers: response.headers, json: isJson ? JSON.parse(text) : undefined, text }
  }
}

/** The form that redeems a code. */
export const redeem = (code: string, more: Readonly<Record<string, string>> = {}) => ({
  grant_type: 'authorization_code',
  client_id: gate.clientId,
  client_secret: secret,
  redirect_uri: callback,
  code_verifier: verifier,
  code,
  ...more,
})

/** The form that uses a refresh token. */
export const renew = (token: string, more: Readonly<Record<string, string>> = {}) => ({
  grant_type: 'refresh_token',
  client_id: gate.clientId,
  client_secret: secret,
  refresh_token: token,
  ...more,
})

export const tokenPath = (tenant: Tenant) => `/${tenant.id}/oauth2/v2.0/token`

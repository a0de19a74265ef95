import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:https'
import { type TestContext, test } from 'node:test'
import axe from 'axe-core'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { needs } from '../../../test/needs.ts'
import { authorizeUrl, gate } from '../../../test/tenantClient.ts'
import { openPki } from '../servers/pki.ts'
import { gateApp, openTenant, people } from './index.ts'

const quiet = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run', '--disable-sync']
const stepUp = { claims: JSON.stringify({ id_token: { acrs: { essential: true, value: 'c1' } } }) }

/** An app that says at which of its addresses it was asked, and the tenant where it is registered. */
async function opened(t: TestContext) {
  const pki = await openPki({ clock: Date.now, publishedAt: 'http://127.0.0.1:9' })
  const { keyPem, chainPem } = await pki.certificate('genuine', 'localhost')
  const asked: URL[] = []
  const app = createServer({ key: keyPem, cert: chainPem }, (request, response) => {
    asked.push(new URL(request.url ?? '/', 'https://localhost'))
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>The app</title>')
  })
  app.listen(0, '127.0.0.1')
  await once(app, 'listening')
  const address = app.address()
  const origin = `https://localhost:${typeof address === 'object' ? address?.port : 0}`
  const tenant = await openTenant({
    certificate: { keyPem, chainPem, caPem: pki.rootPem },
    apps: [gateApp(origin, { secret: 's' })],
  })
  t.after(async () => {
    await tenant.close()
    app.closeAllConnections()
    app.close()
  })
  const begin = (more: Readonly<Record<string, string>> = {}) =>
    authorizeUrl(tenant, { redirect_uri: `${origin}/.postern/callback`, ...more })
  return { tenant, origin, asked, begin }
}

async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const result: unknown = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
  const found = (result as axe.AxeResults).violations
  return found.map(({ id, help }) => `${id}: ${help}`)
}

test('the pages of the tenant in Chromium', async (t) => {
  const executablePath = needs(t, 'chromium')
  if (executablePath === undefined) return
  const { tenant, origin, asked, begin } = await opened(t)
  const browser = await chromium.launch({ executablePath, args: quiet })
  t.after(() => browser.close())
  const inContext = async (
    javaScriptEnabled: boolean,
    look: (page: Page, context: BrowserContext) => Promise<void>,
  ) => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, javaScriptEnabled })
    try {
      await look(await context.newPage(), context)
    } finally {
      await context.close()
    }
  }

  await t.test('a person signs in, steps up and signs out without script', () =>
    inContext(false, async (page) => {
      await page.goto(begin(stepUp))
      assert.match((await page.textContent('.played')) ?? '', /imitates Microsoft Entra ID/)
      await page.getByRole('button', { name: people.admin.name }).click()
      const number = (await page.textContent('#number')) ?? ''
      await page.getByRole('button', { name: number, exact: true }).click()
      await page.waitForURL(`${origin}/.postern/callback?**`)
      assert.ok(new URL(page.url()).searchParams.has('code'))
      asked.length = 0
      const out = new URLSearchParams({ client_id: gate.clientId, post_logout_redirect_uri: `${origin}/` })
      await page.goto(`${tenant.origin}/${tenant.id}/oauth2/v2.0/logout?${out}`)
      await page.waitForURL(`${origin}/`)
      const told = asked.find(({ pathname }) => pathname === '/.postern/front-channel-sign-out')
      assert.equal(told?.searchParams.get('iss'), tenant.issuer)
      assert.match(told?.searchParams.get('sid') ?? '', /^[0-9a-f-]{36}$/)
    }),
  )

  await t.test('with the keyboard, cancelling leads back to the app', () =>
    inContext(false, async (page) => {
      await page.goto(begin())
      for (let count = 0; count <= tenant.people.length; count += 1) await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await page.waitForURL(`${origin}/.postern/callback?**`)
      assert.equal(new URL(page.url()).searchParams.get('error'), 'access_denied')
    }),
  )

  await t.test('axe finds nothing on any of them', () =>
    inContext(true, async (page) => {
      await page.goto(begin(stepUp))
      assert.deepEqual(await violations(page), [])
      await page.getByRole('button', { name: people.blocked.name }).click()
      assert.deepEqual(await violations(page), [])
      await page.getByRole('button', { name: people.admin.name }).click()
      assert.deepEqual(await violations(page), [])
      await page.goto(begin({ prompt: 'consent' }))
      assert.match(await page.title(), /Permissions requested/)
      assert.deepEqual(await violations(page), [])
      await page.goto(begin({ redirect_uri: 'https://evil.example/' }))
      assert.deepEqual(await violations(page), [])
      await page.goto(`${tenant.origin}/${tenant.id}/oauth2/v2.0/logout`)
      assert.deepEqual(await violations(page), [])
    }),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { needs } from '../needs.ts'
import { openTestGate } from './openTestGate.ts'

const quiet = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run', '--disable-sync']

async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const result: unknown = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
  return (result as axe.AxeResults).violations.map(({ id, help }) => `${id}: ${help}`)
}

const heading = async (page: Page): Promise<string> => (await page.locator('h1').textContent()) ?? ''

test('a person signs in, meets a role that is lacking, steps up, opens a WebSocket and signs out, in Chromium', async (t) => {
  const executablePath = needs(t, 'chromium')
  if (executablePath === undefined) return
  const gate = await openTestGate(t)
  const { origin } = gate
  const browser = await chromium.launch({ executablePath, args: quiet })
  t.after(() => browser.close())
  // The certificate is of a CA that this browser does not know.
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  const page = await context.newPage()

  await page.goto(`${origin}/team?from=mail`)
  assert.equal(await heading(page), 'Pick who signs in')
  await page.getByRole('button', { name: /Olga/ }).click()
  assert.equal(await heading(page), 'Team')
  assert.equal(page.url(), `${origin}/team?from=mail`, 'the browser is where it wanted to go')
  assert.match((await page.textContent('dl')) ?? '', /Olga Ordinary/)

  const cookies = await context.cookies(origin)
  const session = cookies.filter(({ name }) => name.startsWith('__Host-postern'))
  assert.ok(session.length > 0)
  for (const { name, value, secure, httpOnly, sameSite, path } of session) {
    assert.ok(`${name}=${value}`.length < 128, name)
    assert.deepEqual({ secure, httpOnly, path }, { secure: true, httpOnly: true, path: '/' })
    assert.notEqual(sameSite, 'None')
  }

  await page.goto(`${origin}/admin`)
  assert.equal(await heading(page), 'You may not come in here')
  assert.match((await page.textContent('main')) ?? '', /None of the app roles is assigned.*Olga Ordinary/s)
  assert.deepEqual(await violations(page), [])

  await page.goto(`${origin}/vault`)
  assert.equal(await heading(page), 'A second factor is asked for')
  const number = await page.locator('strong', { hasText: /^\d+$/ }).textContent()
  await page.getByRole('button', { name: number ?? '', exact: true }).click()
  assert.equal(await heading(page), 'Vault')

  await page.getByRole('button', { name: 'Open a WebSocket' }).click()
  await page.locator('#socket', { hasText: /^open$/ }).waitFor()

  const other = await context.newPage()
  await other.goto(`${origin}/.postern/sign-out`)
  assert.deepEqual(await violations(other), [])
  await other.getByRole('button', { name: 'Sign out' }).click()
  await page.locator('#socket', { hasText: /^ended$/ }).waitFor()
  await other.waitForURL((url) => url.origin === origin)
  await other.goto(`${origin}/team`)
  assert.equal(await heading(other), 'Pick who signs in', 'the tenant was told as well')

  const events = await gate.recorded()
  const told = events.map(({ kind, activity, outcome, reason }) => `${kind} ${activity} ${outcome} ${reason}`)
  for (const one of [
    'authentication sign-in ok signed-in',
    'authorization request denied role-missing',
    'authorization step-up ok authentication-context',
  ]) {
    assert.ok(told.includes(one), `${one} is not among ${[...new Set(told)].join(', ')}`)
  }
  assert.ok(
    events.some(({ activity, http }) => activity === 'upgrade' && http?.path === '/live/socket'),
    'the WebSocket is in the record',
  )
})

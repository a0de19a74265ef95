import assert from 'node:assert/strict'
import { test } from 'node:test'
import axe from 'axe-core'
import { chromium } from 'playwright-core'
import { needs } from '../../../test/needs.ts'
import { checkReportOf, sampleCheck } from '../../../test/reports.ts'
import { servePages } from '../../net/servePages.ts'
import { checkHtmlLive, livePolicy, waitingHtmlLive } from './checkHtmlLive.ts'

test('the page of a running check in Chromium', async (t) => {
  const executablePath = needs(t, 'chromium')
  if (executablePath === undefined) return
  let body = waitingHtmlLive('0.0.0')
  const answer = () => ({ status: 200, type: 'text/html; charset=utf-8', body, policy: livePolicy })
  const served = await servePages(0, answer)
  assert.ok('ok' in served)
  const { url } = served.ok
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  t.after(async () => {
    await browser.close()
    await served.ok.close()
  })
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (!/ERR_CONNECTION_REFUSED/.test(message.text())) complaints.push(message.text())
  })
  const says = page.locator('.live')
  const shows = (text: string | RegExp): Promise<void> => page.locator('body', { hasText: text }).waitFor()

  await t.test('the first report takes the place of the waiting, without a reload', async () => {
    await page.goto(url)
    await page.evaluate('window.kept = true')
    assert.match(await says.innerText(), /^Updated \d\d:\d\d:\d\d\./)
    body = checkHtmlLive(sampleCheck)
    await page.getByRole('heading', { name: 'hq, from connect01' }).waitFor()
    assert.equal(await page.evaluate('window.kept'), true)
    assert.match(await page.title(), /^hq checked from connect01/)
  })

  const later = (flows = sampleCheck.flows, at = '2026-11-21T10:00:00.000Z') => {
    body = checkHtmlLive({ ...checkReportOf([...flows]), startedAt: at })
  }

  await t.test('what was opened, filtered, focused and scrolled to stays', async () => {
    await page.setViewportSize({ width: 1000, height: 500 })
    const summary = page.locator('table summary').first()
    await summary.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('radio', { name: /^Failed/ }).check()
    await summary.focus()
    const place = () => summary.evaluate((one) => Math.round(one.getBoundingClientRect().top))
    await summary.evaluate((one) => one.scrollIntoView({ block: 'center', behavior: 'instant' }))
    const before = await place()
    const [first] = sampleCheck.flows.filter(({ verdict }) => verdict === 'degraded')
    assert.ok(first)
    // A card above goes: what is looked at stays where it was.
    later(sampleCheck.flows.filter((flow) => flow !== first))
    await shows(/10:00:00/)
    assert.equal(await page.evaluate<string>('document.activeElement.localName'), 'summary')
    assert.equal(await page.locator('table details[open]').count(), 1)
    assert.equal(await page.getByRole('radio', { name: /^Failed/ }).isChecked(), true)
    assert.ok(Math.abs((await place()) - before) <= 2, `${before} ${await place()}`)
  })

  await t.test('while text is selected the newer report waits, and says so', async () => {
    await page.evaluate("document.getSelection().selectAllChildren(document.querySelector('h1'))")
    later(sampleCheck.flows, '2026-11-21T11:00:00.000Z')
    await shows(/A newer check is there/)
    assert.equal(await page.locator('header time').getAttribute('datetime'), '2026-11-21T10:00:00.000Z')
    await page.evaluate('document.getSelection().removeAllRanges()')
    await shows(/11:00:00/)
    assert.deepEqual(complaints, [])
  })

  await t.test('axe finds nothing', async () => {
    // The policy of the page holds for the tool as well, so that it looks at a copy.
    const context = await browser.newContext({ bypassCSP: true })
    const copy = await context.newPage()
    await copy.goto(url)
    await copy.evaluate(axe.source)
    const found: unknown = await copy.evaluate(
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) })))',
    )
    assert.deepEqual(found, [])
    await context.close()
  })

  await t.test('without a script the page is whole and says how to see the newest', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const still = await context.newPage()
    await still.goto(url)
    assert.equal((await still.locator('.live').innerText()).trim(), 'Reload this page for the newest check.')
    assert.equal(await still.getByRole('heading', { name: 'hq, from connect01' }).count(), 1)
    await context.close()
  })

  await t.test('a server that is gone is said, and the last report stays', async () => {
    await served.ok.close()
    await shows(/Postern no longer answers here: this is its last report\./)
    assert.match(await says.innerText(), /^Updated \d\d:\d\d:\d\d\./)
    assert.equal(await page.getByRole('heading', { name: 'hq, from connect01' }).count(), 1)
    assert.deepEqual(complaints, [])
  })
})

test('the policy names the script and the style by hash, and no attribute of the page is a handler', () => {
  const page = checkHtmlLive(sampleCheck)
  assert.match(livePolicy, /script-src 'sha256-[\w+/=]+'; connect-src 'self'; .*frame-ancestors 'none'$/)
  assert.doesNotMatch(livePolicy, /unsafe/)
  assert.doesNotMatch(page, /<[^>]*\son\w+=/)
  assert.doesNotMatch(page, /http-equiv="refresh"/)
})

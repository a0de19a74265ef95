import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { bareAudit, hostileAudit, sampleAudit } from '../../../test/auditReports.ts'
import { hostileTexts } from '../../../test/hostileTexts.ts'
import { needs } from '../../../test/needs.ts'
import { poisoned } from '../../../test/poisoned.ts'
import { largeCheck, sampleCheck, sampleCheckBefore, samplePlan } from '../../../test/reports.ts'
import { compareReports } from '../../check/compare.ts'
import { checkReportSchema, planReportSchema } from '../../config/reportSchema.ts'
import { auditHtml } from './auditHtml.ts'
import { compareHtml } from './compareHtml.ts'
import { planHtml } from './planHtml.ts'

const quiet = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run', '--disable-sync']

const hostile = hostileTexts.join('')
const hostileCheck = checkReportSchema.parse(poisoned(sampleCheck, hostile))
const hostileBefore = checkReportSchema.parse(poisoned(sampleCheckBefore, hostile))

const pages = {
  plan: planHtml(samplePlan),
  'large-plan': planHtml({ ...samplePlan, flows: largeCheck(300).flows }),
  'empty-plan': planHtml({ ...samplePlan, flows: [] }),
  'hostile-plan': planHtml(planReportSchema.parse(poisoned(samplePlan, hostile))),
  comparison: compareHtml(compareReports(sampleCheckBefore, sampleCheck, '0.1.0')),
  'empty-comparison': compareHtml(compareReports(sampleCheck, sampleCheck, '0.1.0')),
  'hostile-comparison': compareHtml(compareReports(hostileBefore, hostileCheck, '0.1.0')),
  audit: auditHtml(sampleAudit),
  'bare-audit': auditHtml(bareAudit),
  'hostile-audit': auditHtml(hostileAudit(hostile)),
}

test('the pages of a plan, of a comparison and of an audit in Chromium', async (t) => {
  const executablePath = needs(t, 'chromium')
  if (executablePath === undefined) return
  const folder = mkdtempSync(join(tmpdir(), 'postern-pages-'))
  const browser = await chromium.launch({ executablePath, args: quiet })
  t.after(async () => {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  })
  for (const [name, page] of Object.entries(pages)) writeFileSync(join(folder, `${name}.html`), page)

  const show = async (
    name: keyof typeof pages,
    view: { readonly width: number; readonly colorScheme?: 'light' | 'dark' },
    look: (page: Page) => Promise<void>,
  ): Promise<void> => {
    const context = await browser.newContext({
      viewport: { width: view.width, height: 900 },
      colorScheme: view.colorScheme ?? 'light',
    })
    const page = await context.newPage()
    const asked: string[] = []
    const complaints: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('dialog', (dialog) => {
      complaints.push(`a dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    await page.goto(pathToFileURL(join(folder, `${name}.html`)).href)
    await look(page)
    assert.deepEqual(asked, [pathToFileURL(join(folder, `${name}.html`)).href])
    assert.deepEqual(complaints, [])
    await context.close()
  }

  for (const name of ['plan', 'comparison', 'empty-comparison', 'audit', 'bare-audit'] as const) {
    for (const [width, colorScheme] of [
      [1280, 'light'],
      [375, 'dark'],
    ] as const) {
      await t.test(`axe finds nothing in the ${name}, ${colorScheme}, ${width} wide`, () =>
        show(name, { width, colorScheme }, async (page) => {
          await page.evaluate(axe.source)
          const violations: unknown = await page.evaluate(
            `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) })))`,
          )
          assert.deepEqual(violations, [])
        }),
      )
    }
  }

  for (const name of Object.keys(pages) as (keyof typeof pages)[]) {
    await t.test(`nothing of the ${name} is wider than a narrow telephone, and no stranger is in it`, () =>
      show(name, { width: 360 }, async (page) => {
        assert.equal(await page.evaluate<number>('document.documentElement.scrollWidth'), 360)
        assert.equal(
          await page.locator('script, img, b, iframe, [onerror], [onload], a[href^="javascript"]').count(),
          0,
        )
      }),
    )
  }

  await t.test('a screen reader is given landmarks, tables with captions, row names and a described picture', () =>
    show('plan', { width: 375 }, async (page) => {
      for (const landmark of ['banner', 'navigation', 'main', 'contentinfo'] as const) {
        assert.equal(await page.getByRole(landmark).count(), 1, landmark)
      }
      assert.equal(await page.getByRole('table', { name: /^connect01 \(.*opening/ }).count(), 1)
      assert.ok((await page.getByRole('rowheader', { name: /tcp\/636 dc01\.corp\.example/ }).count()) > 0)
      const picture = page.getByRole('img', { name: 'connect01 to hosts of the site' })
      assert.match(
        (await picture.locator('desc').textContent()) ?? '',
        /app01\.corp\.example: tcp\/8443 must stay closed/,
      )
    }),
  )

  await t.test('the keyboard leads past the head to what is to be read', () =>
    show('comparison', { width: 1280 }, async (page) => {
      await page.keyboard.press('Tab')
      assert.equal(await page.evaluate<string>('document.activeElement.textContent'), 'Skip to the changes')
      await page.keyboard.press('Enter')
      assert.equal(new URL(page.url()).hash, '#changes')
    }),
  )

  await t.test('paper has everything, and no table is wider than it', () =>
    show('plan', { width: 800 }, async (page) => {
      await page.emulateMedia({ media: 'print' })
      assert.equal(await page.getByRole('navigation').count(), 0)
      assert.ok(await page.getByRole('row').last().isVisible())
      assert.equal((await page.pdf({ format: 'A4' })).subarray(0, 5).toString(), '%PDF-')
    }),
  )
})

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { hostileTexts } from '../../../test/hostileTexts.ts'
import { needs } from '../../../test/needs.ts'
import { poisoned } from '../../../test/poisoned.ts'
import { checkReportOf, largeCheck, sampleCheck } from '../../../test/reports.ts'
import { checkReportSchema } from '../../config/reportSchema.ts'
import type { CheckReport } from '../../model/report.ts'
import { checkHtml } from './checkHtml.ts'

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--no-first-run',
  '--disable-component-update',
  '--disable-sync',
]

interface View {
  readonly width?: number
  readonly colorScheme?: 'light' | 'dark'
  readonly media?: 'print'
}

/** A page as a browser shows it, and everything that it asked for or complained about while doing so. */
interface Shown {
  readonly page: Page
  readonly asked: readonly string[]
  readonly complaints: readonly string[]
}

const hostile: CheckReport = checkReportSchema.parse(poisoned(sampleCheck, hostileTexts.join('')))
const reports = {
  sample: sampleCheck,
  few: checkReportOf(sampleCheck.flows.slice(0, 5)),
  many: largeCheck(300),
  hostile,
}

test('the HTML report in Chromium', async (t) => {
  const executablePath = needs(t, 'chromium')
  if (executablePath === undefined) return
  const folder = mkdtempSync(join(tmpdir(), 'postern-html-'))
  const browser: Browser = await chromium.launch({ executablePath, args: quiet })
  t.after(async () => {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  })
  for (const [name, report] of Object.entries(reports)) writeFileSync(join(folder, `${name}.html`), checkHtml(report))

  const show = async (name: keyof typeof reports, view: View, look: (shown: Shown) => Promise<void>): Promise<void> => {
    const context = await browser.newContext({
      viewport: { width: view.width ?? 1280, height: 900 },
      colorScheme: view.colorScheme ?? 'light',
      serviceWorkers: 'block',
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
    if (view.media !== undefined) await page.emulateMedia({ media: view.media })
    await page.goto(pathToFileURL(join(folder, `${name}.html`)).href)
    await look({ page, asked, complaints })
    await context.close()
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      await t.test(`axe finds nothing serious, ${colorScheme}, ${width} wide`, () =>
        show('sample', { width, colorScheme }, async ({ page }) => {
          await page.locator('details').evaluateAll((all) => {
            for (const one of all) one.setAttribute('open', '')
          })
          await page.evaluate(axe.source)
          const violations: unknown = await page.evaluate(
            `axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ html, failureSummary }) => html + failureSummary) })))`,
          )
          assert.deepEqual(violations, [])
        }),
      )
    }
  }

  await t.test('the page follows the reader’s light or dark, and paper is white', async () => {
    const ground = async (view: View): Promise<string> => {
      let colour = ''
      await show('sample', view, async ({ page }) => {
        colour = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
      })
      return colour
    }
    assert.equal(await ground({ colorScheme: 'light' }), 'rgb(246, 247, 249)')
    assert.equal(await ground({ colorScheme: 'dark' }), 'rgb(21, 24, 29)')
    assert.equal(await ground({ colorScheme: 'dark', media: 'print' }), 'rgb(255, 255, 255)')
  })

  for (const name of ['sample', 'few', 'many', 'hostile'] as const) {
    await t.test(`nothing is wider than a narrow telephone, asked of the network or complained about: ${name}`, () =>
      show(name, { width: 360 }, async ({ page, asked, complaints }) => {
        assert.equal(await page.evaluate<number>('document.documentElement.scrollWidth'), 360)
        const wide = await page.locator('body *').evaluateAll((all) =>
          all
            .filter((one) => !one.closest('.hidden, thead, .definitions, .skip'))
            .filter((one) => one.getBoundingClientRect().right > 361)
            .map((one) => one.outerHTML.slice(0, 120)),
        )
        assert.deepEqual(wide, [])
        assert.deepEqual(asked, [page.url()])
        assert.deepEqual(complaints, [])
      }),
    )
  }

  await t.test('hostile text stays text: no element, dialog or request comes of it', () =>
    show('hostile', {}, async ({ page, asked, complaints }) => {
      const strangers = await page
        .locator('script, img, b, iframe, [onerror], [onload], a[href^="javascript"]')
        .evaluateAll((all) => all.map((one) => one.outerHTML))
      assert.deepEqual(strangers, [])
      assert.match(await page.locator('h1').innerText(), /<script>alert\(1\)<\/script>/)
      assert.deepEqual(asked, [page.url()])
      assert.deepEqual(complaints, [])
    }),
  )

  await t.test('evidence opens by keyboard alone, and its link opens it, too', () =>
    show('sample', {}, async ({ page }) => {
      await page.keyboard.press('Tab')
      assert.equal(await page.evaluate<string>('document.activeElement.textContent'), 'Skip to the flows')
      await page.keyboard.press('Enter')
      await page.keyboard.press('Tab')
      assert.equal(await page.evaluate<string>('document.activeElement.id'), 'show-all')
      await page.keyboard.press('Tab')
      const focused = page.locator('summary:focus')
      assert.match(await focused.innerText(), /^Evidence, \d+ steps?/)
      const steps = page.locator('details:has(summary:focus) ol')
      assert.equal(await steps.isVisible(), false)
      await page.keyboard.press('Enter')
      assert.equal(await steps.isVisible(), true)

      const link = page.locator('article a[href^="#evidence-"]').last()
      const target = page.locator((await link.getAttribute('href')) ?? '')
      assert.equal(await target.isVisible(), false)
      await link.press('Enter')
      assert.equal(await target.isVisible(), true)
    }),
  )

  await t.test('one cause is one card; each place in it leads to its evidence, those that are folded as well', () =>
    show('many', { width: 360 }, async ({ page }) => {
      const card = page.locator('article')
      assert.equal(await card.count(), 1)
      assert.match(await card.getByRole('heading').innerText(), /and 29 more alike$/)
      assert.equal(await card.locator('li:visible').count(), 12)
      const last = card.locator('a[href^="#evidence-"]').last()
      const target = page.locator((await last.getAttribute('href')) ?? '')
      assert.deepEqual([await last.isVisible(), await target.isVisible()], [false, false])
      await card.locator('summary').press('Enter')
      assert.equal(await card.locator('li:visible').count(), 29)
      await last.press('Enter')
      assert.equal(await target.isVisible(), true)
      await page.evaluate(axe.source)
      const found = await page.evaluate<readonly string[]>(
        `axe.run(document.querySelector('article')).then(({ violations }) => violations.map(({ id }) => id))`,
      )
      assert.deepEqual(found, [])
      await page.emulateMedia({ media: 'print' })
      assert.equal(await page.locator('nav').isVisible(), false)
      assert.equal(await card.locator('li:visible').count(), 29)
    }),
  )

  await t.test('a screen reader is given landmarks, headings, captions, row names and a described picture', () =>
    show('sample', {}, async ({ page }) => {
      for (const landmark of ['banner', 'navigation', 'main', 'contentinfo'] as const) {
        assert.equal(await page.getByRole(landmark).count(), 1, landmark)
      }
      for (const heading of ['hq, from connect01', 'Needs action', 'What connect01 reaches', 'Every flow']) {
        assert.equal(await page.getByRole('heading', { name: heading }).count(), 1, heading)
      }
      assert.equal(await page.getByRole('table', { name: 'Failed: 3 flows' }).count(), 1)
      assert.equal(await page.getByRole('rowheader', { name: /tcp\/636 dc01\.corp\.example/ }).count(), 1)
      const picture = page.getByRole('img', { name: 'connect01 to hosts of the site' })
      const described = await picture.locator('desc').textContent()
      assert.match(described ?? '', /dc01\.corp\.example: tcp\/636 blocked/)
    }),
  )

  await t.test('tables stay tables where their cells become blocks', () =>
    show('sample', { width: 360 }, async ({ page }) => {
      assert.equal(await page.getByRole('table', { name: 'Failed: 3 flows' }).count(), 1)
      assert.equal(
        await page.getByRole('row').count(),
        sampleCheck.flows.length + (await page.locator('table').count()),
      )
      assert.equal(await page.getByRole('rowheader').count(), sampleCheck.flows.length)
    }),
  )

  await t.test('paper shows the steps of what fails and of what was opened, and else a row a flow', () =>
    show('sample', { media: 'print' }, async ({ page }) => {
      const shown = (): Promise<readonly boolean[]> =>
        page
          .locator('details ol')
          .evaluateAll((all) =>
            all.map((list) => list.checkVisibility({ contentVisibilityAuto: true }) && list.clientHeight > 10),
          )
      const telling = await page
        .locator('details ol')
        .evaluateAll((all) => all.map((list) => list.closest('.telling') !== null))
      assert.ok(telling.includes(true) && telling.includes(false))
      assert.deepEqual(await shown(), telling)
      await page
        .locator('details:not(.telling):has(ol)')
        .first()
        .evaluate((one) => one.setAttribute('open', ''))
      assert.equal((await shown()).filter(Boolean).length, telling.filter(Boolean).length + 1)
      assert.equal(await page.getByRole('navigation').count(), 0)
    }),
  )

  await t.test('the sample takes a few sheets of paper, and no table is left out by a filter', () =>
    show('sample', {}, async ({ page }) => {
      await page.getByRole('radio', { name: /^Failed/ }).check()
      assert.equal(await page.locator('table:visible').count(), 1)
      const pdf = (await page.pdf({ format: 'A4' })).toString('latin1')
      const sheets = pdf.match(/\/Type \/Page\b/g)?.length ?? 0
      assert.ok(sheets > 1 && sheets <= 8, `${sheets} sheets`)
      await page.emulateMedia({ media: 'print' })
      assert.equal(await page.locator('table:visible').count(), await page.locator('table').count())
    }),
  )

  await t.test('no picture is taller than a sheet of paper, of five flows and of three hundred', async () => {
    for (const name of ['few', 'many'] as const) {
      await show(name, {}, async ({ page }) => {
        const heights = await page
          .locator('.pictures svg')
          .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height))
        assert.ok(heights.length > 0)
        for (const height of heights) assert.ok(height > 40 && height < 1100, `${height}`)
      })
    }
  })
})

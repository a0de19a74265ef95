import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { hostileTexts } from '../../../test/hostileTexts.ts'
import { poisoned } from '../../../test/poisoned.ts'
import { checkReportOf, sampleCheck, sampleCheckBefore, samplePlan } from '../../../test/reports.ts'
import { compareReports } from '../../check/compare.ts'
import { checkReportSchema, planReportSchema } from '../../config/reportSchema.ts'
import { compareHtml } from './compareHtml.ts'
import { sharedOpenings } from './planGroups.ts'
import { planHtml } from './planHtml.ts'

const comparison = (before = sampleCheckBefore, after = sampleCheck) => compareReports(before, after, '0.1.0')

const pages = {
  plan: planHtml(samplePlan),
  comparison: compareHtml(comparison()),
  'empty plan': planHtml({ ...samplePlan, flows: [] }),
  'empty comparison': compareHtml(comparison(checkReportOf([]), checkReportOf([]))),
}

for (const [what, page] of Object.entries(pages)) {
  test(`the page of the ${what} loads nothing, and its policy allows its own style by its hash`, () => {
    assert.doesNotMatch(page, /<(script|iframe|object|embed|img|form|base)\b|@import|url\(|\sstyle="/)
    for (const [, value] of page.matchAll(/\s(?:src|href)="([^"]*)"/g)) assert.match(value ?? '', /^(#|data:,$)/)
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? ''
    const style = /<style>([\s\S]*)<\/style>/.exec(page)?.[1] ?? ''
    assert.ok(policy.includes(createHash('sha256').update(style).digest('base64')))
    assert.doesNotMatch(policy, /script/)
  })

  test(`every anchor of the page of the ${what} leads somewhere, and no id is there twice`, () => {
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
    assert.equal(new Set(ids).size, ids.length)
    for (const [, anchor] of page.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.includes(anchor), `#${anchor}`)
  })
}

for (const hostile of hostileTexts) {
  test(`no page holds an element that it did not make: ${JSON.stringify(hostile.slice(0, 24))}`, () => {
    const tags = (page: string) => new Set([...page.matchAll(/<\/?([a-z!][\w-]*)/gi)].map(([, tag]) => tag))
    const known = tags(pages.plan + pages.comparison)
    const check = checkReportSchema.parse(poisoned(sampleCheck, hostile))
    const before = checkReportSchema.parse(poisoned(sampleCheckBefore, hostile))
    const plan = planHtml(planReportSchema.parse(poisoned(samplePlan, hostile)))
    for (const page of [plan, compareHtml(comparison(before, check))]) {
      assert.deepEqual(
        [...tags(page)].filter((tag) => !known.has(tag)),
        [],
      )
      assert.doesNotMatch(page.replaceAll(/"[^"]*"/g, '""'), /<[^>]*\son\w+=/i)
      assert.equal(page.match(/<style>/g)?.length, 1)
    }
  })
}

test('every opening of a plan is in its page once, and every row of the catalog that asks for it', () => {
  const openings = [...Map.groupBy(samplePlan.flows, ({ from }) => from).values()].flatMap(sharedOpenings)
  const items = [...pages.plan.matchAll(/<ul class="targets">(.*?)<\/ul>/g)].flatMap(
    ([, list = '']) => list.match(/<li>/g) ?? [],
  )
  assert.equal(items.length, openings.length)
  for (const { flow } of samplePlan.flows) assert.ok(pages.plan.includes(`<code>${flow}</code>`), flow)
})

test('what stays on one host, what must stay closed and what is to be settled have their own sections', () => {
  for (const id of ['local', 'closed', 'settle', 'about']) assert.ok(pages.plan.includes(`<h2 id="${id}">`), id)
  assert.ok(pages['empty plan'].includes('no role of this site opens a flow'))
})

test('a plan of flows that must be closed only opens nothing, and says so', () => {
  const page = planHtml({ ...samplePlan, flows: samplePlan.flows.filter(({ expect }) => expect === 'closed') })
  assert.match(page, /0 flows to open/)
})

test('a comparison holds what changed and no row of what did not', () => {
  const rows = pages.comparison.match(/scope="row"/g)?.length
  assert.equal(rows, comparison().changes.length)
  assert.ok(!pages.comparison.includes('t1-rpc-dynamic'))
})

const headlines: readonly (readonly [what: string, page: string, words: string])[] = [
  ['what broke', pages.comparison, '3 flows broke'],
  ['that nothing changed', compareHtml(comparison(checkReportOf([]), checkReportOf([]))), 'Nothing changed'],
  ['that nothing changed, and is not well', compareHtml(comparison(sampleCheck, sampleCheck)), 'Nothing changed; '],
]

for (const [what, page, words] of headlines) {
  test(`the headline of a comparison says ${what}`, () => {
    const headline = /class="headline"><span class="look-[\w-]+">.*?<\/svg> ([^<]*)</s.exec(page)?.[1] ?? ''
    assert.ok(headline.startsWith(words) && headline !== '', headline)
  })
}

test('an empty comparison names what is still not well, and a healthy one has nothing to name', () => {
  assert.match(compareHtml(comparison(sampleCheck, sampleCheck)), /<h2 id="still">/)
  assert.doesNotMatch(pages['empty comparison'], /<h2 id="still">/)
})

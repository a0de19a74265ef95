import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { checkReportOf, flowReportOf, largeCheck, sampleCheck, samplePlan } from '../../../test/reports.ts'
import type { CheckReport } from '../../model/report.ts'
import { checkHtml } from './checkHtml.ts'
import { grounds, inks } from './checkStyle.ts'

const sample = checkHtml(sampleCheck)

const headlineOf = (report: CheckReport) =>
  /class="headline"><span class="look-([\w-]+)">.*?<\/svg> ([^<]*)</s.exec(checkHtml(report))?.slice(1, 3)

test('the page loads nothing: no script, no address in an attribute but its own anchors', () => {
  assert.doesNotMatch(sample, /<(script|iframe|object|embed|img|form|base)\b/)
  for (const [, value] of sample.matchAll(/\s(?:src|href)="([^"]*)"/g)) assert.match(value ?? '', /^(#|data:,$)/)
  assert.doesNotMatch(sample, /@import|url\(/)
})

test('the policy of the page allows its own style by its hash, and nothing else', () => {
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(sample)?.[1]?.replaceAll('&#39;', "'")
  const style = /<style>([\s\S]*)<\/style>/.exec(sample)?.[1] ?? ''
  const hash = createHash('sha256').update(style).digest('base64')
  assert.equal(
    policy,
    `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`,
  )
  assert.doesNotMatch(sample, /\sstyle="/)
})

test('every anchor of the page leads somewhere, and no id is there twice', () => {
  const ids = [...sample.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
  assert.equal(new Set(ids).size, ids.length)
  for (const [, anchor] of sample.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.includes(anchor), `#${anchor}`)
})

const headlines: readonly (readonly [what: string, report: CheckReport, look: string, words: string])[] = [
  [
    'what fails and what is in doubt',
    sampleCheck,
    'blocked',
    '3 flows fail, 2 in doubt; 4 of 9 required flows proven, 1 known by the open port only, 4 not',
  ],
  [
    'that all is proven',
    checkReportOf(sampleCheck.flows.filter(({ verdict, expect }) => verdict === 'open' && expect === 'open')),
    'open',
    'Nothing is wrong; 3 of 4 required flows proven, 1 known by the open port only',
  ],
  [
    'that something required was not asked',
    checkReportOf(sampleCheck.flows.filter(({ verdict }) => verdict === 'not-run')),
    'not-run',
    'Nothing is wrong; 0 of 2 required flows proven, 2 not',
  ],
  [
    'that something is in doubt only',
    checkReportOf(sampleCheck.flows.filter(({ verdict }) => verdict === 'degraded')),
    'degraded',
    'Nothing fails, 1 flow is in doubt; the one required flow is proven',
  ],
  ['that there was nothing to check', checkReportOf([]), 'not-run', 'No flow of this machine was there to check'],
]

for (const [what, report, look, words] of headlines) {
  test(`the headline says ${what}`, () => assert.deepEqual(headlineOf(report), [look, words]))
}

test('a check that was stopped says so at its head', () => {
  assert.match(checkHtml({ ...sampleCheck, interrupted: true }), /Stopped before its end/)
  assert.doesNotMatch(sample, /Stopped before its end/)
})

test('every flow has one row and every observation one step, of five flows and of three hundred', () => {
  for (const report of [checkReportOf(sampleCheck.flows.slice(0, 5)), sampleCheck, largeCheck(300)]) {
    const page = checkHtml(report)
    assert.equal(page.match(/scope="row"/g)?.length, report.flows.length)
    const steps = report.flows.flatMap(({ evidence }) => evidence).length
    assert.equal(page.match(/<li><span class="quiet">(?:probe|repeat|control|seen for)/g)?.length ?? 0, steps)
  }
})

test('a long name is whole in the page', () => {
  const [flow] = samplePlan.flows
  assert.ok(flow)
  const name = `${'long-label.'.repeat(20)}example`
  const page = checkHtml(checkReportOf([flowReportOf({ ...flow, target: { ...flow.target, name } })]))
  assert.ok(page.includes(name))
  assert.doesNotMatch(page, /\.\.\./)
})

test('every ink reads on every ground, light and dark: 4.5 to 1 or better', () => {
  for (const shade of ['light', 'dark'] as const) {
    for (const [ink, { [shade]: colour }] of Object.entries(inks)) {
      for (const [ground, { [shade]: behind }] of Object.entries(grounds)) {
        const ratio = contrast(colour, behind)
        assert.ok(ratio >= 4.5, `${ink} on ${ground} (${shade}): ${ratio.toFixed(2)}`)
      }
    }
  }
})

/** Contrast ratio of two colours (WCAG 2.2, relative luminance). */
function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

test('the verdict comes first and the next step last, with whose turn it is', () => {
  const [first, last] = [sample.indexOf('class="headline"'), sample.indexOf('id="next"')]
  assert.ok(first > 0 && first < sample.indexOf('<h2'))
  assert.ok(last > sample.lastIndexOf('<table') && sample.lastIndexOf('<h2') < last)
  const next = sample.slice(last, sample.indexOf('</main>'))
  for (const { verdict, expect, owner, fix } of sampleCheck.flows) {
    if (verdict !== 'blocked' || expect !== 'open' || fix === undefined) continue
    assert.ok(next.includes(`<dt>${owner}</dt>`) && next.includes(fix.replaceAll('>', '&gt;')), fix)
  }
})

test('one cause is one card with its flows inside, and one step for whoever mends it', () => {
  const page = checkHtml(largeCheck(300))
  assert.equal(page.match(/<article /g)?.length, 1)
  const card = page.slice(page.indexOf('<article '), page.indexOf('</article>'))
  const places = [...card.matchAll(/href="#(evidence-\d+)"/g)].map(([, id = '']) => id)
  assert.equal(new Set(places).size, 30)
  for (const id of places) assert.ok(page.includes(`id="${id}"`), id)
  const next = page.slice(page.indexOf('id="next"'), page.indexOf('</main>'))
  assert.equal(next.match(/<li>/g)?.length, 1)
  assert.match(next, /10\.1\.0\.5:636; and so for 29 places more, listed above</)
})

test('many mappings are counted at the head and stand whole where the check is described', () => {
  const names = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`n${n}.example`, `127.0.0.${n + 1}:443`]))
  const page = checkHtml({ ...sampleCheck, context: { ...sampleCheck.context, names } })
  const head = page.slice(0, page.indexOf('</header>'))
  assert.match(head, /9 names mapped, such as n0\.example -&gt; 127\.0\.0\.1:443: <a href="#about">/)
  assert.ok(page.slice(page.indexOf('id="about"')).includes('n8.example'))
})

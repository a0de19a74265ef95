import type { Finding } from '../../model/finding.ts'
import { flowKey } from '../../model/flow.ts'
import type { CheckReport, FlowReport } from '../../model/report.ts'
import type { Shared } from './alike.ts'
import { alike, isFixEach } from './alike.ts'
import { checkHtmlPage } from './checkHtmlPage.ts'
import { checkLegend, checkPicture } from './checkPicture.ts'
import { evidenceHtml } from './evidenceHtml.ts'
import {
  countOf,
  dialledOf,
  durationOf,
  mappedInShort,
  mappedNames,
  mappedWords,
  phasesOf,
  portOf,
  throughOf,
  timeOf,
  totalOf,
} from './flowWords.ts'
import { heldWords } from './heldWords.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import { graveFindings, otherFindings } from './otherFindings.ts'
import { postureGroups } from './posture.ts'
import { postureHtml } from './postureHtml.ts'
import { seriesWords } from './seriesWords.ts'
import { sharedTargets } from './sharedTargets.ts'
import type { Look, Standing } from './standing.ts'
import { lookOf, lookOrder, looks, standingOf, worstFirst } from './standing.ts'
import { headlineWords } from './summaryWords.ts'
import { verdictMark, verdictMarkDefinitions } from './verdictMarks.ts'

/** A flow with the number by which the page refers to it. */
interface Numbered {
  readonly flow: FlowReport
  readonly number: number
}

/**
 * A check as one page of HTML that needs nothing else: to be read on a screen of any width, light or dark, by keyboard
 * or screen reader, and on paper. What needs action comes first, then a picture of what is reached, then every flow
 * with its evidence step by step, then how the check was made. There is no script in it, and its policy forbids any.
 */
export function checkHtml(report: CheckReport): string {
  return checkHtmlPage({ title: checkTitle(report), postern: report.postern, body: checkBody(report) })
}

export function checkTitle(report: CheckReport): string {
  return `${report.site} checked from ${report.from}, ${timeOf(report.startedAt)}`
}

/** What stands in the page: the verdict first, what to do last, and between them the reasons. */
export function checkBody(report: CheckReport): Html {
  const numbered = worstFirst(report.flows).map((flow, number): Numbered => ({ flow, number }))
  const flows = numbered.map(({ flow }) => flow)
  const posture = postureHtml(postureGroups(flows))
  const action = actions(numbered, report)
  return html`<a class="skip" href="#flows">Skip to the flows</a>
${verdictMarkDefinitions()}
${header(report, flows)}
${contents(action !== undefined, posture !== undefined)}
<main>
${action}
${flows.length === 0 ? undefined : picture(flows)}
<section aria-labelledby="flows"><h2 id="flows">Every flow</h2>
${filter(flows)}
${tables(numbered, report)}
${heldParagraph(flows)}</section>
${posture}${about(report)}
${nextSteps(flows, report)}
</main>
<footer class="small"><p>Postern ${report.postern}. The same report for programs: <code>postern check --json</code>.</p></footer>`
}

function header(report: CheckReport, flows: readonly FlowReport[]): Html {
  return html`<header>
<p class="kicker">Postern check</p>
<h1>${report.site}, from ${report.from}</h1>
<p class="headline">${headline(report)}</p>
<p class="origin">${timed(report.startedAt)}, took ${durationOf(report.durationMs)}; catalog of ${report.catalog.asOf}; client imitated: ${report.imitates}</p>
${mappedParagraph(report.context.names)}
${report.interrupted ? html`<p class="headline look-degraded">Stopped before its end: what was not asked is not run.</p>` : undefined}
${counts(report, flows)}
</header>`
}

/** Many mappings stand whole in the last section, so that they keep nobody from what failed. */
function mappedParagraph(names: CheckReport['context']['names']): Html | undefined {
  const mapped = mappedNames(names)
  const [first] = mapped
  if (first === undefined) return undefined
  const short = mappedInShort(names)
  return short === mappedWords(names)
    ? html`<p class="origin">Names mapped: ${mapped.map((name, at) => html`${at === 0 ? '' : '; '}<code>${name}</code>`)}</p>`
    : html`<p class="origin">${short.replace(/^; /, '')}: <a href="#about">all of them</a></p>`
}

function headline(report: CheckReport): Html {
  const { look, words } = headlineWords(report)
  return html`<span class="look-${look}">${verdictMark(look)} ${words.charAt(0).toUpperCase()}${words.slice(1)}</span>`
}

function counts({ summary }: CheckReport, flows: readonly FlowReport[]): Html {
  const items = lookOrder.flatMap((look) => {
    const count = flows.filter((flow) => lookOf(flow) === look).length
    return count === 0
      ? []
      : [
          html`<li><strong>${count}</strong> <span class="badge look-${look}">${verdictMark(look)}${looks[look].label}</span></li>`,
        ]
  })
  return html`<ul class="counts" aria-label="Counts">${items}<li><strong>${summary.requiredNotProven}</strong> required, not proven</li>${
    summary.elsewhere === 0
      ? undefined
      : html`<li><strong>${summary.elsewhere}</strong> opened by other machines, not judged here</li>`
  }</ul>`
}

function heldParagraph(flows: readonly FlowReport[]): Html | undefined {
  const told = [heldWords(flows) ?? [], seriesWords(flows)].flat()
  return told.length === 0
    ? undefined
    : html`${told.map(
        (one) => html`<p>Connections ${one}.</p>
`,
      )}`
}

function contents(hasAction: boolean, hasPosture: boolean): Html {
  const first = hasAction ? html`<li><a href="#action">Needs action</a></li>` : undefined
  return html`<nav aria-label="Sections"><ul>${first}<li><a href="#picture">Picture</a></li><li><a href="#flows">Every flow</a></li>${
    hasPosture ? html`<li><a href="#posture">TLS servers</a></li>` : undefined
  }<li><a href="#about">About this check</a></li><li><a href="#next">Next</a></li></ul></nav>`
}

function needsAction(flow: FlowReport): boolean {
  const standing = standingOf(flow)
  return standing === 'failed' || standing === 'doubtful'
}

function actions(numbered: readonly Numbered[], report: CheckReport): Html | undefined {
  const numbers = new Map(numbered.map(({ flow, number }) => [flow, number]))
  const numberOf = (flow: FlowReport): number => numbers.get(flow) ?? 0
  const cards = groupsOf(numbered.map(({ flow }) => flow)).map((group) => card(group, numberOf))
  const grave = graveFindings(report.findings)
  const told = numbered.map(({ flow }) => flow).filter(needsAction)
  const others = otherFindings(report.findings, told)
  if (cards.length === 0 && others.length === 0 && grave.length === 0) return undefined
  return html`<section aria-labelledby="action"><h2 id="action">Needs action</h2><div class="cards">${findingCards(grave, 'blocked')}${cards}${findingCards(others, 'degraded')}</div></section>`
}

function findingCards(findings: readonly Finding[], look: Look): readonly Html[] {
  return findings.map(
    ({ code, severity, what, why, next }) =>
      html`<article class="card look-${look}"><h3>${what}</h3><p class="says">${why}</p><dl class="facts small">${fact('Next', next, 'wide do')}${fact('Finding', html`<code>${code}</code>`)}${fact('Severity', severity)}</dl></article>`,
  )
}

/** What needs action, each cause once: flows that failed alike stand in one card. */
function groupsOf(flows: readonly FlowReport[]): readonly Group[] {
  return alike(sharedTargets(flows.filter(needsAction)))
}

type Group = readonly [Shared, ...Shared[]]

/** A fix that differs from place to place is written out for the first. */
function fixOf(group: Group): string | undefined {
  const [[{ fix }]] = group
  return fix === undefined || !isFixEach(group) ? fix : `${fix}; and so for each place that is alike`
}

function card(group: Group, numberOf: (flow: FlowReport) => number): Html {
  const [same, ...others] = group
  const [flow] = same
  const look = lookOf(flow)
  const steps = flow.evidence.length
  return html`<article class="card look-${look}">
<h3>${badge(look)} <code>${portOf(flow.target)}</code> <span class="name">${dialledOf(flow.target)}</span>${throughOf(flow)}${
    others.length === 0 ? undefined : html` <span>and ${others.length} more alike</span>`
  }</h3>
<p class="says">${flow.says}</p>
<dl class="facts small">${[
    fact('Fix', fixOf(group), 'wide do'),
    fact('Next', flow.nextProbe, 'wide'),
    fact('Owner', flow.owner),
    fact('Cause', flow.cause === undefined ? undefined : html`<code>${flow.cause}</code>`),
    fact('Confidence', flow.confidence),
    fact('Not excluded', flow.alternatives.length === 0 ? undefined : flow.alternatives.join(', ')),
    fact('Flow', html`${idsOf(same)}: ${flow.purpose}`, 'wide'),
  ]}</dl>
${steps === 0 ? undefined : html`<p class="more small"><a href="#evidence-${numberOf(flow)}" data-flow="${flowKey(flow)}">Evidence, ${countOf(steps, 'step')}<span class="hidden">, of ${portOf(flow.target)} ${dialledOf(flow.target)}</span></a></p>`}${alikeList(same, others, numberOf)}
</article>`
}

function idsOf(same: Shared): readonly Html[] {
  return same.map(
    ({ flow: id, necessity, expect }, at) =>
      html`${at === 0 ? '' : ', '}<code>${id}</code> (${expect === 'closed' ? 'must be closed' : necessity})`,
  )
}

/** So many places stand below a card at once; the others unfold, and paper shows them all. */
const mostPlaces = 12

/** Where else it failed in the same way: each place leads to its own evidence, and says its flow where it is another. */
function alikeList(told: Shared, others: readonly Shared[], numberOf: (flow: FlowReport) => number): Html | undefined {
  if (others.length === 0) return undefined
  const ids = (same: Shared): string => same.map(({ flow, necessity }) => `${flow} ${necessity}`).join()
  const place = (same: Shared): Html => {
    const [flow] = same
    const where = html`<code>${portOf(flow.target)}</code> <span class="name">${dialledOf(flow.target)}</span>`
    const linked =
      flow.evidence.length === 0
        ? where
        : html`<a href="#evidence-${numberOf(flow)}" data-flow="${flowKey(flow)}">${where}</a>`
    return html`<li>${linked}${ids(same) === ids(told) ? undefined : html` <span class="quiet">${idsOf(same)}</span>`}</li>`
  }
  const [first, rest] = [others.slice(0, mostPlaces), others.slice(mostPlaces)]
  return html`
<p class="says small">Alike, each with its evidence:</p>
<ul class="alike small">${first.map(place)}</ul>${
    rest.length === 0
      ? undefined
      : html`<details class="telling small"><summary id="alike-${numberOf(told[0])}">and ${rest.length} more<span class="hidden">, alike with ${portOf(told[0].target)} ${dialledOf(told[0].target)}</span></summary><ul class="alike">${rest.map(place)}</ul></details>`
  }`
}

function fact(name: string, value: Html | string | undefined, look?: 'wide' | 'wide do'): Html | undefined {
  if (value === undefined) return undefined
  return html`<div${look === undefined ? undefined : html` class="${look}"`}><dt>${name}</dt><dd>${value}</dd></div>`
}

function picture(flows: readonly FlowReport[]): Html {
  return html`<section aria-labelledby="picture"><h2 id="picture">What ${flows[0]?.from ?? 'this machine'} reaches</h2>${checkLegend(flows, verdictMark)}<div class="pictures">${checkPicture(flows)}</div></section>`
}

const captions: readonly (readonly [standing: Standing, caption: string])[] = [
  ['failed', 'Failed'],
  ['doubtful', 'In doubt'],
  ['well', 'As it must be'],
  ['not-run', 'Not run'],
  ['not-required', 'Not required'],
]

/**
 * Chooses by the style alone which tables are shown, so that it works where no script runs. Paper shows them all: nobody
 * there can see what was left out.
 */
function filter(flows: readonly FlowReport[]): Html | undefined {
  const present = captions.filter(([standing]) => flows.some((flow) => standingOf(flow) === standing))
  if (present.length < 2) return undefined
  const choice = (id: string, label: string, count: number, checked: boolean): Html =>
    html`<label for="show-${id}"><input type="radio" name="show" id="show-${id}"${checked ? html` checked` : undefined}> ${label} <span class="quiet">${count}</span></label>`
  return html`<fieldset class="filter small"><legend>Show</legend>${choice('all', 'All', flows.length, true)}${present.map(
    ([standing, caption]) =>
      choice(standing, caption, flows.filter((flow) => standingOf(flow) === standing).length, false),
  )}</fieldset>`
}

/** The roles repeat what the elements mean: on a narrow screen the cells become blocks, and some readers then forget. */
function tables(numbered: readonly Numbered[], report: CheckReport): readonly Html[] {
  return captions.flatMap(([standing, caption]) => {
    const rows = numbered.filter(({ flow }) => standingOf(flow) === standing)
    if (rows.length === 0) return []
    return [
      html`<table role="table" class="of-${standing}"><caption>${caption}: ${countOf(rows.length, 'flow')}</caption><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="col-verdict">Verdict</th><th role="columnheader" scope="col" class="col-flow">Flow</th><th role="columnheader" scope="col">What was found</th><th role="columnheader" scope="col" class="col-time">Time</th></tr></thead><tbody role="rowgroup">${rows.map((row) => tableRow(row, report))}</tbody></table>
`,
    ]
  })
}

function tableRow({ flow, number }: Numbered, report: CheckReport): Html {
  const total = totalOf(flow.timing)
  const phases = phasesOf(flow.timing).map(
    ({ phase, ms }) => html`<span class="quiet small">${phase} ${durationOf(ms)}</span>`,
  )
  const need = flow.expect === 'closed' ? 'must be closed' : flow.necessity
  return html`<tr role="row"><td role="cell">${badge(lookOf(flow))}</td><th role="rowheader" scope="row"><code>${portOf(flow.target)}</code> <span class="name">${dialledOf(flow.target)}</span>${throughOf(flow)}<br><span class="quiet small"><code>${flow.flow}</code>, ${need}<span class="purpose">: ${flow.purpose}</span></span></th><td role="cell">${flow.says}${evidenceHtml(flow, number, report.startedAt)}</td><td role="cell" class="time">${total ?? html`<span class="quiet">not timed</span>`}${phases}</td></tr>
`
}

function badge(look: Look): Html {
  return html`<span class="badge look-${look}">${verdictMark(look)}${looks[look].label}</span>`
}

function about(report: CheckReport): Html {
  const { context } = report
  const sources = [
    ...new Set(report.flows.map(({ source, asOf }) => (asOf === undefined ? source : `${source} (${asOf})`))),
  ]
  const mapped = mappedNames(context.names)
  return html`<section aria-labelledby="about"><h2 id="about">About this check</h2><dl class="about small">${[
    fact('Site', report.site),
    fact('From', report.from),
    fact('Begun', timed(report.startedAt)),
    fact('Took', durationOf(report.durationMs)),
    fact('Client imitated', report.imitates),
    fact('Rights used', report.rights.join(', ')),
    fact('Cloud', context.cloud),
    fact('Domain', context.domain),
    fact('Names mapped', mapped.length === 0 ? 'none' : mapped.join('; ')),
    fact('Own CAs trusted', context.trusted.length === 0 ? 'none' : context.trusted.join(', ')),
    fact('Catalog', report.catalog.asOf),
    fact('Sources', html`<ul>${sources.map((source) => html`<li>${source}</li>`)}</ul>`),
  ]}</dl></section>`
}

/** Whose turn it is, and for what: the lines that are copied into a ticket. */
function nextSteps(flows: readonly FlowReport[], report: CheckReport): Html {
  const open = groupsOf(flows)
  const byOwner = Map.groupBy(open, ([[{ owner = 'tool' }]]) => owner)
  const owners = [...byOwner].map(([owner, theirs]) => {
    const steps = new Set(theirs.map((group) => ticketOf(group)))
    return html`<div><dt>${owner}</dt><dd><ul>${[...steps].map((step) => html`<li>${step}</li>`)}</ul></dd></div>`
  })
  const last =
    open.length > 0
      ? 'Once mended, run the same check again with --compare and the JSON of this one: it says what changed.'
      : report.summary.requiredNotProven > 0
        ? 'What was not run gives its reason above: settle it, then run the same check again.'
        : 'Keep the JSON of this check: a later one compares with it.'
  return html`<section aria-labelledby="next"><h2 id="next">Next</h2><div class="next">${
    owners.length === 0 ? undefined : html`<dl>${owners}</dl>`
  }<p>${last}</p></div></section>`
}

/** A place that is alike is no step of its own: how many there are says enough. */
function ticketOf(group: Group): string {
  const [[{ fix, nextProbe, says }], ...others] = group
  const step = fix ?? nextProbe ?? says
  return isFixEach(group) ? `${step}; and so for ${countOf(others.length, 'place')} more, listed above` : step
}

function timed(iso: string): Html {
  return html`<time datetime="${iso}">${timeOf(iso)}</time>`
}

import type { Flow, Phase } from '../../model/flow.ts'
import type { PlanReport } from '../../model/report.ts'
import { checkHtmlPage } from './checkHtmlPage.ts'
import type { Drawing } from './flowPicture.ts'
import { flowPicture } from './flowPicture.ts'
import { countOf, groupBy, mappedNames, nameOf, portOf, throughOf } from './flowWords.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import { needMark, needMarkDefinitions, placedNeedMark } from './needMarks.ts'
import type { Need } from './needs.ts'
import { needOf, needOrder, needs } from './needs.ts'
import type { Opening } from './planGroups.ts'
import {
  dialRemarksOf,
  mostNeededOf,
  phaseOf,
  planGroups,
  reasonsOf,
  sharedOpenings,
  sourcesOf,
  unsettledFacts,
} from './planGroups.ts'

/**
 * A plan as one page of HTML that needs nothing else: a picture of who reaches what, then every opening by who opens it,
 * what stays on one host, what must stay closed, what is to be settled, and the pages that it all comes from. To be
 * read on a screen of any width, by keyboard or screen reader, and on paper; there is no script in it.
 */
export function planHtml(report: PlanReport): string {
  const { open, local, closed } = planGroups(report.flows)
  const drawn = [...open.flatMap(({ flows }) => flows), ...closed]
  const body = html`<a class="skip" href="#open">Skip to the openings</a>
${needMarkDefinitions()}
${header(report, drawn.length - closed.length)}
<nav aria-label="Sections"><ul>${[
    drawn.length === 0 ? undefined : html`<li><a href="#picture">Picture</a></li>`,
    html`<li><a href="#open">What to open</a></li>`,
    local.length === 0 ? undefined : html`<li><a href="#local">On one host</a></li>`,
    closed.length === 0 ? undefined : html`<li><a href="#closed">Must stay closed</a></li>`,
    unsettledFacts(report.flows).size === 0 ? undefined : html`<li><a href="#settle">To be settled</a></li>`,
    html`<li><a href="#about">About this plan</a></li>`,
  ]}</ul></nav>
<main>
${drawn.length === 0 ? undefined : picture(drawn)}
<section aria-labelledby="open"><h2 id="open">What to open</h2>
${open.length === 0 ? html`<p>Nothing: no role of this site opens a flow. Give hosts their roles and switch features on in the site file.</p>` : undefined}
${open.map(({ from, roles, flows }) => openings(`${from}${roles.length === 0 ? '' : ` (${roles.join(', ')})`}`, flows))}
</section>
${section('local', 'On one host: open no rule', local)}
${section('closed', 'Must stay closed', closed)}
${settle(report.flows)}
${about(report)}
</main>
<footer class="small"><p>Postern ${report.postern}. The same plan for programs: <code>postern plan --json</code>; as a change request: <code>postern plan --format markdown</code>.</p></footer>`
  return checkHtmlPage({ title: `${report.site}: the planned flows`, postern: report.postern, body, style })
}

/** On paper the reasons stay: they are what the reader signs for. */
const style = `${needOrder.map((need) => `.need-${need}{color:var(--${needs[need].ink})}`).join('\n')}
.reasons li+li,.targets li+li{margin-top:4px}
.col-to{width:40%}
.col-when{width:7em}
@media screen and (max-width:700px){.col-to,.col-when{width:auto}}
`

function header(report: PlanReport, toOpen: number): Html {
  const mapped = mappedNames(report.names)
  const counts = needOrder.flatMap((need) => {
    const count = report.flows.filter((flow) => needOf(flow) === need).length
    return count === 0 ? [] : [html`<li><strong>${count}</strong> ${badge(need)}</li>`]
  })
  return html`<header>
<p class="kicker">Postern plan</p>
<h1>${report.site}</h1>
<p class="headline">${countOf(toOpen, 'flow')} to open, ${report.summary.mustBeClosed} that must stay closed</p>
<p class="origin">Cloud ${report.cloud}; features: ${report.features.join(', ') || 'none'}; catalog of ${report.catalog.asOf}</p>
${mapped.length === 0 ? undefined : html`<p class="origin">Names mapped: ${mapped.map((name, at) => html`${at === 0 ? '' : '; '}<code>${name}</code>`)}</p>`}
${counts.length === 0 ? undefined : html`<ul class="counts" aria-label="Counts">${counts}</ul>`}
</header>`
}

const drawing: Drawing<Need, Flow> = {
  order: needOrder,
  lookOf: needOf,
  colourOf: (need) => `need-${need}`,
  lineOf: (need) => (need === 'required' ? 'well' : need === 'closed' ? 'failed' : 'doubtful'),
  wordOf: (need) => (need === 'required' ? undefined : needs[need].label),
  mark: placedNeedMark,
  rest: 'with required flows only',
}

function picture(flows: readonly Flow[]): Html {
  const present = new Set(flows.map(needOf))
  const legend = needOrder
    .filter((need) => present.has(need))
    .map((need) => html`<li>${badge(need)} <span class="quiet">${needs[need].means}</span></li>`)
  return html`<section aria-labelledby="picture"><h2 id="picture">Who reaches what</h2><ul class="legend small">${legend}</ul><div class="pictures">${flowPicture(flows, drawing)}</div></section>`
}

function badge(need: Need): Html {
  return html`<span class="badge need-${need}">${needMark(need)}${needs[need].label}</span>`
}

function section(id: string, title: string, flows: readonly Flow[]): Html | undefined {
  if (flows.length === 0) return undefined
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${[...groupBy(flows, ({ from }) => from)].map(([from, ofOne]) => openings(from, ofOne))}</section>`
}

/**
 * One row for all openings of one reason: a name list is read as one thing. The roles repeat what the elements mean: on
 * a narrow screen the cells become blocks, and some readers then forget.
 */
function openings(caption: string, flows: readonly Flow[]): Html {
  const shared = sharedOpenings(flows)
  const rows = [...groupBy(shared, likenessOf).values()]
  const addresses = flows[0]?.fromAddresses ?? []
  return html`<table role="table"><caption>${caption}: ${countOf(shared.length, 'opening')}${addresses.length === 0 ? undefined : html`, source <code>${addresses.join(', ')}</code>`}</caption><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="col-verdict">Need</th><th role="columnheader" scope="col" class="col-to">To</th><th role="columnheader" scope="col">What for</th><th role="columnheader" scope="col" class="col-when">When</th></tr></thead><tbody role="rowgroup">${rows.map(tableRow)}</tbody></table>
`
}

/** Openings that differ in nothing but where they lead. */
function likenessOf(opening: Opening): string {
  return JSON.stringify([mostNeededOf(opening), phaseOf(opening), opening.map((flow) => [flow.flow, reasonsOf(flow)])])
}

function tableRow(alike: readonly Opening[]): Html | undefined {
  const [opening] = alike
  if (opening === undefined) return undefined
  const phase = phaseOf(opening)
  const reasons = opening.map((flow) => html`<li><code>${flow.flow}</code> ${reasonsOf(flow).join('; ')}</li>`)
  return html`<tr role="row"><td role="cell">${badge(mostNeededOf(opening))}</td><th role="rowheader" scope="row"><ul class="targets">${alike.map(targetItem)}</ul></th><td role="cell"><ul class="reasons">${reasons}</ul></td><td role="cell">${phase === undefined ? '' : phaseWords[phase]}</td></tr>
`
}

function targetItem(opening: Opening): Html {
  const [{ to, target, via }] = opening
  const remarks = [...new Set(opening.flatMap(dialRemarksOf))]
  const where = target.address === undefined || target.address === nameOf(target) ? to : `${to} ${target.address}`
  const through = via === undefined ? '' : throughOf({ via })
  return html`<li><code>${portOf(target)}</code> <span class="name">${nameOf(target)}</span> <span class="quiet small">${[where + through, ...remarks].join('; ')}</span></li>`
}

const phaseWords: Readonly<Record<Phase, string>> = {
  setup: 'set-up',
  runtime: 'daily',
  'setup+runtime': 'set-up and daily',
}

function settle(flows: readonly Flow[]): Html | undefined {
  const facts = unsettledFacts(flows)
  if (facts.size === 0) return undefined
  return html`<section aria-labelledby="settle"><h2 id="settle">To be settled</h2><div class="next"><p>The site file does not say whether these hold; the flows beside them are needed only if they do. Say true or false under <code>facts:</code>.</p><ul>${[
    ...facts,
  ].map(
    ([fact, ids]) =>
      html`<li><code>${fact}</code>: ${ids.map((id, at) => html`${at === 0 ? '' : ', '}<code>${id}</code>`)}</li>`,
  )}</ul></div></section>`
}

function about(report: PlanReport): Html {
  const sources = sourcesOf(report.flows).map(
    ({ source, ids }) => html`<li>${source}: ${countOf(ids.length, 'row')}</li>`,
  )
  return html`<section aria-labelledby="about"><h2 id="about">About this plan</h2><dl class="about small"><div><dt>Requirements</dt><dd>as Microsoft publishes them, catalog of ${report.catalog.asOf}, and the flows of the site file</dd></div>${
    sources.length === 0 ? undefined : html`<div><dt>Sources</dt><dd><ul>${sources}</ul></dd></div>`
  }</dl></section>`
}

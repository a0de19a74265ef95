import type { AuditFlowReport, AuditPart, AuditReport } from '../../model/auditReport.ts'
import type { Finding } from '../../model/finding.ts'
import { auditFindingsTold } from './auditFindingsTold.ts'
import type { AuditGroup, SharedFlow } from './auditGroups.ts'
import {
  auditGroups,
  groupDepends,
  groupFix,
  groupHead,
  groupRule,
  mostDepends,
  needWord,
  placeOfFlow,
} from './auditGroups.ts'
import {
  auditHeadline,
  auditNextStep,
  auditSummaryWords,
  coverageWords,
  deviceWords,
  tableWords,
  unreadWords,
} from './auditHeadline.ts'
import { wireCountWords, wireOriginWords } from './auditOnWire.ts'
import { partPath } from './auditPath.ts'
import type { AuditLook } from './auditStanding.ts'
import { auditLookOf, auditLookOrder, auditLooks } from './auditStanding.ts'
import { checkHtmlPage } from './checkHtmlPage.ts'
import { countOf, durationOf, mappedNames, portOf, throughOf, timeOf } from './flowWords.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import type { Page } from './page.ts'
import { verdictMark, verdictMarkDefinitions } from './verdictMarks.ts'

/**
 * An audit as one page of HTML that needs nothing else: each rule that keeps flows from passing as they must, with its
 * flows and their way device by device; the findings; then every flow that is well, what was not judged, and what was
 * not understood. To be read on a screen of any width, by keyboard or screen reader, and on paper; there is no script in it.
 */
export function auditHtml(report: AuditReport, { again }: Pick<Page, 'again'> = {}): string {
  const groups = auditGroups(report.flows)
  const bad = groups.filter(({ look }) => auditLooks[look].standing !== 'well')
  const well = groups.filter(({ look }) => auditLooks[look].standing === 'well')
  const findings = auditFindingsTold(report)
  const hasAction = bad.length + findings.length > 0
  const body = html`<a class="skip" href="#coverage">Skip to what was understood</a>
${verdictMarkDefinitions()}
${header(report)}
<nav aria-label="Sections"><ul>${[
    hasAction ? html`<li><a href="#action">Needs action</a></li>` : undefined,
    well.length === 0 ? undefined : html`<li><a href="#well">As it must be</a></li>`,
    report.notJudged.length === 0 ? undefined : html`<li><a href="#left">Not judged</a></li>`,
    html`<li><a href="#coverage">What was understood</a></li>`,
    html`<li><a href="#about">About this audit</a></li>`,
    html`<li><a href="#next">Next</a></li>`,
  ]}</ul></nav>
<main>
${hasAction ? html`<section aria-labelledby="action"><h2 id="action">Needs action</h2><div class="cards">${bad.map(card)}${findings.map(findingCard)}</div></section>` : undefined}
${well.length === 0 ? undefined : html`<section aria-labelledby="well"><h2 id="well">As it must be</h2>${wellTables(well)}</section>`}
${notJudged(report)}
${coverage(report)}
${about(report)}
<section aria-labelledby="next"><h2 id="next">Next</h2><div class="next"><p>${auditNextStep(report, again)}</p></div></section>
</main>
<footer class="small"><p>Postern ${report.postern}. The same report for programs: <code>postern audit --json</code>.</p></footer>`
  const title = `${report.site} audited, ${timeOf(report.startedAt)}`
  return checkHtmlPage({ title, postern: report.postern, body, style })
}

const style = `.decided-flows{margin-top:10px}
.decided-flows>li{padding:2px 0}
`

function header(report: AuditReport): Html {
  const { look, words } = auditHeadline(report)
  const headline = words.charAt(0).toUpperCase() + words.slice(1)
  const mapped = mappedNames(report.names)
  const counted = auditLookOrder.flatMap((one) => {
    const count = report.flows.filter((flow) => auditLookOf(flow) === one).length
    return count === 0 ? [] : [html`<li><strong>${count}</strong> ${badge(one)}</li>`]
  })
  const left = report.summary.notJudged
  return html`<header>
<p class="kicker">Postern audit</p>
<h1>${report.site}</h1>
<p class="headline">${look === undefined ? html`${headline}` : html`<span class="look-${auditLooks[look].like}">${verdictMark(auditLooks[look].like)} ${headline}</span>`}</p>
<p class="origin"><time datetime="${report.startedAt}">${timeOf(report.startedAt)}</time>, took ${durationOf(report.durationMs)}; catalog of ${report.catalog.asOf}; ${coverageWords(report)}</p>
${mapped.length === 0 ? undefined : html`<p class="origin">Names mapped: ${mapped.map((name, at) => html`${at === 0 ? '' : '; '}<code>${name}</code>`)}</p>`}
${report.interrupted ? html`<p class="headline look-degraded">Stopped before its end: what was not judged is not in it.</p>` : undefined}
${
  counted.length + left === 0
    ? undefined
    : html`<ul class="counts" aria-label="Counts">${counted}${left === 0 ? undefined : html`<li><strong>${left}</strong> not judged</li>`}</ul>`
}
</header>`
}

function badge(look: AuditLook): Html {
  const { like, label } = auditLooks[look]
  return html`<span class="badge look-${like}">${verdictMark(like)}${label}</span>`
}

/** One rule with the flows that it decides; the way of each unfolds. */
function card(group: AuditGroup): Html {
  const { look, step, shared } = group
  const depends = groupDepends(group)
  const isOpen = depends.length > 0
  const [[flow]] = shared
  const flows = shared.flat().length
  const place = step?.file === undefined ? undefined : `${step.file}${step.line === undefined ? '' : `:${step.line}`}`
  return html`<article class="card look-${auditLooks[look].like}">
<h3>${badge(look)} <span class="name">${groupHead(group)}</span> <span>${countOf(flows, 'flow')}</span></h3>
${isOpen ? undefined : html`<p class="says">${flow.says}</p>`}
<dl class="facts small">${[
    fact('Fix', groupFix(group), 'wide do'),
    fact('Rule', isOpen && step !== undefined ? groupRule(group) : undefined),
    fact('Line', place === undefined ? undefined : html`<code>${place}</code>`),
    fact('Stage', step?.stage),
    fact('Text', step?.text === undefined ? undefined : html`<code>${step.text}</code>`, 'wide'),
    fact('Depends', depends.length > mostDepends ? depends.join('; ') : undefined, 'wide'),
  ]}</dl>
<ul class="decided-flows small">${shared.map((same) => html`<li>${flowItem(same)}</li>`)}</ul>
</article>`
}

function fact(name: string, value: Html | string | undefined, look?: 'wide' | 'wide do'): Html | undefined {
  if (value === undefined) return undefined
  return html`<div${look === undefined ? undefined : html` class="${look}"`}><dt>${name}</dt><dd>${value}</dd></div>`
}

function flowItem(shared: SharedFlow): Html {
  const [flow] = shared
  return html`<code>${portOf(flow.target)}</code> <span class="name">${placeOfFlow(flow)}</span> from ${flow.from}${throughOf(flow)} <span class="quiet">${ids(shared)}</span>${way(flow)}`
}

function ids(shared: SharedFlow): readonly Html[] {
  return shared.map(
    ({ flow, expect, necessity }, at) =>
      html`${at === 0 ? '' : ', '}<code>${flow}</code> (${expect === 'closed' ? 'must be closed' : needWord(necessity)})`,
  )
}

/** So many parts of one flow are shown. */
const mostParts = 12

/** The way of a flow, device by device; folded until it is asked for. */
function way(flow: AuditFlowReport): Html | undefined {
  if (flow.parts.length === 0) return undefined
  const rest = flow.parts.length - mostParts
  return html`<details><summary>Way<span class="hidden">, of ${portOf(flow.target)} ${placeOfFlow(flow)} from ${flow.from}</span></summary>${flow.parts
    .slice(0, mostParts)
    .map((part) =>
      partWay(flow, part),
    )}${rest > 0 ? html`<p class="small">and ${countOf(rest, 'part')} more, in the JSON</p>` : undefined}</details>`
}

function partWay(flow: AuditFlowReport, part: AuditPart): Html {
  const { from, stops, to, end, dependsOn } = partPath(flow, part)
  const steps = stops.map(
    ({ device, passage, steps: met }) =>
      html`<li><span class="decided">${device}</span>, ${passage}${
        met.length === 0
          ? undefined
          : html`<ul class="particulars quiet">${met.map(({ does, rule, place }) => html`<li>${does}: ${rule}${place === '' ? undefined : html` <code>${place}</code>`}</li>`)}</ul>`
      }</li>`,
  )
  return html`<ol class="steps small"><li>from <code>${from}</code></li>${steps}<li>${badge(part.verdict)} <code>${to}</code>: ${end}${
    dependsOn.length === 0 ? undefined : html`; depends on ${dependsOn.join('; ')}`
  }</li></ol>`
}

function findingCard({ code, severity, what, why, next, where: { file, line } }: Finding): Html {
  const look = severity === 'critical' || severity === 'high' ? 'blocked' : 'degraded'
  const place = file === undefined ? undefined : html`<code>${file}${line === undefined ? '' : `:${line}`}</code>`
  return html`<article class="card look-${look}"><h3>${what}</h3><p class="says">${why}</p><dl class="facts small">${fact('Next', next, 'wide do')}${fact('Line', place)}${fact('Finding', html`<code>${code}</code>`)}${fact('Severity', severity)}</dl></article>`
}

/** The roles repeat what the elements mean: on a narrow screen the cells become blocks, and some readers then forget. */
function wellTables(groups: readonly AuditGroup[]): readonly Html[] {
  return [...Map.groupBy(groups, ({ look }) => look)].map(([look, ofLook]) => {
    const shared = ofLook.flatMap((group) => group.shared)
    return html`<table role="table"><caption>${auditLooks[look].label}: ${countOf(shared.flat().length, 'flow')}</caption><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="col-verdict">Verdict</th><th role="columnheader" scope="col" class="col-flow">Flow</th><th role="columnheader" scope="col">By which rule</th></tr></thead><tbody role="rowgroup">${shared.map(wellRow)}</tbody></table>
`
  })
}

function wellRow(shared: SharedFlow): Html {
  const [flow] = shared
  return html`<tr role="row"><td role="cell">${badge(auditLookOf(flow))}</td><th role="rowheader" scope="row"><code>${portOf(flow.target)}</code> <span class="name">${placeOfFlow(flow)}</span> from ${flow.from}${throughOf(flow)}<br><span class="quiet small">${ids(shared)}</span></th><td role="cell">${flow.says}${way(flow)}</td></tr>
`
}

function notJudged({ notJudged: left, summary }: AuditReport): Html | undefined {
  if (left.length === 0) return undefined
  return html`<section aria-labelledby="left"><h2 id="left">Not judged: ${countOf(summary.notJudged, 'flow')}</h2><div class="next"><ul>${left.map(
    ({ why, add, flows, count }) =>
      html`<li><strong>${countOf(count, 'flow')}:</strong> ${why}. Add ${add}. <span class="quiet small">${flows.map((id, at) => html`${at === 0 ? '' : ', '}<code>${id}</code>`)}</span></li>`,
  )}</ul></div></section>`
}

function coverage(report: AuditReport): Html {
  const { unread, statements, understood } = report.coverage
  const hidden = statements - understood - unread.length
  return html`<section aria-labelledby="coverage"><h2 id="coverage">What was understood</h2><div class="next"><p>${coverageWords(report)}</p>${
    unread.length === 0
      ? undefined
      : html`<ul class="small">${unread.map((line) => html`<li><code>${unreadWords(line)}</code></li>`)}${hidden > 0 ? html`<li>and ${hidden} more</li>` : undefined}</ul>`
  }</div></section>`
}

function about(report: AuditReport): Html {
  return html`<section aria-labelledby="about"><h2 id="about">About this audit</h2><dl class="about small">${[
    fact('Site', report.site),
    fact('Read', html`<ul>${deviceWords(report).map((device) => html`<li>${device}</li>`)}</ul>`),
    fact('Addresses by', report.tables.length === 0 ? 'the catalog and the site file' : tableWords(report).join(', ')),
    fact('Counts', auditSummaryWords(report)),
    fact(
      'On the wire',
      report.wire === undefined ? undefined : `${wireOriginWords(report.wire)}: ${wireCountWords(report.wire)}`,
    ),
    fact('Catalog', report.catalog.asOf),
  ]}</dl></section>`
}

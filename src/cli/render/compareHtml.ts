import type { CompareReport, FlowChange } from '../../model/report.ts'
import type { ChangeGroup } from './changeGroups.ts'
import { changeGroups } from './changeGroups.ts'
import { checkHtmlPage } from './checkHtmlPage.ts'
import type { Change } from './compareWords.ts'
import {
  andMore,
  changeOrder,
  changeWords,
  compareNotes,
  compareSummary,
  isTrouble,
  nextStepAfter,
  originWords,
  stillFailingWords,
  whyNotAsked,
  withIt,
} from './compareWords.ts'
import { countOf, dialledOf, portOf } from './flowWords.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import { lookOf, looks } from './standing.ts'
import { verdictMark, verdictMarkDefinitions } from './verdictMarks.ts'

/**
 * Two checks side by side as one page of HTML: what changed, the worst first, and nothing else. What fails as it did
 * before is no change; it is counted and named in one line each, so that an empty page is not read as a healthy site.
 */
export function compareHtml(report: CompareReport): string {
  const { after } = report
  const body = html`<a class="skip" href="#changes">Skip to the changes</a>
${verdictMarkDefinitions()}
${header(report)}
<main>
<section aria-labelledby="changes"><h2 id="changes">What changed</h2>
${report.changes.length === 0 ? nothing(report) : changeOrder.map((change) => changeTable(change, report.changes))}
</section>
${stillFailing(report)}
<section aria-labelledby="next"><h2 id="next">Next</h2><div class="next"><p>${nextStepAfter(report)}</p></div></section>
</main>
<footer class="small"><p>Postern ${report.postern}. The same comparison for programs: <code>postern check --compare before.json --json</code>.</p></footer>`
  const title = `${after.site} from ${after.from}: what changed`
  return checkHtmlPage({ title, postern: report.postern, body, style })
}

const style = `.differences li+li{margin-top:4px}
caption .quiet{font-weight:400}
.col-verdict{width:11em}
`

function header(report: CompareReport): Html {
  const { summary, stillFailing: failing, notAsked = [], before, after } = report
  const [look, words] =
    summary.broke > 0
      ? (['blocked', `${countOf(summary.broke, 'flow')} broke`] as const)
      : report.changes.length > 0
        ? (['degraded', 'Nothing broke, and not all is as it was'] as const)
        : failing.length > 0
          ? ([
              'degraded',
              `Nothing changed; ${countOf(failing.length, 'flow is', 'flows are')} not well, as before`,
            ] as const)
          : (['open', 'Nothing changed'] as const)
  const counts = changeOrder
    .filter((change) => summary[change] > 0)
    .map((change) => html`<li><strong>${summary[change]}</strong> ${badge(change)}</li>`)
  return html`<header>
<p class="kicker">Postern comparison</p>
<h1>${after.site}, from ${after.from}</h1>
<p class="headline"><span class="look-${look}">${verdictMark(look)} ${words}</span></p>
<p class="origin">Before: ${originWords(before)}<br>After: ${originWords(after)}</p>
${compareNotes(report).map((note) => html`<p class="origin look-degraded">Note: ${note}.</p>`)}
<ul class="counts" aria-label="Counts">${counts}<li><strong>${summary.same}</strong> as before</li>${
    notAsked.length === 0
      ? undefined
      : html`<li><strong>${notAsked.length}</strong> not asked this time: ${whyNotAsked}</li>`
  }</ul>
</header>`
}

function badge(change: Change): Html {
  const { title, look } = changeWords[change]
  return html`<span class="badge look-${look}">${verdictMark(look)}${title}</span>`
}

function nothing(report: CompareReport): Html {
  return html`<div class="next"><p>In short: ${compareSummary(report)}. Verdicts, causes, addresses, certificates and times were held against each other; times count when they differ threefold and by 50 ms.</p></div>`
}

/** The roles repeat what the elements mean: on a narrow screen the cells become blocks, and some readers then forget. */
function changeTable(change: Change, changes: readonly FlowChange[]): Html | undefined {
  const own = changes.filter((each) => each.change === change)
  if (own.length === 0) return undefined
  const { title, means } = changeWords[change]
  return html`<table role="table"><caption>${title}: ${countOf(own.length, 'flow')} <span class="quiet small">${means}</span></caption><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="col-verdict">Now</th><th role="columnheader" scope="col" class="col-flow">Flow</th><th role="columnheader" scope="col">What changed</th></tr></thead><tbody role="rowgroup">${changeGroups(own).map(tableRow)}</tbody></table>
`
}

function tableRow({ first: each, others, isFixEach }: ChangeGroup): Html | undefined {
  const flow = each.after ?? each.before
  if (flow === undefined) return undefined
  const now = each.after === undefined ? undefined : lookOf(each.after)
  const need = flow.expect === 'closed' ? 'must be closed' : flow.necessity
  const told = isTrouble(each)
  return html`<tr role="row"><td role="cell">${
    now === undefined
      ? html`<span class="quiet">not in the later report</span>`
      : html`<span class="badge look-${now}">${verdictMark(now)}${looks[now].label}</span>`
  }</td><th role="rowheader" scope="row"><code>${portOf(flow.target)}</code> <span class="name">${dialledOf(flow.target)}</span>${andMore(others)}<br><span class="quiet small"><code>${flow.flow}</code>, ${need}: ${flow.purpose}</span></th><td role="cell"><ul class="differences">${[
    ...each.differences.map((difference) => html`<li>${difference}</li>`),
    told ? html`<li>${flow.says}</li>` : undefined,
    told && flow.fix !== undefined
      ? html`<li><strong>Fix: ${flow.fix}${isFixEach ? '; and so for each place below' : ''}</strong></li>`
      : undefined,
    others.length === 0
      ? undefined
      : html`<li>With it:<ul class="small">${others.map((other) => withItRow(each, other))}</ul></li>`,
  ]}</ul></td></tr>
`
}

function withItRow(first: FlowChange, other: FlowChange): Html {
  const { place, flow, differences } = withIt(first, other)
  return html`<li><code>${place}</code> <span class="quiet">${[flow, ...differences].join('; ')}</span></li>`
}

function stillFailing(report: CompareReport): Html | undefined {
  const lines = stillFailingWords(report)
  if (lines.length === 0) return undefined
  return html`<section aria-labelledby="still"><h2 id="still">As before, and not well</h2><div class="next"><ul>${lines.map((line) => html`<li>${line}</li>`)}</ul></div></section>`
}

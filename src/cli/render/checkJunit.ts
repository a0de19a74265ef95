import type { Finding } from '../../model/finding.ts'
import type { CheckReport, FlowReport, Timing } from '../../model/report.ts'
import { dialledOf, durationOf, groupBy, mappedNames, nameOf, phasesOf, portOf } from './flowWords.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import type { JunitCase as Case, JunitOutcome as Outcome } from './junitPieces.ts'
import { classNameOf, counts, element, lines, seconds } from './junitPieces.ts'
import { roleWords, stepOf } from './observationWords.ts'
import { graveFindings, otherFindings } from './otherFindings.ts'
import type { Look } from './standing.ts'
import { lookOf, looks, standingOf } from './standing.ts'
import { summaryWords } from './summaryWords.ts'

/**
 * A check as JUnit's XML, as Jenkins and its like read it: a suite for each table of the catalog, a test for each flow.
 * Red is what makes the check's exit code 1: a required flow that fails or is unknown, and one that must be closed and
 * is open. What fails and is not required is skipped, with what was found as its reason, so that the two never disagree.
 */
export function checkJunit(report: CheckReport): string {
  const told = report.flows.filter((flow) => standingOf(flow) === 'failed' || standingOf(flow) === 'doubtful')
  const others = [...graveFindings(report.findings), ...otherFindings(report.findings, told)]
  const suites = [
    ...[...groupBy(report.flows, ({ from, table }) => `${from}: ${tableWords(table)}`)].map(([name, flows]) =>
      suite(name, report, flowCases(name, flows)),
    ),
    ...(others.length === 0 ? [] : [suite(`${report.from}: findings`, report, others.map(findingCase(report)))]),
  ]
  const cases = suites.flatMap((each) => each.cases)
  return html`${{ markup: '<?xml version="1.0" encoding="UTF-8"?>' }}
<testsuites name="postern check of ${report.site} from ${report.from}" ${counts(cases)} time="${seconds(report.durationMs)}">
${suites.map(({ markup }) => markup)}</testsuites>
`.markup
}

/** The catalog numbers some of its tables, as Microsoft's page does, and names the others. */
function tableWords(table: string): string {
  if (table === 'own') return 'own flows'
  return /^\d/.test(table) ? `table ${table}` : table
}

function suite(name: string, report: CheckReport, cases: readonly Case[]): { cases: readonly Case[]; markup: Html } {
  const time = cases.reduce((sum, { ms }) => sum + ms, 0)
  const begun = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.exec(report.startedAt)?.[0]
  const mapped = mappedNames(report.context.names)
  const properties = [
    ['site', report.site],
    ['from', report.from],
    ['postern', report.postern],
    ['catalog', report.catalog.asOf],
    ['imitates', report.imitates],
    ...(mapped.length === 0 ? [] : [['names', mapped.join('; ')]]),
    ['interrupted', String(report.interrupted)],
    ['summary', summaryWords(report)],
  ].map(
    ([key, value]) => html`      <property name="${key}" value="${value}"/>
`,
  )
  return {
    cases,
    markup: html`  <testsuite name="${name}" ${counts(cases)} time="${seconds(time)}"${
      begun === undefined ? undefined : html` timestamp="${begun}"`
    } hostname="${report.from}">
    <properties>
${properties}    </properties>
${cases.map(({ markup }) => markup)}  </testsuite>
`,
  }
}

/** The name of a test is the same in every run, so that its history holds; two of one name get their addresses. */
function flowCases(name: string, flows: readonly FlowReport[]): readonly Case[] {
  const plainName = ({ flow, target }: FlowReport) => `${flow} ${portOf(target)} ${nameOf(target)}`
  const longName = (flow: FlowReport) => `${plainName(flow)} ${flow.target.address ?? flow.to}`
  const shared = groupBy(flows, plainName)
  return flows.map((flow) => {
    const alone = shared.get(plainName(flow))?.length === 1
    return flowCase(name, alone ? plainName(flow) : longName(flow), flow)
  })
}

function flowCase(suiteName: string, name: string, flow: FlowReport): Case {
  const outcome = outcomeOf(flow)
  const look = lookOf(flow)
  const ms = msOf(flow.timing)
  const message = messageOf(flow, look, outcome)
  const type = flow.cause ?? (look === 'forbidden' ? 'forbidden-flow-open' : 'undetermined')
  const result =
    outcome === 'passed'
      ? undefined
      : outcome === 'skipped'
        ? html`      <skipped message="${message}"/>
`
        : { markup: element(outcome, message, type, detailsOf(flow)) }
  const output = html`      <system-out>${lines(outcome === 'failure' || outcome === 'error' ? [] : detailsOf(flow))}${lines(evidenceOf(flow))}</system-out>
`
  return {
    outcome,
    ms,
    markup: html`    <testcase classname="${classNameOf(suiteName)}" name="${name}" time="${seconds(ms)}">
${result}${output}    </testcase>
`,
  }
}

function outcomeOf(flow: FlowReport): Outcome {
  const look = lookOf(flow)
  switch (look) {
    case 'open':
    case 'closed':
    case 'degraded':
      return 'passed'
    case 'forbidden':
      return 'failure'
    case 'blocked':
    case 'wrong':
      return flow.necessity === 'required' ? 'failure' : 'skipped'
    case 'unknown':
      return flow.necessity === 'required' && flow.expect === 'open' ? 'error' : 'skipped'
    case 'not-run':
    case 'not-required':
      return 'skipped'
    default:
      return look satisfies never
  }
}

function messageOf({ says, necessity, expect }: FlowReport, look: Look, outcome: Outcome): string {
  if (outcome !== 'skipped') return says
  const need = expect === 'closed' ? 'must be closed' : necessity === 'conditional' ? 'not settled' : necessity
  return `${looks[look].label} (${need}): ${says}`
}

function detailsOf(flow: FlowReport): readonly string[] {
  return [
    `${looks[lookOf(flow)].label}: ${portOf(flow.target)} ${dialledOf(flow.target)}`,
    flow.says,
    ...(flow.fix === undefined ? [] : [`fix: ${flow.fix}`]),
    ...(flow.nextProbe === undefined ? [] : [`next: ${flow.nextProbe}`]),
    ...(flow.cause === undefined ? [] : [`cause: ${flow.cause}`]),
    ...(flow.owner === undefined ? [] : [`owner: ${flow.owner}`]),
    `confidence: ${flow.confidence}`,
    ...(flow.alternatives.length === 0 ? [] : [`not excluded: ${flow.alternatives.join(', ')}`]),
    `flow: ${flow.flow} (${flow.expect === 'closed' ? 'must be closed' : flow.necessity}): ${flow.purpose}`,
  ]
}

function evidenceOf({ evidence }: FlowReport): readonly string[] {
  return evidence.map((seen) => {
    const { did, came } = stepOf(seen)
    return `${seen.id} ${roleWords(seen)}: ${did}: ${came}, ${durationOf(seen.ms)}`
  })
}

const findingCase =
  (report: CheckReport) =>
  ({ code, severity, what, why, next }: Finding): Case => {
    const bad = severity === 'critical' || severity === 'high'
    const body = [`severity: ${severity}`, why, `next: ${next}`]
    const result = bad
      ? { markup: element('failure', what, code, body) }
      : html`      <skipped message="${severity}: ${what}"/>
      <system-out>${lines(body)}</system-out>
`
    return {
      outcome: bad ? 'failure' : 'skipped',
      ms: 0,
      markup: html`    <testcase classname="${classNameOf(`${report.from}: findings`)}" name="${code} ${what}" time="0.000">
${result}    </testcase>
`,
    }
  }

function msOf(timing: Timing): number {
  return phasesOf(timing).reduce((sum, { ms }) => sum + ms, 0)
}

import type { AuditFlowReport, AuditReport } from '../../model/auditReport.ts'
import type { Finding } from '../../model/finding.ts'
import { auditFindingsTold } from './auditFindingsTold.ts'
import { needWord, placeOfFlow } from './auditGroups.ts'
import { auditSummaryWords, coverageWords } from './auditHeadline.ts'
import { wireCountWords, wireOriginWords } from './auditOnWire.ts'
import { auditLookOf, auditLooks } from './auditStanding.ts'
import { groupBy, nameOf, portOf, throughOf } from './flowWords.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import type { JunitCase, JunitOutcome } from './junitPieces.ts'
import { classNameOf, counts, element, lines, seconds } from './junitPieces.ts'

/**
 * An audit as JUnit's XML: a suite for each end that opens flows, a test for each flow. Red is what makes the audit's
 * exit code 1: a required flow that is not allowed without reserve, and one that must be closed and is allowed. What is
 * not required is skipped, with what was found as its reason, and so is what was not judged.
 */
export function auditJunit(report: AuditReport): string {
  const findings = auditFindingsTold(report)
  const suites = [
    ...[...groupBy(report.flows, ({ from }) => from)].map(([from, flows]) =>
      suite(from, report, flowCases(from, flows)),
    ),
    ...(report.notJudged.length === 0 ? [] : [suite('not judged', report, notJudgedCases(report))]),
    ...(findings.length === 0 ? [] : [suite('findings', report, findings.map(findingCase))]),
  ]
  const cases = suites.flatMap((each) => each.cases)
  return html`${{ markup: '<?xml version="1.0" encoding="UTF-8"?>' }}
<testsuites name="postern audit of ${report.site}" ${counts(cases)} time="${seconds(report.durationMs)}">
${suites.map(({ markup }) => markup)}</testsuites>
`.markup
}

function suite(
  name: string,
  report: AuditReport,
  cases: readonly JunitCase[],
): { cases: readonly JunitCase[]; markup: Html } {
  const begun = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.exec(report.startedAt)?.[0]
  const properties = [
    ['site', report.site],
    ['postern', report.postern],
    ['catalog', report.catalog.asOf],
    ['coverage', coverageWords(report)],
    ['interrupted', String(report.interrupted)],
    ['summary', auditSummaryWords(report)],
    ...(report.wire === undefined
      ? []
      : [['wire', `${wireOriginWords(report.wire)}: ${wireCountWords(report.wire)}`] as const]),
  ].map(
    ([key, value]) => html`      <property name="${key}" value="${value}"/>
`,
  )
  return {
    cases,
    markup: html`  <testsuite name="${name}" ${counts(cases)} time="0.000"${
      begun === undefined ? undefined : html` timestamp="${begun}"`
    }>
    <properties>
${properties}    </properties>
${cases.map(({ markup }) => markup)}  </testsuite>
`,
  }
}

/** The name of a test is the same in every run, so that its history holds; two of one name get their addresses. */
function flowCases(name: string, flows: readonly AuditFlowReport[]): readonly JunitCase[] {
  const plainName = ({ flow, target }: AuditFlowReport) => `${flow} ${portOf(target)} ${nameOf(target)}`
  const shared = groupBy(flows, plainName)
  return flows.map((flow) => {
    const alone = shared.get(plainName(flow))?.length === 1
    return flowCase(name, alone ? plainName(flow) : `${plainName(flow)} ${flow.target.address ?? flow.to}`, flow)
  })
}

function flowCase(suiteName: string, name: string, flow: AuditFlowReport): JunitCase {
  const outcome = outcomeOf(flow)
  const need = flow.expect === 'closed' ? 'must be closed' : needWord(flow.necessity)
  const { label } = auditLooks[auditLookOf(flow)]
  const result =
    outcome === 'passed'
      ? undefined
      : outcome === 'skipped'
        ? html`      <skipped message="${label} (${need}): ${flow.says}"/>
`
        : { markup: element(outcome, flow.says, auditLookOf(flow), detailsOf(flow)) }
  const isRed = outcome === 'failure' || outcome === 'error'
  const output = isRed
    ? undefined
    : html`      <system-out>${lines(detailsOf(flow))}</system-out>
`
  return {
    outcome,
    ms: 0,
    markup: html`    <testcase classname="${classNameOf(suiteName)}" name="${name}" time="0.000">
${result}${output}    </testcase>
`,
  }
}

function outcomeOf(flow: AuditFlowReport): JunitOutcome {
  const look = auditLookOf(flow)
  const isNeeded = flow.expect === 'open' && flow.necessity === 'required'
  switch (look) {
    case 'allow':
    case 'closed':
      return 'passed'
    case 'forbidden':
      return 'failure'
    case 'misdirected':
    case 'deny':
    case 'no-path':
      return isNeeded ? 'failure' : 'skipped'
    case 'may':
    case 'unknown-ref':
      return isNeeded ? 'error' : 'skipped'
    default:
      return look satisfies never
  }
}

function detailsOf(flow: AuditFlowReport): readonly string[] {
  return [
    `${auditLooks[auditLookOf(flow)].label}: ${portOf(flow.target)} ${placeOfFlow(flow)} from ${flow.from}${throughOf(flow)}`,
    flow.says,
    ...flow.decidedBy.map(({ device, stage, rule, does, file, line }) => {
      const place = file === undefined ? '' : `, ${file}${line === undefined ? '' : `:${line}`}`
      return `${device}, ${stage}: ${rule} ${does}${place}`
    }),
    ...(flow.wire === undefined
      ? []
      : [`on the wire: ${flow.wire.verdict}, ${flow.wire.agreement}: ${flow.wire.says}`]),
    ...flow.dependsOn.map(({ what }) => `depends on ${what}`),
    ...(flow.fix === undefined ? [] : [`fix: ${flow.fix}`]),
    `flow: ${flow.flow} (${flow.expect === 'closed' ? 'must be closed' : flow.necessity}): ${flow.purpose}`,
  ]
}

function notJudgedCases({ notJudged }: AuditReport): readonly JunitCase[] {
  return notJudged.map(({ why, add, flows, count }) => ({
    outcome: 'skipped',
    ms: 0,
    markup: html`    <testcase classname="${classNameOf('not judged')}" name="${why}" time="0.000">
      <skipped message="${count} not judged: ${why}"/>
      <system-out>${lines([`add ${add}`, flows.join(', ')])}</system-out>
    </testcase>
`,
  }))
}

function findingCase({ code, severity, what, where: { file, line }, why, next }: Finding): JunitCase {
  const isBad = severity === 'critical' || severity === 'high'
  const place = file === undefined ? [] : [`at ${file}${line === undefined ? '' : `:${line}`}`]
  const body = [`severity: ${severity}`, ...place, why, `next: ${next}`]
  const result = isBad
    ? { markup: element('failure', what, code, body) }
    : html`      <skipped message="${severity}: ${what}"/>
      <system-out>${lines(body)}</system-out>
`
  return {
    outcome: isBad ? 'failure' : 'skipped',
    ms: 0,
    markup: html`    <testcase classname="${classNameOf('findings')}" name="${code} ${what}" time="0.000">
${result}    </testcase>
`,
  }
}

import { findingRows } from '../../check/findingRows.ts'
import { causeRows } from '../../diagnose/index.ts'
import type { CauseCode } from '../../model/cause.ts'
import { causeCodes } from '../../model/cause.ts'
import type { Finding } from '../../model/finding.ts'
import type { CheckReport } from '../../model/report.ts'
import { exitCodeOf } from '../exitCodeOf.ts'
import { json } from './json.ts'
import { graveFindings, otherFindings } from './otherFindings.ts'
import type { Page } from './page.ts'
import { plain } from './plain.ts'
import type { SarifFlowResult, SarifLevel, SarifPlace } from './sarifFlowResult.ts'
import { digest, levelOfSeverity, sarifFlowResult } from './sarifFlowResult.ts'
import type { FilePlace } from './sarifPieces.ts'
import { isTime, literal, physical, sarifSchema } from './sarifPieces.ts'
import { standingOf, worstFirst } from './standing.ts'
import { summaryWords } from './summaryWords.ts'

/**
 * A check as a SARIF 2.1.0 log (OASIS Standard, errata 01): one run, a rule for each cause that occurs, a result for
 * each flow and for each finding that no flow stands for. A place is host and port, and the line of the site file that
 * speaks of it: without one, GitHub shows a result nowhere.
 */
export function checkSarif(report: CheckReport, { placeOf }: Pick<Page, 'placeOf'> = {}): string {
  const flows = worstFirst(report.flows)
  const results = flows.map((flow) => sarifFlowResult(flow, report.findings))
  const told = flows.filter((flow) => standingOf(flow) === 'failed' || standingOf(flow) === 'doubtful')
  const others = [...graveFindings(report.findings), ...otherFindings(report.findings, told)]
  const rules = rulesOf(results, others)
  const places = placesOf(results)
  return json({
    $schema: sarifSchema,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Postern', version: report.postern, rules: rules.list } },
        automationDetails: { id: plain(`postern-check/${report.site}/${report.from}/`) },
        invocations: [invocationOf(report)],
        columnKind: 'utf16CodeUnits',
        logicalLocations: places.list,
        results: [
          ...results.map((result, at) => flowResult(result, rules.indexOf, places.indexOf, placeOf?.(flows[at]))),
          ...others.map((finding) => {
            const { file, line } = finding.where
            const named = file === undefined ? undefined : { file, ...(line !== undefined && { line }) }
            const spoken = flows.find(({ flow }) => finding.flows.includes(flow))
            return findingResult(finding, rules.indexOf, named ?? placeOf?.(spoken))
          }),
        ],
        properties: {
          site: report.site,
          from: report.from,
          names: report.context.names,
          summary: report.summary,
          imitates: report.imitates,
          catalog: report.catalog.asOf,
        },
      },
    ],
  })
}

/** The program's exit code as it is with the options' defaults: the report does not hold the options. */
function invocationOf(report: CheckReport): object {
  const exitCode = exitCodeOf(report, { failOn: 'high', strict: false, interrupted: false })
  const begun = Date.parse(report.startedAt)
  const ended = begun + report.durationMs
  return {
    executionSuccessful: !report.interrupted,
    exitCode,
    exitCodeDescription: `as with --fail-on high and without --strict: ${summaryWords(report)}`,
    ...(isTime(begun) && { startTimeUtc: new Date(begun).toISOString() }),
    ...(isTime(ended) && { endTimeUtc: new Date(ended).toISOString() }),
    ...(report.interrupted && {
      toolExecutionNotifications: [
        { level: 'warning', message: { text: 'Stopped before its end: what was not asked is not run.' } },
      ],
    }),
  }
}

interface Listed {
  readonly list: readonly object[]
  readonly indexOf: ReadonlyMap<string, number>
}

const plannedRules: Readonly<Record<'flow-open' | 'flow-closed' | 'forbidden-flow-open', string>> = {
  'flow-open': 'A flow that the plan needs gets through, and the service behind it answers.',
  'flow-closed': 'A flow that must be closed is closed.',
  'forbidden-flow-open': 'A flow that must be closed is open.',
}

/** What to read of a rule that is no cause: only words that `explain` has an answer for. */
function helpOf(id: string): string {
  if (Object.hasOwn(findingRows, id)) return `postern explain ${id} tells more.`
  return Object.hasOwn(plannedRules, id)
    ? 'The property "flow" of a result is the row of the plan, which explain tells in full; "source" is where it comes from.'
    : 'The result itself says what was found and what to do.'
}

function rulesOf(results: readonly SarifFlowResult[], findings: readonly Finding[]): Listed {
  const ids = [...new Set([...results.map(({ ruleId }) => ruleId), ...findings.map(({ code }) => plain(code))])]
  return {
    list: ids.map((id) => (isCause(id) ? causeRule(id) : otherRule(id, findings))),
    indexOf: new Map(ids.map((id, at) => [id, at])),
  }
}

const isCause = (id: string): id is CauseCode => causeCodes.some((code) => code === id)

function causeRule(code: CauseCode): object {
  const { layer, verdict, owner, meaning, looksLike, toldApartBy, fix, next } = causeRows[code]
  const lines = [`Looks like: ${looksLike}`, `Told apart by: ${toldApartBy}`, `Fix: ${fix}`, `Next: ${next}`]
  return {
    id: code,
    shortDescription: { text: literal(meaning) },
    help: { text: literal(lines.join('\n')) },
    defaultConfiguration: { level: verdict === 'blocked' || verdict === 'wrong' ? 'error' : 'warning' },
    properties: { tags: ['network', layer], owner, reference: `docs/reference/causes.md#${code}` },
  }
}

function otherRule(id: string, findings: readonly Finding[]): object {
  const planned = Object.entries(plannedRules).find(([rule]) => rule === id)?.[1]
  const finding = findings.find(({ code }) => plain(code) === id)
  const level: SarifLevel = finding === undefined ? 'error' : levelOfSeverity(finding.severity)
  return {
    id,
    shortDescription: { text: literal(planned ?? `Finding ${id} of a check.`) },
    help: { text: literal(helpOf(id)) },
    defaultConfiguration: { level },
    properties: { tags: ['network'] },
  }
}

/** Each host and each of its ports once, as the run keeps them. */
function placesOf(results: readonly SarifFlowResult[]): Listed {
  const indexOf = new Map<string, number>()
  const list: object[] = []
  const add = (place: SarifPlace, parent?: number): number => {
    // A host may be called like another's port: the kind keeps them apart.
    const key = keyOf(place)
    const known = indexOf.get(key)
    if (known !== undefined) return known
    indexOf.set(key, list.length)
    return list.push({ ...place, ...(parent !== undefined && { parentIndex: parent }) }) - 1
  }
  for (const { host, endpoint } of results) add(endpoint, add(host))
  return { list, indexOf }
}

const keyOf = ({ kind, fullyQualifiedName }: SarifPlace): string => `${kind} ${fullyQualifiedName}`

function flowResult(
  result: SarifFlowResult,
  rules: Listed['indexOf'],
  places: Listed['indexOf'],
  place: FilePlace | undefined,
): object {
  const { ruleId, kind, level, text, endpoint, partialFingerprints, properties } = result
  const { fullyQualifiedName } = endpoint
  return {
    ruleId,
    ruleIndex: rules.get(ruleId),
    kind,
    level,
    message: { text: literal(text) },
    locations: [
      {
        ...(place !== undefined && { physicalLocation: physical(place) }),
        logicalLocations: [{ index: places.get(keyOf(endpoint)), fullyQualifiedName }],
      },
    ],
    partialFingerprints,
    properties,
  }
}

function findingResult(
  { code, severity, what, why, next, where, flows }: Finding,
  rules: Listed['indexOf'],
  place: FilePlace | undefined,
): object {
  const ruleId = plain(code)
  return {
    ruleId,
    ruleIndex: rules.get(ruleId),
    kind: 'fail',
    level: levelOfSeverity(severity),
    message: { text: literal(`${what}\n${why}\nNext: ${next}`) },
    ...(place !== undefined && { locations: [{ physicalLocation: physical(place) }] }),
    partialFingerprints: {
      'posternFinding/v1': digest([code, where.file, where.flow, where.target, what].join('|')),
    },
    properties: { severity, flows },
  }
}

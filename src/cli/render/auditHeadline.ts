import { checkOf } from '../../audit/checkOf.ts'
import type { AuditReport, NotJudged, UnreadLine } from '../../model/auditReport.ts'
import { commandLine } from '../../model/flow.ts'
import { auditFindingsTold } from './auditFindingsTold.ts'
import type { AuditLook } from './auditStanding.ts'
import { auditLookOf, auditLookOrder, auditLooks, auditWorstFirst, countedAs } from './auditStanding.ts'
import { countOf } from './flowWords.ts'

/** The outcome of an audit in a few words, and what it looks like. */
export function auditHeadline(report: AuditReport): { readonly look: AuditLook | undefined; readonly words: string } {
  const { flows, summary } = report
  const [worst] = auditWorstFirst(flows)
  const look = worst === undefined ? undefined : auditLookOf(worst)
  const count = (standing: 'failed' | 'doubtful'): number =>
    flows.filter((flow) => auditLooks[auditLookOf(flow)].standing === standing).length
  const [failed, doubtful] = [count('failed'), count('doubtful')]
  if (flows.length === 0) {
    const told = auditFindingsTold(report).length
    const found = told === 0 ? 'nothing was found' : countOf(told, 'finding')
    const left =
      summary.notJudged === 0 ? 'no flow was asked' : `none of ${countOf(summary.notJudged, 'flow')} could be judged`
    return { look, words: `${left}; ${found}` }
  }
  const required = flows.filter(({ expect, necessity }) => expect === 'open' && necessity === 'required').length
  const allowed = required - summary.requiredNotProven
  const proven = flows.every(({ source }) => source === commandLine)
    ? `${summary.allow} of ${countOf(flows.length, 'question')} allowed`
    : required === 0
      ? 'no required flow among them'
      : allowed === required
        ? required === 1
          ? 'the one required flow is allowed'
          : `all ${countOf(required, 'required flow')} allowed`
        : `${allowed} of ${countOf(required, 'required flow')} allowed`
  const told = [
    ...(failed > 0 ? [countOf(failed, 'flow does not pass as it must', 'flows do not pass as they must')] : []),
    ...(doubtful > 0 ? [countOf(doubtful, 'flow in doubt', 'flows in doubt')] : []),
  ]
  return { look, words: `${told.length === 0 ? 'nothing is denied' : told.join(', ')}; ${proven}` }
}

/** The counts of an audit in one sentence. */
export function auditSummaryWords({ flows, summary, notJudged, interrupted }: AuditReport): string {
  const told = auditLookOrder.flatMap((look) => {
    const count = flows.filter((flow) => auditLookOf(flow) === look).length
    return count === 0 ? [] : [`${count} ${countedAs(look, count)}`]
  })
  const required = notJudged.reduce((sum, one) => sum + one.required, 0)
  const left = `${countOf(summary.notJudged, 'flow')} not judged${required === 0 ? '' : `, ${required} of them required`}`
  return [
    ...(told.length === 0 ? [] : [told.join(', ')]),
    ...(summary.notJudged === 0 ? [] : [left]),
    ...(interrupted ? ['stopped before its end'] : []),
    ...(flows.length + summary.notJudged === 0 ? ['no flow was asked'] : []),
  ].join('; ')
}

/** `1,204 of 1,210 statements understood`: on every report. */
export function coverageWords({ coverage: { statements, understood } }: Pick<AuditReport, 'coverage'>): string {
  const [all, known] = [statements, understood].map((count) => count.toLocaleString('en'))
  if (statements === 0) return 'no statement was found'
  return `${known} of ${all} ${statements === 1 ? 'statement' : 'statements'} understood`
}

export function unreadWords({ file, line, text, why }: UnreadLine): string {
  return `${file}:${line}: ${why}: ${text}`
}

/** `edge (nftables: edge.nft)`: what was read. */
export function deviceWords({ devices }: Pick<AuditReport, 'devices'>): readonly string[] {
  return devices.map(({ name, vendor, files }) =>
    name === vendor ? `${vendor}: ${files.join(', ')}` : `${name} (${vendor}: ${files.join(', ')})`,
  )
}

/** `ServiceTags_Public_20261116.json of 2026-11-16`. */
export function tableWords({ tables }: Pick<AuditReport, 'tables'>): readonly string[] {
  return tables.map(({ file, asOf }) => `${file} of ${asOf}`)
}

/** `12 flows, t1-dns, t2-https-sync and 4 more: no device known between …`. */
export function notJudgedIds({ flows }: NotJudged, most: number): string {
  const rest = flows.length - most
  return `${flows.slice(0, most).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

/**
 * The one thing to do now after an audit.
 *
 * @param again the command that audits the same again; absent where it is not known
 */
export function auditNextStep(report: AuditReport, again = 'postern audit'): string {
  const { flows, notJudged, findings, interrupted } = report
  if (interrupted) return `run the audit again to its end: ${again}`
  const flow = auditWorstFirst(flows).find((one) => auditLooks[auditLookOf(one)].standing === 'failed')
  const [finding] = findings.filter(({ severity }) => severity === 'critical' || severity === 'high')
  const isOpenFor = ({ wire }: AuditReport['flows'][number]): boolean => wire?.agreement === 'settled-open'
  const doubt = auditWorstFirst(flows).find(
    (one) => auditLooks[auditLookOf(one)].standing === 'doubtful' && !isOpenFor(one),
  )
  if (flow !== undefined) return `${flow.fix ?? 'mend what stands above'}; then audit again: ${again}`
  if (finding !== undefined) return `${finding.next}: ${again}`
  if (doubt !== undefined) return `${doubt.fix ?? 'settle what it depends on'}; then audit again: ${again}`
  const [left] = notJudged.toSorted((one, other) => other.required - one.required || other.count - one.count)
  if (left !== undefined) return `to judge more, add ${left.add}`
  if (flows.length === 0) {
    return `ask for a flow: ${again} --flow '10.1.0.10 > login.microsoftonline.com:443/tcp', or name a site file with devices: and paths:`
  }
  const [asked] = flows.every(({ source }) => source === commandLine) ? flows : []
  return `prove it on the wire as well: ${asked === undefined ? 'postern check' : checkOf(asked)}`
}

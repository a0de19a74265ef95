import { causeRows } from '../../diagnose/index.ts'
import type { Consequence, FindingCode, Suspect, Weighed } from '../../model/incident.ts'
import type { FlowReport } from '../../model/report.ts'
import type { ConfirmedNews, FindingNews, Leaning, Standing } from '../news.ts'
import { isWatchFinding } from './causeFamilies.ts'
import { leaningOf, titleOf } from './leaningOf.ts'
import { severityOf, severityOfReport } from './severity.ts'
import type { Places } from './suspects.ts'
import { namedBy, suspectsOf } from './suspects.ts'
import type { Trouble } from './trouble.ts'

type FlowNews = Extract<ConfirmedNews, { readonly kind: 'went-bad' | 'changed-cause' }>
type ToldNews = Extract<ConfirmedNews, { readonly kind: 'sign-in-failed' | 'canary-late' }>
type BurnNews = Extract<ConfirmedNews, { readonly kind: 'burn-rate' }>

/** What is heard of a flow that fails. */
export function flowTrouble(news: FlowNews, standing: Standing | undefined, places: Places): Trouble {
  const { key, report, at } = news
  const since = news.kind === 'went-bad' ? Math.min(news.since, at) : at
  const isForbidden = report.expect === 'closed'
  const cause = isForbidden ? 'undetermined' : (report.cause ?? 'undetermined')
  const code: FindingCode = isForbidden ? 'forbidden-flow-open' : cause
  const title = standing?.title ?? titleOf(report)
  const { owner = causeRows[cause].owner, fix } = report
  return {
    subject: key,
    title,
    since,
    ...codesOf(code),
    says: isForbidden ? `${title} answers and must be closed` : report.says,
    weighed: {
      of: 'look',
      since,
      verdict: report.verdict,
      necessity: report.necessity,
      severity: severityOfReport(report, standing?.wellAt !== undefined),
      confidence: report.confidence,
      owner: isForbidden ? 'firewall' : owner,
      ...(fix === undefined ? {} : { fix }),
      ...wellBefore(standing, since),
      ...blame(isForbidden ? undefined : onOf(report, standing), code, places),
    },
  }
}

/** What is heard of a sign-in or of the canary. */
export function toldTrouble(news: ToldNews, standing: Standing | undefined, places: Places): Trouble {
  const { subject, title, told, since, on = standing?.on } = news
  const { verdict, necessity, confidence, owner, says, fix, cause } = told
  return {
    subject,
    title,
    since,
    cause,
    says,
    weighed: {
      of: 'look',
      since,
      verdict,
      necessity,
      severity: severityOf(verdict, necessity),
      confidence,
      owner,
      ...(fix === undefined ? {} : { fix }),
      ...wellBefore(standing, since),
      ...blame(on, cause, places),
    },
  }
}

/** What shows over time. */
export function findingTrouble(news: FindingNews, standing: Standing | undefined, places: Places): Trouble {
  const { subject, title, since, code, says, severity, confidence, owner, fix, suspect, on = standing?.on } = news
  return {
    subject,
    title,
    since,
    ...codesOf(code),
    says,
    weighed: {
      of: 'time',
      since,
      verdict: 'degraded',
      necessity: 'required',
      severity,
      confidence,
      owner,
      ...(fix === undefined ? {} : { fix }),
      ...(suspect === undefined ? blame(on, code, places) : { suspects: [suspect], named: suspect }),
    },
  }
}

/** That the minutes which may be bad are running out. */
export function burnTrouble(news: BurnNews, standing: Standing | undefined, places: Places): Trouble {
  const { subject, title, since, says, level, at, necessity, on } = news
  const severity = level === 'page' && necessity === 'required' ? 'high' : 'medium'
  const finding: FindingNews = {
    kind: 'time-finding',
    code: 'burn-rate',
    subject,
    title,
    since,
    at,
    says,
    severity,
    confidence: 'certain',
    owner: 'network',
    ...(on === undefined ? {} : { on }),
  }
  return findingTrouble(finding, standing, places)
}

function codesOf(code: FindingCode): Pick<Consequence, 'cause' | 'finding'> {
  return isWatchFinding(code) ? { cause: 'undetermined', finding: code } : { cause: code }
}

/** What the look itself shows, and what is known besides from looks that came further. */
function onOf(report: FlowReport, standing: Standing | undefined): Leaning {
  const seen = leaningOf(report, report.evidence)
  const network = standing?.on.network
  return { ...standing?.on, ...seen, ...(network === undefined ? {} : { network }) }
}

function wellBefore(standing: Standing | undefined, since: number): Pick<Weighed, 'wellAt'> {
  return standing?.wellAt === undefined ? {} : { wellAt: Math.min(standing.wellAt, since) }
}

function blame(
  on: Leaning | undefined,
  code: FindingCode,
  places: Places,
): { readonly suspects: readonly Suspect[]; readonly named?: Suspect } {
  const named = namedBy(on, code)
  return { suspects: suspectsOf(on, code, places), ...(named === undefined ? {} : { named }) }
}

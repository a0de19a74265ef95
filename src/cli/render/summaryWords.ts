import type { CaptureTold, CheckReport, TracesTold } from '../../model/report.ts'
import { countOf } from './flowWords.ts'
import { graveFindings } from './otherFindings.ts'
import { plain } from './plain.ts'
import type { Look, Standing } from './standing.ts'
import { standingOf } from './standing.ts'

/** The counts of a check in one sentence: what came out, how many required flows are not proven, what was not asked at all. */
export function summaryWords(report: CheckReport): string {
  const { summary, leftOut = 0, capture, traces } = report
  const counts = [
    [summary.blocked, 'blocked'],
    [summary.wrong, 'wrong'],
    [summary.forbiddenOpen, 'open that must be closed'],
    [summary.degraded, 'degraded'],
    [summary.unknown, 'unknown'],
    [summary.open, 'open'],
    [summary.closed, 'closed as it must be'],
    [summary.notRun, 'not run'],
    [summary.notRequired, 'not required'],
  ] as const
  const told = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  return [
    told.length === 0 ? 'no flow of this machine' : `${told.join(', ')}; ${provenWords(report)}`,
    ...(leftOut === 0 ? [] : [`${countOf(leftOut, 'flow')} of this machine left out by --flow`]),
    ...(capture === undefined ? [] : captureWords(capture)),
    ...(traces === undefined ? [] : traceWords(traces)),
    ...(summary.elsewhere === 0 ? [] : [`${summary.elsewhere} more opened by other machines, not judged here`]),
  ].join('; ')
}

/** The outcome of a check in a few words: what fails, what is in doubt, and how much is proven. */
export function headlineWords(report: CheckReport): { readonly look: Look; readonly words: string } {
  const count = (standing: Standing) => report.flows.filter((flow) => standingOf(flow) === standing).length
  const [failed, doubtful] = [count('failed'), count('doubtful')]
  const proven = provenWords(report)
  if (report.flows.length === 0) return { look: 'not-run', words: 'no flow of this machine was there to check' }
  const grave = [...new Set(graveFindings(report.findings).map(({ code }) => code))].join(', ')
  const also = grave === '' ? '' : `, and ${grave} stands in the way`
  if (failed > 0) {
    const doubt = doubtful > 0 ? `, ${doubtful} in doubt` : ''
    return { look: 'blocked', words: `${countOf(failed, 'flow fails', 'flows fail')}${doubt}${also}; ${proven}` }
  }
  if (doubtful > 0) {
    const doubt = `${grave === '' ? 'nothing' : 'no flow'} fails, ${countOf(doubtful, 'flow is', 'flows are')} in doubt`
    return { look: grave === '' ? 'degraded' : 'blocked', words: `${doubt}${also}; ${proven}` }
  }
  if (grave !== '') return { look: 'blocked', words: `no flow fails${also}; ${proven}` }
  if (report.interrupted)
    return { look: 'not-run', words: `stopped before its end, and nothing was found wrong until then; ${proven}` }
  return { look: report.summary.requiredNotProven > 0 ? 'not-run' : 'open', words: `nothing is wrong; ${proven}` }
}

/**
 * How far the required flows of a report are proven. It counts those that were asked, so that a few chosen flows do
 * not pass for all, and those of which only the port is known: a service that was not heard is not proven.
 */
export function provenWords({ flows, summary: { requiredNotProven } }: Pick<CheckReport, 'flows' | 'summary'>): string {
  const required = flows.filter(({ necessity, expect }) => necessity === 'required' && expect === 'open')
  const portOnly = required.filter(
    ({ verdict, confidence }) => (verdict === 'open' || verdict === 'degraded') && confidence === 'possible',
  ).length
  if (required.length === 0) return 'no required flow among them'
  const proven = required.length - portOnly - requiredNotProven
  if (proven === required.length) {
    return proven === 1 ? 'the one required flow is proven' : `all ${countOf(proven, 'required flow')} proven`
  }
  return [
    `${proven} of ${countOf(required.length, 'required flow')} proven`,
    ...(portOnly === 0 ? [] : [`${portOnly} known by the open port only`]),
    ...(requiredNotProven === 0 ? [] : [`${requiredNotProven} not`]),
  ].join(', ')
}

/** Only what a reader of the verdicts has to know: that there was no capture, or that it missed something. */
function captureWords({ outcome, why, remedy, lost = 0 }: CaptureTold): readonly string[] {
  if (outcome === 'not-captured') {
    const told = [why, remedy].filter((part) => part !== undefined).join('; ')
    return [`no packets captured${told === '' ? '' : `: ${plain(told)}`}`]
  }
  return lost === 0 ? [] : [`the capture lost ${countOf(lost, 'packet')}`]
}

/** Where silence begins is worth knowing: that nobody looked is said, what somebody saw stands at the flows. */
function traceWords({ traced, why, remedy }: TracesTold): readonly string[] {
  if (why === undefined) return []
  const told = [why, remedy].filter((part) => part !== undefined).join('; ')
  return [`${traced === 0 ? 'no path traced' : 'not every path traced'}: ${plain(told)}`]
}

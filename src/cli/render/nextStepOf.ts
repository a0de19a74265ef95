import type { CheckReport } from '../../model/report.ts'
import { graveFindings } from './otherFindings.ts'
import { standingOf, worstFirst } from './standing.ts'

/**
 * The one thing to do now after a check: mend, look closer, go on, or keep this report to compare with.
 *
 * @param again the command that asks the same again; absent where it is not known
 */
export function nextStepOf(report: CheckReport, again?: string): string {
  const flows = worstFirst(report.flows)
  const command = again === undefined ? '' : `: ${again}`
  const [grave] = graveFindings(report.findings)
  if (grave !== undefined) {
    return `postern explain ${grave.code} tells more; once mended, run the same check again${command}`
  }
  const worst = flows.find((flow) => standingOf(flow) === 'failed')
  if (worst !== undefined) {
    const more = worst.cause === undefined ? 'mend it as said above' : `postern explain ${worst.cause} tells more`
    return `${more}; once mended, run the same check again${command}`
  }
  if (report.interrupted) return `run the check again to its end${command}`
  const first = flows.find((flow) => standingOf(flow) === 'doubtful')
  if (first !== undefined) return first.nextProbe ?? `postern explain ${first.cause ?? 'undetermined'}`
  if (report.summary.requiredNotProven > 0) {
    return 'what is required and was not run is to be proven another way: the reasons stand above'
  }
  const check = again ?? 'postern check'
  return `keep this one to compare with: ${check} --json --out before.json, later ${check} --compare before.json`
}

import type { Sample } from '../../model/sample.ts'
import { lossyPath } from '../../series/index.ts'
import { familyOf } from '../incident/causeFamilies.ts'
import type { Found } from './found.ts'
import { percent } from './found.ts'
import type { JudgedSubject } from './judgedSubject.ts'

/** Below these nothing is searched: a loss or two in a hundred looks is none of a path. */
const [fewestLost, leastShare] = [5, 0.01]
/** A path that was lossy is well again after so many looks with hardly a loss. */
const fewestWell = 100

/** Whether so many looks of a day that failed are worth a search. */
export function mayBeLossy(looks: number, notWell: number): boolean {
  return notWell >= fewestLost && notWell / looks > leastShare
}

/**
 * A path on which answers are lost now and then, all day: at least a hundred looks, losses in at least five tenths of the
 * time, and more than one of a hundred for certain. What was refused, or answered otherwise, is no loss.
 */
export function lossyFlow(samples: readonly Sample[], { subject, title, facts }: JudgedSubject): Found | undefined {
  const lossy = lossyPath(asked(samples))
  const first = samples.find(isLost)
  if (lossy === undefined || first === undefined) return undefined
  const { lost, asked: all, least, most } = lossy
  return {
    subject,
    title,
    code: 'lossy-path',
    since: first.at,
    says: `${lost} of ${all} looks were lost, all over the time (${percent(least)} to ${percent(most)})`,
    severity: least > 0.05 ? 'high' : 'medium',
    confidence: 'likely',
    owner: facts.isCloud ? 'cloud' : 'network',
    mark: least > 0.05 ? 'high' : 'medium',
  }
}

/** @param samples of the last hours */
export function isLossyNoMore(samples: readonly Sample[]): boolean {
  const questions = asked(samples)
  const lost = questions.filter((one) => one.isLost).length
  return questions.length >= fewestWell && lost / questions.length <= leastShare
}

function asked(samples: readonly Sample[]): readonly { readonly at: number; readonly isLost: boolean }[] {
  return samples.flatMap((sample) =>
    sample.isWell || isLost(sample) ? [{ at: sample.at, isLost: !sample.isWell }] : [],
  )
}

/** What did not arrive, or nobody knows why; not what was refused by somebody who lives. */
function isLost({ isWell, cause = 'undetermined' }: Sample): boolean {
  return !isWell && cause !== 'refused' && (familyOf(cause) === 'reach' || familyOf(cause) === 'time')
}

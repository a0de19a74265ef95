import type { Told } from '../news.ts'
import type { SignInLook, SignInOutcome } from './signInKind.ts'
import type { Steps } from './steps.ts'

/** What of a look is known besides its outcome. */
export type Came = Pick<SignInLook, 'keys' | 'signedBy'>

/** A sign-in that came to its end: well, unless something was found, or the clocks are apart. */
export function endedLook(at: number, steps: Steps, fault: Told | undefined, came: Came): SignInLook {
  const skew = steps.clockTold()
  const told = fault === undefined ? skew : skew === undefined ? fault : besides(fault, skew)
  const outcome: SignInOutcome = told === undefined ? { kind: 'well' } : { kind: 'failed', told }
  return { at, outcome, readings: steps.readings, ...came }
}

export function stoppedLook(
  at: number,
  steps: Steps,
  outcome: Exclude<SignInOutcome, { kind: 'well' }>,
  came: Came = {},
): SignInLook {
  const skew = steps.clockTold()
  const told =
    outcome.kind === 'failed' && skew !== undefined ? { ...outcome, told: besides(outcome.told, skew) } : outcome
  return { at, outcome: told, readings: steps.readings, ...came }
}

/** A clock that is off explains what tokens are refused for; beside anything else it is only said. */
function besides(fault: Told, skew: Told): Told {
  const says = `${fault.says}; ${skew.says}`
  return fault.cause === 'clock-skew' ? { ...fault, confidence: 'certain', says } : { ...fault, says }
}

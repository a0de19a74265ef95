import { codesFor } from '../../catalog/codesFor.ts'
import type { EventActor } from '../../model/event.ts'
import type { Asked, OwnAnswer } from '../exchange.ts'
import { page } from '../pages.ts'
import { ownPrefix } from '../steps/ownPaths.ts'
import type { SignInParts } from './parts.ts'
import { eventOf } from './signInEvents.ts'
import type { SignInReason } from './signInReasons.ts'
import { signInReasons } from './signInReasons.ts'

export interface FailedSignIn {
  /** Where the person wanted to go, a path of the gate's own. */
  readonly returnTo?: string
  /** A word of a closed list that says more, for the record. */
  readonly because?: string
  /** Of Entra ID: `AADSTS` and digits. */
  readonly code?: string
  readonly actor?: EventActor
}

/** Tells the record that a sign-in let nobody in, and the person why, in words of ours. */
export function failedSignIn(
  { recorder }: Pick<SignInParts, 'recorder'>,
  asked: Asked,
  reason: SignInReason,
  { returnTo = '/', because, code, actor }: FailedSignIn = {},
): OwnAnswer {
  const { status, outcome, says, isWorthATry } = signInReasons[reason]
  const detail = { ...(because !== undefined && { because }), ...(code !== undefined && { code }) }
  recorder.tell(
    eventOf(asked, { activity: 'sign-in', outcome, reason, status, detail, ...(actor !== undefined && { actor }) }),
  )
  const answer = page({
    status,
    title: outcome === 'denied' ? 'You are not signed in' : 'Signing in does not work just now',
    says: [says, ...wordsOf(code)],
    actions: isWorthATry
      ? [{ label: 'Sign in again', href: signInAgain(reason, returnTo) }]
      : [{ label: 'To the start page', href: '/' }],
    reason,
    outcome,
    traceId: asked.traceId,
  })
  return { ...answer, isTold: true }
}

/** What a code of Entra ID means, by the catalog; the text that came with it is never shown. */
function wordsOf(code: string | undefined): readonly string[] {
  if (code === undefined) return []
  const [row] = codesFor(code)
  return row === undefined
    ? [`Entra ID gives the code ${code}.`]
    : [`Entra ID gives the code ${code}: ${row.meaning}.`, `What to do about it: ${row.whatToDo}.`]
}

/** Whom Entra ID or this place did not take is asked for another account. */
function signInAgain(reason: SignInReason, returnTo: string): string {
  const query = new URLSearchParams({ return: returnTo })
  if (signInReasons[reason].status === 403) query.set('choose', 'account')
  return `${ownPrefix}sign-in?${query}`
}

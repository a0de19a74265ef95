import { issuerOf } from '../../identity/authorities.ts'
import type { Asked, HeaderFields, OwnAnswer } from '../exchange.ts'
import { clearCookie, cookieOf, ownCookies } from '../ownCookies.ts'
import { ownPath } from '../ownPath.ts'
import { page, seeOther } from '../pages.ts'
import { headerOf } from '../readAsked.ts'
import type { SignInParts } from './parts.ts'
import { eventOf } from './signInEvents.ts'

type SignOutParts = Pick<SignInParts, 'authority' | 'origin' | 'store' | 'recorder'> & {
  readonly settings: Pick<SignInParts['settings'], 'afterSignOut'>
  readonly client: Pick<SignInParts['client'], 'signOutUrl'>
}
type FrontChannelParts = Pick<SignInParts, 'tenants' | 'authority' | 'store' | 'recorder'>

/**
 * Signs out: the session of the gate ends, then the browser is sent to Entra ID to end the one there, which tells other
 * apps. A link alone changes nothing, since any page may hold one: GET shows a button, and POST is taken from the gate's
 * own pages.
 */
export function signOut(parts: SignOutParts, asked: Asked): OwnAnswer {
  const { authority, origin, settings, store, client } = parts
  if (asked.method !== 'POST') {
    return page({
      status: 200,
      title: 'Sign out?',
      says: ['You will be signed out here and at Entra ID, and with that of other apps.'],
      actions: [
        { label: 'Sign out', post: asked.target.path },
        { label: 'Back to the start page', href: '/' },
      ],
      reason: 'sign-out-asked',
      outcome: 'ok',
      formsLeadTo: [`https://${authority.host}`],
    })
  }
  if (!isOfOwnPage(asked, origin)) {
    return page({
      status: 403,
      title: 'You are still signed in',
      says: ['A page of another site wanted to sign you out.'],
      actions: [{ label: 'Sign out', href: asked.target.path }],
      reason: 'cross-origin',
      outcome: 'denied',
      traceId: asked.traceId,
    })
  }
  const headers = [...clearCookie(ownCookies.session), ...clearCookie(ownCookies.browser)]
  const told = { reason: 'signed-out', outcome: 'ok', headers } as const
  const after = ownPath(settings.afterSignOut) ?? '/'
  const id = cookieOf(asked.headers, ownCookies.session)
  const session = id === undefined ? undefined : store.read(id)
  if (session === undefined) return seeOther(after, told)
  if ('what' in session)
    return notKept(parts, asked, headers, { why: 'It cannot be read just now which session was yours.' })
  const { isKept } = store.end({ name: session.name }, 'signed-out')
  const onward = client.signOutUrl(session.identity.tenantId, `${origin}${after}`)
  if (isKept) return seeOther(onward, told)
  return notKept(parts, asked, headers, {
    why: 'Your session has ended, but that could not be written down.',
    onward,
  })
}

/** What the person asked for is not sure: this browser is out, but the session may be there after the next start. */
function notKept(
  { recorder }: Pick<SignOutParts, 'recorder'>,
  asked: Asked,
  headers: HeaderFields,
  { why, onward }: { readonly why: string; readonly onward?: string },
): OwnAnswer {
  const [status, reason, outcome] = [503, 'store-failed', 'failed'] as const
  recorder.tell(eventOf(asked, { activity: 'sign-out', outcome, reason, status }))
  const answer = page({
    status,
    title: 'You may still be signed in',
    says: [
      why,
      'This browser has forgotten it. Tell who looks after the gate, who can end all your sessions.',
      ...(onward === undefined ? [] : ['At Entra ID you are still signed in.']),
    ],
    actions: onward === undefined ? [] : [{ label: 'Sign out at Entra ID', href: onward }],
    reason,
    outcome,
    headers,
    traceId: asked.traceId,
  })
  return { ...answer, isTold: true }
}

/** Browsers say where a form was sent from; those of long ago, and programs, say nothing, and have no page either. */
function isOfOwnPage({ headers }: Asked, origin: string): boolean {
  const from = headerOf(headers, 'origin')
  return from === undefined ? headerOf(headers, 'sec-fetch-site') === 'same-origin' : from === origin
}

/**
 * Entra ID tells by a frame that somebody has signed out: all sessions of the gate that came of that sign-in end. The frame
 * is of another site, to which browsers give no cookie: issuer and session id say who is meant, and the answer says nothing.
 * OpenID Connect Front-Channel Logout 1.0 §3.
 */
export function frontChannelSignOut(
  { tenants, authority, store, recorder }: FrontChannelParts,
  asked: Asked,
): OwnAnswer {
  const fields = new URLSearchParams(asked.target.query ?? '')
  const [issuers, ids] = [fields.getAll('iss'), fields.getAll('sid')]
  const [issuer, sid] = [issuers[0], ids[0]]
  const isRead = issuers.length === 1 && ids.length === 1 && issuer !== undefined && sid !== undefined && sid !== ''
  const isOurs = isRead && sid.length <= 200 && tenants.some((tenant) => issuerOf(tenant, '2.0', authority) === issuer)
  const { ended, isKept } = isOurs ? store.end({ issuer, sid }, 'signed-out-elsewhere') : { ended: [], isKept: true }
  const [status, reason, outcome, title] = !isOurs
    ? ([400, 'answer-unreadable', 'denied', 'Not understood'] as const)
    : isKept
      ? ([200, 'signed-out-elsewhere', 'ok', 'Signed out'] as const)
      : ([503, 'store-failed', 'failed', 'Not written down'] as const)
  recorder.tell(
    eventOf(asked, { activity: 'front-channel-sign-out', outcome, reason, status, detail: { sessions: ended.length } }),
  )
  const answer = page({
    status,
    title,
    says: [],
    reason,
    outcome,
    shownIn: [`https://${authority.host}`],
    headers: [['cross-origin-resource-policy', 'cross-origin']],
  })
  return { ...answer, isTold: true }
}

import { issuerOf } from '../../identity/authorities.ts'
import type { Identity } from '../../identity/index.ts'
import type { PendingSignIn, StoreFault } from '../../store/sessions/index.ts'
import type { Asked, OwnAnswer } from '../exchange.ts'
import { clearCookie, cookieOf, ownCookies, setCookie } from '../ownCookies.ts'
import { page, seeOther } from '../pages.ts'
import { failedSignIn } from './failedSignIn.ts'
import type { Granted } from './openIdClient.ts'
import type { SignInParts } from './parts.ts'
import type { Callback } from './readCallback.ts'
import { readCallback } from './readCallback.ts'
import { actorOf, eventOf } from './signInEvents.ts'
import { reasonOfToken } from './signInReasons.ts'

/**
 * Ends a sign-in that this browser began: redeems the code, reads who it is, writes it down, and sends the person to where
 * they wanted to go, with a session of a new id. Whatever is wrong lets nobody in, and leaves a session that there was.
 */
export async function finishSignIn(parts: SignInParts, asked: Asked): Promise<OwnAnswer> {
  if (asked.method !== 'GET') {
    const says = ['Entra ID answers in the address, and not by a form.']
    const told = { status: 405, title: 'Not by a form', says, reason: 'method-not-allowed', outcome: 'denied' } as const
    return page({ ...told, headers: [['allow', 'GET']] })
  }
  const callback = readCallback(asked.target.query ?? '')
  if (typeof callback === 'string') return failedSignIn(parts, asked, callback)
  const taken = take(parts, asked, callback)
  if ('answer' in taken) return taken.answer
  const { pending } = taken
  const { returnTo } = pending
  const { tenants, authority, client } = parts
  const issuers = tenants.map((tenant) => issuerOf(tenant, '2.0', authority))
  if (callback.issuer !== undefined && !issuers.includes(callback.issuer)) {
    return failedSignIn(parts, asked, 'issuer-mismatch', { returnTo })
  }
  const { answer } = callback
  if (answer.kind === 'error') {
    const { error: because, code } = answer
    const isDown = because === 'temporarily_unavailable' || because === 'server_error'
    const told = { returnTo, because, ...(code !== undefined && { code }) }
    return failedSignIn(parts, asked, isDown ? 'entra-unreachable' : 'refused-by-entra', told)
  }
  const grant = await client.redeem(answer.code, pending.verifier)
  if (grant.ok) return await admit(parts, asked, { granted: grant.granted, pending, callback })
  const { failure } = grant
  const told = { returnTo, because: failure.error, ...('code' in failure && { code: failure.code }) }
  const reasons = {
    refused: 'refused-by-entra',
    misconfigured: 'misconfigured',
    unreachable: 'entra-unreachable',
  } as const
  return failedSignIn(parts, asked, reasons[failure.kind], told)
}

/** The sign-in that the answer belongs to; taken away, so that it counts once. */
function take(
  parts: SignInParts,
  asked: Asked,
  { state }: Callback,
): { readonly pending: PendingSignIn } | { readonly answer: OwnAnswer } {
  const { store } = parts
  const taken: ReturnType<typeof store.take> = store.take(state, cookieOf(asked.headers, ownCookies.browser))
  if (taken === 'unknown') return { answer: failedSignIn(parts, asked, 'state-unknown') }
  if (taken === 'too-late') return { answer: failedSignIn(parts, asked, 'state-late') }
  if (isFault(taken)) return { answer: failedSignIn(parts, asked, 'store-failed') }
  if ('otherBrowser' in taken) {
    // Tabs that were opened at once each began a sign-in, and the browser has kept the cookie of the last. Offering a new
    // one is safe; to go on with this one would let anybody sign others in as themselves.
    return { answer: failedSignIn(parts, asked, 'other-browser', { returnTo: taken.otherBrowser }) }
  }
  return { pending: taken }
}

function isFault(taken: object): taken is StoreFault {
  return 'what' in taken
}

interface Redeemed {
  readonly granted: Granted
  readonly pending: PendingSignIn
  readonly callback: Callback
}

/** Looks at who it is, and begins the session. */
async function admit(parts: SignInParts, asked: Asked, { granted, pending, callback }: Redeemed): Promise<OwnAnswer> {
  const { returnTo, context, nonce } = pending
  const verdict = await parts.idTokens.verify(granted.idToken, { nonce })
  if (!verdict.ok) {
    return failedSignIn(parts, asked, reasonOfToken(verdict.reason), { returnTo, because: verdict.reason })
  }
  const { identity, issuer } = verdict
  const actor = actorOf(identity)
  if (callback.issuer !== undefined && callback.issuer !== issuer) {
    return failedSignIn(parts, asked, 'issuer-mismatch', { returnTo })
  }
  // What was asked for can be taken out of the address: the result alone counts. No new sign-in is begun by itself, which
  // would go round in circles.
  if (context !== undefined && !identity.authenticationContexts.includes(context)) {
    return failedSignIn(parts, asked, 'context-missing', { returnTo, actor, because: context })
  }
  return await beginSession(parts, asked, { identity, issuer, granted, pending })
}

async function beginSession(
  parts: SignInParts,
  asked: Asked,
  known: {
    readonly identity: Identity
    readonly issuer: string
    readonly granted: Granted
    readonly pending: PendingSignIn
  },
): Promise<OwnAnswer> {
  const { store, recorder, groups: directory } = parts
  const { identity, issuer, granted, pending } = known
  const { returnTo, context } = pending
  const { refreshToken } = granted
  const actor = actorOf(identity)
  const groups = await directory.groupsOf(identity, true)
  const before = cookieOf(asked.headers, ownCookies.session)
  const replaced = before === undefined ? undefined : store.find(before)?.name
  const made = store.add({ identity, groups, issuer, ...(refreshToken !== undefined && { refreshToken }) }, replaced)
  if (!made.ok) return failedSignIn(parts, asked, 'store-failed', { returnTo, actor })
  const { name } = made.session
  const detail = {
    groups: groups.kind === 'listed' ? groups.ids.size : groups.because,
    ...(identity.isGuest === true && { guest: true }),
    ...(context !== undefined && { context }),
  }
  const activity = context === undefined ? 'sign-in' : 'step-up'
  try {
    await recorder.tellDurably(
      eventOf(asked, { activity, outcome: 'ok', reason: 'signed-in', status: 303, actor, session: name, detail }),
    )
  } catch {
    // The id is not answered, and nobody has it.
    store.end({ name }, 'unrecorded')
    return failedSignIn(parts, asked, 'record-failed', { returnTo, actor })
  }
  const browser = cookieOf(asked.headers, ownCookies.browser)
  const isLast = browser === undefined || store.pendingOf(browser) === 0
  return seeOther(returnTo, {
    reason: 'signed-in',
    outcome: 'ok',
    headers: [...setCookie(ownCookies.session, made.id), ...(isLast ? clearCookie(ownCookies.browser) : [])],
  })
}

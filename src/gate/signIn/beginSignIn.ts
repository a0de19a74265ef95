import { isAuthenticationContext } from '../../identity/index.ts'
import type { Asked, OwnAnswer } from '../exchange.ts'
import { cookieOf, ownCookies, setCookie } from '../ownCookies.ts'
import { ownPath } from '../ownPath.ts'
import { seeOther } from '../pages.ts'
import { ownPrefix } from '../steps/ownPaths.ts'
import { failedSignIn } from './failedSignIn.ts'
import type { SignInParts } from './parts.ts'
import { correlationOf, eventOf } from './signInEvents.ts'

/**
 * Sends a browser to Entra ID. State, nonce and verifier are bound to the browser by a cookie that is the same for all of its
 * sign-ins, so that many tabs need no more room than one.
 *
 * The answer comes back as a query and not as a form: a form is posted from another site, and to be sent with it the cookie
 * would have to go with every request of every site (`SameSite=None`). The code in the address is good once, for this
 * browser alone and with the verifier that stays here; the address is left at once, and is told to nobody.
 *
 * @param returnTo where to go afterwards; what is no path of the gate's own is the start page
 * @param context an authentication context that the sign-in has to satisfy, c1 to c99
 */
export async function beginSignIn(
  parts: SignInParts,
  asked: Asked,
  returnTo: string,
  context?: string,
): Promise<OwnAnswer> {
  if (context !== undefined && !isAuthenticationContext(context)) {
    throw new RangeError(`${context} is no authentication context: c1 to c99`)
  }
  const { store, client, settings, now, secret, recorder } = parts
  const browser = cookieOf(asked.headers, ownCookies.browser) ?? secret()
  const [state, nonce, verifier] = [secret(), secret(), secret()]
  const goal = ownPath(returnTo) ?? '/'
  const wanted = context !== undefined && { context }
  const fault = store.begin(state, browser, { nonce, verifier, returnTo: goal, begunAt: now(), ...wanted })
  if (fault !== undefined) return failedSignIn(parts, asked, 'store-failed', { returnTo: goal })
  if (context !== undefined) {
    recorder.tell(eventOf(asked, { activity: 'step-up', outcome: 'ok', reason: 'begun', detail: { context } }))
  }
  const address = await client.authorizationUrl({
    state,
    nonce,
    verifier,
    ...wanted,
    choosesAccount: choosesAccount(asked),
    correlation: correlationOf(state),
  })
  const headers = setCookie(ownCookies.browser, browser, settings.withinMinutes * 60)
  return seeOther(address, { reason: 'sign-in-begun', outcome: 'ok', headers }, 302)
}

/** The link of a page that says that an account may not come: Entra ID would go on with the same one without asking. */
function choosesAccount({ target: { path, query = '' } }: Asked): boolean {
  return path === `${ownPrefix}sign-in` && new URLSearchParams(query).get('choose') === 'account'
}

import type { AccessRequest, Authority, KnownGroups, TokenVerifier } from '../../identity/index.ts'
import type { Route } from '../../model/route.ts'
import type { Asked, Caller, Outcome, OwnAnswer } from '../exchange.ts'
import type { RateLimiter } from '../rateLimiter.ts'

/** Why a cookie lets nobody in; `none`: there is no cookie of the gate. */
export type CookieReason =
  | 'none'
  | 'session-unknown'
  | 'session-over'
  | 'session-idle'
  | 'revoked'
  | 'revalidation-failed'

/** Sign-in of browsers, as the steps use it. */
export interface BrowserSignIn {
  /** Sends a browser to sign in, and afterwards to a path of the gate's own. */
  begin(asked: Asked, returnTo: string, context?: string): Promise<OwnAnswer>
  finish(asked: Asked): Promise<OwnAnswer>
  callerOf(
    asked: Asked,
  ): Promise<{ readonly ok: true; readonly caller: Caller } | { readonly ok: false; readonly reason: CookieReason }>
  signOut(asked: Asked): Promise<OwnAnswer>
  frontChannelSignOut(asked: Asked): Promise<OwnAnswer>
  /** Whether a session still lets in, by the name that the record has for it. */
  stillIn(session: string): Promise<boolean>
}

/** Everything that steps lean on. */
export interface GateParts {
  /** `https://host:port`, the one place that people open. */
  readonly origin: string
  readonly routes: readonly Route[]
  readonly authority: Authority
  /** Absent: no tokens are taken. */
  readonly tokens?: Pick<TokenVerifier, 'verify'>
  /** Absent: no browser signs in. */
  readonly signIn?: BrowserSignIn
  /** Asks Graph where a token leaves groups out. */
  readonly groupsOf: (identity: NonNullable<Extract<Caller, { by: 'token' }>['identity']>) => Promise<KnownGroups>
  /** Microsoft's address ranges by service tag; absent: they are not known, and what asks for them is closed. */
  readonly publishedRanges?: AccessRequest['publishedRanges']
  readonly byAddress: RateLimiter
  readonly byIdentity: RateLimiter
  /** Whether all that the gate leans on is there; its words are for administrators. */
  readonly readiness: () => readonly string[]
  /** Public keys of the assertions, as JWKS. */
  readonly keys?: () => string
}

/** What steps found out so far. */
export interface Found {
  caller: Caller
  /** Why there is nobody, where something was sent that should have said who asks. */
  refused?: OwnAnswer
}

/**
 * One step of the pipeline: it settles the request, or leaves it to the next one. Steps are asked in the order of their
 * table, and the last one settles everything.
 */
export interface Step {
  readonly name: string
  /** What it is for, for the reference. */
  readonly what: string
  readonly run: (asked: Asked, found: Found, parts: GateParts) => Outcome | undefined | Promise<Outcome | undefined>
}

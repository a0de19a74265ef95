import type { IdTokenVerifier } from '../../identity/idTokenVerifier.ts'
import type { Authority } from '../../identity/index.ts'
import type { SessionBounds } from '../../identity/sessionRules.ts'
import type { Recorder } from '../../model/event.ts'
import type { SignInSettings } from '../../model/gate.ts'
import type { SessionStore } from '../../store/sessions/index.ts'
import type { GroupsOfGraph } from '../groupsOfGraph.ts'
import type { OpenIdClient } from './openIdClient.ts'

/** What the functions of a sign-in share. */
export interface SignInParts {
  /** `https://host:port`. */
  readonly origin: string
  readonly authority: Authority
  /** In lower case. */
  readonly tenants: readonly string[]
  readonly settings: SignInSettings
  readonly bounds: SessionBounds
  readonly store: SessionStore
  readonly client: OpenIdClient
  readonly idTokens: IdTokenVerifier
  readonly groups: Pick<GroupsOfGraph, 'groupsOf'>
  readonly recorder: Recorder
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** 256 bits that nobody guesses, base64url. */
  readonly secret: () => string
}

import type { Authority } from '../../identity/index.ts'
import type { Reading } from '../../model/series.ts'
import type { SyntheticSignIn } from '../../model/watch.ts'
import type { Limits, Net } from '../../net/net.ts'
import type { Told } from '../news.ts'
import type { PublishedKeys } from './publishedKeys.ts'

/** What an app proves itself with: PEM texts, or a secret. */
export type AppProof =
  | { readonly kind: 'certificate'; readonly certificate: string; readonly key: string }
  | { readonly kind: 'secret'; readonly secret: string }

/** Fetches it anew each time, or says in words why there is none: nothing of a secret is in them. */
export type ReadAppProof = (signIn: SyntheticSignIn) => Promise<{ readonly ok: AppProof } | { readonly why: string }>

/** The proxy of the site that leads out of here: by its name, and where it listens. */
export interface OutgoingProxy {
  readonly name: string
  readonly host: string
  readonly port: number
}

/** The tenant, and the way to it. */
export interface SignInMeans {
  readonly net: Net
  readonly authority: Authority
  /** It is the built-in tenant, or another that is played: nobody in it is real. */
  readonly isPlayed: boolean
  /** Its id, or a name such as `contoso.onmicrosoft.com`. */
  readonly tenant: string
  /** Audiences that tokens of the site's gate may have, besides what a scope says itself. */
  readonly audiences: readonly string[]
  /** `names:` of the site file. */
  readonly names: Readonly<Record<string, string>>
  readonly proxy?: OutgoingProxy
  readonly proof: ReadAppProof
  /** The longest single wait, in milliseconds. */
  readonly timeoutMs: number
}

/** What a sign-in came to. Words of closed lists, numbers and names of the site: nothing that a server said. */
export type SignInOutcome =
  | { readonly kind: 'well' }
  | { readonly kind: 'failed'; readonly told: Told; readonly retryAfterMs?: number }
  /** The tenant asks to be left alone for a while, which is no failure. */
  | { readonly kind: 'throttled'; readonly says: string; readonly retryAfterMs: number }
  /** Postern does not do it, whatever the tenant would say. */
  | { readonly kind: 'refused'; readonly says: string }
  | { readonly kind: 'aborted' }

/** One sign-in, as far as it came. */
export interface SignInLook {
  /** When it began: milliseconds since 1970. */
  readonly at: number
  readonly outcome: SignInOutcome
  readonly readings: readonly Reading[]
  /** What the tenant published, where it came so far. */
  readonly keys?: PublishedKeys
  /** The id of the key that signed the token. */
  readonly signedBy?: string
}

/** A way to sign in: what it asks, step by step. */
export interface SignInKind {
  /** Never rejects for what a server did. */
  readonly look: (signIn: SyntheticSignIn, means: SignInMeans, limits: Limits) => Promise<SignInLook>
}

/** As it is called in readings and news. */
export const subjectOf = (name: string): string => `sign-in:${name}`

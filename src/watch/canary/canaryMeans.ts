import type { SyncCanary, SyntheticSignIn } from '../../model/watch.ts'
import type { DirectoryWriter } from '../../net/directoryWriter.ts'
import type { SignInMeans } from '../signIn/signInKind.ts'

/** Everything that a canary is given. */
export interface CanaryMeans {
  readonly canary: SyncCanary
  /** Of the site: its readings are called `canary:SITE`. */
  readonly site: string
  readonly directory: DirectoryWriter
  /** The tenant, and the way out of here. */
  readonly signInMeans: SignInMeans
  /** The app that reads Graph; absent where the site file has none. */
  readonly reader?: SyntheticSignIn
  /** The bearer token of the SCIM service, read anew each time, or why there is none: nothing of it is in the words. */
  readonly token: () => Promise<{ readonly ok: string } | { readonly why: string }>
  /** Milliseconds between two questions to the target, at first and at the most. */
  readonly pollMs?: { readonly first: number; readonly most: number }
}

/** As it is called in readings and news. */
export const canarySubject = (site: string): string => `canary:${site}`

import type { ServiceTags } from '../../catalog/serviceTags.ts'
import type { AccessRemedy } from '../../model/accessReport.ts'
import type { Identity } from '../identity.ts'

/** Groups as they are known when access is judged: the token's own, or those that Graph was asked for. */
export type KnownGroups =
  | { readonly kind: 'listed'; readonly ids: ReadonlySet<string> }
  /** What a group would grant is denied: not to know of a group is not to be in none. */
  | { readonly kind: 'unknown'; readonly because: 'over-limit' | 'not-told' | 'directory-unreachable' }

/** Everything that access is judged by. */
export interface AccessRequest {
  /** In capitals. */
  readonly method: string
  /** In lower case, without port. */
  readonly host: string
  /** The path that is forwarded, as `readRequestTarget` gives it. */
  readonly path: string
  /** Absent: nobody has signed in, and no token was sent. */
  readonly identity?: Identity
  /** Absent with it. */
  readonly groups?: KnownGroups
  /** Of the client, canonical: the peer's, or the one that a listed proxy tells. */
  readonly address: string
  /** Microsoft's address ranges by service tag; absent: they are not known. */
  readonly publishedRanges?: Pick<ServiceTags, 'contains'>
  /** Of a client certificate that was verified: SHA-256 in lower-case hexadecimal. */
  readonly certificateSha256?: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** Why a criterion holds or does not: a pair of a closed list, told in the record by its name. */
export interface Reason {
  readonly ok: string
  readonly denied: string
  /** What is so when it is denied, as it is told to a person: without secrets, names or ids of others. */
  readonly says: string
  /** `nothing`: this way in is not for whoever asks. */
  readonly remedy: AccessRemedy
}

export type Judged<R extends Reason = Reason> =
  | { readonly ok: true; readonly reason: R['ok'] }
  | { readonly ok: false; readonly reason: R['denied']; readonly says: string; readonly remedy: AccessRemedy }

/** One thing that a way in may ask for: a file of this folder, and a line of its index. */
export interface Criterion<Option> {
  /** What it asks for, for the reference. */
  readonly what: string
  readonly example: Option
  readonly reasons: readonly Reason[]
  readonly judge: (option: Option, request: AccessRequest) => Judged
}

/** @param reason a pair of the criterion's own list */
export function held(reason: Reason): Judged {
  return { ok: true, reason: reason.ok }
}

/** @param reason a pair of the criterion's own list */
export function denied({ denied: reason, says, remedy }: Reason): Judged {
  return { ok: false, reason, says, remedy }
}

/** Without anybody there is nothing to look at: who asks is sent to sign in. */
export const nobody: Reason = {
  ok: 'signed-in',
  denied: 'not-signed-in',
  says: 'nobody has signed in',
  remedy: 'sign-in',
}

import type { Identity, KnownGroups } from '../../identity/index.ts'

/** A session of a browser, as the gate knows it. What lets anybody into it, or asks for it anew, is not in here. */
export interface Session {
  /** 16 hexadecimal digits that name it in the record. */
  readonly name: string
  readonly identity: Identity
  readonly groups: KnownGroups
  /** Of the ID token. */
  readonly issuer: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** Of the last request. Milliseconds since 1970. */
  readonly usedAt: number
  /** When Entra ID last said that the person may come. Milliseconds since 1970. */
  readonly validatedAt: number
}

/** What a session is begun with. */
export interface NewSession {
  readonly identity: Identity
  readonly groups: KnownGroups
  readonly issuer: string
  readonly refreshToken?: string
}

/** What Entra ID said when it was asked again. */
export interface Renewal {
  readonly identity: Identity
  readonly groups: KnownGroups
  /** Absent: the one that is kept stays good. */
  readonly refreshToken?: string
}

/** Why a session ended: a closed list. */
export const endings = {
  'signed-out': 'the person signed out',
  'signed-out-elsewhere': 'Entra ID said that the person signed out',
  revoked: 'an administrator ended it',
  replaced: 'the browser signed in anew',
  'too-many': 'the person has as many as one may have, and this one was used least recently',
  idle: 'no request came for too long',
  over: 'it is as old as a session may get',
  refused: 'Entra ID said that the person may not come any more',
  unrecorded: 'the sign-in could not be written into the record',
} as const satisfies Readonly<Record<string, string>>
export type Ending = keyof typeof endings

/** Which sessions are meant. */
export type Which =
  | { readonly name: string }
  | { readonly tenantId: string; readonly objectId: string }
  /** As front-channel sign-out names one: OpenID Connect Front-Channel Logout 1.0 §3. */
  | { readonly issuer: string; readonly sid: string }
  /** Those of a person but for so many that were used last. */
  | { readonly tenantId: string; readonly objectId: string; readonly besides: number }
  /** Milliseconds since 1970: those that no request came for since, or that began before. */
  | { readonly usedBefore: number }
  | { readonly createdBefore: number }
  | 'all'

/** A session that was ended. */
export interface Ended {
  readonly name: string
  readonly why: Ending
  readonly tenantId: string
  readonly objectId: string
}

/** A sign-in that a browser has begun. */
export interface PendingSignIn {
  readonly nonce: string
  /** PKCE (RFC 7636). */
  readonly verifier: string
  /** A path of the gate's own. */
  readonly returnTo: string
  /** The authentication context that was asked for. */
  readonly context?: string
  /** Milliseconds since 1970. */
  readonly begunAt: number
}

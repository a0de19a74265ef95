import type { Identity, KnownGroups, WayIn } from '../identity/index.ts'
import type { Route } from '../model/route.ts'
import type { ListenedConnection } from '../net/listened.ts'
import type { RequestTarget } from '../wire/requestTarget.ts'

/** Header fields in the order in which they came, names in lower case. */
export type HeaderFields = readonly (readonly [name: string, value: string])[]

/** Who asks, and how that is known. */
export type Caller =
  | { readonly by: 'nobody' }
  | { readonly by: 'token'; readonly identity: Identity; readonly groups: KnownGroups }
  | {
      readonly by: 'session'
      readonly identity: Identity
      readonly groups: KnownGroups
      /** 16 hexadecimal digits that name the session in the record. */
      readonly session: string
    }

/** A request as it stands when the steps begin: read in the one form that is judged and forwarded. */
export interface Asked {
  /** In capitals. */
  readonly method: string
  /** In lower case, without port; one that the gate serves. */
  readonly host: string
  readonly target: RequestTarget
  readonly headers: HeaderFields
  readonly connection: ListenedConnection
  /** Of the client: the peer's, or the one that a listed proxy tells. Canonical. */
  readonly address: string
  /** 32 hexadecimal digits (W3C Trace Context). */
  readonly traceId: string
  /** 16 hexadecimal digits: what a listed proxy before the gate calls its own part of the trace. */
  readonly parentSpan?: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** Asks for another protocol, such as WebSocket. */
  readonly isUpgrade: boolean
  /** A browser that shows what is answered, and not a script or a program: it may be sent to sign in. */
  readonly isNavigation: boolean
}

/** What the gate answers by itself. */
export interface OwnAnswer {
  readonly kind: 'answer'
  readonly status: number
  /** Names in lower case; several of one name stand several times. */
  readonly headers: HeaderFields
  readonly body: string
  /** A word of the closed list, for the record. */
  readonly reason: string
  readonly outcome: 'ok' | 'denied' | 'failed'
  /** The route that decided, and for each of its ways in what was missing. */
  readonly decided?: { readonly route: string; readonly missing: readonly string[] }
  /** Its event is in the record already. */
  readonly isTold?: true
}

/** Lets a request pass to a backend. */
export interface Passing {
  readonly kind: 'pass'
  readonly route: Route
  /** The way in that is open. */
  readonly way: WayIn
  readonly caller: Caller
}

export type Outcome = OwnAnswer | Passing

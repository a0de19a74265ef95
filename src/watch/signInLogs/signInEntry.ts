/** A sign-in as the log of a tenant has it. Ids are in lower case. */
export interface TenantSignIn {
  /** The request id of the tenant: the same in each copy. */
  readonly id: string
  /** By the tenant's clock, milliseconds since 1970. */
  readonly at: number
  /** Client id of the app that was signed in to. */
  readonly app: string
  /** Object id. */
  readonly person?: string
  /** Canonical RFC 5952 text. */
  readonly address?: string
  readonly correlation?: string
  /** 0: somebody was let in. */
  readonly code: number
  readonly resource?: string
  readonly conditionalAccess?: string
}

/** A sign-in as this side knows it: of the record of the gate, or one that the watcher did by itself. */
export interface OwnSignIn {
  readonly id: string
  /** By this side's clock, milliseconds since 1970. */
  readonly at: number
  readonly by: 'gate' | 'probe'
  readonly app: string
  /** Somebody was let in, of which the tenant's log has to know. */
  readonly isIn: boolean
  /** What the log calls it, where it is known: of the gate's failed sign-ins it is not. */
  readonly person?: string
  readonly address?: string
  /** Sent along to the tenant (`client-request-id`). */
  readonly correlation?: string
  /** 32 hexadecimal digits: by it the gate's record tells what came of the request. */
  readonly trace?: string
}

/** Ids are compared by their digits: a GUID is written with hyphens and a trace without. */
export const digitsOf = (id: string): string => id.toLowerCase().replaceAll('-', '')

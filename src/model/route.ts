/** A time of the week at which a way in is open. */
export interface Hours {
  /** Of the week, Monday is 1 and Sunday 7; default: every day. */
  readonly days?: readonly number[]
  /** `HH:MM`, the first minute that counts. */
  readonly from: string
  /** `HH:MM`, the first minute that does not count any more; not after `from`: it is that of the next day. */
  readonly to: string
  /** IANA name of the time zone, such as Europe/Berlin. */
  readonly zone: string
}

/**
 * One way in: everything that it names must hold. Lists are met by one of their members, save scopes, which are all
 * needed.
 */
export interface AccessRule {
  /** Nobody needs to sign in. */
  readonly anonymous?: true
  /** Who has signed in, whoever it is. */
  readonly signedIn?: true
  /** App roles. */
  readonly roles?: readonly string[]
  /** Object ids of groups, in lower case. */
  readonly groups?: readonly string[]
  /** Delegated scopes, all of them. */
  readonly scopes?: readonly string[]
  /** Tenant ids, in lower case. */
  readonly tenants?: readonly string[]
  /** Whether guests of the tenant may come: not at all, or nobody else. */
  readonly guests?: 'denied' | 'only'
  /** Whether apps may come with a token of their own; a rule that does not name them is about people. */
  readonly apps?: 'allowed' | 'only'
  /** Prefixes that the client's address is in, canonical. */
  readonly addresses?: readonly string[]
  /** Service tags of Azure, such as AzureActiveDirectory, in whose published ranges the client's address is. */
  readonly serviceTags?: readonly string[]
  readonly hours?: Hours
  /** SHA-256 fingerprints of client certificates, in hexadecimal; empty: any that was verified. */
  readonly clientCertificates?: readonly string[]
  /** An authentication context of conditional access that the sign-in must have satisfied, c1 to c99. */
  readonly authenticationContext?: string
  /** Methods of the sign-in of which v1.0 tokens tell, such as mfa. */
  readonly authenticationMethods?: readonly string[]
}

/** Who may ask for what. */
export interface Route {
  /** Names the route in the record and to people. */
  readonly id: string
  /** Host names that it is for; default: every one of the gate's. */
  readonly hosts?: readonly string[]
  /** Methods in capitals; default: every one. */
  readonly methods?: readonly string[]
  /** A path alone, or with `/*` at its end that and everything below it. Compared without regard to case. */
  readonly path: string
  /** Ways in, of which one suffices; without any nobody comes in. */
  readonly allow: readonly AccessRule[]
  /** The backend that it leads to; absent: the only one that there is. */
  readonly to?: string
  /** In the place of `to`: parts of the callers by backend, 0 to 1,000 each. One caller stays at one backend. */
  readonly shares?: Readonly<Record<string, number>>
  /** Origins besides the gate's own whose pages may open WebSockets here. */
  readonly webSocketOrigins?: readonly string[]
}

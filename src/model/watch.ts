import type { Severity } from './finding.ts'

/** Where alerts, or the events of the record, go. Settings of a kind are read by the outlet itself. */
export interface OutletSettings {
  /** Its key under `watch.outlets`. */
  readonly name: string
  readonly kind: string
  /** What is not as grave is not told; absent: everything. */
  readonly least?: Severity
  /** What it takes. */
  readonly takes: readonly ('alerts' | 'events')[]
  readonly settings: Readonly<Record<string, unknown>>
}

/** Days and hours at which nothing is told, and the history says so. */
export interface MaintenanceWindow {
  readonly name: string
  /** 0 is Sunday; absent: every day. */
  readonly days?: readonly number[]
  /** Minutes since midnight in `zone`; `to` below `from` passes midnight. */
  readonly from: number
  readonly to: number
  /** IANA name, such as `Europe/Berlin`. */
  readonly zone: string
  /** Hosts, networks or flow ids that it speaks of; absent: all of the site. */
  readonly of?: readonly string[]
}

/** A sign-in that the watcher does by itself. */
export interface SyntheticSignIn {
  readonly name: string
  readonly kind: 'client-credentials' | 'user' | 'before-credentials'
  readonly everySeconds: number
  readonly client?: string
  readonly scope?: string
  /** PEM files of the certificate that the app proves itself with. */
  readonly certificate?: { readonly certificate: string; readonly key: string }
  /** `env:NAME` or `file:PATH`, never the secret itself. */
  readonly secret?: string
  /** Of `user`: the dedicated test account, as it signs in. */
  readonly account?: { readonly name: string }
  /** Of `user`: where the tenant sends the browser back to, letter by letter as it is registered. */
  readonly redirectUri?: string
  /** What the token must be for; absent: what the scope says. */
  readonly audience?: string
  /** Minutes that a token must last, 1 to 1,440; absent: 10. */
  readonly leastMinutes?: number
  /** Of `before-credentials`: what is asked, such as the federation service or Seamless SSO's endpoint. */
  readonly url?: string
  /** Claims that the token must have, by name. */
  readonly claims?: Readonly<Record<string, string>>
}

/** The change in the directory whose way to the cloud is timed. */
export interface SyncCanary {
  readonly object: string
  readonly attribute: string
  /** `ldaps://dc01.corp.example`. */
  readonly directory: string
  readonly account: { readonly name: string; readonly password: string }
  readonly target: {
    readonly kind: 'graph' | 'scim'
    readonly url?: string
    readonly object: string
    readonly attribute: string
    /** Of `graph`: the sign-in of kind client-credentials whose app reads it; absent: the first of them. */
    readonly signIn?: string
    /** Of `scim`: where its bearer token is to be found, never the token itself. */
    readonly token?: string
  }
  readonly everySeconds: number
  /** After which it counts as not arrived. */
  readonly withinSeconds: number
}

/** Where the sign-in log of the tenant is read, and how long it has for its entries. */
export interface SignInLogs {
  /** The sign-in of kind client-credentials whose app reads Microsoft Graph; absent: the first of them. */
  readonly signIn?: string
  /** In its place: a file that the log is exported to, relative to the site file. */
  readonly file?: string
  readonly everySeconds: number
  readonly latencyMinutes: number
  readonly toleranceSeconds: number
}

/** `watch:` of the site file, checked and with its defaults filled in. */
export interface WatchSettings {
  /** Between two looks at one flow. */
  readonly everySeconds: number
  /** By flow id; absent ones are looked at every `everySeconds`. */
  readonly flows: Readonly<Record<string, { readonly everySeconds: number }>>
  /** The longest single wait of a look. */
  readonly timeoutMs: number
  /** Looks at once. */
  readonly concurrency: number
  /** Looks that must fail again within ten seconds before a failure counts. */
  readonly confirmations: number
  readonly maintenance: readonly MaintenanceWindow[]
  readonly history: {
    /** Path of the database, relative to the site file. */
    readonly file: string
    readonly rawDays: number
    readonly failureDays: number
    readonly sketchDays: number
    readonly mostMib: number
  }
  readonly signIns: readonly SyntheticSignIn[]
  readonly canary?: SyncCanary
  readonly signInLogs?: SignInLogs
  readonly outlets: readonly OutletSettings[]
  /** Of `http://127.0.0.1:PORT`: the API and the metrics. */
  readonly administrationPort: number
  /** A year's share of minutes that may be bad, such as 0.999. */
  readonly objective: number
  /** IANA name by which phases of periods are told; absent: the machine's. */
  readonly zone?: string
}

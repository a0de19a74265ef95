import type { AuditOnWire, FlowOnWire } from './auditOnWire.ts'
import type { Finding } from './finding.ts'
import type { Flow } from './flow.ts'
import type { Vendor } from './vendor.ts'

/**
 * What the configurations do with a flow. `may`: it depends on what they do not settle; `misdirected`: it passes and
 * arrives elsewhere; `no-path`: no route or translation leads on; `unknown-ref`: the rule that would decide refers to
 * what is not there.
 */
export const auditVerdicts = ['allow', 'deny', 'may', 'misdirected', 'no-path', 'unknown-ref'] as const
export type AuditVerdict = (typeof auditVerdicts)[number]

/** How a flow meets a device: through it, from the machine that it guards, or to it. */
export const passages = ['forward', 'output', 'input'] as const
export type AuditPassage = (typeof passages)[number]

export const stepKinds = ['allows', 'drops', 'rejects', 'translates', 'routes', 'inspects', 'may'] as const

/** A rule by which a verdict came about, or what a device does where no rule matches. */
export interface AuditStep {
  readonly device: string
  /** The list or stage that the rule stands in. */
  readonly stage: string
  /** As the vendor's own tools call it. */
  readonly rule: string
  readonly does: (typeof stepKinds)[number]
  /** Absent with all below for what the vendor does without a line of its own. */
  readonly file?: string
  /** From 1. */
  readonly line?: number
  readonly lastLine?: number
  /** RFC 6901 pointer or XML path, where the format is a tree. */
  readonly path?: string
  /** The statement as it stands there, on one line. */
  readonly text?: string
  /** On the way back: the answer is held against it. */
  readonly answer?: true
  /** Of what follows the answer, on the way there: packets of an established connection. */
  readonly later?: true
}

/** Something that the configurations do not settle. */
export interface AuditDependency {
  /** `names`, `tag`, `dynamic-set`, `reference`, `time`, `user`, `application`, `process`, `limit`, `packet`, `place`, `unread`, `other`. */
  readonly kind: string
  /** In words that go on from *depends on*. */
  readonly what: string
  readonly device?: string
}

/** Addresses as prefixes, `first-last`, or `any`; ports as numbers and ranges. */
export interface AuditEnds {
  readonly sources: readonly string[]
  readonly destinations: readonly string[]
  /** `tcp`, `udp`, `icmp`, `icmpv6` or an IANA number. */
  readonly protocol: string
  /** Ports of the end that accepts; empty for ICMP. */
  readonly ports: readonly string[]
}

/** Exactly one part of a flow, and what becomes of it. */
export interface AuditPart {
  readonly verdict: AuditVerdict
  /** Whether a denial is silent or answered. */
  readonly denial?: 'drop' | 'reject'
  readonly for: AuditEnds
  /** The proxy of the site or the name that this part is about, where it is not the flow's own target: `egress`. */
  readonly leg?: string
  /** What it is where it leaves the last device, where something was translated. */
  readonly to?: Partial<Pick<AuditEnds, 'sources' | 'destinations' | 'ports'>>
  /** In the order in which they were met; the deciding one last. */
  readonly decidedBy: readonly AuditStep[]
  readonly dependsOn: readonly AuditDependency[]
  /** TLS is opened on the way; `may` where it depends. */
  readonly inspected?: 'yes' | 'may'
  /** How a name was matched: by itself, or by addresses that were published or looked up on a day. */
  readonly by?: 'name' | 'dated-addresses'
}

/** One flow with what the configurations do with it. */
export interface AuditFlowReport extends Flow {
  readonly verdict: AuditVerdict
  /** Whether a denial is silent or answered; `mixed` where parts of the flow differ. */
  readonly denial?: 'drop' | 'reject' | 'mixed'
  /** What is so, in one sentence. */
  readonly says: string
  /** What would mend it. */
  readonly fix?: string
  /** The devices that it meets, in their order. */
  readonly through: readonly { readonly device: string; readonly passage: AuditPassage }[]
  /** The date of the list that the addresses of its target are from; absent where no list was needed or given. */
  readonly addressesAsOf?: string
  /** Of the part that decides; the deciding rule last. */
  readonly decidedBy: readonly AuditStep[]
  readonly dependsOn: readonly AuditDependency[]
  readonly parts: readonly AuditPart[]
  /** What a check saw of it, where the audit was held against one that has it. */
  readonly wire?: FlowOnWire
}

/** Flows that no configuration at hand speaks of, and why: counted, never guessed. */
export interface NotJudged {
  /** Why, in words: `no device known between connect01 and dc01`. */
  readonly why: string
  /** What to add so that they are judged. */
  readonly add: string
  /** Ids of the flows. */
  readonly flows: readonly string[]
  /** How many, since one id may stand for several. */
  readonly count: number
  /** How many of them are required. */
  readonly required: number
}

export interface AuditedDevice {
  readonly name: string
  readonly vendor: Vendor
  readonly files: readonly string[]
  /** Groups, policies, virtual devices: what the files hold that is judged by itself. */
  readonly ruleSets: readonly string[]
  readonly statements: number
  readonly understood: number
}

/** A table of addresses that was given, and its date. */
export interface AuditTable {
  readonly file: string
  readonly kind: 'service-tags' | 'endpoints' | 'names'
  /** ISO 8601 date: that of the file's name, else that of the file. */
  readonly asOf: string
  readonly entries: number
}

export interface UnreadLine {
  readonly file: string
  readonly line: number
  readonly text: string
  readonly why: string
}

export interface AuditCoverage {
  readonly statements: number
  readonly understood: number
  /** At most some thousands are listed: `statements` less `understood` is how many there are. */
  readonly unread: readonly UnreadLine[]
}

export interface AuditSummary {
  readonly allow: number
  readonly deny: number
  readonly may: number
  readonly misdirected: number
  readonly noPath: number
  readonly unknownRef: number
  /** Flows that must be closed and are denied on paper; they count in the verdicts above as well. */
  readonly closed: number
  /** Flows that must be closed and are allowed on paper. */
  readonly forbiddenOpen: number
  /** Flows without a device whose configuration is known. */
  readonly notJudged: number
  /** Required flows that were judged and not allowed without reserve. */
  readonly requiredNotProven: number
}

/** The documented report of `postern audit`. */
export interface AuditReport {
  readonly postern: string
  readonly kind: 'audit'
  readonly site: string
  readonly startedAt: string
  readonly durationMs: number
  /** True when Ctrl-C ended it: flows that were not reached are not in it. */
  readonly interrupted: boolean
  readonly catalog: { readonly asOf: string }
  readonly devices: readonly AuditedDevice[]
  readonly tables: readonly AuditTable[]
  /** `names:` of the site file: where a name is served instead of in public. */
  readonly names: Readonly<Record<string, string>>
  /** Absent where the audit was held against no check. */
  readonly wire?: AuditOnWire
  readonly summary: AuditSummary
  readonly flows: readonly AuditFlowReport[]
  readonly notJudged: readonly NotJudged[]
  readonly findings: readonly Finding[]
  readonly coverage: AuditCoverage
}

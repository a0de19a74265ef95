import type { Cloud } from '../model/cloud.ts'
import type { Finding } from '../model/finding.ts'
import type { Flow, Necessity } from '../model/flow.ts'
import type { Vendor } from '../model/vendor.ts'
import type { AddressRange } from './addresses.ts'
import type { AskedFlow, JudgedPath, Knowledge, PathDevice } from './judged.ts'
import type { RuleSet } from './ruleset.ts'
import type { Coverage } from './source.ts'

/** A device whose configuration was read. */
export interface AuditedDevice {
  /** As the site calls it; without a site, its vendor. */
  readonly label: string
  readonly vendor: Vendor
  readonly ruleSets: readonly RuleSet[]
  readonly coverage: Coverage
}

/** A flow that was asked of the devices on its way, and what they do with it. */
export interface AuditedFlow {
  /** Its id in the plan, or the question as it was typed. */
  readonly id: string
  readonly expect: 'open' | 'closed'
  readonly necessity: Necessity
  /** `tcp/636 dc01.corp.example from connect01`: what a finding calls it. */
  readonly title: string
  readonly asked: AskedFlow
  readonly devices: readonly PathDevice[]
  readonly judged: JudgedPath
  /** The flow of the plan that it is; absent for a question of the command line. */
  readonly planned?: Flow
}

/** What the site file says of what is audited. */
export interface AuditedSite {
  readonly cloud: Cloud
  /** Every flow of the plan, judged or not. */
  readonly planned: readonly Flow[]
  /** Addresses of its hosts and networks. */
  readonly inside: readonly AddressRange[]
}

/** What findings are made from. */
export interface Audited {
  readonly devices: readonly AuditedDevice[]
  /** Empty where nothing was asked. */
  readonly flows: readonly AuditedFlow[]
  readonly knowledge: Knowledge
  /** Absent where files were given without a site file: nobody knows what is needed, and what is inside. */
  readonly site?: AuditedSite
}

/**
 * One kind of finding, or several that are found together. Pure and bounded: a rule set of 30,000 rules has a few hundred
 * findings at most, the gravest first, and says how many more there are.
 */
export type FindingRule = (audited: Audited) => readonly Finding[]

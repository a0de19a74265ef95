import type { Finding } from '../model/finding.ts'
import type { Necessity } from '../model/flow.ts'
import type { Vendor } from '../model/vendor.ts'
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
}

/** What findings are made from. */
export interface Audited {
  readonly devices: readonly AuditedDevice[]
  /** Empty where nothing was asked. */
  readonly flows: readonly AuditedFlow[]
  readonly knowledge: Knowledge
}

/**
 * One kind of finding, or several that are found together. Pure and bounded: a rule set of 30,000 rules has a few hundred
 * findings at most, the gravest first, and says how many more there are.
 */
export type FindingRule = (audited: Audited) => readonly Finding[]

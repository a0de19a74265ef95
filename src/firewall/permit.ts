import type { Necessity, Phase } from '../model/flow.ts'
import type { AddressRange } from './addresses.ts'
import type { Passage } from './judged.ts'
import type { NumberRange } from './ruleset.ts'

/** One end of an opening. Either its addresses are known, or a name, or both. */
export interface PermitEnd {
  /** As the site calls it: a host, network or role. */
  readonly label: string
  /** Of the site file, of a list of Microsoft's, or looked up; empty where nobody knows them. */
  readonly ranges: readonly AddressRange[]
  /** The name that is dialled, or Microsoft's pattern of it. */
  readonly name?: string
  /** The service tag under which Azure's own firewalls know the addresses. */
  readonly tag?: string
  /** ISO 8601 date of a list that `ranges` were taken from: they change, and the rule has to follow. */
  readonly asOf?: string
  /** What that list is called. */
  readonly source?: string
}

/** One opening that a firewall is asked for: what a rule has to let pass, and why. */
export interface Permit {
  /** Unique among the permits of one plan, made of letters, digits and hyphens, at most 60 characters. */
  readonly id: string
  /** Flows of the plan that need it. */
  readonly flows: readonly string[]
  /** What it is for, on one line: it stands in the rule's own comment. */
  readonly why: string
  readonly from: PermitEnd
  readonly to: PermitEnd
  readonly transport: 'tcp' | 'udp' | 'icmp'
  /** Sorted, none over or beside another; empty for ICMP, whose echo is meant. */
  readonly ports: readonly NumberRange[]
  /** How a proxy is asked for it: plain HTTP for port 80, else a tunnel. */
  readonly request: 'connect' | 'plain'
  readonly necessity: Necessity
  /** `setup`: the rule may go when the set-up is done. */
  readonly phase?: Phase
  /** How it meets the device where that is not as {@link import('./writer.ts').WriteOptions.passage} says: a machine that opens some connections and accepts others. */
  readonly passage?: Passage
}

/** A flow of the plan that no rule of a platform can say, and why. */
export interface NotPermitted {
  readonly flow: string
  /** The permit that a writer could not say; absent where there is none. */
  readonly permit?: string
  /** The name in `why` that it is about: what is wanting for many names can be told once. */
  readonly name?: string
  /** In words that go on from *no rule is written for it:* … */
  readonly why: string
  /** What else lets it pass, as an order in words. */
  readonly instead: string
}

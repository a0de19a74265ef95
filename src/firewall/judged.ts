import type { Addresses, AddressRange } from './addresses.ts'
import type { NumberRange, RuleSet } from './ruleset.ts'
import type { Span } from './source.ts'
import type { Unknown } from './unknown.ts'

/** A conversation that is asked about. */
export interface AskedFlow {
  readonly source: readonly AddressRange[]
  /** Where it goes. Absent where only a name is known: then it is some address, and nobody knows which. */
  readonly destination?: readonly AddressRange[]
  /** When the list of `destination` was published or looked up (ISO 8601 date), where it stands for a name. */
  readonly destinationAsOf?: string
  /** The required name, or Microsoft's pattern (`*.msappproxy.net`). */
  readonly name?: string
  /** `icmp` is an echo request (RFC 792, RFC 4443 §4.1), and its answer the reply. */
  readonly transport: 'tcp' | 'udp' | 'icmp'
  /** Ports of the end that accepts; empty for ICMP. */
  readonly ports: readonly NumberRange[]
  /** Ports of the end that opens; absent: what systems choose from, 1024 to 65535. */
  readonly sourcePorts?: NumberRange
  /** How a proxy would be asked for it. */
  readonly request: 'connect' | 'plain'
  /** Interface or zone of the device by which it comes in and goes out; absent: by the networks behind them. */
  readonly in?: string
  readonly out?: string
}

/** How the flow meets the device: through it, from the machine that it guards, or to it. */
export type Passage = 'forward' | 'output' | 'input'

/** A step by which a verdict came about. */
export interface DecidedBy {
  /** The stage, as {@link import('./ruleset.ts').Stage} names it. */
  readonly stage: string
  /** Name of the rule, or of what is done where none matches. */
  readonly rule: string
  /** Absent for what the vendor does without a line of its own. */
  readonly span?: Span
  readonly does: 'allows' | 'drops' | 'rejects' | 'translates' | 'routes' | 'inspects' | 'may'
  /** On the way back. */
  readonly answer?: true
  /** Of what follows the answer: packets of the flow with ACK and without SYN, of a connection that is established. */
  readonly later?: true
}

/** Part of an asked flow, and what becomes of it. */
export interface JudgedPart {
  readonly verdict: 'allow' | 'drop' | 'reject' | 'may' | 'no-path' | 'unknown-ref'
  /** Exactly what the part is: of the flow as it came. */
  readonly family: 4 | 6
  readonly source: readonly AddressRange[]
  readonly destination: readonly AddressRange[]
  readonly protocol: number
  readonly ports: readonly NumberRange[]
  /** Where only some of the ports of the end that opens are concerned. */
  readonly sourcePorts?: readonly NumberRange[]
  /** What it is after the device, where something was translated. */
  readonly becomes?: {
    readonly source?: readonly AddressRange[]
    readonly destination?: readonly AddressRange[]
    readonly ports?: readonly NumberRange[]
  }
  /** Where it leaves the device, where that is known. */
  readonly out?: string
  /**
   * The rules that decided, in the order in which they were met. What denies is last; behind what allows there may be
   * translations, and rules that let the answer back.
   */
  readonly decidedBy: readonly DecidedBy[]
  /** For `may` and `unknown-ref`: on what it depends. */
  readonly dependsOn: readonly Unknown[]
  /** TLS is opened on the way; `may` where it depends. */
  readonly inspected?: 'yes' | 'may'
  /** How a name was matched: by the name itself, or by addresses that were published or looked up on a day. */
  readonly by?: 'name' | 'dated-addresses'
}

/** What a device does with an asked flow. */
export interface Judged {
  /**
   * Over all parts: of addresses that are known all must pass, of an unknown address nothing is denied unless all of
   * them are.
   */
  readonly verdict: 'allow' | 'deny' | 'may' | 'no-path' | 'unknown-ref'
  /** Whether a denial drops or rejects; `mixed` where parts differ. */
  readonly denial?: 'drop' | 'reject' | 'mixed'
  readonly parts: readonly JudgedPart[]
}

/** What is known of tags and names, with its date. */
export interface Knowledge {
  /** Addresses of a tag such as `AzureActiveDirectory` or `Storage.WestEurope`; undefined where no table has it. */
  readonly tag: (name: string) => { readonly addresses: Addresses; readonly asOf: string } | undefined
  /** Addresses of a name; undefined where no table has it. */
  readonly name: (name: string) => { readonly addresses: readonly AddressRange[]; readonly asOf: string } | undefined
}

/** A device on the way of a flow, for {@link import('./judgePath.ts').judgePath}. */
export interface PathDevice {
  /** As the site calls it. */
  readonly label: string
  /** Each of them is asked in this order, and all must let the flow pass: the NSG of a subnet, then that of a card. */
  readonly ruleSets: readonly RuleSet[]
  readonly passage: Passage
  /** Interface or zone of this device by which the flow comes in and goes out; absent: by the networks behind them. */
  readonly in?: string
  readonly out?: string
  /**
   * For a device that is asked for names and opens the connection itself: where it listens, and from where it connects.
   * What stands before it sees a flow to `listens`, what stands behind it one from `connectsFrom`.
   */
  readonly proxy?: {
    readonly listens: readonly AddressRange[]
    readonly ports: readonly NumberRange[]
    /** Absent: the same addresses as `listens`. */
    readonly connectsFrom?: readonly AddressRange[]
  }
}

/** A step of a verdict over several devices. */
export interface PathStep extends DecidedBy {
  /** Label of the device. */
  readonly device: string
  /** Name of the rule set. */
  readonly ruleSet: string
}

/** Part of an asked flow, and what becomes of it on its way; every set is of the flow as it set out. */
export interface JudgedPathPart extends Omit<JudgedPart, 'verdict' | 'decidedBy'> {
  readonly verdict: JudgedPart['verdict'] | 'misdirected'
  readonly decidedBy: readonly PathStep[]
  /** For `misdirected`: where it arrives instead. */
  readonly to?: readonly AddressRange[]
  /** The name of where it arrives, where nobody knows its address. */
  readonly toName?: string
  /** Label of the device at which it ended, or of the last one that made it doubtful. */
  readonly at?: string
}

/** What the devices of a path do together. Of several failures the verdict is the first of: deny, misdirected, no-path, may, unknown-ref. */
export interface JudgedPath {
  readonly verdict: Judged['verdict'] | 'misdirected'
  readonly denial?: 'drop' | 'reject' | 'mixed'
  readonly parts: readonly JudgedPathPart[]
}

import type { Addresses, AddressRange } from './addresses.ts'
import type { NumberRange } from './ruleset.ts'
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
  /** What it is after the device, where something was translated. */
  readonly becomes?: {
    readonly source?: readonly AddressRange[]
    readonly destination?: readonly AddressRange[]
    readonly ports?: readonly NumberRange[]
  }
  /** Where it leaves the device, where that is known. */
  readonly out?: string
  /** The rules that decided, in the order in which they were met; the deciding one last. */
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

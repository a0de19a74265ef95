import type { CauseCode, Confidence, Owner } from '../../src/model/cause.ts'
import type { Finding } from '../../src/model/finding.ts'
import type { VerdictKind } from '../../src/model/verdict.ts'
import type { Feature } from './features.ts'
import type { Machine } from './places.ts'
import type { FlowId } from './site.ts'

/** What the check has to say of some flows. */
export interface Expected<Id extends string = FlowId> {
  readonly flows: readonly Id[]
  /** Not all of these need meet it; those that do not must be well. */
  readonly which?: 'some'
  readonly verdict: VerdictKind
  readonly cause: CauseCode
  readonly confidence: Confidence
  readonly owner: Owner
}

/** One thing that the kernel does to packets, how a plain client meets it, and what the check has to say. */
export interface Row<Id extends string = FlowId> {
  readonly id: string
  readonly breaks: string
  readonly needs?: readonly Feature[]
  /** Statements of the chain that the firewall's forwarded packets pass; it goes with the row. */
  readonly forward?: string
  /** Sets that these statements speak of. */
  readonly sets?: string
  /** The same of packets that the firewall sends itself, such as its ICMP messages. */
  readonly says?: string
  /** Statements that lead new connections through the firewall elsewhere (destination NAT). */
  readonly leads?: string
  /** Statements of the chains that a machine's own packets pass: what comes in for it, and what it sends. */
  readonly hosts?: readonly { readonly on: Machine; readonly input?: string; readonly output?: string }[]
  /** Programs that are run on a machine, and what undoes each, in their order; `$FOLDER` is that of the network. */
  readonly does?: readonly {
    readonly on: Machine
    readonly set: readonly [program: string, ...args: string[]]
    readonly clear: readonly [program: string, ...args: string[]]
  }[]
  /** Where plain client and check run, and what the site file calls that host; default: the client, `here`. */
  readonly from?: { readonly on: Machine; readonly host: string }
  /** The text of the site file; default: that of the test. */
  readonly site?: string
  /** Variables of the check's environment; `$FOLDER` is that of the network. */
  readonly environment?: Readonly<Record<string, string>>
  /** `--capture` of the check, which needs tcpdump. */
  readonly capture?: true
  /** Paths are traced, which needs traceroute: what is said of the flows that fail, or that there is nothing to trace. Default: `--no-trace`. */
  readonly traces?: RegExp | 'nothing'
  /** What can be read afterwards somewhere, where a client that gets through shows nothing. */
  readonly leaves?: { readonly on: Machine; readonly command: string; readonly mark: RegExp }
  /** Settings of the firewall's conntrack: name, value, and the one that it has usually. */
  readonly settings?: readonly (readonly [name: string, value: string, usual: string])[]
  /** `--idle` of the check. */
  readonly idleSeconds?: number
  /** `--loss` and `--rate` of the check. */
  readonly lossCount?: number
  readonly ratePerSecond?: number
  /** `--every-address` of the check. */
  readonly everyAddress?: true
  /** The firewall keeps every packet that it forwards for so many milliseconds. */
  readonly delaysMs?: number
  /** A token bucket on an interface. */
  readonly shapes?: { readonly on: Machine; readonly device: string; readonly rate: string }
  /** `ip` commands, and what undoes each, in their order. */
  readonly ways?: readonly { readonly on: Machine; readonly set: string; readonly clear: string }[]
  /** What the plain client is to do, and what it says when the fault is in place. */
  readonly tasks: readonly string[]
  readonly shows: string
  /** What is asked for; every other flow of these must come out as in a network in order. */
  readonly asks: readonly Id[]
  readonly expect?: Expected<Id>
  /** Codes of the findings about what is well all the same, where nothing fails; default: there are none. */
  readonly finds?: readonly Finding['code'][]
  /** What is told of one of its flows besides, where a verdict alone does not say it. */
  readonly tells?: RegExp
  /** Flows that the same fault rightly breaks too, in other words. */
  readonly consequences?: readonly Expected<Id>[]
  /** The longest single wait of the check in milliseconds; default 2000. */
  readonly timeoutMs?: number
}

import type { RecordedEvent } from '../model/event.ts'
import type { Alert } from '../model/incident.ts'
import type { Limits } from '../net/net.ts'
import type { OutletNet } from '../net/outletNet.ts'
import type { Settings, SettingsOf } from './setting.ts'
import { readSettings } from './setting.ts'

/** One thing that is told. */
export type Told =
  | { readonly kind: 'alert'; readonly alert: Alert }
  | { readonly kind: 'event'; readonly event: RecordedEvent }

/** What became of what was sent. Words are for a terminal: no secret is in them, and what others said is one short line. */
export type Delivery =
  | {
      readonly kind: 'taken'
      readonly says: string
      /** What of it was not taken, such as one of several receivers. */
      readonly lacks?: string
    }
  /** For good: the same would come to the same again. */
  | { readonly kind: 'refused'; readonly says: string }
  /** Not now; `afterMs` where the other side said when to come again. */
  | { readonly kind: 'later'; readonly says: string; readonly afterMs?: number }

/** Adds lines to a file: outlets touch none. */
export type AppendLines = (
  file: string,
  lines: readonly string[],
  rotation: { readonly mostOctets: number; readonly keep: number },
) => Promise<{ readonly octets: number } | { readonly why: string }>

/** What outlets get from outside. */
export interface OutletTools {
  readonly net: Pick<OutletNet, 'post' | 'mail' | 'frames'>
  /** Reads a secret by its reference, each time that it is needed: what was replaced counts at once. */
  readonly secret: (reference: string) => Promise<{ readonly ok: string } | { readonly why: string }>
  readonly append: AppendLines
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number
  /** Of Postern. */
  readonly version: string
}

/** Sends what it is given, in its order, and never throws for what the network did; at least one, at most `atOnce`. */
export type Send = (told: readonly Told[], limits: Limits) => Promise<Delivery>

/** A kind of outlet, as the registry has it. */
export interface OutletRow {
  /** What it is: a sentence for the reference. */
  readonly what: string
  readonly takes: readonly ('alerts' | 'events')[]
  /** Things that are sent in one go at most. */
  readonly atOnce: number
  readonly settings: Settings
  /** The outlet with its settings, or what is wrong with these. */
  readonly open: (
    given: Readonly<Record<string, unknown>>,
    tools: OutletTools,
  ) => Promise<{ readonly ok: Send } | { readonly why: string }>
}

/** A row of the registry; what sends is loaded when it is opened. */
export function outletOf<const Rows extends Settings>(
  row: Pick<OutletRow, 'what' | 'takes' | 'atOnce'> & {
    readonly settings: Rows
    readonly load: () => Promise<(settings: SettingsOf<Rows>, tools: OutletTools) => Send>
  },
): OutletRow {
  const { load, ...told } = row
  return {
    ...told,
    async open(given, tools) {
      const read = readSettings(row.settings, given)
      return 'why' in read ? read : { ok: (await load())(read.ok, tools) }
    },
  }
}

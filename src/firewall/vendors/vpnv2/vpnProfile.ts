import type { AddressRange } from '../../addresses.ts'
import type { NamePattern } from '../../namePattern.ts'
import type { NumberRange } from '../../ruleset.ts'
import type { Span, UnreadStatement } from '../../source.ts'
import { rangeOf } from '../windows/addressTerms.ts'

/** A rule of what may go by the tunnel. A list that is absent asks nothing. */
export interface TrafficRule {
  readonly name: string
  readonly span: Span
  readonly direction: 'outbound' | 'inbound'
  readonly protocol?: number
  readonly localPorts?: readonly NumberRange[]
  readonly remotePorts?: readonly NumberRange[]
  readonly localAddresses?: readonly AddressRange[]
  readonly remoteAddresses?: readonly AddressRange[]
  /** The program, where the rule is for one. */
  readonly app?: string
  readonly claims?: string
  /** Everything of the program goes into the tunnel, whatever the routes. */
  readonly forces: boolean
  /** Conditions that were not understood. */
  readonly faults: readonly string[]
}

/** A VPN profile of Windows, from ProfileXML or Intune. */
export interface VpnProfile {
  readonly name: string
  readonly span: Span
  /** Undefined where the profile does not say. */
  readonly routing: 'split' | 'force' | undefined
  /** A route to the class of the address that the client is given. */
  readonly hasClassRoute: boolean
  readonly lockDown: boolean
  /** The store app that makes the tunnel, whose server sets routes. */
  readonly plugin: boolean
  readonly routes: readonly {
    readonly to: AddressRange
    readonly isExcluded: boolean
    readonly metric?: number
    readonly span: Span
  }[]
  readonly rules: readonly TrafficRule[]
  /** Only these programs may use the tunnel. */
  readonly onlyApps: readonly string[]
  /** Names for which programs are told a web proxy. */
  readonly proxied: readonly { readonly names: readonly NamePattern[]; readonly proxy: string; readonly span: Span }[]
}

export interface ReadProfiles {
  readonly profiles: readonly VpnProfile[]
  readonly unread: readonly UnreadStatement[]
  readonly understood: number
}

/** `100-120, 443`; undefined where a part is none. */
export function portRanges(text: string): readonly NumberRange[] | undefined {
  const ranges = termsOf(text).map((term) => {
    const match = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(term)
    const first = Number(match?.[1])
    const last = Number(match?.[2] ?? match?.[1])
    return match !== null && first <= last && last <= 65535 ? { first, last } : undefined
  })
  const whole = ranges.filter((range) => range !== undefined)
  return whole.length === ranges.length && whole.length > 0 ? whole : undefined
}

/** `10.0.0.0-10.255.255.255, 192.0.2.0/24`; undefined where a part is none. */
export function addressRanges(text: string): readonly AddressRange[] | undefined {
  const ranges = termsOf(text).map((term) => rangeOf(term.replace(/\s/g, '')))
  const whole = ranges.filter((range) => range !== undefined)
  return whole.length === ranges.length && whole.length > 0 ? whole : undefined
}

function termsOf(text: string): readonly string[] {
  return text
    .split(/[,;]/)
    .map((term) => term.trim())
    .filter((term) => term !== '')
}

/** A name of the table of name rules: `.corp.example` and what is below it, `.` everything, else exactly. */
export function ruleName(text: string): NamePattern {
  const name = text.toLowerCase().replace(/\.$/, '')
  if (text === '.') return { text, name: '', covers: 'any' }
  return name.startsWith('.') ? { text, name: name.slice(1), covers: 'at-or-below' } : { text, name, covers: 'exactly' }
}

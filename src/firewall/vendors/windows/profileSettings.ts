import type { Span } from '../../source.ts'
import type { Entry } from './entry.ts'
import { single } from './entry.ts'
import type { ProfileName } from './words.ts'
import { defaultActionOf, isOn, profileNames } from './words.ts'

/** What a profile does with packets that no rule is about. */
export interface ProfileSettings {
  readonly isEnabled: boolean
  /** Undefined: the files say several things, or nothing that is understood. */
  readonly inbound: 'allow' | 'block' | undefined
  readonly outbound: 'allow' | 'block' | undefined
  /** False: everything inbound is blocked, whatever the rules allow. */
  readonly allowsInbound: boolean
  readonly mergesLocalRules: boolean
  readonly span: Span
}

/**
 * Settles each profile of which the files have settings. A policy's setting comes before a local one; what is
 * NotConfigured or absent is as Windows has it: on, inbound blocked, outbound allowed, local rules merged.
 */
export function settingsOf(entries: readonly Entry[]): {
  readonly profiles: ReadonlyMap<ProfileName, ProfileSettings>
  /** Profiles and values that are not understood. */
  readonly faults: readonly { readonly entry: Entry; readonly why: string }[]
} {
  const profiles = new Map<ProfileName, ProfileSettings>()
  const faults: { entry: Entry; why: string }[] = []
  const byName = new Map<ProfileName, Entry[]>()
  for (const entry of entries) {
    const word = (single(entry, 'name') ?? single(entry, 'profile') ?? single(entry, 'instanceid') ?? '').toLowerCase()
    const name = profileNames.find((known) => word === known || word.endsWith(`|${known}`))
    if (name === undefined) faults.push({ entry, why: `"${word.slice(0, 60)}" is none of Domain, Private and Public` })
    else {
      const same = byName.get(name)
      if (same === undefined) byName.set(name, [entry])
      else same.push(entry)
    }
  }
  for (const [name, all] of byName) {
    const policies = all.filter(({ store }) => store === 'policy')
    const ordered = [...policies, ...all.filter(({ store }) => store !== 'policy')]
    const [first] = ordered
    if (first === undefined) continue
    const found = <T>(
      field: string,
      read: (value: string | undefined) => T | 'not-configured' | undefined,
    ): T | 'not-configured' | undefined => {
      const given = ordered.flatMap((entry) => {
        const written = single(entry, field)
        if (written === undefined) return []
        const value = read(written)
        if (value === undefined) faults.push({ entry, why: `${field} "${written.slice(0, 40)}" is not understood` })
        return value === 'not-configured' ? [] : [{ value, isPolicy: entry.store === 'policy' }]
      })
      const [decisive] = given
      if (decisive === undefined) return 'not-configured'
      if (decisive.isPolicy || given.every(({ value }) => value === decisive.value)) return decisive.value
      faults.push({ entry: first, why: `the files differ in ${field} of the profile ${name}` })
      return undefined
    }
    const setting = (value: string | undefined) => isOn(value, 'setting')
    const orDefault = <T>(value: T | 'not-configured' | undefined, byDefault: T): T | undefined =>
      value === 'not-configured' ? byDefault : value
    profiles.set(name, {
      // A switch that is not understood is told above; the profile is taken as one that filters.
      isEnabled: orDefault(found('enabled', setting), true) ?? true,
      inbound: orDefault(found('defaultinboundaction', defaultActionOf), 'block'),
      outbound: orDefault(found('defaultoutboundaction', defaultActionOf), 'allow'),
      allowsInbound: orDefault(found('allowinboundrules', setting), true) ?? true,
      mergesLocalRules: orDefault(found('allowlocalfirewallrules', setting), true) ?? true,
      span: first.span,
    })
  }
  return { profiles, faults }
}

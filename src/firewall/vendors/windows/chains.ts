import type { Rule, Stage } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import type { ProfileSettings } from './profileSettings.ts'
import type { WeighedRule } from './windowsRule.ts'
import type { Direction, ProfileName } from './words.ts'

const weights = ['bypass', 'block', 'allow'] as const
const titles: Readonly<Record<ProfileName, string>> = { domain: 'Domain', private: 'Private', public: 'Public' }

export interface DirectionChains {
  readonly stage: Stage
  readonly chains: Readonly<Record<string, readonly Rule[]>>
}

/**
 * The chains of one direction. Profiles that could be the active one and that differ have a chain each, and the first
 * chain depends on which it is: where all of them come to the same, nothing is left open.
 */
export function chainsOf(
  direction: Direction,
  rules: readonly WeighedRule[],
  candidates: readonly ProfileName[],
  settings: ReadonlyMap<ProfileName, ProfileSettings>,
  wholeFile: Span,
): DirectionChains {
  const relevant = weights.flatMap((weight) =>
    rules.filter((rule) => rule.direction === direction && rule.weight === weight),
  )
  const groups: { names: ProfileName[]; key: string; chain: readonly Rule[] }[] = []
  for (const name of candidates) {
    const { key, chain } = chainOf(direction, name, relevant, settings.get(name), wholeFile)
    const same = groups.find((group) => group.key === key)
    if (same === undefined) groups.push({ names: [name], key, chain })
    else same.names.push(name)
  }
  const chains: Record<string, readonly Rule[]> = {}
  const titleOf = (names: readonly ProfileName[]): string => names.map((name) => titles[name]).join(', ')
  const chainName = (names: readonly ProfileName[]): string =>
    groups.length === 1 ? direction : `${direction}, ${titleOf(names)}`
  for (const { names, chain } of groups) chains[chainName(names)] = chain
  if (groups.length > 1) {
    chains[direction] = groups.map(({ names }, at): Rule => {
      const span = settings.get(names[0] ?? 'public')?.span ?? wholeFile
      return {
        name: `profile ${titleOf(names)}`,
        span,
        match: {},
        action: { kind: 'goto', chain: chainName(names) },
        // It is one of them: what none of the others is, is the last.
        unknowns:
          at === groups.length - 1
            ? []
            : [
                {
                  kind: 'place',
                  what: `whether the network profile is ${titleOf(names)}, which Get-NetConnectionProfile tells`,
                },
              ],
        implied: true,
      }
    })
  }
  return {
    stage: {
      name: `Windows Defender Firewall, ${direction}`,
      hook: direction === 'inbound' ? 'input' : 'output',
      kind: 'filter',
      chain: direction,
      otherwise: { action: 'unknown', name: 'the default of the profile' },
      stateful: true,
      addresses: 'current',
    },
    chains,
  }
}

function chainOf(
  direction: Direction,
  name: ProfileName,
  relevant: readonly WeighedRule[],
  settings: ProfileSettings | undefined,
  wholeFile: Span,
): { readonly key: string; readonly chain: readonly Rule[] } {
  const title = titles[name]
  const last = (text: string, action: Rule['action'], unknowns: Rule['unknowns'] = []): Rule => ({
    name: text,
    span: settings?.span ?? wholeFile,
    match: {},
    action,
    unknowns,
    implied: true,
  })
  if (settings?.isEnabled === false)
    return { key: 'off', chain: [last(`the firewall is off (profile ${title})`, { kind: 'allow' })] }
  if (direction === 'inbound' && settings?.allowsInbound === false) {
    return {
      key: 'shut',
      chain: [last(`all inbound blocked, whatever the rules (profile ${title})`, { kind: 'drop' })],
    }
  }
  const taken = relevant.flatMap((rule, at) => {
    if (!rule.profiles.includes(name)) return []
    if (settings?.mergesLocalRules !== false || rule.isLocal === false) return [{ id: `${at}`, rules: rule.rules }]
    if (rule.isLocal === true) return []
    const what = `whether it is a local rule, which the profile ${title} does not merge (AllowLocalFirewallRules)`
    const rules = rule.rules.map((each) => ({
      ...each,
      unknowns: [...each.unknowns, { kind: 'place' as const, what }],
    }))
    return [{ id: `${at}?`, rules }]
  })
  const action = direction === 'inbound' ? settings?.inbound : settings?.outbound
  const key = `${action} ${taken.map(({ id }) => id).join(' ')}`
  const own = direction === 'inbound' ? 'Block' : 'Allow'
  const because = `the default for ${direction} connections, which Get-NetFirewallProfile tells (Windows' own: ${own})`
  // It is one of two, and nobody knows which.
  const rest =
    action === undefined
      ? [
          last(`default of the profile, ${direction}`, { kind: 'drop' }, [{ kind: 'other', what: because }]),
          last(`default of the profile, ${direction}`, { kind: 'allow' }),
        ]
      : [
          last(`default of the profile, ${direction}: ${action === 'allow' ? 'Allow' : 'Block'}`, {
            kind: action === 'allow' ? 'allow' : 'drop',
          }),
        ]
  return { key, chain: [...taken.flatMap(({ rules }) => rules), ...rest] }
}

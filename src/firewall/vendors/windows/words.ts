export type ProfileName = 'domain' | 'private' | 'public'
export type Direction = 'inbound' | 'outbound'

export const profileNames: readonly ProfileName[] = ['domain', 'private', 'public']

/**
 * Reads a switch as a word or as the number that PowerShell's JSON has for it. The numbers differ: in rules 1 is True
 * and 2 False, in settings of profiles 0 is False, 1 True and 2 NotConfigured.
 *
 * @returns undefined where it says neither; `not-configured` where it leaves it to the default
 */
export function isOn(value: string | undefined, of: 'rule'): boolean | undefined
export function isOn(value: string | undefined, of: 'setting'): boolean | 'not-configured' | undefined
export function isOn(value: string | undefined, of: 'rule' | 'setting'): boolean | 'not-configured' | undefined {
  const word = value?.trim().toLowerCase()
  if (word === 'true' || word === 'yes' || word === '1' || word === 'on' || word === 'enabled') return true
  if (word === 'false' || word === 'no' || word === 'off' || word === 'disabled') return false
  if (word === '2') return of === 'rule' ? false : 'not-configured'
  if (of === 'setting' && word === '0') return false
  return of === 'setting' && word === 'notconfigured' ? 'not-configured' : undefined
}

/** Allow is 2, AllowBypass 3, Block 4 in MSFT_NetFirewallRule. */
export function actionOf(value: string | undefined): 'allow' | 'block' | 'bypass' | undefined {
  switch (value?.trim().toLowerCase()) {
    case 'allow':
    case '2':
      return 'allow'
    case 'block':
    case '4':
      return 'block'
    case 'bypass':
    case 'allowbypass':
    case '3':
      return 'bypass'
    default:
      return undefined
  }
}

/** Default action of a profile: NotConfigured (0) is what Windows does by itself. */
export function defaultActionOf(value: string | undefined): 'allow' | 'block' | 'not-configured' | undefined {
  const word = value?.trim().toLowerCase()
  if (word === 'notconfigured' || word === '0') return 'not-configured'
  const action = actionOf(value)
  return action === 'bypass' ? undefined : action
}

/** Both where it is not said. */
export function directionsOf(value: string | undefined): readonly Direction[] {
  const word = value?.trim().toLowerCase()
  if (word === 'in' || word === 'inbound' || word === '1') return ['inbound']
  return word === 'out' || word === 'outbound' || word === '2' ? ['outbound'] : ['inbound', 'outbound']
}

/** Profiles as words or as bits (domain 1, private 2, public 4); 0 and 2147483647 are all of them. */
export function profilesOf(
  values: readonly string[] | undefined,
  absentIsAny: boolean,
): readonly ProfileName[] | undefined {
  if (values === undefined) return absentIsAny ? profileNames : undefined
  const found = new Set<ProfileName>()
  for (const word of values.flatMap((value) => value.split(/[,;|\s]+/)).map((part) => part.toLowerCase())) {
    const named = profileNames.find((name) => name === word)
    const bits = /^\d{1,10}$/.test(word) ? Number(word) : undefined
    if (named !== undefined) found.add(named)
    else if (word === 'any' || word === 'all' || bits === 0 || bits === 2147483647) return profileNames
    else if (bits !== undefined && bits < 8) {
      for (const [at, name] of profileNames.entries()) if ((bits & (1 << at)) !== 0) found.add(name)
    } else if (word === 'standard') {
      found.add('private')
      found.add('public')
    } else if (word !== '') return undefined
  }
  return found.size === 0 ? undefined : profileNames.filter((name) => found.has(name))
}

/** Category of a network as Get-NetConnectionProfile has it: Public 0, Private 1, DomainAuthenticated 2. */
export function categoryOf(value: string | undefined): ProfileName | undefined {
  const word = value?.trim().toLowerCase()
  if (word === '0' || word === 'public') return 'public'
  if (word === '1' || word === 'private') return 'private'
  return word === '2' || word === 'domainauthenticated' || word === 'domain' ? 'domain' : undefined
}

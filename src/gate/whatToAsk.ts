import type { AccessVerdict } from '../identity/index.ts'
import type { AccessRule } from '../model/route.ts'

/**
 * What whoever was denied can ask an administrator for, one text a way in. Ways that nobody can open for them (an address,
 * an hour) are left out, and with them what they would ask for besides.
 */
export function whatToAsk({
  route,
  ways,
}: Extract<AccessVerdict, { readonly allowed: false; readonly because: 'denied' }>): readonly string[] {
  return ways.flatMap(({ at, judged }) => {
    const missing = judged.flatMap((one) => (one.ok ? [] : [one]))
    const rule = route.allow[at]
    const isForAsking = missing.length > 0 && missing.every(({ remedy }) => remedy === 'ask')
    return isForAsking && rule !== undefined ? [missing.map(({ asks }) => wordsOf(asks, rule)).join(', and ')] : []
  })
}

function wordsOf(asks: keyof AccessRule, { roles, groups, scopes, authenticationMethods }: AccessRule): string {
  switch (asks) {
    case 'roles':
      return oneOf('the app role', roles)
    case 'groups':
      return oneOf('membership of the group', groups)
    case 'scopes':
      return `the delegated scopes ${(scopes ?? []).join(', ')}`
    case 'authenticationMethods':
      return oneOf('a sign-in by', authenticationMethods)
    default:
      return asks
  }
}

function oneOf(what: string, names: readonly string[] = []): string {
  return names.length === 1 ? `${what} ${names[0]}` : `${what} ${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
}

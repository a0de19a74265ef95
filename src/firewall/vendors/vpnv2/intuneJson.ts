import type { AddressRange } from '../../addresses.ts'
import type { NumberRange } from '../../ruleset.ts'
import type { ConfigurationFile, UnreadStatement } from '../../source.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import { readJson } from '../../text/jsonTree.ts'
import { cidrRange } from '../cidrRange.ts'
import { rangeOf } from '../windows/addressTerms.ts'
import type { ReadProfiles, TrafficRule, VpnProfile } from './vpnProfile.ts'
import { ruleName } from './vpnProfile.ts'

/**
 * Reads VPN profiles of Intune as Microsoft Graph gives them (windows10VpnConfiguration), one or a list: `routes`,
 * `trafficRules`, `enableSplitTunneling`, `onlyAssociatedAppsCanUseConnection`, `dnsRules`. Each route and rule is a
 * statement.
 */
export function profilesOfJson(file: ConfigurationFile): ReadProfiles {
  const read = readJson(file)
  if ('fault' in read) return { profiles: [], unread: [read.fault], understood: 0 }
  const profiles: VpnProfile[] = []
  const unread: UnreadStatement[] = []
  let understood = 0
  const walk = (value: JsonValue): void => {
    if (value.kind === 'array') for (const element of value.elements()) walk(element)
    else if (value.kind !== 'object') {
      if (value.kind !== 'null') unread.push({ span: value.span(), why: 'a value alone is no VPN profile' })
    } else if (value.member('trafficRules') !== undefined || value.member('enableSplitTunneling') !== undefined) {
      const found = profileOf(value)
      profiles.push(found.profile)
      for (const one of found.unread) unread.push(one)
      understood += found.understood
    } else if (value.member('value') !== undefined) walk(value.member('value') ?? value)
    else unread.push({ span: value.span(), why: 'the object is no VPN profile of Intune for Windows' })
  }
  walk(read.ok)
  return { profiles, unread, understood }
}

function profileOf(value: JsonValue): {
  readonly profile: VpnProfile
  readonly unread: readonly UnreadStatement[]
  readonly understood: number
} {
  const unread: UnreadStatement[] = []
  const elementsOf = (name: string): readonly JsonValue[] => value.member(name)?.elements() ?? []
  const routes = elementsOf('routes').flatMap((route) => {
    const to = cidrRange(
      `${route.member('destinationPrefix')?.text() ?? ''}/${String(route.member('prefixSize')?.scalar ?? '')}`,
    )
    if (to === undefined)
      unread.push({ span: route.span(), why: 'the route has no destinationPrefix and prefixSize of a network' })
    return to === undefined ? [] : [{ to, isExcluded: false, span: route.span() }]
  })
  const rules = elementsOf('trafficRules').map(ruleOf)
  for (const { faults, span } of rules) if (faults.length > 0) unread.push({ span, why: faults.join('; ') })
  const proxied = elementsOf('dnsRules').flatMap((rule) => {
    const proxy = rule.member('proxyServerUri')?.text() ?? ''
    return proxy === '' ? [] : [{ names: [ruleName(rule.member('name')?.text() ?? '')], proxy, span: rule.span() }]
  })
  const only = value.member('onlyAssociatedAppsCanUseConnection')?.scalar === true
  const split = value.member('enableSplitTunneling')?.scalar
  const statements = 1 + elementsOf('routes').length + rules.length
  const profile: VpnProfile = {
    name: value.member('displayName')?.text() ?? value.member('connectionName')?.text() ?? 'VPN',
    span: value.span(),
    routing: split === true ? 'split' : split === false ? 'force' : undefined,
    // Intune has no switch for it, and Windows' own is to add the route.
    hasClassRoute: true,
    lockDown: false,
    plugin: !/^(pptp|l2tp|ikev2|automatic|customxml)$/i.test(value.member('connectionType')?.text() ?? 'automatic'),
    routes,
    rules,
    onlyApps: only ? elementsOf('associatedApps').map((app) => app.member('identifier')?.text() ?? '') : [],
    proxied,
  }
  return { profile, unread, understood: statements - unread.length }
}

function ruleOf(value: JsonValue): TrafficRule {
  const faults: string[] = []
  const listOf = <T>(name: string, read: (element: JsonValue) => T | undefined): readonly T[] | undefined => {
    const elements = value.member(name)?.elements() ?? []
    if (elements.length === 0) return undefined
    const found = elements.map(read)
    const whole = found.filter((each) => each !== undefined)
    if (whole.length === found.length) return whole
    faults.push(`${name} has a range that is not understood`)
    return undefined
  }
  const protocol = value.member('protocols')?.number()
  if (protocol !== undefined && !(protocol >= 0 && protocol <= 255)) faults.push('protocols is no number of a protocol')
  const localPorts = listOf('localPortRanges', portsOf)
  const remotePorts = listOf('remotePortRanges', portsOf)
  const localAddresses = listOf('localAddressRanges', addressesOf)
  const remoteAddresses = listOf('remoteAddressRanges', addressesOf)
  const app = value.member('appId')?.text()
  const claims = value.member('claims')?.text()
  return {
    name: value.member('name')?.text() ?? 'a traffic rule',
    span: value.span(),
    direction: /^inbound$/i.test(value.member('vpnTrafficDirection')?.text() ?? '') ? 'inbound' : 'outbound',
    ...(protocol !== undefined && faults.length === 0 && { protocol }),
    ...(localPorts !== undefined && { localPorts }),
    ...(remotePorts !== undefined && { remotePorts }),
    ...(localAddresses !== undefined && { localAddresses }),
    ...(remoteAddresses !== undefined && { remoteAddresses }),
    ...(app !== undefined && app !== '' && { app }),
    ...(claims !== undefined && claims !== '' && { claims }),
    forces: /^forcetunnel$/i.test(value.member('routingPolicyType')?.text() ?? ''),
    faults,
  }
}

function portsOf(value: JsonValue): NumberRange | undefined {
  const first = value.member('lowerNumber')?.number()
  const last = value.member('upperNumber')?.number()
  if (first === undefined || last === undefined || first < 0 || first > last || last > 65535) return undefined
  return { first, last }
}

/** iPv4Range and iPv6Range have two ends, iPv4CidrRange and iPv6CidrRange a prefix. */
function addressesOf(value: JsonValue): AddressRange | undefined {
  const cidr = value.member('cidrAddress')?.text()
  if (cidr !== undefined) return cidrRange(cidr)
  return rangeOf(`${value.member('lowerAddress')?.text() ?? ''}-${value.member('upperAddress')?.text() ?? ''}`)
}

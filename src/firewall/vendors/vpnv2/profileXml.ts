import type { ConfigurationFile, UnreadStatement } from '../../source.ts'
import type { XmlTree } from '../../text/xmlTree.ts'
import { readXml } from '../../text/xmlTree.ts'
import { cidrRange } from '../cidrRange.ts'
import type { ReadProfiles, TrafficRule, VpnProfile } from './vpnProfile.ts'
import { addressRanges, portRanges, ruleName } from './vpnProfile.ts'

/** Elements of a profile (VPNv2 CSP) that do not change what goes into the tunnel while it stands. */
const harmless = new Set(
  `ProfileName AlwaysOn AlwaysOnActive DeviceTunnel DnsSuffix TrustedNetworkDetection RegisterDNS RememberCredentials AppTrigger EdpModeId DeviceCompliance
  ByPassForLocal Proxy UseRasCredentials DataEncryption DisableAdvancedOptionsEditButton DisableDisconnectButton DisableIKEv2Fragmentation IPv4InterfaceMetric IPv6InterfaceMetric
  NetworkOutageTime PrivateNetwork RequireVpnClientAppUI AppTriggerList`
    .split(/\s+/)
    .filter((name) => name !== ''),
)

/**
 * Reads ProfileXML of the VPNv2 CSP, alone or within a script that carries it. Each element below `VPNProfile` is a
 * statement.
 */
export function profilesOfXml(file: ConfigurationFile): ReadProfiles {
  const start = file.text.indexOf('<VPNProfile')
  const end = file.text.lastIndexOf('</VPNProfile>')
  // Blanks in place of a script around it keep every line.
  const text =
    start < 0 || end < start
      ? file.text
      : file.text.slice(0, start).replace(/[^\r\n]/g, ' ') + file.text.slice(start, end + '</VPNProfile>'.length)
  const read = readXml({ name: file.name, text })
  if ('fault' in read) return { profiles: [], unread: [read.fault], understood: 0 }
  if (read.ok.name !== 'VPNProfile') {
    return {
      profiles: [],
      unread: [{ span: read.ok.span(), why: `<${read.ok.name}> is no VPNProfile` }],
      understood: 0,
    }
  }
  return profileOf(read.ok, file.name)
}

function profileOf(root: XmlTree, fileName: string): ReadProfiles {
  const unread: UnreadStatement[] = []
  let understood = 0
  const routes: VpnProfile['routes'][number][] = []
  const rules: TrafficRule[] = []
  const proxied: VpnProfile['proxied'][number][] = []
  const fault = (element: XmlTree, why: string): void => {
    unread.push({ span: element.span(), why })
    understood -= 1
  }
  const native = root.child('NativeProfile')
  for (const element of root.elements()) {
    understood += 1
    if (element.name === 'Route') {
      const route = routeOf(element)
      if (route === undefined) fault(element, 'the route has no Address and PrefixSize of a network')
      else routes.push(route)
    } else if (element.name === 'TrafficFilter') {
      const rule = ruleOf(element, `TrafficFilter ${rules.length + 1}`)
      rules.push(rule)
      if (rule.faults.length > 0) fault(element, rule.faults.join('; '))
    } else if (element.name === 'DomainNameInformation') {
      const proxy = element.child('WebProxyServers')?.text() ?? ''
      const names = (element.child('DomainName')?.text() ?? '').split(/[,;]/).map((name) => name.trim())
      if (proxy !== '') proxied.push({ names: names.map(ruleName), proxy, span: element.span() })
    } else if (!['NativeProfile', 'PluginProfile', 'LockDown'].includes(element.name) && !harmless.has(element.name)) {
      fault(element, `the element "${element.name.slice(0, 40)}" is not known`)
    }
  }
  const policy = (native ?? root).child('RoutingPolicyType')
  const word = policy?.text().toLowerCase() ?? ''
  const routing = word === 'splittunnel' ? 'split' : word === 'forcetunnel' ? 'force' : undefined
  if (policy !== undefined && routing === undefined) {
    unread.push({ span: policy.span(), why: `"${word.slice(0, 40)}" is neither SplitTunnel nor ForceTunnel` })
  }
  const profile: VpnProfile = {
    name: root.child('ProfileName')?.text() || fileName.replace(/^.*[\\/]/, '').replace(/\.(xml|ps1|txt)$/i, ''),
    span: root.span(),
    routing,
    hasClassRoute: native?.child('DisableClassBasedDefaultRoute')?.text().toLowerCase() !== 'true',
    lockDown: root.child('LockDown')?.text().toLowerCase() === 'true',
    plugin: root.child('PluginProfile') !== undefined,
    routes,
    rules,
    onlyApps: [],
    proxied,
  }
  return { profiles: [profile], unread, understood }
}

function routeOf(element: XmlTree): VpnProfile['routes'][number] | undefined {
  const text = (name: string): string => element.child(name)?.text() ?? ''
  const to = cidrRange(`${text('Address')}/${text('PrefixSize')}`)
  if (to === undefined) return undefined
  const metric = /^\d{1,9}$/.test(text('Metric')) ? Number(text('Metric')) : undefined
  const isExcluded = text('ExclusionRoute').toLowerCase() === 'true'
  return { to, isExcluded, span: element.span(), ...(metric !== undefined && { metric }) }
}

const known = new Set(
  'App Claims Protocol LocalPortRanges RemotePortRanges LocalAddressRanges RemoteAddressRanges RoutingPolicyType Direction'.split(
    ' ',
  ),
)

function ruleOf(element: XmlTree, name: string): TrafficRule {
  const faults: string[] = []
  const read = <T>(field: string, parse: (text: string) => T | undefined): T | undefined => {
    const text = element.child(field)?.text()
    if (text === undefined || text === '') return undefined
    const value = parse(text)
    if (value === undefined) faults.push(`${field} "${text.slice(0, 60)}" is not understood`)
    return value
  }
  for (const { name: inner } of element.elements())
    if (!known.has(inner)) faults.push(`the condition "${inner.slice(0, 40)}" is not known`)
  const protocol = read('Protocol', (text) =>
    /^\d{1,3}$/.test(text) && Number(text) <= 255 ? Number(text) : undefined,
  )
  const localPorts = read('LocalPortRanges', portRanges)
  const remotePorts = read('RemotePortRanges', portRanges)
  const localAddresses = read('LocalAddressRanges', addressRanges)
  const remoteAddresses = read('RemoteAddressRanges', addressRanges)
  const app = element.child('App', 'Id')?.text() ?? element.child('App')?.text()
  const claims = element.child('Claims')?.text()
  const direction = read('Direction', (text) =>
    /^inbound$/i.test(text) ? ('inbound' as const) : /^outbound$/i.test(text) ? ('outbound' as const) : undefined,
  )
  return {
    name,
    span: element.span(),
    direction: direction ?? 'outbound',
    ...(protocol !== undefined && { protocol }),
    ...(localPorts !== undefined && { localPorts }),
    ...(remotePorts !== undefined && { remotePorts }),
    ...(localAddresses !== undefined && { localAddresses }),
    ...(remoteAddresses !== undefined && { remoteAddresses }),
    ...(app !== undefined && app !== '' && { app }),
    ...(claims !== undefined && claims !== '' && { claims }),
    forces: /^forcetunnel$/i.test(element.child('RoutingPolicyType')?.text() ?? ''),
    faults,
  }
}

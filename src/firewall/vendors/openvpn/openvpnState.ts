import type { AddressRange } from '../../addresses.ts'
import type { Route, Rule } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import type { Unknown } from '../../unknown.ts'
import { cidrRange, cidrRanges } from '../cidrRange.ts'
import { netmaskRange } from '../netmaskRange.ts'
import { pastTunnel } from '../tunnelRoutes.ts'
import type { Directive } from './directives.ts'

/** What a client does with its routes, gathered from its file and from what the server pushes. */
export interface OpenvpnState {
  readonly tunnel: string
  readonly routes: Route[]
  readonly own: AddressRange[]
  /** Rules for what leaves: `block-ipv6`, `block-outside-dns`. */
  readonly rules: Rule[]
  readonly doubts: Unknown[]
  /** Hosts of `remote` that are addresses: with redirect-gateway they keep their way past the tunnel. */
  readonly remotes: { readonly to: AddressRange; readonly span: Span }[]
  redirectsPast: boolean
}

/** What came of a directive: `other` where it is none of those that lead packets. */
export type Applied = 'done' | 'other' | { readonly fault: string }

/** Applies a directive about routes, whether it stands in the client's file or was pushed. */
export function applyRouting({ name, words, span }: Directive, state: OpenvpnState): Applied {
  switch (name) {
    case 'route':
      return applyRoute(words, span, state)
    case 'route-ipv6':
      return applyRoute6(words, span, state)
    case 'redirect-gateway':
    case 'redirect-private':
      return applyRedirect(name, words, span, state)
    case 'ifconfig':
    case 'server': {
      const [address = '', mask = ''] = words
      const network = netmaskRange(address, mask)
      if (name === 'ifconfig') state.own.push(...cidrRanges(address))
      if (network !== undefined) state.routes.push({ to: network, out: state.tunnel, kind: 'unicast', span })
      return 'done'
    }
    case 'ifconfig-ipv6':
    case 'server-ipv6': {
      const network = cidrRange(words[0] ?? '')
      if (network === undefined) return { fault: `"${words[0]?.slice(0, 60)}" is no prefix` }
      state.routes.push({ to: network, out: state.tunnel, kind: 'unicast', span })
      return 'done'
    }
    case 'block-ipv6':
      state.rules.push(blocking('block-ipv6', span, { family: 6, out: { names: [state.tunnel] } }, 'reject'))
      return 'done'
    case 'block-outside-dns': {
      const dns = { out: { names: [pastTunnel] }, destinationPorts: [{ first: 53, last: 53 }] }
      const protocols = [6, 17].map((number) => ({ first: number, last: number }))
      state.rules.push(blocking('block-outside-dns', span, { ...dns, protocols }, 'drop'))
      return 'done'
    }
    case 'client-nat':
      return { fault: 'client-nat translates addresses inside of the tunnel, which is not followed' }
    default:
      return 'other'
  }
}

function blocking(name: string, span: Span, match: Rule['match'], kind: 'drop' | 'reject'): Rule {
  return { name, span, match, action: { kind }, unknowns: [] }
}

/** `route network [netmask] [gateway] [metric]`; `default` stands for what would be there without the word. */
function applyRoute(words: readonly string[], span: Span, state: OpenvpnState): Applied {
  const [network = '', mask = 'default', gateway = 'default', metric] = words
  if (network === 'vpn_gateway' || network === 'net_gateway' || network === 'remote_host') {
    state.doubts.push({ kind: 'dynamic-set', what: `which address ${network} is, which has a route of its own` })
    return 'done'
  }
  const to = netmaskRange(network, mask === 'default' || mask === 'nil' ? '255.255.255.255' : mask)
  if (to === undefined && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(network) && /[a-z]/i.test(network)) {
    state.doubts.push({
      kind: 'names',
      what: `the addresses of ${network}, which has a route of its own`,
      names: [{ text: network, name: network.toLowerCase(), covers: 'exactly' }],
    })
    return 'done'
  }
  if (to === undefined) return { fault: `"${network.slice(0, 40)} ${mask.slice(0, 40)}" is no network with a mask` }
  return addRoute(to, gateway, metric, span, state)
}

function applyRoute6(words: readonly string[], span: Span, state: OpenvpnState): Applied {
  const [prefix = '', gateway = 'default', metric] = words
  const to = cidrRange(prefix)
  if (to?.family !== 6) return { fault: `"${prefix.slice(0, 60)}" is no IPv6 prefix` }
  return addRoute(to, gateway, metric, span, state)
}

function addRoute(
  to: AddressRange,
  gateway: string,
  metric: string | undefined,
  span: Span,
  state: OpenvpnState,
): Applied {
  const isPast = /^net_gateway(_ipv6)?$/.test(gateway)
  const isTunnel = ['default', 'nil', 'vpn_gateway'].includes(gateway)
  if (!isPast && !isTunnel && cidrRange(gateway) === undefined)
    return { fault: `"${gateway.slice(0, 40)}" is no gateway` }
  const isPlain = metric === undefined || metric === 'default' || metric === 'nil'
  if (!isPlain && !/^\d{1,9}$/.test(metric)) return { fault: `"${metric.slice(0, 40)}" is no metric` }
  if (!isPast && !isTunnel) {
    // Any address of a gateway may be in the tunnel's network or in the machine's own.
    state.doubts.push({ kind: 'place', what: `whether the gateway ${gateway} of a route is in the tunnel` })
  }
  state.routes.push({
    to,
    out: isPast ? pastTunnel : state.tunnel,
    kind: 'unicast',
    span,
    ...(!isPlain && { metric: Number(metric) }),
    ...(!isTunnel && !isPast && { via: gateway }),
  })
  return 'done'
}

/** The halves that def1 adds beside the default route, and the parts of IPv6 that the flag `ipv6` adds (openvpn(8)). */
const halves = ['0.0.0.0/1', '128.0.0.0/1']
const parts6 = ['::/3', '2000::/4', '3000::/4', 'fc00::/7']
const redirectFlags = new Set([
  'local',
  'autolocal',
  'def1',
  'bypass-dhcp',
  'bypass-dns',
  'block-local',
  'ipv6',
  '!ipv4',
])

function applyRedirect(name: string, words: readonly string[], span: Span, state: OpenvpnState): Applied {
  const strange = words.find((word) => !redirectFlags.has(word))
  if (strange !== undefined) return { fault: `"${strange.slice(0, 40)}" is no flag of ${name}` }
  if (words.includes('bypass-dhcp') || words.includes('bypass-dns')) {
    state.doubts.push({
      kind: 'dynamic-set',
      what: 'which DHCP or DNS servers the machine has, which go past the tunnel (bypass-dhcp, bypass-dns)',
    })
  }
  if (name === 'redirect-private') return 'done'
  state.redirectsPast ||= !words.includes('local')
  const prefixes = [
    ...(words.includes('!ipv4') ? [] : words.includes('def1') ? halves : ['0.0.0.0/0']),
    ...(words.includes('ipv6') ? parts6 : []),
  ]
  for (const to of cidrRanges(...prefixes)) state.routes.push({ to, out: state.tunnel, kind: 'unicast', span })
  return 'done'
}

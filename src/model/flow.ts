import type { Feature } from './feature.ts'
import type { PortRange } from './ports.ts'
import type { Role } from './role.ts'
import type { Service } from './service.ts'

export const transports = ['tcp', 'udp', 'icmp'] as const
export type Transport = (typeof transports)[number]

export const directions = [
  'internal',
  'dmz-to-intranet',
  'outbound-internet',
  'inbound-internet',
  'inbound',
  'local',
] as const
export type Direction = (typeof directions)[number]

/** `setup`: while something is installed or changed; `runtime`: every day. */
export const phases = ['setup', 'runtime', 'setup+runtime'] as const
export type Phase = (typeof phases)[number]

/**
 * How much a flow is needed, as Microsoft's page says it and as the site's own facts settle it. In the catalog
 * `conditional` means *see the condition*; in a plan it means that the site does not say whether the condition holds.
 */
export const necessities = [
  'required',
  'conditional',
  'recommended',
  'optional',
  'legacy',
  'local-only',
  'not-required',
] as const
export type Necessity = (typeof necessities)[number]

/** One fact's origin: the page or list it was read from, and the date that the page itself carries (ISO 8601 date). */
export interface Source {
  readonly source: string
  readonly asOf: string
}

/** Where a flow goes. What cannot be dialled as it stands says why in `undialled`. */
export interface FlowTarget {
  /** The name that is dialled and sent as SNI; absent when the flow goes to a bare address. */
  readonly name?: string
  /** Microsoft's pattern that `name` was chosen for (`*.msappproxy.net`), when the row gives a pattern. */
  readonly pattern?: string
  /** Where `name` was taken from, when the row gives a pattern. */
  readonly nameFrom?: string
  /** Canonical RFC 5952 text; present when the site gives the address, so that no name needs resolving. */
  readonly address?: string
  /** The port that is dialled; null when the row gives a range, any port, or none. */
  readonly port: number | null
  /** The range, when the row gives one: never scanned. */
  readonly range?: PortRange
  readonly transport: Transport
  readonly service: Service
  /** The path of an HTTP request, with its leading slash; absent for the service's usual one. */
  readonly path?: string
  /** The port that stands in the catalog, when `names:` of the site file maps the target to another. */
  readonly plannedPort?: number
  /** Why nothing can be dialled: the whole reason in words, beginning `no name to try` where a name is lacking. */
  readonly undialled?: string
}

/** One required (or forbidden) conversation between two ends of the site: what every verb works on. */
export interface Flow {
  /** The catalog row's id, or the user's own. Several flows share it: one a host, name, address, port and transport. */
  readonly flow: string
  /** Host or network of the site that opens the connection, or the role when no host of the site plays it. */
  readonly from: string
  readonly fromRole: Role
  /** Addresses of that host, or prefixes of that network, in canonical text; empty where the site file gives none. */
  readonly fromAddresses: readonly string[]
  /** Host or network that accepts it, or the cloud role. */
  readonly to: string
  readonly toRole: Role
  readonly target: FlowTarget
  /**
   * The proxy of the site file that the opener sends this flow through: the name is then resolved there and not here,
   * and neither address nor mapped port stands in the target.
   */
  readonly via?: string
  readonly necessity: Necessity
  /** `closed` for negative rows and the user's `forbid: true`. */
  readonly expect: 'open' | 'closed'
  readonly direction: Direction
  /** Absent for rows that are never needed. */
  readonly phase?: Phase
  /** The table or page section that the row stands in. */
  readonly table: string
  /** What the flow is for. */
  readonly purpose: string
  /** The condition in words, as the page has it. */
  readonly requiredWhen: string
  /** The features of the site that call for the flow; empty when its roles alone do. */
  readonly features: readonly Feature[]
  /** Facts that the site file does not settle and on which the need depends. */
  readonly unsettled: readonly string[]
  /** The id of the row that this one stands in for when that one is not available. */
  readonly fallbackFor?: string
  readonly notes: readonly string[]
  readonly source: string
  /** The date that the page carries (ISO 8601 date); absent for what no page says, such as the user's own flows. */
  readonly asOf?: string
}

/** What {@link Flow.source} is of a TARGET that was typed: no plan has it. */
export const commandLine = 'the command line'

/**
 * The port that a reader knows a target by, and that a missing rule has: the planned one where `names:` leads to another,
 * or the range of the row.
 *
 * @returns undefined where the row names no port
 */
export function portText({
  port,
  plannedPort,
  range,
}: Pick<FlowTarget, 'port' | 'plannedPort' | 'range'>): string | undefined {
  const known = plannedPort ?? port
  if (known !== null) return String(known)
  return range === undefined ? undefined : `${range.first}-${range.last}`
}

/**
 * The tuple that tells two flows apart, and by which two reports are compared: row, ends, name, address, port, transport.
 * The port is the planned one, so that a laboratory on other ports compares with what it stands for.
 * A target that was resolved carries the address that was dialled.
 */
export function flowKey(flow: Pick<Flow, 'flow' | 'from' | 'to' | 'target'>): string {
  const { target } = flow
  const port = portText(target) ?? '*'
  // The name that a pattern is dialled by is the catalog's choice and may change; the pattern is what is required.
  const name = target.pattern ?? target.name ?? ''
  return [flow.flow, flow.from, flow.to, name, target.address ?? '', port, target.transport].join('|')
}

/**
 * The row that a flow stands in for, and without whose failure it is not needed. Only what is optional: where a row is
 * needed anyway, what it replaces in old builds changes nothing.
 */
export function standsInFor({
  expect,
  necessity,
  fallbackFor,
}: Pick<Flow, 'expect' | 'necessity' | 'fallbackFor'>): string | undefined {
  return expect === 'open' && necessity === 'optional' ? fallbackFor : undefined
}

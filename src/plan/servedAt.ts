import { canonicalAddress, parseHostPort } from '../model/cidr.ts'
import type { FlowTarget } from '../model/flow.ts'
import { servedPlace } from '../model/servedPlace.ts'

/**
 * Applies `names:` of the site file to a target: where a name is served in a lab or a private cloud.
 *
 * Keys are those of {@link servedPlace}; a value is `address`, `address:port`, or `:port` (the
 * name is resolved as usual and that port is dialled). The name itself stays: it is still what SNI and certificate are
 * held to.
 */
export function servedAt(names: Readonly<Record<string, string>>, target: FlowTarget): FlowTarget {
  if (target.name === undefined || target.port === null) return target
  const mapped = servedPlace(names, target.name, target.port)
  if (mapped === undefined) return target
  const where = mapped.startsWith(':') ? { port: Number(mapped.slice(1)) } : parseHostPort(mapped)
  if (where === undefined) return target
  const { port = target.port } = where
  const address = 'host' in where ? canonicalAddress(where.host) : undefined
  return {
    ...target,
    ...(address !== undefined && { address }),
    port,
    ...(port !== target.port && { plannedPort: target.port }),
  }
}

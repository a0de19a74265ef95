import type { Flow } from '../model/flow.ts'
import type { PortRange } from '../model/ports.ts'

/** A port at which a host is to be reached, and the flows that go there. */
export interface Door {
  readonly port: number
  readonly transport: 'tcp' | 'udp'
  /** Addresses of the host that the flows are dialled at; empty where the plan gives a name alone. */
  readonly addresses: readonly string[]
  /** The range that the port stands for. */
  readonly range?: PortRange
  /** Each opener and row once, whatever number of addresses the host has. */
  readonly flows: readonly Flow[]
}

/** A flow to the host that has no door, and why. */
export interface Doorless {
  readonly flow: Flow
  readonly why: string
}

export interface ChosenDoors {
  /** How many ports of each range are doors, from its first on; 1 or more. */
  readonly ofRange: number
  /** Only these ports; of a range those that are named. Absent: all. */
  readonly ports?: readonly PortRange[]
}

/**
 * Where a host is reached from elsewhere by the flows of a plan: by port and transport, ascending. A flow that must be closed
 * opens no door, and belongs to one that others open.
 */
export function doorsAt(
  flows: readonly Flow[],
  host: string,
  chosen: ChosenDoors,
): { readonly doors: readonly Door[]; readonly doorless: readonly Doorless[] } {
  const doors = new Map<string, Door>()
  const doorless = new Map<string, Doorless>()
  const coming = flows.filter(({ from, to, target }) => to === host && from !== host && target.transport !== 'icmp')
  // Those that must be closed come last: by then it is known what the others open.
  for (const flow of coming.toSorted((a, b) => Number(a.expect === 'closed') - Number(b.expect === 'closed'))) {
    const { transport, range, address } = flow.target
    if (transport === 'icmp') continue
    const ports = portsOf(flow, chosen)
    if ('why' in ports) {
      if (!doorless.has(openingOf(flow))) doorless.set(openingOf(flow), { flow, why: ports.why })
      continue
    }
    for (const port of ports) {
      const key = `${port}/${transport}`
      const door = doors.get(key)
      if (door === undefined && flow.expect === 'closed') {
        doorless.set(openingOf(flow), { flow, why: 'it must be closed: nothing is opened for it' })
        continue
      }
      const known = door?.flows ?? []
      const isKnown = known.some((one) => openingOf(one) === openingOf(flow))
      doors.set(key, {
        port,
        transport,
        addresses: [...new Set([...(door?.addresses ?? []), ...(address === undefined ? [] : [address])])],
        ...(range !== undefined && flow.target.port === null && { range }),
        ...(door?.range !== undefined && { range: door.range }),
        flows: isKnown ? known : [...known, flow],
      })
    }
  }
  const sorted = [...doors.values()].toSorted(
    (a, b) => a.port - b.port || Number(a.transport === 'udp') - Number(b.transport === 'udp'),
  )
  return { doors: sorted, doorless: [...doorless.values()] }
}

/** What tells two flows apart at the host that accepts them. */
export function openingOf({ flow, from, target }: Flow): string {
  const { port, range, transport } = target
  return [flow, from, port ?? `${range?.first}-${range?.last}`, transport].join('|')
}

function portsOf({ target }: Flow, { ofRange, ports }: ChosenDoors): readonly number[] | { readonly why: string } {
  const { port, range, undialled } = target
  if (port !== null) return ports === undefined || isAmong(port, ports) ? [port] : { why: leftOut }
  if (range === undefined) return { why: undialled ?? 'the plan names no port' }
  const last = Math.min(range.last, ports === undefined ? range.first + ofRange - 1 : range.last)
  const named = Array.from({ length: last - range.first + 1 }, (_, at) => range.first + at).filter(
    (one) => ports === undefined || isAmong(one, ports),
  )
  return named.length > 0 ? named : { why: leftOut }
}

const leftOut = 'its port was not asked for'

function isAmong(port: number, ports: readonly PortRange[]): boolean {
  return ports.some(({ first, last }) => port >= first && port <= last)
}

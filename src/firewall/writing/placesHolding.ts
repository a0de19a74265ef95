import type { AddressRange } from '../addresses.ts'

/**
 * The interfaces or zones behind which addresses are: of each range those whose networks hold it most closely, and those
 * whose networks are part of it.
 *
 * @returns undefined where one of the ranges is behind none that is known: it may be behind any
 */
export function placesHolding(
  ranges: readonly AddressRange[],
  places: Readonly<Record<string, readonly AddressRange[]>>,
): readonly string[] | undefined {
  const found = new Set<string>()
  const all = Object.entries(places).flatMap(([name, networks]) => networks.map((network) => ({ name, network })))
  for (const range of ranges) {
    const holding = all.filter(({ network }) => holds(network, range))
    const [first] = holding
    if (first === undefined) return undefined
    const sizes = holding.map(({ network }) => network.last - network.first)
    const least = sizes.reduce((size, one) => (one < size ? one : size))
    for (const { name, network } of all) {
      const isNearest = holds(network, range) && network.last - network.first === least
      if (isNearest || (!holds(network, range) && meets(network, range))) found.add(name)
    }
  }
  return found.size === 0 ? undefined : [...found]
}

function holds(outer: AddressRange, inner: AddressRange): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last
}

function meets(a: AddressRange, b: AddressRange): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last
}

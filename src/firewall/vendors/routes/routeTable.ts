import type { AddressRange } from '../../addresses.ts'
import type { Place, Route } from '../../ruleset.ts'
import type { Span, UnreadStatement } from '../../source.ts'
import type { Unknown } from '../../unknown.ts'

/** What one file says of routes. */
export interface RouteTable {
  readonly routes: readonly Route[]
  /** Addresses of the machine by interface, as far as routes or address lists show them. */
  readonly own: readonly { readonly place: string; readonly address: AddressRange }[]
  readonly doubts: readonly Unknown[]
  readonly unread: readonly UnreadStatement[]
  /** Statements that were understood, routes that are not in force included. */
  readonly understood: number
}

/** Gathers a {@link RouteTable} while a file is read. */
export interface RouteTableBuilder {
  /** One that a statement has. */
  route(route: Route): void
  /** Another of the same statement. */
  more(route: Route): void
  own(place: string, address: AddressRange | undefined): void
  doubt(doubt: Unknown): void
  understood(): void
  unread(span: Span, why: string): void
  table(): RouteTable
}

export function routeTable(): RouteTableBuilder {
  const routes: Route[] = []
  const own: { place: string; address: AddressRange }[] = []
  const doubts: Unknown[] = []
  const unread: UnreadStatement[] = []
  let understood = 0
  return {
    route(route) {
      routes.push(route)
      understood += 1
    },
    more(route) {
      routes.push(route)
    },
    own(place, address) {
      if (address !== undefined) own.push({ place, address })
    },
    doubt(doubt) {
      doubts.push(doubt)
    },
    understood() {
      understood += 1
    },
    unread(span, why) {
      unread.push({ span, why })
    },
    table: () => ({ routes, own, doubts, unread, understood }),
  }
}

/** The places that routes lead out by and that have addresses. */
export function placesOf(tables: readonly RouteTable[]): readonly Place[] {
  const byName = new Map<string, AddressRange[]>()
  for (const { routes, own } of tables) {
    for (const { out } of routes) if (out !== undefined && !byName.has(out)) byName.set(out, [])
    for (const { place, address } of own) {
      const known = byName.get(place)
      if (known === undefined) byName.set(place, [address])
      else known.push(address)
    }
  }
  return [...byName].map(
    ([name, addresses]): Place => ({
      name,
      kind: 'interface',
      ...(addresses.length > 0 && { own: addresses }),
    }),
  )
}

/** Every address of a family, as the default route means it. */
export function defaultRange(family: 4 | 6): AddressRange {
  return { family, first: 0n, last: (1n << (family === 4 ? 32n : 128n)) - 1n }
}

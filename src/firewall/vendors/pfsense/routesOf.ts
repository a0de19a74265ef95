import type { AddressRange } from '../../addresses.ts'
import { everyAddress } from '../../addresses.ts'
import type { Route } from '../../ruleset.ts'
import type { Statements } from '../../text/statements.ts'
import type { XmlTree } from '../../text/xmlTree.ts'
import { cidrRange } from '../cidrRange.ts'
import type { Gateways } from './gateways.ts'
import type { Interface } from './interfaces.ts'
import { isOn } from './interfaces.ts'

/**
 * Networks of the interfaces, static routes and the default route. Undefined where nothing tells which gateway is the
 * default one: then some other device or protocol may give it.
 */
export function routesOf(
  root: XmlTree,
  interfaces: readonly Interface[],
  { placesOf, marked }: Gateways,
  statements: Statements,
): readonly Route[] | undefined {
  const gateways = root.child('gateways')
  /** Undefined where the file does not tell, or it is one of several. */
  const placeOf = (name: string): string | undefined => {
    const [place, ...others] = placesOf(name) ?? []
    return others.length === 0 ? place : undefined
  }
  const routes: Route[] = interfaces.flatMap(({ key, nets }) =>
    nets.map((to): Route => ({ to, out: key, kind: 'unicast', span: root.span() })),
  )
  for (const element of root.child('staticroutes')?.elements('route') ?? []) {
    statements.understood()
    if (isOn(element.child('disabled'))) continue
    const to = cidrRange(element.child('network')?.text() ?? '')
    const gateway = element.child('gateway')?.text() ?? ''
    const out = placeOf(gateway)
    if (to === undefined) continue
    const nowhere = /^null[46]$/i.test(gateway)
    routes.push({
      to,
      ...(out !== undefined && { out }),
      kind: nowhere ? 'blackhole' : 'unicast',
      span: element.span(),
    })
  }
  const outer = interfaces.filter(({ isOutside }) => isOutside)
  const [only] = outer
  const chosen = placeOf(gateways?.child('defaultgw4')?.text() ?? '') ?? (outer.length === 1 ? only?.key : undefined)
  const [first, ...others] = marked
  const out = chosen ?? (others.length === 0 ? first : undefined)
  if (out === undefined) return undefined
  const all: readonly AddressRange[] = everyAddress().sure
  return [...routes, ...all.map((to): Route => ({ to, out, kind: 'unicast', span: root.span() }))]
}

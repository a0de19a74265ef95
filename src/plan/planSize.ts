import { flowRows } from '../catalog/index.ts'
import type { Site } from '../model/site.ts'
import { conditionOf } from './conditionOf.ts'
import { endsNamed, endsOf } from './endsOf.ts'

/**
 * About how many flows a site comes to, without planning them: everybody who opens a row times everybody who accepts it
 * times its ports. What a fact of one host rules out is counted all the same; a host with several addresses, and a row
 * with several names, count once. In a site that is large these are small beside what its hosts have with each other.
 */
export function planSize(site: Site): number {
  let flows = 0
  for (const row of flowRows) {
    if (conditionOf(site, { ...row.condition, facts: [] }, '').holds === 'no') continue
    const openers = endsOf(site, row.from).filter(({ kind }) => kind !== 'nobody').length
    const acceptors = row.direction === 'local' ? 1 : endsOf(site, row.to).length
    flows += openers * acceptors * row.pairs.length
  }
  for (const { from, to, ports, transport } of site.flows) {
    flows += endsNamed(site, from).length * endsNamed(site, to).length * ports.length * transport.length
  }
  return flows
}

import type { RuleSet } from '../../src/firewall/ruleset.ts'
import { parseAddress } from '../../src/model/cidr.ts'

/**
 * Where one address leads by the routes of a rule set, worked out as routers do it and apart from the judge: the longest
 * prefix, then the smallest metric. Several places of equal rank are joined with `|`; `?` stands before what doubts
 * leave open.
 */
export function wayTo({ routes = [], doubts }: RuleSet, text: string): string {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`${text} is no address`)
  const fitting = routes.filter(
    ({ to }) => to.family === address.family && to.first <= address.value && address.value <= to.last,
  )
  const width = ({ to }: (typeof fitting)[number]): bigint => to.last - to.first
  const [best] = fitting.toSorted((a, b) => Number(width(a) - width(b)) || (a.metric ?? 0) - (b.metric ?? 0))
  const equals = fitting.filter(
    (each) => best !== undefined && width(each) === width(best) && (each.metric ?? 0) === (best.metric ?? 0),
  )
  const ways = new Set(equals.map(({ kind, out, via }) => (kind === 'unicast' ? (out ?? `via ${via}`) : kind)))
  return `${doubts.length > 0 ? '?' : ''}${ways.size === 0 ? 'no route' : [...ways].join('|')}`
}

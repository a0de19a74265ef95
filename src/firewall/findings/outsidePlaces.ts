import { everyAddress, mergedRanges } from '../addresses.ts'
import type { Place, Places, RuleSet } from '../ruleset.ts'
import { coversInternet } from './publishedLists.ts'

/** How interfaces and zones towards the internet are called, where nobody says what lies behind them. */
const outsideName =
  /^(wan|outside|untrust|internet|external|extern|public|ppp|pppoe|dialer|uplink|red)([-_.]?\w{0,4})?$/i

/**
 * The places of a device behind which the internet lies: by the networks that were given for them, by the default route,
 * or, where neither is known of any place, by names that nobody gives to anything else.
 */
export function outsidePlaces({ places, routes = [] }: RuleSet): readonly Place[] {
  const said = places.filter(({ networks }) => networks !== undefined && coversInternet(networks))
  if (said.length > 0) return said
  const defaults = new Set(routes.filter(({ to }) => isEvery(to)).flatMap(({ out }) => out ?? []))
  const routed = places.filter(({ name }) => defaults.has(name))
  if (routed.length > 0) return routed
  if (places.some(({ networks }) => networks !== undefined)) return []
  return places.filter(({ name }) => outsideName.test(name))
}

function isEvery({ family, first, last }: NonNullable<RuleSet['routes']>[number]['to']): boolean {
  const [every] = mergedRanges(everyAddress(family).sure)
  return every !== undefined && first === every.first && last === every.last
}

/** Whether rules that ask for places ask for one behind which the internet lies. */
export function isOutsidePlace(ruleSet: RuleSet, asked: readonly Places[]): boolean {
  const names = new Set(outsidePlaces(ruleSet).flatMap(({ name, zones = [] }) => [name, ...zones]))
  return asked.some(({ names: wanted }) => wanted.some((name) => names.has(name)))
}

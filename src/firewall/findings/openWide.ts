import type { Finding } from '../../model/finding.ts'
import { mergedRanges } from '../addresses.ts'
import type { Audited } from '../audited.ts'
import { rangesOfPrefix } from '../rangesOfPrefix.ts'
import { portTexts } from '../rangeText.ts'
import type { Places } from '../ruleset.ts'
import { capped } from './capped.ts'
import { flowsDecidedBy, idsOf } from './concernedFlows.ts'
import { isOutbound, isServer } from './flowEnds.ts'
import type { Opening } from './openings.ts'
import { firstOfEachRule, hasEveryPort, isConditional, openingsOf } from './openings.ts'
import { isOutsidePlace } from './outsidePlaces.ts'
import { coversInternet, isWithinRanges } from './publishedLists.ts'
import { placeOf, spokenRule } from './words.ts'

/**
 * Rules between networks that leave nothing out: from anywhere to anywhere on every port, or for a server that opens a
 * few connections everything to everywhere. What lets a network of people out by the inside is none: that is how most
 * sites give their clients the internet, and no flow of theirs says more narrowly where they go.
 */
export function openWide(audited: Audited): readonly Finding[] {
  const openings = openingsOf(audited).filter(
    (opening) => opening.stage.hook === 'forward' && opening.isSure && !isConditional(opening) && hasEveryPort(opening),
  )
  return capped(firstOfEachRule(openings, (opening) => findingOf(opening, audited)))
}

function findingOf(opening: Opening, audited: Audited): Finding | undefined {
  const { rule, device, source, destination, ruleSet } = opening
  if (!coversInternet(destination.sure)) return undefined
  const flows = flowsDecidedBy(audited, rule)
  const told = { code: 'open-wide', where: placeOf(rule.span), flows: idsOf(flows) } as const
  if (coversInternet(source.sure)) {
    if (comesFromInside(opening.in) && !isOutsidePlace(ruleSet, opening.in)) return undefined
    return {
      ...told,
      severity: 'high',
      what: `${spokenRule(rule, rule.span.file)} of ${device.label} allows everything from anywhere to anywhere`,
      why: 'whatever stands behind it decides nothing, and no flow needs all ports of all machines',
      next: 'write a rule for each flow that is needed (postern plan --for shows them), then take this one out; audit again',
    }
  }
  const servers = (audited.site?.planned ?? []).filter((flow) => isServer(flow) && flow.expect === 'open')
  const machines = mergedRanges(servers.flatMap(({ fromAddresses }) => fromAddresses.flatMap(rangesOfPrefix)))
  if (!isWithinRanges(source.sure, machines)) return undefined
  const own = servers.filter(
    (flow) => isOutbound(flow) && isWithinRanges(flow.fromAddresses.flatMap(rangesOfPrefix), source.sure),
  )
  const ports = [...new Set(own.flatMap(({ target: { port } }) => (port === null ? [] : [port])))]
  if (ports.length === 0) return undefined
  const needed = portTexts(ports.toSorted((a, b) => a - b).map((port) => ({ first: port, last: port })))
  return {
    ...told,
    severity: 'medium',
    what: `${spokenRule(rule, rule.span.file)} of ${device.label} lets ${own[0]?.from ?? 'a server'} to anywhere on every port`,
    why: `its flows to the outside need ${needed.join(', ')} alone, to names that are known`,
    next: 'narrow it to these ports and, where the device can, to the names; then audit again',
  }
}

/** Whether a place is asked for by which it comes in. */
function comesFromInside(places: readonly Places[]): boolean {
  return places.some(({ inverted, names }) => inverted !== true && !names.includes('*'))
}

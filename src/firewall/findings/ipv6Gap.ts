import type { Finding } from '../../model/finding.ts'
import type { AddressRange } from '../addresses.ts'
import { everyAddress } from '../addresses.ts'
import type { Audited, AuditedDevice, AuditedFlow } from '../audited.ts'
import { judge } from '../judge.ts'
import type { AskedFlow, Judged, JudgedPathPart } from '../judged.ts'
import type { RuleSet } from '../ruleset.ts'
import { capped } from './capped.ts'
import type { Concern } from './stepGroups.ts'
import { denyingStep, isDenied, placeOfConcerns, spokenFlows, spokenStep, stepGroups, wanted } from './stepGroups.ts'
import { placeOf } from './words.ts'

/** Flows and filters for which the two families of addresses come to different ends. */
export function ipv6Gap(audited: Audited): readonly Finding[] {
  return capped([...gapsOfFlows(audited), ...audited.devices.flatMap((device) => openFilters(device, audited))])
}

function gapsOfFlows({ flows }: Audited): readonly Finding[] {
  const concerns = wanted(flows).flatMap((flow) => gapOf(flow) ?? [])
  return stepGroups(concerns).map((group): Finding => {
    const [{ step, part }] = group
    const other = part.family === 6 ? 'IPv4' : 'IPv6'
    const by = step === undefined ? '' : `: ${spokenStep(step)}`
    return {
      code: 'ipv6-gap',
      severity: 'medium',
      what: `${spokenFlows(group)} passes by ${other} and not by IPv${part.family}${by}`,
      why: 'both ends have addresses of both families; clients try one and wait, or fail, depending on which their resolver names first',
      next: `write the rule for IPv${part.family} as it is for ${other}; then audit again`,
      ...placeOfConcerns(group),
    }
  })
}

/** The denied part of a flow of which one family passes whole and the other not at all. */
function gapOf(flow: AuditedFlow): Concern | undefined {
  const { parts } = flow.judged
  const of = (family: 4 | 6): readonly JudgedPathPart[] => parts.filter((part) => part.family === family)
  for (const [passing, failing] of [
    [of(4), of(6)],
    [of(6), of(4)],
  ] as const) {
    const [part] = failing
    if (part === undefined || passing.length === 0) continue
    if (!passing.every(({ verdict }) => verdict === 'allow') || !failing.every(isDenied)) continue
    return { flow, part, step: denyingStep(part) }
  }
  return undefined
}

/** A filter that holds IPv4 against rules and knows nothing of IPv6, though the device has it. */
function openFilters({ label, ruleSets }: AuditedDevice, { knowledge, site }: Audited): readonly Finding[] {
  return ruleSets.flatMap((ruleSet): Finding[] => {
    const forward = ruleSet.stages.filter(({ kind, hook }) => kind === 'filter' && hook === 'forward')
    if (forward.length === 0 || !hasIpv6(ruleSet, site?.inside ?? [])) return []
    const asked = (family: 4 | 6): Judged => judge(ruleSet, anyTo(family), 'forward', knowledge, { most: 200_000 })
    const six = asked(6)
    const isOpen = six.parts.every(
      ({ verdict, decidedBy }) =>
        verdict === 'allow' && !decidedBy.some(({ does }) => does !== 'routes' && does !== 'allows'),
    )
    const denial = asked(4).parts.find(({ verdict }) => verdict === 'drop' || verdict === 'reject')
    if (!isOpen || six.parts.length === 0 || denial === undefined) return []
    const span = denial.decidedBy.findLast((step) => step.span !== undefined)?.span
    return [
      {
        code: 'ipv6-gap',
        severity: 'high',
        what: `${label} filters IPv4 and lets all of IPv6 through`,
        where: span === undefined ? {} : placeOf(span),
        why: `${forward.map(({ name }) => name).join(', ')} ${forward.length === 1 ? 'has' : 'have'} no rule that denies a packet of IPv6, and there is IPv6 behind it`,
        next: 'give IPv6 a filter with the same default (ip6tables, a table of family inet); then audit again',
        flows: [],
      },
    ]
  })
}

function anyTo(family: 4 | 6): AskedFlow {
  const all = everyAddress(family).sure
  return { source: all, destination: all, transport: 'tcp', ports: [{ first: 1, last: 65_535 }], request: 'connect' }
}

/** Whether addresses of IPv6 lie behind a device, by its own words or by the site's; link-local ones say nothing. */
function hasIpv6({ places, routes = [] }: RuleSet, inside: readonly AddressRange[]): boolean {
  const own = places.flatMap((place) => [...(place.own ?? []), ...(place.networks ?? [])])
  const all = [...own, ...inside, ...routes.map(({ to }) => to)]
  return all.some(({ family, first, last }) => family === 6 && first >> 125n === 1n && last >> 125n === 1n)
}

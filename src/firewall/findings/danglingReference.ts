import type { Finding } from '../../model/finding.ts'
import type { Audited, AuditedDevice } from '../audited.ts'
import type { Rule, RuleSet } from '../ruleset.ts'
import type { Span } from '../source.ts'
import type { Unknown } from '../unknown.ts'
import { capped } from './capped.ts'
import { idsOf } from './concernedFlows.ts'
import { listed, placeOf, spokenRule } from './words.ts'

/** Objects, groups and chains that rules name and that the files do not define: one finding for each. */
export function danglingReference(audited: Audited): readonly Finding[] {
  return audited.devices.flatMap((device) => capped(ofDevice(audited, device)))
}

interface Reference {
  readonly what: string
  readonly rules: Set<Rule>
  /** Where no rule names it. */
  readonly span?: Span
}

function ofDevice({ flows }: Audited, device: AuditedDevice): readonly Finding[] {
  const found = new Map<string, Reference>()
  const note = (what: string, rule: Rule | undefined, span?: Span): void => {
    const before = found.get(what) ?? { what, rules: new Set<Rule>(), ...(span !== undefined && { span }) }
    found.set(what, before)
    if (rule !== undefined) before.rules.add(rule)
  }
  for (const ruleSet of device.ruleSets) noteAll(ruleSet, note)
  return [...found.values()].map(({ what, rules, span }): Finding => {
    const [first] = rules
    const named = [...rules].slice(0, 5)
    const harmed = flows.filter(
      ({ judged, devices }) =>
        devices.some(({ label }) => label === device.label) &&
        judged.parts.some(({ dependsOn }) =>
          dependsOn.some((unknown) => isReference(unknown) && unknown.what === what),
        ),
    )
    const place = first?.span ?? span
    return {
      code: 'dangling-reference',
      severity: harmed.some(({ expect, necessity }) => expect === 'closed' || necessity === 'required')
        ? 'high'
        : 'medium',
      what: `${device.label} refers to what is not there: ${what}`,
      where: place === undefined ? {} : placeOf(place),
      why:
        rules.size === 0
          ? 'the configuration refers to it, and nobody knows what it stands for'
          : `${listed(
              named.map((rule) => spokenRule(rule, place?.file)),
              rules.size - named.length,
            )} ${rules.size === 1 ? 'refers' : 'refer'} to it; whether it matches is not known`,
      next: 'give the file that defines it, or correct the name; then audit again',
      flows: idsOf(harmed),
    }
  })
}

function noteAll(ruleSet: RuleSet, note: (what: string, rule: Rule | undefined, span?: Span) => void): void {
  for (const unknown of ruleSet.doubts) if (isReference(unknown)) note(unknown.what, undefined)
  for (const { chain, otherwise } of ruleSet.stages) {
    if (!Object.hasOwn(ruleSet.chains, chain)) note(`the chain ${chain}`, undefined, otherwise.span)
  }
  for (const rule of Object.values(ruleSet.chains).flat()) {
    const { action, match, unknowns } = rule
    const possible = [...(match.source?.possible ?? []), ...(match.destination?.possible ?? [])]
    for (const unknown of [...unknowns, ...possible.map(({ because }) => because)]) {
      if (isReference(unknown)) note(unknown.what, rule)
    }
    if (action.kind !== 'jump' && action.kind !== 'goto') continue
    if (!Object.hasOwn(ruleSet.chains, action.chain)) note(`the chain ${action.chain}`, rule)
  }
}

function isReference({ kind }: Unknown): boolean {
  return kind === 'reference'
}

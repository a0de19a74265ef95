import type { AddressRange } from '../addresses.ts'
import type { Passage } from '../judged.ts'
import type { NotPermitted, Permit } from '../permit.ts'
import type { Platform, RuleToWrite, SaidEnd } from './rulesToWrite.ts'
import { rulesToWrite } from './rulesToWrite.ts'
import { uncontested } from './uncontested.ts'

/** A rule as the firewall of one machine has it. */
export interface HostRule extends RuleToWrite {
  readonly passage: 'output' | 'input'
  readonly isDenial: boolean
  /** The machine's own end, as the site calls it. */
  readonly machine: string
  readonly near: SaidEnd
  readonly far: SaidEnd
}

export interface HostRules {
  readonly denials: readonly HostRule[]
  readonly allows: readonly HostRule[]
  readonly notSaid: readonly NotPermitted[]
}

/**
 * Rules for the firewalls of single machines: one that would stand between networks is one of the machine that opens.
 * Denials that would shut an allow are left out.
 *
 * @param forDenials what the platform's denials can say, where it is something else
 */
export function hostRules(
  permits: readonly Permit[],
  denials: readonly Permit[],
  usual: Passage,
  platform: Platform,
  forDenials: Platform = platform,
): HostRules {
  const own = (rules: readonly RuleToWrite[], isDenial: boolean): readonly HostRule[] =>
    rules.map((rule) => hostRule(rule, isDenial))
  const open = rulesToWrite(permits, usual, platform)
  const allows = own(open.rules, false)
  const closed = own(rulesToWrite(denials, usual, forDenials).rules, true)
  const { denials: kept, notSaid } = uncontested(closed, allows)
  return {
    denials: closed.filter((rule) => kept.includes(rule)),
    allows,
    notSaid: [...open.notSaid, ...notSaid],
  }
}

function hostRule(rule: RuleToWrite, isDenial: boolean): HostRule {
  const [{ from, to }] = rule.permits
  const isInput = rule.passage === 'input'
  return {
    ...rule,
    passage: isInput ? 'input' : 'output',
    isDenial,
    machine: isInput ? to.label : from.label,
    near: isInput ? rule.to : rule.from,
    far: isInput ? rule.from : rule.to,
  }
}

/** The addresses of an end; none where it is said by names. */
export function rangesOfEnd(end: SaidEnd): readonly AddressRange[] {
  return end.kind === 'names' ? [] : end.ranges
}

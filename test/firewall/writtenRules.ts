import type { Addresses } from '../../src/firewall/addresses.ts'
import { addressesOf } from '../../src/firewall/addresses.ts'
import type { Audited, AuditedFlow } from '../../src/firewall/audited.ts'
import { noKnowledge } from '../../src/firewall/judge.ts'
import { judgePath } from '../../src/firewall/judgePath.ts'
import { parseAskedFlow } from '../../src/firewall/parseAskedFlow.ts'
import type { Action, Match, Rule, RuleSet } from '../../src/firewall/ruleset.ts'
import type { UnreadStatement } from '../../src/firewall/source.ts'
import { parseCidr } from '../../src/model/cidr.ts'

/** A rule of a chain; what is not given is not asked. */
export function rule(name: string, match: Match, action: 'allow' | 'drop' | Action, more: Partial<Rule> = {}): Rule {
  return {
    ...{ name, match, unknowns: [], span: { file: 'edge', line: 1, text: name } },
    action: typeof action === 'string' ? { kind: action } : action,
    ...more,
  }
}

/** One filter stage with its chain `c`, and other chains, each rule at its own line. */
export function ruleSetOf(rules: readonly Rule[], more: RuleSet['chains'] = {}): RuleSet {
  let line = 0
  const chains = Object.entries({ c: rules, ...more }).map(([name, list]) => {
    const placed = list.map((one): Rule => {
      line += 1
      return { ...one, span: { ...one.span, line } }
    })
    return [name, placed] as const
  })
  return {
    ...{ vendor: 'nftables', name: 'edge', chains: Object.fromEntries(chains), doubts: [] },
    places: ['lan', 'wan'].map((name) => ({ name, kind: 'interface' })),
    stages: [
      {
        ...{ name: 'forward', hook: 'forward', kind: 'filter', chain: 'c', stateful: true, addresses: 'current' },
        otherwise: { action: 'drop', name: 'policy' },
      },
    ],
  }
}

export function net(...texts: readonly string[]): Addresses {
  return addressesOf(
    texts.flatMap((text) => {
      const cidr = parseCidr(text)
      if (!('ok' in cidr)) return []
      const { family, first, prefixLength } = cidr.ok
      return [{ family, first, last: first + (1n << BigInt((family === 4 ? 32 : 128) - prefixLength)) - 1n }]
    }),
  )
}

export function tcp(first: number, last = first): Match {
  return { protocols: [{ first: 6, last: 6 }], destinationPorts: [{ first, last }] }
}

/** An audit of one device, and flows through it by their texts; one in `closed` must not pass. */
export function auditedOf(
  ruleSet: RuleSet,
  open: readonly string[] = [],
  closed: readonly string[] = [],
  unread: readonly UnreadStatement[] = [],
): Audited {
  const devices = [{ label: 'edge', ruleSets: [ruleSet], passage: 'forward' as const }]
  const flowOf = (text: string, expect: 'open' | 'closed'): AuditedFlow => {
    const parsed = parseAskedFlow(text)
    if (!('ok' in parsed)) throw new Error(`${text}: ${parsed.error}`)
    const judged = judgePath(devices, parsed.ok, noKnowledge)
    return { id: text, expect, necessity: 'required', title: text, asked: parsed.ok, devices, judged }
  }
  const understood = Object.values(ruleSet.chains).flat().length
  return {
    devices: [
      {
        ...{ label: 'edge', vendor: 'nftables', ruleSets: [ruleSet] },
        coverage: { statements: understood + unread.length, understood, unread },
      },
    ],
    flows: [...open.map((text) => flowOf(text, 'open')), ...closed.map((text) => flowOf(text, 'closed'))],
    knowledge: noKnowledge,
  }
}

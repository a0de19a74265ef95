import { numbers } from '../../numberRanges.ts'
import type { Action, Match, Rule } from '../../ruleset.ts'
import type { Statements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import type { RuleWriter } from '../netfilter/ruleWriter.ts'
import { ruleWriter } from '../netfilter/ruleWriter.ts'
import { ofAnswer, ofRequest, translatedTag, untrackedTag } from '../netfilter/trackedStates.ts'
import type { Way } from '../netfilter/way.ts'
import { always, bothOf, depends } from '../netfilter/way.ts'
import { comparisonOf, elementWays } from './concat.ts'
import { markWriteOf } from './markCondition.ts'
import { membersOf } from './members.ts'
import { natWays } from './natTarget.ts'
import { isExpression } from './parseRule.ts'
import type { Scope } from './scope.ts'
import type { Element, Expression, RuleNode, Statement, Verdict } from './syntax.ts'

/** What a rule is compiled in, beside its scope. */
export interface RuleSurroundings {
  readonly scope: Scope
  /** The family of its table, where it is of one. */
  readonly family: 4 | 6 | undefined
  /** The chain is one of address translation. */
  readonly isNat: boolean
  /** Why it is not known which translation comes first. */
  readonly natDoubt: Unknown | undefined
  /** The name under which a chain of the table stands in the rule set; undefined where there is none. */
  chainKey(name: string): string | undefined
  addChain(rules: readonly Rule[]): string
  readonly statements: Statements
}

/** Rules of the rule set that one rule of nft is. */
export function compileRule(node: RuleNode, position: number, around: RuleSurroundings): readonly Rule[] {
  const head = {
    name: node.handle === undefined ? `rule ${position}` : `handle ${node.handle}`,
    span: node.span,
    ...(node.comment !== undefined && { comment: node.comment }),
  }
  const writer = ruleWriter(head, around.addChain)
  const walk = new Walk(writer, around)
  for (const statement of node.statements) walk.step(statement)
  const why = walk.finish()
  if (why === undefined) around.statements.understood()
  else around.statements.unread(node.span, why)
  return writer.rules
}

/** Goes through the parts of a rule from left to right, with the ways in which it has come so far. */
class Walk {
  readonly writer: RuleWriter
  readonly around: RuleSurroundings
  ways: readonly Way[]
  why: string | undefined
  isEnded = false

  constructor(writer: RuleWriter, around: RuleSurroundings) {
    this.writer = writer
    this.around = around
    this.ways = [{ match: around.family === undefined ? {} : { family: around.family }, unknowns: [] }]
  }

  /** What is unread of the rule; undefined where nothing is. */
  finish(): string | undefined {
    // What was not understood may have been what the rule does.
    if (!this.isEnded && this.why !== undefined) this.writer.write(this.ways, { kind: 'unknown' })
    return this.why
  }

  step(statement: Statement): void {
    if (this.isEnded) {
      if (statement.kind !== 'note') this.why ??= 'a statement after what ends the rule'
      return
    }
    switch (statement.kind) {
      case 'match':
        this.also(comparisonOf(statement.left, statement.op, statement.right, this.around.scope), 'a comparison')
        return
      case 'limited':
        this.also(depends({ kind: 'limit', what: statement.what }), '')
        return
      case 'unread':
        this.unread(statement.text)
        return
      case 'note':
        return
      case 'notrack':
        for (const [states, tag] of [
          [ofRequest, untrackedTag.request],
          [ofAnswer, untrackedTag.answer],
        ] as const) {
          this.mark([{ match: { states }, unknowns: [] }], tag)
        }
        return
      case 'assign':
        this.assign(statement.field, statement.value)
        return
      case 'handed':
        this.also(depends({ kind: 'application', what: statement.what }), '')
        this.end({ kind: 'unknown' })
        return
      case 'reject': {
        const match: Match =
          statement.with === 'tcp'
            ? { protocols: numbers(6) }
            : statement.with === 'icmp'
              ? { family: 4 }
              : statement.with === 'icmpv6'
                ? { family: 6 }
                : {}
        this.also([{ match, unknowns: [] }], '')
        this.end({ kind: 'reject' })
        return
      }
      case 'verdict':
        this.verdict(statement.verdict)
        return
      case 'vmap':
        this.vmap(statement.key, statement.data)
        return
      case 'nat':
        this.nat(statement)
        return
      default:
        statement satisfies never
    }
  }

  /** A further condition; what it is, where it is not understood. */
  also(ways: readonly Way[] | undefined, what: string): void {
    if (ways === undefined) {
      this.unread(what)
      return
    }
    const both = bothOf(this.ways, ways)
    if (both === undefined) this.unread('more combinations than are followed')
    else this.ways = both
  }

  unread(text: string): void {
    this.why ??= `${text} is not understood`
    this.ways =
      bothOf(this.ways, depends({ kind: 'unread', what: `a part of the rule that is not understood: ${text}` })) ??
      this.ways
  }

  end(action: Action, sets?: string): void {
    this.writer.write(this.ways, action, sets === undefined ? {} : { sets })
    this.isEnded = true
  }

  /** Sets a tag, and goes on. */
  mark(where: readonly Way[], tag: string): void {
    this.writer.write(bothOf(this.ways, where) ?? this.ways, { kind: 'continue' }, { sets: tag })
  }

  assign(field: Expression, value: Expression): void {
    if (field.kind !== 'field') {
      this.unread('what is set')
      return
    }
    if (field.name === 'meta mark') {
      const write = markWriteOf(value)
      if (write === undefined) return
      for (const tag of this.around.scope.marks.tags(write)) this.mark(always, tag)
    } else if (/^(ip6?|tcp|udp|udplite|sctp|dccp|th) (saddr|daddr|sport|dport|protocol|nexthdr)$|^@/.test(field.name)) {
      // Rewritten without connection tracking: the packet goes on as another, and no later rule is sure of it.
      this.writer.write(
        bothOf(this.ways, depends({ kind: 'packet', what: `what ${field.name} is rewritten to` })) ?? this.ways,
        { kind: 'unknown' },
      )
    }
  }

  verdict(verdict: Verdict): void {
    switch (verdict.kind) {
      case 'accept':
        this.end(this.around.isNat ? { kind: 'no-translation' } : { kind: 'allow' })
        return
      case 'drop':
        this.end({ kind: 'drop' })
        return
      case 'return':
        this.end({ kind: 'return' })
        return
      case 'continue':
        return
      case 'queue':
        this.also(depends({ kind: 'application', what: 'what the program that reads the queue decides' }), '')
        this.end({ kind: 'unknown' })
        return
      case 'jump':
      case 'goto': {
        const chain = this.around.chainKey(verdict.chain)
        if (chain !== undefined) this.end({ kind: verdict.kind, chain })
        else {
          this.also(depends({ kind: 'reference', what: `the chain ${verdict.chain}, which is not defined` }), '')
          this.why ??= `the chain ${verdict.chain} is not defined`
          this.end({ kind: 'unknown' })
        }
        return
      }
      default:
        verdict satisfies never
    }
  }

  /** Each element with its verdict; what has none ends the rule, and what is to continue goes on in it. */
  vmap(key: Expression, data: Expression): void {
    const { scope } = this.around
    const { elements, unknowns } = membersOf(data, scope)
    const before = this.ways
    const goingOn: Way[] = []
    for (const element of elements) {
      const held = this.entry(key, element, elements)
      const ways = held === undefined ? undefined : bothOf(before, held)
      if (ways === undefined || element.data === undefined || isExpression(element.data)) {
        this.unread('an element of a verdict map')
        this.writer.write(this.ways, { kind: 'unknown' })
        this.ways = before
        continue
      }
      if (element.data.kind === 'continue') goingOn.push(...ways)
      else {
        this.ways = ways
        this.verdict(element.data)
        this.isEnded = false
      }
    }
    this.ways = before
    if (unknowns.length > 0) {
      const [first] = unknowns
      if (first !== undefined) this.writer.write(bothOf(before, depends(first)) ?? before, { kind: 'unknown' })
    }
    this.ways = goingOn
    this.isEnded = goingOn.length === 0
  }

  entry(key: Expression, element: Element, all: readonly Element[]): readonly Way[] | undefined {
    const { scope } = this.around
    if (key.kind === 'made') return depends({ kind: 'other', what: 'whose turn it is' })
    if (element.key.kind === 'rest') {
      const others = all.filter((other) => other !== element)
      return comparisonOf(key, '!=', { kind: 'set', elements: others }, scope)
    }
    return elementWays(key.kind === 'concat' ? key.parts : [key], element, scope)
  }

  nat(statement: Extract<Statement, { kind: 'nat' }>): void {
    const isDestination = statement.type === 'dnat' || statement.type === 'redirect'
    const found = natWays(statement, this.around.family, this.around.scope)
    if (found === undefined) {
      this.unread('what it is translated to')
      return
    }
    const sets = isDestination ? translatedTag.destination : translatedTag.source
    const before = this.ways
    for (const { ways, translation } of found) {
      this.ways = before
      this.also(ways, '')
      if (this.around.natDoubt !== undefined) this.also(depends(this.around.natDoubt), '')
      this.end({ kind: 'translate', ...(isDestination ? { destination: translation } : { source: translation }) }, sets)
    }
    this.ways = before
    this.isEnded = true
  }
}

import { numbers } from '../../numberRanges.ts'
import type { Action, Rule } from '../../ruleset.ts'
import type { Statements } from '../../text/statements.ts'
import { lookUp } from '../lookUp.ts'
import type { RuleWriter } from '../netfilter/ruleWriter.ts'
import { ruleWriter } from '../netfilter/ruleWriter.ts'
import { ofAnswer, ofRequest, translatedTag, untrackedTag } from '../netfilter/trackedStates.ts'
import type { Way } from '../netfilter/way.ts'
import { bothOf, depends } from '../netfilter/way.ts'
import type { MatchOption, MatchScope } from './matches.ts'
import {
  addressOption,
  fragmentOption,
  interfaceOption,
  matchOptions,
  openMatches,
  protocolOption,
  remembered,
} from './matches.ts'
import type { Option } from './options.ts'
import { optionsOf } from './options.ts'
import type { RuleLine } from './tables.ts'
import type { TargetOf } from './targets.ts'
import {
  droppingTargets,
  handingTargets,
  isTarget,
  markWriteOf,
  natTargetOf,
  netmapTargetOf,
  ownTargetOf,
  passingTargets,
  targetOption,
} from './targets.ts'

/** What a rule is compiled in. */
export interface RuleSurroundings {
  readonly scope: MatchScope
  readonly isNat: boolean
  /** The name under which a chain of the table stands in the rule set; undefined where there is none. */
  chainKey(name: string): string | undefined
  addChain(rules: readonly Rule[]): string
  readonly statements: Statements
}

const plainOptions: Readonly<Record<string, MatchOption>> = {
  '-p': protocolOption,
  '--protocol': protocolOption,
  '--proto': protocolOption,
  '-s': addressOption('source'),
  '--source': addressOption('source'),
  '--src': addressOption('source'),
  '-d': addressOption('destination'),
  '--destination': addressOption('destination'),
  '--dst': addressOption('destination'),
  '-i': interfaceOption('in'),
  '--in-interface': interfaceOption('in'),
  '-o': interfaceOption('out'),
  '--out-interface': interfaceOption('out'),
  '-f': fragmentOption,
  '--fragment': fragmentOption,
}

const jumps: Readonly<Record<string, 'jump' | 'goto'>> = {
  '-j': 'jump',
  '--jump': 'jump',
  '-g': 'goto',
  '--goto': 'goto',
}

/** What a rule leads to: `-j` and `-g`, by name. */
export function targetOf(
  options: readonly Option[],
): { readonly kind: 'jump' | 'goto'; readonly name: string } | undefined {
  for (const { name, values } of options) {
    const kind = lookUp(jumps, name)
    if (kind !== undefined) return { kind, name: values[0] ?? '' }
  }
  return undefined
}

/** Rules of the rule set that one line is. */
export function compileRule(line: RuleLine, position: number, around: RuleSurroundings): readonly Rule[] {
  const options = optionsOf(line.words)
  const comment = options.find(({ name }) => name === '--comment')?.values[0]
  const writer = ruleWriter(
    { name: `rule ${position}`, span: line.span, ...(comment !== undefined && { comment }) },
    around.addChain,
  )
  const walk = new Walk(writer, around)
  if (walk.isOfOtherFamily(options)) {
    around.statements.understood()
    return []
  }
  walk.conditions(options)
  walk.target(options)
  if (walk.why === undefined) around.statements.understood()
  else around.statements.unread(line.span, walk.why)
  return writer.rules
}

class Walk {
  readonly writer: RuleWriter
  readonly around: RuleSurroundings
  ways: readonly Way[]
  why: string | undefined

  constructor(writer: RuleWriter, around: RuleSurroundings) {
    this.writer = writer
    this.around = around
    this.ways = [{ match: { family: around.scope.family }, unknowns: [] }]
  }

  /** `-4` and `-6` stand in files that are for both. */
  isOfOtherFamily(options: readonly Option[]): boolean {
    const other = this.around.scope.family === 4 ? ['-6', '--ipv6'] : ['-4', '--ipv4']
    return options.some(({ name }) => other.includes(name))
  }

  conditions(options: readonly Option[]): void {
    const loaded: string[] = []
    let isBehindTarget = false
    const target = targetOf(options)?.name
    // Options of a target that is not known are told with it.
    const isStrange = target !== undefined && this.around.chainKey(target) === undefined && !isTarget(target)
    for (const option of options) {
      const { name, values, isNot } = option
      if (lookUp(jumps, name) !== undefined) isBehindTarget = true
      else if (name === '-m' || name === '--match') this.load(values[0] ?? '', loaded)
      else if (/^(-4|-6|--ipv4|--ipv6|-c|--set-counters)$/.test(name)) continue
      else if (isBehindTarget && (isStrange || targetOption.test(name))) continue
      else {
        const plain = lookUp(plainOptions, name)
        if (plain !== undefined) {
          this.also(plain(values, isNot, this.around.scope), `${name} ${values.join(' ')}`)
          // `-p tcp` brings the match `tcp` along.
          if (name.startsWith('-p') || name.startsWith('--p')) loaded.unshift(values[0]?.toLowerCase() ?? '')
        } else this.matchOption(option, loaded)
      }
    }
  }

  /** `-m NAME`: some ask by themselves. */
  load(name: string, loaded: string[]): void {
    loaded.push(name)
    const open = lookUp(openMatches, name)
    if (open !== undefined) this.also(depends(open.unknown), '')
    else if (lookUp(matchOptions, name) === undefined) this.unread(`match "${name}"`)
  }

  /** An option belongs to the match that was loaded last and knows it. */
  matchOption({ name, values, isNot }: Option, loaded: readonly string[]): void {
    for (const module of loaded.toReversed()) {
      const known = lookUp(matchOptions, module)
      const option = known === undefined ? undefined : lookUp(known, name)
      if (option !== undefined) {
        this.also(option(values, isNot, this.around.scope), `${name} ${values.join(' ')}`)
        return
      }
      if (module === 'recent') {
        if (/^--(rcheck|update|remove)$/.test(name)) this.also(depends(remembered), '')
        if (/^--(rcheck|update|remove|seconds|hitcount|name|rttl|rsource|rdest|mask|reap)$/.test(name)) return
      }
      if (module === 'set' && /^--(return-nomatch|update-counters|update-subcounters|packets-|bytes-)/.test(name))
        return
      if (lookUp(openMatches, module)?.options.test(name) === true) return
      // What belongs to a match that is not known was told with it.
      if (known === undefined && lookUp(openMatches, module) === undefined && this.why !== undefined) return
    }
    this.unread(`"${name}"`)
  }

  also(ways: readonly Way[] | undefined, what: string): void {
    const both = ways === undefined ? undefined : bothOf(this.ways, ways)
    if (both === undefined) this.unread(what)
    else this.ways = both
  }

  unread(what: string): void {
    this.why ??= `${what} is not known`
    this.ways =
      bothOf(this.ways, depends({ kind: 'unread', what: `a part of the rule that is not understood: ${what}` })) ??
      this.ways
  }

  end(action: Action, sets?: string): void {
    this.writer.write(this.ways, action, sets === undefined ? {} : { sets })
  }

  tag(states: typeof ofRequest, tag: string): void {
    this.writer.write(
      bothOf(this.ways, [{ match: { states }, unknowns: [] }]) ?? this.ways,
      { kind: 'continue' },
      { sets: tag },
    )
  }

  target(options: readonly Option[]): void {
    const target = targetOf(options)
    if (target === undefined) {
      // Nothing but its counters; what was not understood may have been a target.
      this.end(this.why === undefined ? { kind: 'continue' } : { kind: 'unknown' })
      return
    }
    const chain = this.around.chainKey(target.name)
    if (chain !== undefined) this.end({ kind: target.kind, chain })
    else if (target.kind === 'goto') this.missing(target.name)
    else this.builtInTarget(target.name, options)
  }

  missing(name: string): void {
    this.also(depends({ kind: 'reference', what: `the chain ${name}, which is not defined` }), '')
    this.why ??= `the chain or target ${name} is not defined`
    this.end({ kind: 'unknown' })
  }

  builtInTarget(name: string, options: readonly Option[]): void {
    const { scope, isNat } = this.around
    const handing = lookUp(handingTargets, name)
    if (name === 'ACCEPT') this.end(isNat ? { kind: 'no-translation' } : { kind: 'allow' })
    else if (name === 'RETURN') this.end({ kind: 'return' })
    else if (droppingTargets.has(name)) this.end({ kind: 'drop' })
    else if (name === 'REJECT') {
      const isReset = options.some(
        ({ name: option, values }) => option === '--reject-with' && values[0] === 'tcp-reset',
      )
      if (isReset) this.also([{ match: { protocols: numbers(6) }, unknowns: [] }], '')
      this.end({ kind: 'reject' })
    } else if (handing !== undefined) {
      this.also(depends({ kind: 'application', what: handing }), '')
      this.end({ kind: 'unknown' })
    } else if (name === 'NOTRACK' || (name === 'CT' && options.some(({ name: option }) => option === '--notrack'))) {
      this.tag(ofRequest, untrackedTag.request)
      this.tag(ofAnswer, untrackedTag.answer)
    } else if (name === 'MARK') this.mark(options)
    else if (name === 'CT' || passingTargets.has(name)) this.end({ kind: 'continue' })
    else if (name === 'DNAT') this.translate(natTargetOf(options, '--to-destination', scope.family), 'destination')
    else if (name === 'SNAT') this.translate(natTargetOf(options, '--to-source', scope.family), 'source')
    else if (name === 'MASQUERADE') this.translate(ownTargetOf(options), 'source')
    else if (name === 'REDIRECT') this.translate(ownTargetOf(options), 'destination')
    else if (name === 'NETMAP') this.netmap(options)
    else this.missing(name)
  }

  mark(options: readonly Option[]): void {
    const write = markWriteOf(options)
    for (const tag of write === undefined ? [] : this.around.scope.marks.tags(write))
      this.tag([...ofRequest, ...ofAnswer], tag)
    this.end({ kind: 'continue' })
  }

  translate(found: TargetOf, end: 'source' | 'destination'): void {
    if (found === undefined) {
      this.unread('what it is translated to')
      this.end({ kind: 'unknown' })
      return
    }
    // The kernel takes any of the ports, where a rule that asks for as many would seem to keep their order.
    if (found.isPool && !this.isShift(found))
      this.also(depends({ kind: 'other', what: 'which of some ports it is translated to' }), '')
    this.end({ kind: 'translate', [end]: found.ok }, translatedTag[end])
  }

  /** Whether the rule asks for the very ports that become others in their order. */
  isShift({ ok: { ports }, shiftsFrom }: NonNullable<TargetOf>): boolean {
    const asked = this.ways.length === 1 ? this.ways[0]?.match.destinationPorts : undefined
    const [only] = asked ?? []
    if (ports === undefined || only === undefined || asked?.length !== 1) return false
    return only.first === shiftsFrom && only.last - only.first === ports.last - ports.first
  }

  /** Exact where the rule asks for a prefix of the same length. */
  netmap(options: readonly Option[]): void {
    const range = netmapTargetOf(options, this.around.scope.family)
    const { hooks } = this.around.scope
    const isDestination = hooks.has('prerouting') || hooks.has('output')
    const end = isDestination ? 'destination' : 'source'
    const [way] = this.ways
    const asked = this.ways.length === 1 ? way?.match[end]?.sure : undefined
    const [only] = asked ?? []
    const isSame =
      range !== undefined &&
      asked?.length === 1 &&
      only !== undefined &&
      only.last - only.first === range.last - range.first
    if (range === undefined) this.translate(undefined, end)
    else if (isSame) this.translate({ ok: { to: [range] }, isPool: false }, end)
    else
      this.translate(
        { ok: { to: { kind: 'other', what: 'which address of the prefix it is mapped to' } }, isPool: false },
        end,
      )
  }
}

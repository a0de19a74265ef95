import type { Extension } from './extended.ts'
import { extended } from './extended.ts'
import type { Question } from './fitOf.ts'
import { fitOf } from './fitOf.ts'
import type { DecidedBy } from './judged.ts'
import type { Matched, Maybe, Piece, State } from './piece.ts'
import { joinedPieces, listOf } from './piece.ts'
import { hullOf, misses, nextInHull } from './pieceHull.ts'
import type { Rule, Stage } from './ruleset.ts'
import type { RuleTable } from './ruleTable.ts'
import type { Unknown } from './unknown.ts'

/** A piece that a rule ended a stage for. */
export interface Ended {
  readonly piece: Piece
  readonly rule: Rule
  readonly matched?: Matched
}

/** One stage that pieces are walked through. */
export interface Walk {
  readonly question: Question
  readonly stage: Stage
  /** Names of the chains in which it is. */
  readonly within: string[]
  /** Pieces that were held against rules, over all stages of a question; what is left of it counts down. */
  readonly budget: { left: number }
  /** States that came of others by a rule, so that parts of one piece go on sharing theirs. */
  readonly states: Map<State, Extension[]>
  /**
   * Pieces that came out of a chain as they went in, by chain: they need no second look, so that chains which jump to
   * each other over and over are walked once.
   */
  readonly untouched: Map<string, WeakSet<Piece>>
}

/** Chains within each other that are followed: nftables allows 16. */
const deepest = 100
/** From so many pieces on it is worth to look whether some are one again. */
const manyPieces = 24

/**
 * Takes pieces through the rules of a chain.
 *
 * A rule that may match does not cut: the piece goes on, and carries what the rule would have done. So what is carried
 * grows by one entry a rule, and not by a factor of two.
 *
 * @returns what rules ended, and what came to the end of the chain or returned from it
 */
export function walkChain(
  walk: Walk,
  chain: string,
  pieces: readonly Piece[],
): { readonly ended: readonly Ended[]; readonly returned: readonly Piece[] } {
  if (pieces.length === 0) return { ended: [], returned: [] }
  const untouched = walk.untouched.get(chain)
  if (untouched !== undefined && pieces.every((piece) => untouched.has(piece))) return { ended: [], returned: pieces }
  const table = walk.question.compiled.table(chain)
  const depth = walk.within.length
  if (table === undefined) {
    return { ended: [], returned: pieces.map((piece) => doesAnything(walk, piece, [noChain(walk, chain)])) }
  }
  if (depth >= deepest || walk.within.includes(chain)) {
    const because: Unknown = {
      kind: 'other',
      what: `what the device does with the chain ${chain}, which leads back to itself or is too deep`,
    }
    return { ended: [], returned: pieces.map((piece) => doesAnything(walk, piece, [because])) }
  }
  walk.within.push(chain)
  const level = new Level(walk, depth)
  const left = level.rules(table, pieces)
  walk.within.pop()
  const closed = level.close(left)
  const [only] = pieces
  if (only !== undefined && pieces.length === 1 && closed.ended.length === 0 && closed.returned[0] === only) {
    if (closed.returned.length === 1) walk.untouched.set(chain, (untouched ?? new WeakSet()).add(only))
  }
  return closed
}

/** One pass through one chain. */
class Level {
  readonly walk: Walk
  readonly depth: number
  ended: Ended[] = []
  returned: Piece[] = []

  constructor(walk: Walk, depth: number) {
    this.walk = walk
    this.depth = depth
  }

  rules(table: RuleTable, pieces: readonly Piece[]): readonly Piece[] {
    const { question, budget } = this.walk
    const hulls = table.hulls(question.line.family)
    const count = table.rules.length
    let live = pieces
    let joinAt = manyPieces
    let changes = 0
    let hull = hullOf(live, question)
    for (let i = nextInHull(hulls, 0, count, hull); i < count; i = nextInHull(hulls, i + 1, count, hull)) {
      const row = table.row(i, question.line.family)
      if (row === undefined) continue
      // To see that a piece is far from a rule costs little.
      budget.left -= 1 + live.length / 16
      if (budget.left < 0) return live.map((piece) => doesAnything(this.walk, piece, [tooMuch]))
      let next: Piece[] | undefined
      for (const [at, piece] of live.entries()) {
        const fit = misses(piece, hulls, i) ? undefined : fitOf(piece, row, question)
        if (fit === undefined) {
          next?.push(piece)
          continue
        }
        budget.left -= 1
        next ??= live.slice(0, at)
        next.push(...fit.rest)
        for (const part of fit.sure) this.act(part, row.rule, fit.matched, next)
        for (const { piece: part, because } of fit.may) this.mayAct(part, row.rule, because, fit.matched, next)
      }
      if (next === undefined) continue
      live = next
      if (live.length > joinAt) {
        live = joinedPieces(live)
        joinAt = Math.max(manyPieces, 2 * live.length)
      }
      if (live.length === 0) return live
      // What is left only shrinks, so that a hull from before is wide, and not wrong.
      changes += 1
      if (live.length < manyPieces || changes % manyPieces === 0) hull = hullOf(live, question)
    }
    return live
  }

  /** Does what a rule does with what surely matches; `next` takes what comes to the next rule. */
  act(piece: Piece, rule: Rule, matched: Matched | undefined, next: Piece[]): void {
    const { action } = rule
    const tagged = rule.sets === undefined ? piece : this.tagged(piece, rule, 'set')
    switch (action.kind) {
      case 'continue':
        next.push(tagged)
        return
      case 'return':
        this.returned.push(tagged)
        return
      case 'unknown':
        next.push(doesAnything(this.walk, tagged, reasonOf(rule), rule))
        return
      case 'jump':
      case 'goto': {
        const { ended, returned } = walkChain(this.walk, action.chain, [tagged])
        this.ended.push(...ended)
        if (action.kind === 'jump') next.push(...returned)
        else this.returned.push(...returned)
        return
      }
      default:
        this.ended.push({ piece: tagged, rule, ...(matched !== undefined && { matched }) })
    }
  }

  /** The same with what may match: it goes on in any case. */
  mayAct(piece: Piece, rule: Rule, because: readonly Unknown[], matched: Matched | undefined, next: Piece[]): void {
    const { action } = rule
    const isTranslating = this.walk.stage.kind.endsWith('-nat')
    const tagged = rule.sets === undefined ? piece : this.tagged(piece, rule, because)
    switch (action.kind) {
      case 'continue':
        next.push(tagged)
        return
      case 'unknown':
        next.push(doesAnything(this.walk, tagged, because.length > 0 ? because : reasonOf(rule), rule))
        return
      case 'return':
        next.push(this.escaping(tagged, rule, because))
        return
      case 'jump':
      case 'goto': {
        const { ended, returned } = walkChain(this.walk, action.chain, [tagged])
        for (const each of ended) {
          if (isTranslating) {
            this.ended.push({ ...each, piece: this.forked(each.piece, rule, because) })
            next.push(this.forked(each.piece, rule, because))
          } else next.push(this.mayEnd(each.piece, each.rule, because, each.matched))
        }
        for (const back of returned) next.push(action.kind === 'jump' ? back : this.escaping(back, rule, because))
        return
      }
      case 'translate':
      case 'no-translation':
        this.ended.push({ piece: this.forked(tagged, rule, because), rule })
        next.push(this.forked(tagged, rule, because))
        return
      case 'allow':
        if (isTranslating) {
          this.ended.push({ piece: this.forked(tagged, rule, because), rule })
          next.push(this.forked(tagged, rule, because))
        } else next.push(this.mayEnd(tagged, rule, because, matched))
        return
      default:
        next.push(this.mayEnd(tagged, rule, because, matched))
    }
  }

  /** Ends the pass: what may have returned from this chain before a rule ended it goes on behind the chain as well. */
  close(left: readonly Piece[]): { readonly ended: readonly Ended[]; readonly returned: readonly Piece[] } {
    const isTranslating = this.walk.stage.kind.endsWith('-nat')
    const returned = [...this.returned, ...left].map((piece) => this.withoutEscapes(piece))
    const ended: Ended[] = []
    for (const each of this.ended) {
      const escapes = listOf(each.piece.state.escapes).filter(({ depth }) => depth === this.depth)
      if (escapes.length === 0) {
        ended.push(each)
        continue
      }
      const because = escapes.flatMap((found) => found.because)
      const piece = this.withoutEscapes(each.piece)
      if (isTranslating) {
        ended.push({ ...each, piece: this.forked(piece, each.rule, because) })
        returned.push(this.forked(piece, each.rule, because))
      } else returned.push(this.mayEnd(piece, each.rule, because, each.matched))
    }
    return { ended, returned: returned.length > manyPieces ? joinedPieces(returned) : returned }
  }

  private mayEnd(piece: Piece, rule: Rule, because: readonly Unknown[], matched: Matched | undefined): Piece {
    const { kind } = rule.action
    if (kind !== 'allow' && kind !== 'drop' && kind !== 'reject' && kind !== 'inspect' && kind !== 'no-inspection') {
      return doesAnything(this.walk, piece, because, rule)
    }
    const maybe: Maybe = {
      kind,
      because,
      step: stepOf(this.walk, rule, 'may'),
      ...(matched !== undefined && { by: matched }),
      ...(rule.inspectsTls === true && { inspectsTls: true as const }),
      ...(rule.leadsOut !== undefined && { leadsOut: rule.leadsOut }),
    }
    return this.with(piece, rule, 'ends', because, (state) => ({
      ...state,
      maybes: { before: state.maybes, last: maybe },
    }))
  }

  private forked(piece: Piece, rule: Rule, because: readonly Unknown[]): Piece {
    return this.with(piece, rule, 'forks', because, (state) => ({
      ...state,
      forks: { before: state.forks, last: because },
    }))
  }

  private escaping(piece: Piece, rule: Rule, because: readonly Unknown[]): Piece {
    const last = { depth: this.depth, because }
    return this.with(piece, rule, 'returns', because, (state) => ({
      ...state,
      escapes: { before: state.escapes, last },
    }))
  }

  private withoutEscapes(piece: Piece): Piece {
    if (piece.state.escapes === undefined) return piece
    const { escapes: _, ...state } = piece.state
    const kept = listOf(piece.state.escapes).filter(({ depth }) => depth < this.depth)
    const escapes = kept.reduce<State['escapes']>((before, last) => ({ before, last }), undefined)
    return { ...piece, state: { ...state, ...(escapes !== undefined && { escapes }) } }
  }

  private tagged(piece: Piece, rule: Rule, how: 'set' | readonly Unknown[]): Piece {
    const tag = rule.sets ?? ''
    if (piece.state.tags?.get(tag) === 'set') return piece
    const because = how === 'set' ? [] : how
    return this.with(piece, rule, 'tags', because, (state) => ({ ...state, tags: new Map(state.tags).set(tag, how) }))
  }

  private with(
    piece: Piece,
    rule: Rule,
    what: string,
    because: readonly Unknown[],
    make: (state: State) => State,
  ): Piece {
    return { ...piece, state: extended(this.walk, piece.state, { by: rule, what, because }, make) }
  }
}

/** A step of a verdict, told of a rule. */
export function stepOf(
  { stage, question }: Pick<Walk, 'stage' | 'question'>,
  rule: Rule,
  does: DecidedBy['does'],
): DecidedBy {
  return {
    stage: stage.name,
    rule: rule.name,
    span: rule.span,
    does,
    ...(question.isAnswer && { answer: true as const }),
    ...(question.isLater && { later: true as const }),
  }
}

const tooMuch: Unknown = {
  kind: 'other',
  what: 'rules that were not followed to their end: they cut the flow into more parts than are told apart',
}

function noChain(walk: Walk, chain: string): Unknown {
  return { kind: 'reference', what: `the chain ${chain} of ${walk.stage.name}, which the configuration does not have` }
}

function reasonOf(rule: Rule): readonly Unknown[] {
  return rule.unknowns.length > 0 ? rule.unknowns : [{ kind: 'unread', what: `what ${rule.name} does` }]
}

/** A piece of which from here on nobody knows whether it is let through. */
function doesAnything(walk: Walk, piece: Piece, because: readonly Unknown[], rule?: Rule): Piece {
  const step: DecidedBy =
    rule === undefined
      ? {
          ...{ stage: walk.stage.name, rule: walk.stage.chain, does: 'may' },
          ...(walk.question.isAnswer && { answer: true }),
          ...(walk.question.isLater && { later: true }),
        }
      : stepOf(walk, rule, 'may')
  const isTranslating = walk.stage.kind.endsWith('-nat')
  const passer: Maybe = {
    ...{ kind: 'allow', because, step },
    ...(rule?.leadsOut !== undefined && { leadsOut: rule.leadsOut }),
  }
  const state = extended(walk, piece.state, { by: rule ?? walk.stage, what: 'anything', because }, (before) => ({
    ...before,
    maybes: {
      before: { before: before.maybes, last: passer },
      last: { kind: 'drop', because, step },
    },
    ...(isTranslating && { unsettled: { before: before.unsettled, last: because } }),
  }))
  return { ...piece, state }
}

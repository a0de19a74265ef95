import { anyPlace } from './askedPieces.ts'
import { valuesOf } from './axis.ts'
import { extended } from './extended.ts'
import type { Question } from './fitOf.ts'
import { intervalsWithout, meetIntervals, unionOfIntervals } from './intervals.ts'
import type { DecidedBy } from './judged.ts'
import type { Grown, Maybe, Piece, State } from './piece.ts'
import { listOf, sliced } from './piece.ts'
import { saidPlaces } from './placeMap.ts'
import type { Rule, Stage } from './ruleset.ts'
import { translated } from './translated.ts'
import type { Unknown } from './unknown.ts'
import type { Ended, Walk } from './walkChain.ts'
import { stepOf, walkChain } from './walkChain.ts'

/** A piece that surely does not pass. */
export interface Denied {
  readonly piece: Piece
  readonly verdict: 'drop' | 'reject'
}

/** What a stage leaves. */
export interface StageRun {
  readonly alive: readonly Piece[]
  readonly denied: readonly Denied[]
}

/** What pieces are walked with, over all stages of a question. */
export interface Run {
  readonly question: Question
  readonly budget: { left: number }
}

/** Takes pieces through one stage: those that it is not attached to pass, and those that it may be attached to pass in doubt. */
export function runStage(run: Run, stage: Stage, pieces: readonly Piece[]): StageRun {
  if (pieces.length === 0) return { alive: [], denied: [] }
  if (stage.family !== undefined && stage.family !== run.question.line.family) return { alive: pieces, denied: [] }
  const { sure, may, passing, because } = attached(run.question, stage, pieces)
  const walk: Walk = { ...run, stage, within: [], states: new Map(), untouched: new Map() }
  const held = through(walk, sure)
  if (may.length === 0) return { alive: [...passing, ...held.alive], denied: held.denied }
  const open = through(walk, may)
  // What a stage would deny passes where it does not apply.
  const spared = open.denied.map(({ piece }) => ({
    ...piece,
    state: extended(walk, piece.state, { by: stage, what: 'spares', because }, (state) => ({
      ...state,
      doubts: { before: state.doubts, last: because },
    })),
  }))
  return { alive: [...passing, ...held.alive, ...open.alive, ...spared], denied: held.denied }
}

function through(walk: Walk, pieces: readonly Piece[]): StageRun {
  const { ended, returned } = walkChain(walk, walk.stage.chain, pieces)
  const alive: Piece[] = []
  const denied: Denied[] = []
  for (const each of ended) settle(walk, each.piece, each, alive, denied)
  for (const piece of returned) settle(walk, piece, undefined, alive, denied)
  return { alive, denied }
}

/** Draws what ended a piece, and what may have ended it earlier, together. */
function settle(walk: Walk, piece: Piece, by: Ended | undefined, alive: Piece[], denied: Denied[]): void {
  const { stage } = walk
  const end = by === undefined ? stage.otherwise.action : by.rule.action.kind
  const key = by?.rule ?? stage.otherwise
  switch (end) {
    case 'drop':
    case 'reject': {
      const hopes = listOf(piece.state.maybes).filter(({ kind }) => kind === 'allow')
      const step = closingStep(walk, by?.rule, end === 'drop' ? 'drops' : 'rejects')
      if (hopes.length === 0) {
        denied.push({ piece: withState(walk, piece, key, (state) => told(state, [step])), verdict: end })
      } else {
        alive.push(
          ...onEveryWay(walk, piece, key, hopes, (state) =>
            doubted(
              told(state, [...hopes.map((hope) => hope.step), step]),
              hopes.flatMap((hope) => hope.because),
            ),
          ),
        )
      }
      return
    }
    case 'unknown': {
      const because: readonly Unknown[] = [
        { kind: 'other', what: `what ${stage.otherwise.name} does where no rule ends ${stage.name}` },
      ]
      const step = closingStep(walk, by?.rule, 'may')
      alive.push(
        ...onEveryWay(walk, piece, key, passersOf(piece.state, by), (state) => doubted(told(state, [step]), because)),
      )
      return
    }
    case 'translate':
      alive.push(...translatedPieces(walk, piece, by))
      return
    case 'inspect':
      alive.push(withState(walk, piece, key, (state) => inspected(walk, state, by, true)))
      return
    default:
      alive.push(...onEveryWay(walk, piece, key, passersOf(piece.state, by), (state) => passed(walk, state, by)))
  }
}

/** What lets a piece pass, or may have: with what that depends on. */
type Passer = Pick<Maybe, 'leadsOut' | 'because'>

function passersOf({ maybes }: State, by: Ended | undefined): readonly Passer[] {
  const hopes = listOf(maybes).filter(({ kind }) => kind === 'allow')
  const { leadsOut } = by?.rule ?? {}
  return [...hopes, { because: [], ...(leadsOut !== undefined && { leadsOut }) }]
}

/** A piece behind a stage: beside itself, where rules say differently by which place it leaves and nobody knows which of them it was. */
function onEveryWay(
  walk: Walk,
  piece: Piece,
  key: object,
  passers: readonly Passer[],
  make: (state: State) => State,
): readonly Piece[] {
  const ways = Map.groupBy(passers, ({ leadsOut }) => leadsOut?.join('\n'))
  const because = ways.size > 1 ? passers.flatMap((passer) => passer.because) : []
  return [...ways.values()].flatMap(([first]) => {
    const names = first?.leadsOut
    if (names === undefined && ways.size === 1) return [withState(walk, piece, key, make)]
    const { ruleSet } = walk.question.compiled
    const out = names === undefined ? undefined : names.length === 0 ? anyPlace : saidPlaces(ruleSet, names)
    const what = `leads out by ${names === undefined ? 'the routes' : names.join('\n')}`
    const state = extended(walk, piece.state, { by: key, what, because: [] }, (before) => ({
      ...make(before),
      ...(out !== undefined && { out, isLed: true as const }),
      ...(because.length > 0 && { forks: { before: before.forks, last: because } }),
    }))
    return [{ ...piece, state }]
  })
}

/** A stage was passed: denials that may have come before stay as doubts. */
function passed(walk: Walk, state: State, by: Ended | undefined): State {
  const { stage } = walk
  if (stage.kind === 'inspection') return inspected(walk, state, by, false)
  const fears = listOf(state.maybes).filter(({ kind }) => kind === 'drop' || kind === 'reject')
  const steps = fears.map(({ step }) => step)
  // That no rule translated an address is nothing to tell; that none forbade it is.
  const isTold = by !== undefined || stage.kind === 'filter'
  if (isTold && by?.rule.action.kind !== 'no-translation') steps.push(closingStep(walk, by?.rule, 'allows'))
  let next = told(state, steps)
  if (fears.length > 0)
    next = doubted(
      next,
      fears.flatMap(({ because }) => because),
    )
  if (stage.kind !== 'filter') return next
  const mayOpen = listOf(state.maybes).some(({ inspectsTls }) => inspectsTls === true)
  const matched = by?.matched ?? next.matched
  if (by?.rule.inspectsTls === true) next = { ...next, inspected: fears.length > 0 ? 'may' : 'yes' }
  else if (mayOpen && next.inspected === undefined) next = { ...next, inspected: 'may' }
  return matched === undefined ? next : { ...next, matched: next.matched === 'name' ? 'name' : matched }
}

function inspected(walk: Walk, state: State, by: Ended | undefined, is: boolean): State {
  const maybes = listOf(state.maybes)
  const isOpen = maybes.some(
    ({ kind }) => (kind === 'inspect') !== is && (kind === 'inspect' || kind === 'no-inspection'),
  )
  const steps: DecidedBy[] = maybes.filter(({ kind }) => (kind === 'inspect') !== is).map(({ step }) => step)
  if (is) steps.push(closingStep(walk, by?.rule, 'inspects'))
  const next = told(state, steps)
  if (!is && !isOpen) return next
  return { ...next, inspected: isOpen && next.inspected !== 'yes' ? 'may' : 'yes' }
}

function translatedPieces(walk: Walk, piece: Piece, by: Ended | undefined): readonly Piece[] {
  const { action } = by?.rule ?? {}
  if (by === undefined || action?.kind !== 'translate') return [piece]
  const next = withState(walk, piece, by.rule, (state) => {
    const fears = listOf(state.maybes).filter(({ kind }) => kind === 'drop' || kind === 'reject')
    const clean = told(state, [...fears.map(({ step }) => step), closingStep(walk, by.rule, 'translates')])
    return fears.length === 0
      ? clean
      : doubted(
          clean,
          fears.flatMap(({ because }) => because),
        )
  })
  return [translated(next, by.rule, action, walk.question)]
}

function withState(walk: Walk, piece: Piece, key: object, make: (state: State) => State): Piece {
  return { ...piece, state: extended(walk, piece.state, { by: key, what: 'settles', because: [] }, make) }
}

/** A state with further steps, and with nothing of the stage left that they close. */
function told(state: State, steps: readonly DecidedBy[]): State {
  const { maybes: _maybes, escapes: _escapes, trace, ...rest } = state
  const grown = steps.reduce<Grown<DecidedBy> | undefined>((before, last) => ({ before, last }), trace)
  return { ...rest, ...(grown !== undefined && { trace: grown }) }
}

function doubted(state: State, because: readonly Unknown[]): State {
  return { ...state, doubts: { before: state.doubts, last: because } }
}

function closingStep(walk: Walk, rule: Rule | undefined, does: DecidedBy['does']): DecidedBy {
  if (rule !== undefined) return stepOf(walk, rule, does)
  const { stage, question } = walk
  return {
    stage: stage.name,
    rule: stage.otherwise.name,
    ...(stage.otherwise.span !== undefined && { span: stage.otherwise.span }),
    does,
    ...(question.isAnswer && { answer: true as const }),
    ...(question.isLater && { later: true as const }),
  }
}

interface Attached {
  readonly sure: readonly Piece[]
  readonly may: readonly Piece[]
  readonly passing: readonly Piece[]
  readonly because: readonly Unknown[]
}

/** Divides pieces by whether a stage is about their near end. */
function attached({ compiled, line }: Question, stage: Stage, pieces: readonly Piece[]): Attached {
  const end = stage.hook === 'output' ? 'source' : stage.hook === 'input' ? 'destination' : undefined
  if (stage.attachedTo === undefined || end === undefined) return { sure: pieces, may: [], passing: [], because: [] }
  const { addresses } = compiled.settled(stage.attachedTo)
  const sure = line.intervals(addresses.sure)
  const possible = addresses.possible.map(({ within, because }) => ({ within: line.intervals(within), because }))
  const reach = possible.reduce((set, { within }) => unionOfIntervals(set, within), sure)
  const found: { sure: Piece[]; may: Piece[]; passing: Piece[] } = { sure: [], may: [], passing: [] }
  const views = { source: 'now', destination: 'now' } as const
  for (const piece of pieces) {
    const near =
      reach.length === 0 ? { inside: undefined, outside: [piece] } : sliced(piece, { [end]: reach }, views, line)
    found.passing.push(...near.outside)
    if (near.inside === undefined) continue
    const core =
      sure.length === 0
        ? { inside: undefined, outside: [near.inside] }
        : sliced(near.inside, { [end]: sure }, views, line)
    if (core.inside !== undefined) found.sure.push(core.inside)
    found.may.push(...core.outside)
  }
  const isMet = (within: readonly number[]): boolean =>
    found.may.some((piece) => meetIntervals(intervalsWithout(valuesOf(piece[end], 'now', line).set, sure), within))
  return { ...found, because: possible.filter(({ within }) => isMet(within)).map(({ because }) => because) }
}

import { formatAddress } from '../model/cidr.ts'
import type { AddressRange } from './addresses.ts'
import { valuesOf } from './axis.ts'
import type { CompiledRuleSet } from './compiledRuleSet.ts'
import { coordinates4 } from './coordinates.ts'
import type { Question } from './fitOf.ts'
import type { AskedFlow, DecidedBy, Passage } from './judged.ts'
import type { Piece, State, Views } from './piece.ts'
import { answered, sliced } from './piece.ts'
import type { PlaceGuess } from './placeMap.ts'
import { saidPlace } from './placeMap.ts'
import type { Hook, Route, Stage } from './ruleset.ts'
import { ofConnection } from './ruleset.ts'
import type { Run } from './runStage.ts'
import { runStage } from './runStage.ts'
import type { Unknown } from './unknown.ts'

/** A piece at the end of its way through a device. */
export interface Arrival {
  readonly piece: Piece
  readonly verdict: 'allow' | 'drop' | 'reject' | 'no-path'
}

const now: Views = Object.freeze({ source: 'now', destination: 'now' })
const asItCame: Views = Object.freeze({ source: 'was', destination: 'was' })
const nowhere: PlaceGuess = Object.freeze({ kind: 'nowhere' })

/** Takes the pieces of a flow, all of one family, through a device and their answers back. */
export function journey(
  compiled: CompiledRuleSet,
  asked: AskedFlow,
  passage: Passage,
  pieces: readonly Piece[],
  budget: { left: number },
): readonly Arrival[] {
  return new Journey(compiled, asked, passage, pieces[0]?.family ?? 4, budget).all(pieces)
}

class Journey {
  readonly compiled: CompiledRuleSet
  readonly asked: AskedFlow
  readonly passage: Passage
  readonly family: 4 | 6
  readonly budget: { left: number }
  readonly arrivals: Arrival[] = []
  readonly fields: Question['fields'] = new Map()
  readonly answerFields: Question['fields'] = new Map()

  constructor(compiled: CompiledRuleSet, asked: AskedFlow, passage: Passage, family: 4 | 6, budget: { left: number }) {
    this.compiled = compiled
    this.asked = asked
    this.passage = passage
    this.family = family
    this.budget = budget
  }

  all(pieces: readonly Piece[]): readonly Arrival[] {
    const alive = this.passage === 'output' ? this.sent(pieces) : this.received(this.incoming(pieces))
    for (const piece of this.later(this.answers(alive))) this.arrivals.push({ piece, verdict: 'allow' })
    return this.arrivals
  }

  /** What comes in from outside: translated first, then it is the device's own or goes on. */
  private received(pieces: readonly Piece[]): readonly Piece[] {
    const after = this.hook('prerouting', this.routedAhead(pieces))
    const own: Piece[] = []
    const onward: Piece[] = []
    const { line, ownAddresses } = this
    for (const piece of after) {
      const isTranslated = piece.destination.was !== undefined
      if (piece.state.isLocal) {
        own.push(piece)
        continue
      }
      if (this.passage === 'input' && (!isTranslated || ownAddresses.length === 0)) {
        // Whom it was sent to is what was asked; only a translation leads it away.
        ;(isTranslated ? onward : own).push(isTranslated ? piece : kept(piece))
        continue
      }
      const { inside, outside } =
        ownAddresses.length === 0
          ? { inside: undefined, outside: [piece] }
          : sliced(piece, { destination: ownAddresses }, now, line)
      if (inside !== undefined) own.push(kept(inside))
      onward.push(...outside)
    }
    const local = this.hook('input', own.map(outOf))
    const forwarded = this.hook('postrouting', this.hook('forward', this.routed(onward)))
    return [...local, ...forwarded]
  }

  private sent(pieces: readonly Piece[]): readonly Piece[] {
    const routed = this.routed(pieces.map((piece) => ({ ...piece, state: { ...piece.state, in: nowhere } })))
    const after = this.hook('output', routed)
    const isTranslated = after.some(({ destination }) => destination.was !== undefined)
    return this.hook('postrouting', isTranslated ? this.routed(after) : after)
  }

  private hook(hook: Hook, pieces: readonly Piece[]): readonly Piece[] {
    let alive = pieces
    for (const stage of this.compiled.ruleSet.stages) {
      if (stage.hook !== hook || alive.length === 0) continue
      const views = stage.addresses === 'original' ? asItCame : now
      const { alive: passed, denied } = runStage(this.run(views, 'first'), stage, alive)
      this.arrivals.push(...denied)
      alive = passed
    }
    return alive
  }

  /** Finds by which place a flow comes in. */
  private incoming(pieces: readonly Piece[]): readonly Piece[] {
    if (this.asked.in !== undefined) {
      const place = saidPlace(this.compiled.ruleSet, this.asked.in)
      return pieces.map((piece) => ({ ...piece, state: { ...piece.state, in: place } }))
    }
    return pieces.flatMap((piece) =>
      this.divided(piece, 'source').map(({ part, region }) => ({
        ...part,
        state: { ...part.state, in: region.guess },
      })),
    )
  }

  /** Rules that translate may ask for the zone in which the destination lies, as it is before translation. */
  private routedAhead(pieces: readonly Piece[]): readonly Piece[] {
    const { stages } = this.compiled.ruleSet
    return stages.some(({ hook }) => hook === 'prerouting') && this.passage === 'forward'
      ? this.routed(pieces, true)
      : pieces
  }

  /** Finds by which place a flow goes out; what leads nowhere arrives there, unless it is only looked ahead. */
  private routed(pieces: readonly Piece[], isAhead = false): readonly Piece[] {
    if (this.asked.out !== undefined) {
      const place = saidPlace(this.compiled.ruleSet, this.asked.out)
      return pieces.map((piece) =>
        piece.state.isLed === true ? piece : { ...piece, state: { ...piece.state, out: place } },
      )
    }
    const alive: Piece[] = []
    for (const piece of pieces) {
      if (piece.state.isLed === true) {
        alive.push(piece)
        continue
      }
      for (const { part, region } of this.divided(piece, 'destination')) {
        const { state } = part
        const { route } = region
        const trace =
          route === undefined && !region.isNoPath ? state.trace : { before: state.trace, last: stepBy(route) }
        if (isAhead) alive.push({ ...part, state: { ...state, out: region.guess } })
        else if (region.isNoPath)
          this.arrivals.push({ piece: { ...part, state: { ...state, trace } }, verdict: 'no-path' })
        else alive.push({ ...part, state: { ...state, out: region.guess, trace } })
      }
    }
    return alive
  }

  /** A piece by the regions in which one of its ends lies. */
  private divided(piece: Piece, end: 'source' | 'destination'): readonly { part: Piece; region: Region }[] {
    const found: { part: Piece; region: Region }[] = []
    let left: readonly Piece[] = [piece]
    for (const region of this.compiled.places(this.family).regions) {
      const next: Piece[] = []
      for (const each of left) {
        const { inside, outside } = sliced(each, { [end]: region.set }, now, this.line)
        if (inside !== undefined) found.push({ part: inside, region })
        next.push(...outside)
      }
      left = next
      if (left.length === 0) break
    }
    return found
  }

  /**
   * Answers of what passed, held against every stage without memory on the way back; their ends are what connection
   * tracking makes of them, from the wire to the hook behind which it translates back.
   */
  private answers(pieces: readonly Piece[]): readonly Piece[] {
    const hooks = (piece: Piece): readonly Hook[] =>
      this.passage === 'output'
        ? ['prerouting', 'input']
        : piece.state.out.kind === 'nowhere'
          ? ['output', 'postrouting']
          : ['prerouting', 'forward', 'postrouting']
    if (!this.compiled.ruleSet.stages.some(isHeld)) return pieces
    return pieces.flatMap((piece) => {
      let alive: readonly Piece[] = [answerOf({ ...piece, state: ofConnectionAlone(piece.state) })]
      for (const hook of hooks(piece)) {
        const stages = this.compiled.ruleSet.stages.filter((stage) => stage.hook === hook)
        for (const [at, stage] of stages.entries()) {
          if (!isHeld(stage) || alive.length === 0) continue
          const run = this.run(answerViews(hook, stages.slice(0, at)), 'answer')
          const held = runStage(run, stage, alive)
          alive = held.alive
          for (const { piece: part, verdict } of held.denied) this.arrivals.push({ piece: answerOf(part), verdict })
        }
      }
      return alive.map(answerOf)
    })
  }

  /**
   * What follows the answer, without which nothing is said over TCP: rules may let a connection begin and be answered,
   * and cut it then. Connection tracking translates it as it did the first packet.
   */
  private later(pieces: readonly Piece[]): readonly Piece[] {
    const { stages } = this.compiled.ruleSet
    if (!stages.some(isHeld)) return pieces
    return pieces.flatMap((piece) => {
      if (piece.protocol !== 6) return [piece]
      const hooks: readonly Hook[] =
        this.passage === 'output'
          ? ['output', 'postrouting']
          : piece.state.out.kind === 'nowhere'
            ? ['prerouting', 'input']
            : ['prerouting', 'forward', 'postrouting']
      const met = hooks.flatMap((hook) => stages.filter((stage) => stage.hook === hook))
      let alive: readonly Piece[] = [{ ...piece, state: ofConnectionAlone(piece.state) }]
      for (const [at, stage] of met.entries()) {
        if (!isHeld(stage) || alive.length === 0) continue
        const isBehind = (kind: Stage['kind']): boolean => met.slice(0, at).some((before) => before.kind === kind)
        const views: Views =
          stage.addresses === 'original'
            ? asItCame
            : {
                source: isBehind('source-nat') ? 'now' : 'was',
                destination: isBehind('destination-nat') ? 'now' : 'was',
              }
        const held = runStage(this.run(views, 'later'), stage, alive)
        alive = held.alive
        this.arrivals.push(...held.denied)
      }
      // That it goes on as it began is no news.
      return alive.map((part) => ({ ...part, state: { ...part.state, trace: piece.state.trace } }))
    })
  }

  private run(views: Views, packet: 'first' | 'answer' | 'later'): Run {
    const { asked, compiled, line, budget } = this
    const isAnswer = packet === 'answer'
    const fields = isAnswer ? this.answerFields : this.fields
    return { question: { asked, compiled, line, views, isAnswer, isLater: packet === 'later', fields }, budget }
  }

  private get line(): Question['line'] {
    return this.compiled.coordinates(this.family)
  }

  private get ownAddresses(): readonly number[] {
    return this.compiled.places(this.family).own
  }
}

/** Stages without a memory of what they let pass. */
function isHeld({ stateful, kind }: Stage): boolean {
  return !stateful && kind === 'filter'
}

/** Another packet of the connection comes without the tags of the one before, but for those of the connection itself. */
function ofConnectionAlone({ tags, ...untagged }: State): State {
  const kept = [...(tags ?? [])].filter(([tag]) => tag.startsWith(ofConnection))
  return kept.length === 0 ? untagged : { ...untagged, tags: new Map(kept) }
}

type Region = ReturnType<CompiledRuleSet['places']>['regions'][number]

const ledAway: Unknown = Object.freeze({
  kind: 'place',
  what: 'whether a rule that leads to a gateway leads there also what is for the device itself',
})

/** What is for the device itself, and would be led away if it were not. */
function kept(piece: Piece): Piece {
  const { state } = piece
  if (state.isLed !== true) return piece
  return { ...piece, state: { ...state, doubts: { before: state.doubts, last: [ledAway] } } }
}

/** A packet to the device itself goes out by nothing. */
function outOf(piece: Piece): Piece {
  return { ...piece, state: { ...piece.state, out: nowhere } }
}

/** A route as a step of a verdict. */
function stepBy(route: Route | undefined): DecidedBy {
  if (route === undefined) return { stage: 'routes', rule: 'no route', does: 'routes' }
  const { kind, to, span, name } = route
  const rule = name !== undefined ? name : kind === 'unicast' ? `route to ${textOf(to)}` : `${kind} route`
  return { stage: 'routes', rule, span, does: 'routes' }
}

function textOf({ family, first, last }: AddressRange): string {
  const bits = (last - first + 1n).toString(2)
  const low = formatAddress({ family, value: first })
  // What is no block of a prefix is told by its ends.
  if (!/^10*$/.test(bits)) return `${low}-${formatAddress({ family, value: last })}`
  return `${low}/${(family === 4 ? 32 : 128) - bits.length + 1}`
}

/** Type of the answer to an echo request (RFC 792, RFC 4443 §4.2), and of what it answers. */
const echoes: Readonly<Record<number, number>> = { 8: 0, 0: 8, 128: 129, 129: 128 }

/** The answer to a piece, and the piece to an answer. */
function answerOf(piece: Piece): Piece {
  if (piece.protocol !== 1 && piece.protocol !== 58) return answered(piece)
  const type = valuesOf(piece.from, 'now', coordinates4).set[0] ?? 0
  const turned = answered(piece)
  const other = echoes[type] ?? type
  return { ...turned, from: { now: { set: [other, other + 1] } }, to: piece.to }
}

/** Which end of an answer is what it was, at a hook behind some stages: the destination is translated back on the way in, the source on the way out. */
function answerViews(hook: Hook, before: readonly Stage[]): Views {
  const isBehind = (kind: Stage['kind']): boolean => before.some((stage) => stage.kind === kind)
  if (hook === 'prerouting') return { source: 'now', destination: isBehind('destination-nat') ? 'was' : 'now' }
  if (hook === 'postrouting') return { source: isBehind('source-nat') ? 'was' : 'now', destination: 'was' }
  return { source: 'now', destination: 'was' }
}

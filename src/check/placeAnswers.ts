import { sameServerName } from '../diagnose/names.ts'
import type { Observation } from '../model/observation.ts'
import type { Scheme } from '../model/service.ts'
import type { Question } from '../probes/probe.ts'
import { speaksTls } from './converse.ts'
import { questionKey } from './questionOf.ts'

interface Answer {
  readonly by: Question
  readonly seen: Observation
}

/** What worked at each address and port, and the question that it was seen by. */
export class PlaceAnswers {
  readonly #answers = new Map<string, Answer[]>()

  add(question: Question, observations: readonly Observation[]): void {
    if (question.via !== undefined) return
    const key = placeKey(question)
    const answers = observations.filter((seen) => seen.role === 'probe' && isAnswer(seen))
    const known = this.#answers.get(key) ?? []
    this.#answers.set(key, [...known, ...answers.map((seen) => ({ by: question, seen }))])
  }

  /**
   * What other questions got at the very same address and port, and this one did not: who answers them is there, and is
   * reached. Beyond the connection those count that asked for the same name, for by another one it is another service.
   */
  besides(question: Question): readonly Observation[] {
    const key = questionKey(question)
    const answers = this.#answers.get(placeKey(question)) ?? []
    const own = new Set(answers.flatMap(({ by, seen }) => (questionKey(by) === key ? [seen.kind] : [])))
    return spokenIn(question).flatMap((kind) =>
      answers
        .filter(({ by, seen }) => seen.kind === kind && !own.has(kind) && isComparable(kind, by, question))
        .slice(0, 2)
        .map(({ seen }) => seen),
    )
  }
}

function placeKey({ address, port }: Question): string {
  return `${address} ${port}`
}

function isAnswer(seen: Observation): boolean {
  switch (seen.kind) {
    case 'tcp-connect':
      return seen.outcome === 'connected'
    case 'tls-handshake':
      return seen.outcome === 'established'
    case 'http-exchange':
      return seen.outcome === 'response'
    default:
      return false
  }
}

/** What a question of its scheme comes to, one after the other. */
function spokenIn(question: Question): readonly Observation['kind'][] {
  return [
    'tcp-connect',
    ...(speaksTls(question) ? (['tls-handshake'] as const) : []),
    ...(overHttp.has(question.scheme) ? (['http-exchange'] as const) : []),
  ]
}

const overHttp: ReadonlySet<Scheme> = new Set(['http', 'https', 'ws', 'wss'])

function isComparable(kind: Observation['kind'], one: Question, other: Question): boolean {
  return kind === 'tcp-connect' || sameServerName(one.name, other.name)
}

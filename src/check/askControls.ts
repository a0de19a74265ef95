import type { Observation } from '../model/observation.ts'
import type { Limits, Net } from '../net/net.ts'
import type { Keep, Question } from '../probes/probe.ts'
import type { Control, Conversation, Failure } from './controls.ts'
import { controls } from './controls.ts'
import { converse } from './converse.ts'
import type { Ledger } from './ledger.ts'
import type { Surroundings } from './surroundings.ts'
import type { Symptom } from './symptomOf.ts'
import { symptoms } from './symptoms.ts'

/** What controls are asked with. */
export interface Means {
  readonly net: Net
  readonly ledger: Ledger
  readonly limits: Limits
  /** Runs a piece of work when the check has a place for it; not at all once the check has ended. What it throws is kept. */
  readonly slot: (keep: Keep, work: () => Promise<void>) => Promise<void>
}

/**
 * Asks what tells the causes of one failure apart: at most `mostConnections`, controls and repeats together, all at
 * once, each varying one thing. A name that did not resolve is compared by `controlNames`, a limit looked for by `openCrowds`.
 */
export async function askControls(
  question: Question,
  symptom: Symptom,
  around: Surroundings,
  { net, ledger, limits, slot }: Means,
): Promise<readonly Observation[]> {
  const into: Observation[] = []
  const row = symptoms.find(({ when }) => when(symptom))
  if (row === undefined) return into
  const failure: Failure = { ...symptom, question, around, sources: net.sources(question.address) }
  const planned = row.controls.flatMap((name) => {
    const control: Control = controls[name]
    return control.asks(failure).map((ask) => ({ control, ask }))
  })
  await Promise.all(
    affordable(planned).map(({ control: { varies }, ask }) => {
      const keep = ledger.page(into, varies === undefined ? 'repeat' : 'control', varies)
      return slot(keep, () => ask(keep, net, limits))
    }),
  )
  return into
}

interface Planned {
  readonly control: Control
  readonly ask: Conversation
}

/** Connections that the controls and repeats of one failure may cost together. */
export const mostConnections = 8

/** The first that fit: each row names what tells most at its head. */
function affordable(planned: readonly Planned[]): readonly Planned[] {
  const chosen: Planned[] = []
  let left = mostConnections
  for (const one of planned) {
    const { connections = 1 } = one.control
    if (connections > left) continue
    left -= connections
    chosen.push(one)
  }
  return chosen
}

/** Asks by another way out what has no address here: a proxy may know the name. */
export async function askOtherWays(
  ways: readonly Question[],
  { net, ledger, limits, slot }: Means,
): Promise<readonly Observation[]> {
  const into: Observation[] = []
  await Promise.all(
    ways.slice(0, 1).map((way) => {
      const keep = ledger.page(into, 'control', 'proxy')
      return slot(keep, () => converse(net, way, keep, limits))
    }),
  )
  return into
}

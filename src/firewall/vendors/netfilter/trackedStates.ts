import { everyOctet, numbers, numbersWithout } from '../../numberRanges.ts'
import type { ConnectionState } from '../../ruleset.ts'
import { ofConnection } from '../../ruleset.ts'
import type { Way } from './way.ts'

/** States by which rules tell the first packet of a flow from its answer, whatever connection tracking says of them. */
export const ofRequest: readonly ConnectionState[] = ['new', 'invalid', 'untracked']
export const ofAnswer: readonly ConnectionState[] = ['established', 'related']

/** Set by the rules that translate: the connection has a status of that name from then on. */
export const translatedTag = { destination: `${ofConnection}dnat`, source: `${ofConnection}snat` } as const

/** Set by `notrack` on the first packet, and on its answer. */
export const untrackedTag = { request: `${ofConnection}not tracked`, answer: 'answer not tracked' } as const

/**
 * Ways in which the state of a packet is one of some, where rules take packets out of connection tracking: of a
 * connection that has only one direction tracked, the other is the beginning of a new one, or is invalid.
 */
export function trackedStates(found: readonly ConnectionState[]): readonly Way[] {
  const has = (state: ConnectionState): boolean => found.includes(state)
  const { request, answer } = untrackedTag
  const way = (match: Way['match'], except?: Way['match']): Way => ({
    match,
    unknowns: [],
    ...(except !== undefined && { except: [{ match: except, unknowns: [] }] }),
  })
  const first: ConnectionState[] = ['new']
  const second: ConnectionState[] = ['established']
  const untrackedAnswer = { tagged: { tag: answer } }
  return [
    ...(has('new') ? [way({ states: first, tagged: { tag: request, not: true } })] : []),
    ...(has('untracked')
      ? [way({ states: first, tagged: { tag: request } }), way({ states: second, ...untrackedAnswer })]
      : []),
    ...(has('established') ? [way({ states: second, tagged: { tag: request, not: true } }, untrackedAnswer)] : []),
    // An answer to what was not tracked: TCP knows it by its flags, all else begins a connection of its own.
    ...(has('invalid')
      ? [way({ states: second, tagged: { tag: request }, protocols: numbers(1, 6, 58) }, untrackedAnswer)]
      : []),
    ...(has('new')
      ? [
          way(
            { states: second, tagged: { tag: request }, protocols: numbersWithout(everyOctet, numbers(1, 6, 58)) },
            untrackedAnswer,
          ),
        ]
      : []),
  ]
}

import type { Observation, TcpConnect } from '../model/observation.ts'

/** Connections that are opened at once, to see whether a limit lets the first of them stand and no more. */
export const roundSize = 8

/** One round, in the order of the sending, and the connection that was tried alone before it. */
export interface Round {
  readonly alone: TcpConnect
  readonly crowd: readonly TcpConnect[]
}

/** The rounds of connections at once that were run to their end, in their order. */
export function roundsOf(observations: readonly Observation[]): readonly Round[] {
  const connects = observations.filter((one): one is TcpConnect => one.kind === 'tcp-connect')
  const rounds: Round[] = []
  connects.forEach((alone, at) => {
    const next = connects.slice(at + 1)
    const end = next.findIndex((one) => !isOfCrowd(one))
    const crowd = end === -1 ? next : next.slice(0, end)
    if (!isOfCrowd(alone) && alone.role === 'repeat' && crowd.length === roundSize) rounds.push({ alone, crowd })
  })
  return rounds
}

function isOfCrowd({ varies }: TcpConnect): boolean {
  return varies === 'crowd'
}

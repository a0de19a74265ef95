import type { ShareRange } from '../model/shareRange.ts'
import { shareRange } from '../model/shareRange.ts'

/** One question of a series: whether an answer came. */
export interface AskedOnce {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly isLost: boolean
}

/** Answers are lost now and then, all over the time that was looked at. */
export interface LossyPath extends ShareRange {
  readonly asked: number
  readonly lost: number
  /** Tenths of the time in which something was lost, 0 to 10. */
  readonly tenths: number
}

/** On a path in order hardly a packet is lost: above this share connections begin to wait. */
const mostLoss = 0.01
const fewestAsked = 100
/** Losses spread over time show in so many tenths of it; one outage does not. */
const leastTenths = 5
/** So many losses that follow each other are an outage, and no share of anything. */
const longestRun = 5
/** It is asked again and again, of many paths: 3.29 is wrong once in 2,000 times on the one side that counts. */
const z = 3.29

/**
 * Whether a path loses answers all the time, and what share of them. Losses that follow each other (an outage) are no share
 * of anything and are left out with their time; a path on which nothing is left is down, not lossy.
 *
 * @returns undefined for fewer than 100 questions, and where a hundredth or less may be lost
 */
export function lossyPath(questions: readonly AskedOnce[]): LossyPath | undefined {
  const inOrder = questions.filter(({ at }) => Number.isFinite(at)).toSorted((one, other) => one.at - other.at)
  const counted = withoutOutages(inOrder)
  const lost = counted.filter(({ isLost }) => isLost)
  const [first, last] = [counted[0], counted.at(-1)]
  if (first === undefined || last === undefined || counted.length < fewestAsked) return undefined
  const length = Math.max(1, last.at - first.at)
  const tenths = new Set(lost.map(({ at }) => Math.min(9, Math.floor((10 * (at - first.at)) / length)))).size
  const range = shareRange(lost.length, counted.length, z)
  if (range.least <= mostLoss || tenths < leastTenths) return undefined
  return { ...range, asked: counted.length, lost: lost.length, tenths }
}

function withoutOutages(questions: readonly AskedOnce[]): readonly AskedOnce[] {
  const counted: AskedOnce[] = []
  let run: AskedOnce[] = []
  const settle = (): void => {
    if (run.length <= longestRun) counted.push(...run)
    run = []
  }
  for (const question of questions) {
    if (question.isLost) run.push(question)
    else {
      settle()
      counted.push(question)
    }
  }
  settle()
  return counted
}

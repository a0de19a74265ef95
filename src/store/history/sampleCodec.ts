import type { CauseCode, Confidence } from '../../model/cause.ts'
import { causeCodes, confidences } from '../../model/cause.ts'
import type { Sample } from '../../model/sample.ts'
import type { VerdictKind } from '../../model/verdict.ts'
import { verdictKinds } from '../../model/verdict.ts'
import type { Interned } from './interned.ts'
import type { Face, Look } from './piece.ts'
import { hourMs, mostHours } from './places.ts'

const verdicts: ReadonlySet<string> = new Set(verdictKinds)
const causes: ReadonlySet<string> = new Set(causeCodes)
const sureness: ReadonlySet<string> = new Set(confidences)
const isVerdict = (text: string | undefined): text is VerdictKind => text !== undefined && verdicts.has(text)
const isCause = (text: string | undefined): text is CauseCode => text !== undefined && causes.has(text)
const isConfidence = (text: string | undefined): text is Confidence => text !== undefined && sureness.has(text)

/**
 * Whole milliseconds since 1970.
 *
 * @throws RangeError for what is no time from 1970 to 3883: the caller's mistake
 */
export function timeOf(at: number): number {
  if (!(at >= 0 && at < mostHours * hourMs)) throw new RangeError(`at: must be milliseconds since 1970: it is ${at}`)
  return Math.trunc(at)
}

/** @throws RangeError for what is no finite number: what could not be measured is no reading */
export function finite(value: number, name: string): number {
  if (!Number.isFinite(value)) throw new RangeError(`${name}: must be a finite number: it is ${value}`)
  return value
}

/** A sample as it is kept: texts by number, without its key. */
export function lookOf(sample: Sample, names: Interned): Look {
  const { timing } = sample
  const number = (text: string | undefined): number => (text === undefined ? 0 : names.idOf(text))
  const ms = (value: number | null): number | null => (value === null ? null : finite(value, 'timing'))
  return {
    at: timeOf(sample.at),
    face: {
      verdict: number(sample.verdict),
      confidence: number(sample.confidence),
      cause: number(sample.cause),
      address: number(sample.address),
      certificate: number(sample.certificate),
      isWell: sample.isWell,
    },
    timing: {
      dnsMs: ms(timing.dnsMs),
      connectMs: ms(timing.connectMs),
      tlsMs: ms(timing.tlsMs),
      firstByteMs: ms(timing.firstByteMs),
    },
  }
}

/**
 * Samples of one flow from how they are kept. A word that this version does not know any more is told as what is not known:
 * `unknown`, `undetermined`.
 */
export function samplesOf(key: string, looks: readonly Look[], names: Interned): Sample[] {
  let of: Face | undefined
  let told: Pick<Sample, 'verdict' | 'confidence' | 'cause' | 'address' | 'certificate'> | undefined
  return looks.map(({ at, face, timing }) => {
    if (told === undefined || of !== face) told = facts(face, names)
    of = face
    return { key, at, ...told, timing, isWell: face.isWell }
  })
}

function facts(
  face: Face,
  names: Interned,
): Pick<Sample, 'verdict' | 'confidence' | 'cause' | 'address' | 'certificate'> {
  const [verdict, confidence, cause] = [face.verdict, face.confidence, face.cause].map((id) => names.textOf(id))
  const address = names.textOf(face.address)
  const certificate = names.textOf(face.certificate)
  return {
    verdict: isVerdict(verdict) ? verdict : 'unknown',
    confidence: isConfidence(confidence) ? confidence : 'undetermined',
    ...(face.cause !== 0 && { cause: isCause(cause) ? cause : 'undetermined' }),
    ...(address !== undefined && { address }),
    ...(certificate !== undefined && { certificate }),
  }
}

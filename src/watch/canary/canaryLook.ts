import { membersOf } from '../../model/membersOf.ts'
import type { DirectoryFailure } from '../../net/directoryWriter.ts'
import type { Told } from '../news.ts'
import { toldOf } from '../signIn/toldFailures.ts'
import type { CanaryMeans } from './canaryMeans.ts'
import type { ReadTarget } from './readTarget.ts'

/** What the change came to. */
export type CanaryOutcome =
  | { readonly kind: 'arrived'; readonly lagMs: number; readonly told?: Told }
  /** It is not there after all of its time. */
  | { readonly kind: 'not-there'; readonly told: Told }
  /** It could not be made, or not be looked for. */
  | { readonly kind: 'failed'; readonly told: Told }
  /** Nothing was changed, or nothing is known of it. */
  | { readonly kind: 'refused'; readonly says: string }
  | { readonly kind: 'aborted' }

export interface CanaryLook {
  /** When the directory had taken the change: milliseconds since 1970. */
  readonly at: number
  readonly outcome: CanaryOutcome
  /** Why the value from before is not back; absent: it is. */
  readonly notBack?: string
}

export interface CanaryParts {
  readonly now: () => number
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** From 0 to below 1. */
  readonly random: () => number
  /** What has to be put back, so that it can be after a sudden end; resolves when it would outlive this process. */
  readonly journal: { read(): string | undefined; write(text: string): Promise<void> }
}

interface Change {
  readonly object: string
  readonly attribute: string
  readonly before: readonly string[]
  readonly marker: string
}

const prefix = 'postern-canary-'
const usualPoll = { first: 5000, most: 60_000 } as const
/** For what is put back, also while the watcher ends. */
const restoreMs = 8000

/**
 * Changes the one attribute, awaits it at the target, and puts back what was there: also when it never arrives, when the
 * watcher ends, and, by the journal, after a sudden end.
 */
export async function lookAtCanary(
  means: CanaryMeans,
  read: ReadTarget,
  parts: CanaryParts,
  signal: AbortSignal,
): Promise<CanaryLook> {
  const { canary, directory } = means
  const { object, attribute } = canary
  const begun = parts.now()
  const tidied = await putBackFromBefore(means, parts, signal)
  if (tidied !== undefined) return { at: begun, ...tidied }
  const found = await directory.read(object, attribute, signal)
  if (!found.ok) return { at: begun, outcome: ofDirectory(found, 'read') }
  if (found.values.some((value) => value.startsWith(prefix))) {
    const says = `${attribute} holds a canary of another watcher, or of one that ended suddenly elsewhere: nothing is changed. Put back by hand what belongs there`
    return { at: begun, outcome: { kind: 'refused', says } }
  }
  const marker = `${prefix}${begun.toString(36)}-${Math.floor(parts.random() * 36 ** 4).toString(36)}`
  const change: Change = { object, attribute, before: found.values, marker }
  await parts.journal.write(JSON.stringify(change))
  const written = await directory.replace(object, attribute, [marker], signal)
  const at = parts.now()
  if (!written.ok) {
    // Whether the directory took it before the connection ended is not known.
    const notBack = await putBack(means, change, parts)
    return { at, outcome: ofDirectory(written, 'write'), ...notBack }
  }
  const outcome = await awaitMarker(means, read, parts, { marker, at, signal })
  return { at, outcome, ...(await putBack(means, change, parts)) }
}

async function awaitMarker(
  { canary, pollMs = usualPoll }: CanaryMeans,
  read: ReadTarget,
  { now, pause, random }: CanaryParts,
  { marker, at, signal }: { readonly marker: string; readonly at: number; readonly signal: AbortSignal },
): Promise<CanaryOutcome> {
  const until = at + canary.withinSeconds * 1000
  let waitMs: number = pollMs.first
  let leastMs = 0
  let last: Told | undefined
  while (now() < until) {
    await pause(Math.max(leastMs, Math.min(waitMs * (0.75 + random() / 2), Math.max(0, until - now()))), signal)
    leastMs = 0
    if (signal.aborted) return { kind: 'aborted' }
    const asked = now()
    const seen = await read({ signal, timeoutMs: 10_000 })
    switch (seen.kind) {
      case 'aborted':
        return { kind: 'aborted' }
      case 'value':
        if (seen.value === marker) return { kind: 'arrived', lagMs: Math.max(0, asked - at) }
        last = undefined
        waitMs = Math.min(waitMs * 1.5, pollMs.most)
        break
      case 'wait':
        if (asked + seen.retryAfterMs >= until) {
          const says =
            'whether the change has arrived is not known: the target asks for patience beyond the time for it'
          return { kind: 'refused', says }
        }
        leastMs = seen.retryAfterMs
        break
      case 'failed':
        if (seen.isFinal) return { kind: 'failed', told: seen.told }
        last = seen.told
        waitMs = Math.min(waitMs * 1.5, pollMs.most)
        break
      default:
        seen satisfies never
    }
  }
  if (last !== undefined) return { kind: 'failed', told: last }
  const says = `the change has not arrived after ${canary.withinSeconds} s`
  return { kind: 'not-there', told: toldOf('sync-lag', says, { confidence: 'certain' }) }
}

/** @returns why nothing more is to be done; undefined: all is as it was */
async function putBackFromBefore(
  means: CanaryMeans,
  parts: CanaryParts,
  signal: AbortSignal,
): Promise<Pick<CanaryLook, 'outcome' | 'notBack'> | undefined> {
  const change = readChange(parts.journal.read())
  if (change === undefined) return undefined
  const found = await means.directory.read(change.object, change.attribute, signal)
  if (!found.ok && found.why !== 'no-object') return { outcome: ofDirectory(found, 'read') }
  if (found.ok && found.values.includes(change.marker)) {
    const notBack = await putBack(means, change, parts)
    return notBack === undefined
      ? undefined
      : {
          outcome: { kind: 'refused', says: 'what an earlier canary changed is not back yet: nothing is changed' },
          ...notBack,
        }
  }
  // Somebody has changed it since, or removed the object: that stands.
  await parts.journal.write('')
  return undefined
}

/** Not ended by the watcher's own end: what was changed has to be put back then, above all. */
async function putBack(
  { directory }: CanaryMeans,
  { object, attribute, before }: Change,
  { journal }: CanaryParts,
): Promise<Pick<CanaryLook, 'notBack'> | undefined> {
  const restored = await directory.replace(object, attribute, before, AbortSignal.timeout(restoreMs))
  if (restored.ok) {
    await journal.write('')
    return undefined
  }
  return {
    notBack: `the value from before is not back in ${attribute}: ${restored.says}; it is tried again before the next change`,
  }
}

function readChange(text: string | undefined): Change | undefined {
  try {
    const { object, attribute, before, marker } = membersOf(JSON.parse(text ?? ''))
    const isText = (value: unknown): value is string => typeof value === 'string'
    if (!isText(object) || !isText(attribute) || !isText(marker) || !Array.isArray(before)) return undefined
    return { object, attribute, before: before.filter(isText), marker }
  } catch {
    return undefined
  }
}

const fixes: Readonly<Partial<Record<DirectoryFailure['why'], string>>> = {
  rights: 'postern watch --canary-rights prints the one right that the account needs',
  credentials: 'Correct watch.canary.account, or the password that it names',
  'no-object': 'Correct watch.canary.object; the account must be able to read it',
  untrusted: 'Give the CA of the domain controllers in trust.certificates',
}

function ofDirectory({ why, says }: DirectoryFailure, what: 'read' | 'write'): CanaryOutcome {
  if (why === 'aborted') return { kind: 'aborted' }
  const fix = fixes[why]
  const cause = why === 'untrusted' ? 'root-missing' : why === 'unreachable' ? 'undetermined' : 'wrong-registration'
  const told = toldOf(cause, `the attribute of the canary cannot be ${what === 'read' ? 'read' : 'changed'}: ${says}`, {
    owner: 'directory',
    verdict: 'wrong',
    ...(fix !== undefined && { fix }),
  })
  return { kind: 'failed', told }
}

import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CertificateFiles } from '../model/gate.ts'
import type { CertificatePair, PairFacts } from '../net/certificatePair.ts'
import { judgePair, pairReasons } from '../net/certificatePair.ts'
import type { Clock } from '../net/clock.ts'
import { readPem } from '../net/readPem.ts'
import type { ServedCertificates } from '../net/tlsContexts.ts'
import type { Remedy } from './configError.ts'
import { quoted } from './quoted.ts'
import { readBounded } from './readBounded.ts'

/** Where certificates are: paths, absolute or relative to a folder. */
export interface CertificateSources {
  /** One or more. */
  readonly certificates: readonly CertificateFiles[]
  /** PEM files of the CAs that client certificates may be of. */
  readonly authorities: readonly string[]
}

/** Why what a file holds is not taken: a closed list. */
export const fileReasons = {
  ...pairReasons,
  unavailable: 'the file cannot be read',
  'too-large': 'the file is too large to be of certificates',
  'authorities-unreadable': 'the file holds no certificate of a CA in PEM, or one that cannot be read',
} as const satisfies Readonly<Record<string, string>>
export type FileReason = keyof typeof fileReasons

/** Days before its end on which a certificate is announced; 0: it has expired. */
export const announcedDays = [30, 14, 7, 3, 1, 0] as const

/** What happened to files; each is named as it stands in the settings. */
export type CertificateNews =
  | { readonly kind: 'taken'; readonly file: string; readonly facts?: PairFacts }
  /** What is in use stays in use. */
  | { readonly kind: 'kept'; readonly file: string; readonly reason: FileReason }
  | {
      readonly kind: 'expires'
      readonly file: string
      readonly days: (typeof announcedDays)[number]
      /** Milliseconds since 1970. */
      readonly notAfterMs: number
    }

export interface CertificateFilesOptions {
  readonly clock: Clock
  /** Milliseconds between two looks, 10 or more; default 2,000. */
  readonly everyMs?: number
  readonly news: (news: CertificateNews) => void
}

/** Certificates that were read and found good, and the watch over their files. */
export interface OpenedCertificates {
  readonly served: ServedCertificates
  /**
   * Looks at the files until the signal ends it: at what their paths lead to, so that links which are swapped count as
   * files that are replaced. Never rejects.
   *
   * @param take puts others in their place, or says why not
   */
  watch(
    take: (served: ServedCertificates) => { readonly ok: true } | { readonly error: string },
    signal: AbortSignal,
  ): Promise<void>
}

const mostOctets = 1024 * 1024
const usualEveryMs = 2000
const dayMs = 86_400_000

/** Reads certificates and their keys: all must be good, for there are no others yet. */
export async function openCertificateFiles(
  sources: CertificateSources,
  folder: string,
  options: CertificateFilesOptions,
): Promise<{ readonly ok: OpenedCertificates } | Remedy> {
  const { clock, news } = options
  const pairs: TakenPair[] = []
  for (const files of sources.certificates) {
    const found = await lookAtPair(files, folder, clock.now())
    if ('why' in found) return remedyOf(found.file, found.why)
    pairs.push(found)
  }
  const authorities: TakenAuthority[] = []
  for (const file of sources.authorities) {
    const found = await lookAtAuthority(file, folder)
    if ('why' in found) return remedyOf(found.file, found.why)
    authorities.push(found)
  }
  const announced = new Map<string, string>()
  const announce = (): void => {
    for (const { file, facts } of pairs) announceEnd(file, facts, clock.now(), announced, news)
  }
  announce()
  return {
    ok: {
      served: servedOf(pairs, authorities),
      async watch(take, signal) {
        const refused = new Map<string, Refused>()
        while (await pause(options.everyMs ?? usualEveryMs, signal)) {
          await lookAgain({ sources, folder, pairs, authorities, refused, options, take })
          announce()
        }
      },
    },
  }
}

interface TakenPair {
  readonly file: string
  readonly pair: CertificatePair
  readonly facts: PairFacts
}

interface TakenAuthority {
  readonly file: string
  readonly pem: string
}

/** What a file held at the last look that was not taken, and whether that was told. */
interface Refused {
  readonly seen: string
  readonly isTold: boolean
}

interface NotTaken {
  readonly file: string
  readonly why: FileReason
  /** What was found there, by which it is known again. */
  readonly seen: string
}

interface Look {
  readonly sources: CertificateSources
  readonly folder: string
  /** In use, by their place in the settings. */
  readonly pairs: TakenPair[]
  readonly authorities: TakenAuthority[]
  readonly refused: Map<string, Refused>
  readonly options: CertificateFilesOptions
  readonly take: Parameters<OpenedCertificates['watch']>[0]
}

/** One look at all files: what is new and good is taken, each pair by itself. */
async function lookAgain({ sources, folder, pairs, authorities, refused, options, take }: Look): Promise<void> {
  const newPairs = [...pairs]
  const newAuthorities = [...authorities]
  const changed: { readonly file: string; readonly seen: string; readonly facts?: PairFacts }[] = []
  for (const [index, files] of sources.certificates.entries()) {
    const found = await lookAtPair(files, folder, options.clock.now(), pairs[index])
    if ('why' in found) keep(files.certificate, found, refused, options.news)
    else if (found === pairs[index]) refused.delete(files.certificate)
    else {
      newPairs[index] = found
      changed.push({ file: found.file, seen: textOf(found.pair), facts: found.facts })
    }
  }
  for (const [index, file] of sources.authorities.entries()) {
    const found = await lookAtAuthority(file, folder)
    if ('why' in found) keep(file, found, refused, options.news)
    else if (found.pem === authorities[index]?.pem) refused.delete(file)
    else {
      newAuthorities[index] = found
      changed.push({ file, seen: found.pem })
    }
  }
  if (changed.length === 0) return
  const isTaken = 'ok' in take(servedOf(newPairs, newAuthorities))
  for (const { file, seen, facts } of changed) {
    if (!isTaken) keep(file, { file, why: 'not-usable', seen }, refused, options.news)
    else {
      refused.delete(file)
      options.news({ kind: 'taken', file, ...(facts !== undefined && { facts }) })
    }
  }
  if (!isTaken) return
  pairs.splice(0, pairs.length, ...newPairs)
  authorities.splice(0, authorities.length, ...newAuthorities)
}

/**
 * Tells what is not taken at the second look that finds it: at the first one it may be half written.
 *
 * @param slot a pair's certificate file, or the file of a CA
 */
function keep(
  slot: string,
  { file, why, seen }: NotTaken,
  refused: Map<string, Refused>,
  news: CertificateFilesOptions['news'],
): void {
  const before = refused.get(slot)
  const isSame = before?.seen === seen
  if (isSame && !before.isTold) news({ kind: 'kept', file, reason: why })
  refused.set(slot, { seen, isTold: isSame })
}

/** @param taken the one in use, which is given back where nothing has changed */
async function lookAtPair(
  { certificate, key }: CertificateFiles,
  folder: string,
  nowMs: number,
  taken?: TakenPair,
): Promise<TakenPair | NotTaken> {
  const chain = await textAt(certificate, folder)
  if ('why' in chain) return { file: certificate, why: chain.why, seen: chain.why }
  const secret = await textAt(key, folder)
  if ('why' in secret) return { file: key, why: secret.why, seen: secret.why }
  const pair = { chainPem: chain.text, keyPem: secret.text }
  // What is in use stays so past its end: whoever connects sees why, and no other is there.
  if (taken !== undefined && textOf(taken.pair) === textOf(pair)) return taken
  const judged = judgePair(pair, nowMs)
  if ('ok' in judged) return { file: certificate, pair, facts: judged.ok }
  return { file: certificate, why: judged.why, seen: `${judged.why} ${textOf(pair)}` }
}

async function lookAtAuthority(file: string, folder: string): Promise<TakenAuthority | NotTaken> {
  const read = await textAt(file, folder)
  if ('why' in read) return { file, why: read.why, seen: read.why }
  const { certificates, unreadable } = readPem(read.text)
  const isGood = unreadable === 0 && certificates.length > 0 && certificates.every(({ ca }) => ca)
  return isGood ? { file, pem: read.text } : { file, why: 'authorities-unreadable', seen: read.text }
}

const textOf = ({ chainPem, keyPem }: CertificatePair): string => `${chainPem}\n${keyPem}`

async function textAt(
  file: string,
  folder: string,
): Promise<{ readonly text: string } | { readonly why: 'unavailable' | 'too-large' }> {
  const read = await readBounded(resolve(folder, file), mostOctets)
  if ('tooLarge' in read) return { why: 'too-large' }
  return 'why' in read ? { why: 'unavailable' } : { text: new TextDecoder().decode(read.octets) }
}

function servedOf(pairs: readonly TakenPair[], authorities: readonly TakenAuthority[]): ServedCertificates {
  return { pairs: pairs.map(({ pair }) => pair), authorities: authorities.map(({ pem }) => pem) }
}

/** Announces the end of a certificate, each day of the list once; of several that have passed the last alone. */
function announceEnd(
  file: string,
  { sha256, notAfterMs }: PairFacts,
  nowMs: number,
  announced: Map<string, string>,
  news: CertificateFilesOptions['news'],
): void {
  const left = (notAfterMs - nowMs) / dayMs
  const days = announcedDays.findLast((one) => left <= one)
  const told = `${sha256} ${days}`
  if (days === undefined || announced.get(file) === told) return
  announced.set(file, told)
  news({ kind: 'expires', file, days, notAfterMs })
}

function remedyOf(file: string, why: FileReason): Remedy {
  const isDate = why === 'expired' || why === 'not-yet-valid'
  return {
    what: `${quoted(file)}: ${fileReasons[why]}`,
    right: isDate
      ? 'give one that is valid today'
      : 'give PEM files: the leaf first and what leads to its root, and the leaf’s key without a passphrase',
  }
}

/** Whether the time passed; false where the signal ended it. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal })
    return true
  } catch {
    return false
  }
}

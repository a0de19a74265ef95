import type { Observation, ServiceExchange, UdpExchange } from '../model/observation.ts'
import type { Scheme } from '../model/service.ts'
import type { ServiceAnswer } from '../model/serviceAnswer.ts'
import type { Question } from '../probes/probe.ts'
import { questionKey } from './questionOf.ts'

type Said = ServiceExchange | UdpExchange

interface Answer {
  /** By which question it was had: {@link questionKey}. */
  readonly by: string
  readonly seen: Said
}

/** What the services of each host said in their own protocols: facts that are joined across its ports. */
export class HostAnswers {
  readonly #answers = new Map<string, Answer[]>()

  add(question: Question, observations: readonly Observation[]): void {
    if (question.via !== undefined) return
    const said = observations.filter(
      (seen): seen is Said =>
        (seen.kind === 'service-exchange' || seen.kind === 'udp-exchange') &&
        (seen.answer !== undefined || (seen.kind === 'udp-exchange' && seen.time !== undefined)) &&
        (seen.role === 'probe' || seen.role === 'repeat') &&
        seen.port === question.port,
    )
    if (said.length === 0) return
    const by = questionKey(question)
    const known = this.#answers.get(question.address) ?? []
    this.#answers.set(question.address, [...known, ...said.map((seen) => ({ by, seen }))])
  }

  /**
   * What decides about a question besides its own answer, one of a kind: who the host says that it is, what it says that
   * it offers, and its clocks.
   */
  besides(question: Question): readonly Observation[] {
    const kinds = decisive[question.scheme]
    if (kinds === undefined) return []
    const own = questionKey(question)
    const found = new Map<string, Said>()
    for (const { by, seen } of this.#answers.get(question.address) ?? []) {
      const kind = seen.answer?.kind ?? 'time'
      // Kerberos and its password change answer alike, and have clocks of their own.
      const key = kind === 'kerberos-error' ? `${kind} ${seen.asked}` : kind
      if (by !== own && kinds.includes(kind) && !found.has(key)) found.set(key, seen)
    }
    return [...found.values()]
  }
}

type Kind = ServiceAnswer['kind'] | 'time'

const identity: readonly Kind[] = ['root-dse', 'netlogon', 'no-netlogon']
/** By what a host is a controller of a domain: a zone that it does not know, or a certificate, may be for that reason. */
const membership: readonly Kind[] = ['root-dse', 'netlogon']
const clocks: readonly Kind[] = ['kerberos-error', 'root-dse', 'smb', 'time']
/** A port of the directory is held against who its host is elsewhere, and tells the time where nothing better does. */
const directory: readonly Kind[] = [...identity, 'kerberos-error', 'smb', 'time']

/** By what is asked, which answers of other ports of the same host decide about it. */
const decisive: Readonly<Partial<Record<Scheme, readonly Kind[]>>> = Object.freeze({
  cldap: identity,
  ldap: directory,
  ldaps: directory,
  gc: directory,
  gcs: directory,
  adws: ['netlogon'],
  dns: membership,
  tls: membership,
  winrms: membership,
  kerberos: clocks,
  kpasswd: clocks,
  ntp: clocks,
  smb: clocks,
})

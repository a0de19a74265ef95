import { canonicalName, sameName } from '../diagnose/names.ts'
import type { Observation } from '../model/observation.ts'
import { observeServiceRecords } from '../probes/dns.ts'
import type { Question } from '../probes/probe.ts'
import type { Means } from './askControls.ts'
import type { Directory } from './questionOf.ts'
import { questionKey } from './questionOf.ts'

/** A machine is in one site; that controllers put it in several is trouble of its own, and not to be asked for long. */
const mostSites = 4

/** What can stand in a name as it is: a site is called by whoever answers (RFC 1035 §2.3.4). */
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i

/** The sites that controllers of the domain put this machine in (MS-ADTS §6.3.1.9), each once. */
export function sitesNamed(seen: readonly Observation[], { domain }: Directory): readonly string[] {
  const sites = new Map<string, string>()
  for (const one of seen) {
    if (one.kind !== 'udp-exchange' || one.answer?.kind !== 'netlogon' || !sameName(one.answer.domain, domain)) continue
    const { clientSite } = one.answer
    if (label.test(clientSite)) sites.set(canonicalName(clientSite), clientSite)
  }
  return [...sites.values()].slice(0, mostSites)
}

/** The records by which members of a site find the controllers that are to serve it (MS-ADTS §6.3.2.3). */
export function siteRecords(site: string, { domain }: Directory): readonly string[] {
  return domain === undefined ? [] : [`_ldap._tcp.${site}._sites.${domain}`, `_kerberos._tcp.${site}._sites.${domain}`]
}

/** Whether a name server was asked for the records of the domain, and has them: then it is asked for those of a site too. */
export function takesSites(question: Question | undefined, seen: readonly Observation[]): question is Question {
  if (question?.serviceRecords === undefined || question.serviceRecords.length === 0) return false
  return seen.some((one) => one.kind === 'name-lookup' && one.type === 'SRV' && one.outcome === 'answer')
}

/**
 * Asks name servers for the records of the sites that are known only once a controller has answered. Each server is asked
 * once, however many flows go there.
 */
export class SiteRecords {
  readonly #names: readonly string[]
  readonly #means: Means
  readonly #made = new Map<string, Promise<readonly Observation[]>>()

  constructor(sites: readonly string[], directory: Directory, means: Means) {
    this.#names = sites.flatMap((site) => siteRecords(site, directory))
    this.#means = means
  }

  /** @param asked what the question came to: hosts whose addresses it gave are not asked for again */
  at(question: Question | undefined, asked: readonly Observation[]): Promise<readonly Observation[]> {
    if (this.#names.length === 0 || !takesSites(question, asked)) return Promise.resolve([])
    const key = questionKey(question)
    const made = this.#made.get(key) ?? this.#ask(question, asked)
    this.#made.set(key, made)
    return made
  }

  async #ask({ address, port, transport }: Question, asked: readonly Observation[]): Promise<readonly Observation[]> {
    const { net, ledger, limits, slot } = this.#means
    const into: Observation[] = []
    const keep = ledger.page(into, 'probe')
    const known = asked.flatMap((one) =>
      one.kind === 'name-lookup' && (one.type === 'A' || one.type === 'AAAA') ? [canonicalName(one.name)] : [],
    )
    const at = { resolver: { address, port }, resolverRole: 'target', transport } as const
    await slot(keep, () => observeServiceRecords(this.#names, at, net, keep, limits, known))
    // What was called off says nothing, and must not put in doubt what the server has answered.
    return into.filter((one) => !('outcome' in one && one.outcome === 'aborted'))
  }
}

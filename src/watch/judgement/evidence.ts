import { hostPort } from '../../model/hostPort.ts'
import type { TlsHandshake } from '../../model/observation.ts'
import type { Sample } from '../../model/sample.ts'
import type { Seen } from '../record/index.ts'
import type { Expiring } from './expiring.ts'
import { codeOf, expiringCertificate, nearEnd } from './expiring.ts'
import type { Found } from './found.ts'
import { minuteOf } from './found.ts'
import type { JudgedSubject } from './judgedSubject.ts'
import type { Memory } from './memory.ts'
import { steadyStep } from './steady.ts'

/** An address of a name that was not seen for so long belongs to it no more. */
const addressMs = 6 * 3_600_000
/** The longest interval of looks is a day: what was not shown for longer is not shown. */
const unseenMs = 26 * 3_600_000

/** What looks show besides how long they took: certificates, lists of revocation, addresses of names. */
export class Evidence {
  readonly #memory: Memory
  /** What ends, by its subject, and which flows show it. */
  readonly #expiring = new Map<string, { readonly one?: Expiring; readonly shownBy: Set<string> }>()
  /** Leaf and chain that each flow showed last; the leaf is empty where only the history tells. */
  readonly #shown = new Map<string, { readonly leaf: string; readonly subjects: readonly string[] }>()
  /** Addresses of each place, by when they were seen. */
  readonly #addresses = new Map<string, Map<string, number>>()
  /** Where each flow was dialled last: `10.1.0.5:636`. */
  readonly dialled = new Map<string, string>()
  /** What the site itself names, such as the certificate of a sign-in. */
  named: readonly Expiring[]
  readonly #startedAt: number

  /** @param latest the newest look at each flow before this process began: what it showed then may be gone */
  constructor(memory: Memory, named: readonly Expiring[], latest: readonly Sample[], startedAt: number) {
    this.#memory = memory
    this.named = named
    this.#startedAt = startedAt
    for (const { key, certificate } of latest) {
      if (certificate === undefined) continue
      const subject = `certificate:${certificate.toLowerCase()}`
      const shownBy = this.#expiring.get(subject)?.shownBy ?? new Set<string>()
      this.#expiring.set(subject, { shownBy: shownBy.add(key) })
      this.#shown.set(key, { leaf: '', subjects: [subject] })
    }
  }

  /** Takes a look at a flow. */
  seen({ sample, report }: Seen, flow: JudgedSubject): void {
    const { key, at, address } = sample
    if (address !== undefined) {
      this.dialled.set(key, hostPort(address, report.target.port))
      if (flow.place !== undefined) {
        const addresses = this.#addresses.get(flow.place) ?? new Map<string, number>()
        addresses.set(address, at)
        this.#addresses.set(flow.place, addresses)
      }
    }
    for (const one of report.evidence) {
      if (one.role !== 'probe') continue
      if (one.kind === 'tls-handshake' && one.chain.length > 0) this.#handshake(one, key, at, flow)
      else if (one.kind === 'revocation-check' && one.method === 'crl' && one.nextUpdate !== undefined) {
        const { url = one.subject, thisUpdate } = one
        this.#list(url, Date.parse(one.nextUpdate), Date.parse(thisUpdate ?? ''), key)
      } else if (one.kind === 'name-lookup' && (one.type === 'A' || one.type === 'AAAA')) {
        if (one.outcome !== 'answer' || one.answers.length === 0 || flow.facts.isCloud) continue
        const value = one.answers.toSorted().join(', ')
        this.#steady(`name:${one.name}`, `${one.type} ${one.resolver}`, value, at, {
          code: 'answer-changed',
          title: one.name,
          says: (from) => `${one.name} is ${value} by ${one.resolver}; before it was ${from}`,
          severity: 'low',
          confidence: 'certain',
          owner: 'dns',
          fix: `see whether ${one.name} was to move`,
          suspect: { kind: 'name', name: one.name },
        })
      }
    }
  }

  /** Addresses that a place was dialled at within the last hours. */
  addressesOf(place: string, now: number): number {
    return [...(this.#addresses.get(place)?.values() ?? [])].filter((at) => now - at < addressMs).length
  }

  /** Tells what ends soon, and what no flow shows any more; some thousands at the most, now and then. */
  judgeEnds(now: number): void {
    for (const one of this.named) this.#judgeEnd(one, now)
    for (const [subject, { one, shownBy }] of this.#expiring) {
      if (shownBy.size > 0) {
        if (one !== undefined) this.#judgeEnd(one, now)
        continue
      }
      this.#memory.over(subject, one === undefined ? 'certificate-expires' : codeOf(one), now)
      this.#expiring.delete(subject)
    }
    if (now - this.#startedAt < unseenMs) return
    // What was told before this process began, and nothing shows any more.
    const named = new Set(this.named.map(({ subject }) => subject))
    for (const { subject, code } of [...this.#memory.told.values()]) {
      const isEnd = code === 'certificate-expires' || code === 'crl-expires' || code === 'secret-expires'
      if (isEnd && !this.#expiring.has(subject) && !named.has(subject)) this.#memory.over(subject, code, now)
    }
  }

  /** Forgets flows that are not watched any more. */
  keepOnly(keys: ReadonlySet<string>, places: ReadonlySet<string>): void {
    for (const key of this.#shown.keys()) if (!keys.has(key)) this.#show(key, '', [])
    for (const key of this.dialled.keys()) if (!keys.has(key)) this.dialled.delete(key)
    for (const place of this.#addresses.keys()) if (!places.has(place)) this.#addresses.delete(place)
    for (const { shownBy } of this.#expiring.values())
      for (const key of shownBy) if (!keys.has(key)) shownBy.delete(key)
  }

  #judgeEnd(one: Expiring, now: number): void {
    const code = codeOf(one)
    const found = nearEnd(one, now, this.#memory.toldOf(one.subject, code) !== undefined)
    if (found !== undefined) this.#memory.tell(found, now)
    else this.#memory.over(one.subject, code, now)
  }

  #handshake(
    { chain, anchoredIn, serverName, port }: TlsHandshake,
    key: string,
    at: number,
    flow: JudgedSubject,
  ): void {
    const [leaf] = chain
    if (leaf === undefined) return
    const name = serverName ?? flow.facts.destination
    const where = `${name}:${port}`
    if (this.#shown.get(key)?.leaf !== leaf.sha256) {
      const ends = chain
        .filter((one, place) => (place === 0 || !one.selfSigned) && (one.from === 'handshake' || one.from === 'aia'))
        .map((one) => expiringCertificate(one, where))
      this.#show(key, leaf.sha256, ends)
    }
    // Fronts of a cloud are renewed at any time, under one root or another of the same owner: what counts is the root.
    const top = chain.at(-1)
    const sent = chain.slice(1).filter((one) => one.from === 'handshake')
    const value =
      flow.facts.isCloud && anchoredIn.length > 0 && top !== undefined
        ? top.subject
        : [leaf.issuer, ...sent.map((one) => one.subject)].join(' < ')
    this.#steady(`chain:${where}`, '', value, at, {
      code: 'chain-changed',
      title: where,
      says: (from) => `${where} shows a certificate of another chain: ${value}; before it was ${from}`,
      severity: 'low',
      confidence: 'certain',
      owner: 'pki',
      fix: 'see whether the certificate was to come from another CA; if not, somebody else answers',
      suspect: { kind: 'name', name },
    })
  }

  #show(key: string, leaf: string, ends: readonly Expiring[]): void {
    for (const subject of this.#shown.get(key)?.subjects ?? []) this.#expiring.get(subject)?.shownBy.delete(key)
    for (const one of ends) {
      const known = this.#expiring.get(one.subject)
      const shownBy = known?.shownBy ?? new Set<string>()
      this.#expiring.set(one.subject, { one: known?.one ?? one, shownBy: shownBy.add(key) })
    }
    if (leaf === '') this.#shown.delete(key)
    else this.#shown.set(key, { leaf, subjects: ends.map(({ subject }) => subject) })
  }

  #list(url: string, notAfter: number, notBefore: number, key: string): void {
    if (!Number.isFinite(notAfter)) return
    const subject = `crl:${url}`
    const known = this.#expiring.get(subject)
    const shownBy = known?.shownBy ?? new Set<string>()
    shownBy.add(key)
    if (known?.one !== undefined && known.one.notAfter >= notAfter) return
    const one: Expiring = {
      subject,
      kind: 'revocation-list',
      name: 'the revocation list',
      notAfter,
      ...(Number.isFinite(notBefore) && { notBefore }),
      where: url,
    }
    this.#expiring.set(subject, { one, shownBy })
  }

  #steady(
    subject: string,
    part: string,
    value: string,
    at: number,
    {
      says,
      ...found
    }: Omit<Found, 'subject' | 'since' | 'says' | 'mark'> & { readonly says: (from: string) => string },
  ): void {
    const { steady } = this.#memory
    const key = part === '' ? subject : `${subject} ${part}`
    const { state, news } = steadyStep(steady.get(key), value, at)
    steady.set(key, state)
    if (news === undefined) return
    if (news.kind === 'over') this.#memory.over(subject, found.code, at)
    else {
      const { from, since } = news
      this.#memory.tell({ ...found, subject, since, says: `${says(from)} (since ${minuteOf(since)})`, mark: value }, at)
    }
  }
}

import type { FindingCode } from '../../model/incident.ts'
import type { BurnNews, ConfirmedNews } from '../news.ts'
import type { Found } from './found.ts'
import type { SteadyState } from './steady.ts'
import { isSteadyState } from './steady.ts'

/** What was said and is not over. */
export interface Told {
  readonly subject: string
  readonly code: FindingCode
  readonly since: number
  readonly mark: string
  readonly detail: Readonly<Record<string, number>>
}

/** More than so many entries of one kind are no memory but a fault. */
const mostKept = 100_000

/** What the judge has to know after a restart: what was said, from when on data count, and what stood how. */
export class Memory {
  readonly told = new Map<string, Told>()
  /** From when on a series is judged: before then lies what was said and is over. */
  readonly begins = new Map<string, number>()
  /** Answers of name servers and chains of certificates, by what they belong to. */
  readonly steady = new Map<string, SteadyState>()
  readonly #news: (news: readonly ConfirmedNews[]) => void
  isDirty = false

  constructor(text: string | undefined, onNews: (news: readonly ConfirmedNews[]) => void) {
    this.#news = onNews
    const { told, begins, steady } = kept(text)
    for (const [id, one] of entriesOf(told)) if (isTold(one)) this.told.set(id, one)
    for (const [key, at] of entriesOf(begins)) if (typeof at === 'number') this.begins.set(key, at)
    for (const [key, state] of entriesOf(steady)) if (isSteadyState(state)) this.steady.set(key, state)
  }

  toldOf(subject: string, code: FindingCode): Told | undefined {
    return this.told.get(idOf(subject, code))
  }

  /** Says something, unless it was said alike already; what was said keeps its begin. */
  tell({ mark, detail = {}, ...found }: Found, at: number): void {
    const id = idOf(found.subject, found.code)
    const before = this.told.get(id)
    const since = before?.since ?? found.since
    this.told.set(id, { subject: found.subject, code: found.code, since, mark, detail })
    this.isDirty = true
    if (before?.mark === mark) return
    this.#news([{ ...found, since, kind: 'time-finding', at }])
  }

  /** Says that something is over, where it was said. */
  over(subject: string, code: FindingCode, at: number): void {
    if (!this.told.delete(idOf(subject, code))) return
    this.isDirty = true
    this.#news([{ kind: 'finding-over', subject, code, at }])
  }

  /** The pace at which bad minutes are used up: another one than was said. */
  tellBurn(news: BurnNews): void {
    const { subject, since, level } = news
    const id = idOf(subject, 'burn-rate')
    if (level === 'none') this.told.delete(id)
    else this.told.set(id, { subject, code: 'burn-rate', since, mark: level, detail: {} })
    this.isDirty = true
    this.#news([news])
  }

  /** Goes on from what incidents say: it was said, though this process did not hear of it. */
  restore(told: Omit<Told, 'mark' | 'detail'>): void {
    const id = idOf(told.subject, told.code)
    if (!this.told.has(id)) this.told.set(id, { ...told, mark: '', detail: {} })
  }

  beginOf(key: string, otherwise: number): number {
    return Math.max(this.begins.get(key) ?? 0, otherwise)
  }

  begin(key: string, at: number): void {
    this.begins.set(key, at)
    this.isDirty = true
  }

  /** Forgets begins that no span that is judged reaches back to. */
  forgetBefore(at: number): void {
    for (const [key, begin] of this.begins) if (begin < at) this.begins.delete(key)
  }

  text(): string {
    return JSON.stringify({
      told: Object.fromEntries(this.told),
      begins: Object.fromEntries(this.begins),
      steady: Object.fromEntries(this.steady),
    })
  }
}

function idOf(subject: string, code: FindingCode): string {
  return `${subject}#${code}`
}

function kept(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(text ?? '{}')
    return typeof read === 'object' && read !== null ? { ...read } : {}
  } catch {
    // A word of another version: the judge begins anew, and incidents know what was said.
    return {}
  }
}

function entriesOf(part: unknown): readonly (readonly [string, unknown])[] {
  return typeof part === 'object' && part !== null ? Object.entries(part).slice(0, mostKept) : []
}

function isTold(one: unknown): one is Told {
  return (
    typeof one === 'object' &&
    one !== null &&
    'subject' in one &&
    typeof one.subject === 'string' &&
    'code' in one &&
    typeof one.code === 'string' &&
    'since' in one &&
    typeof one.since === 'number' &&
    'mark' in one &&
    typeof one.mark === 'string' &&
    'detail' in one &&
    typeof one.detail === 'object' &&
    one.detail !== null
  )
}

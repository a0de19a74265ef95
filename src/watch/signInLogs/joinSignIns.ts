import { maximumPairs } from './maximumPairs.ts'
import type { OwnSignIn, TenantSignIn } from './signInEntry.ts'
import { digitsOf } from './signInEntry.ts'

/** A span of which one side is known whole; milliseconds since 1970. */
export interface Covered {
  readonly from: number
  readonly to: number
}

export interface JoinInput {
  readonly tenant: readonly TenantSignIn[]
  readonly own: readonly OwnSignIn[]
  /** Client ids of the gate, in lower case: sign-ins to other apps are not its business. */
  readonly apps: ReadonlySet<string>
  /** By this side's clock. */
  readonly now: number
  /** After so long an entry that is not in the tenant's log is missing, and before it may be late. */
  readonly latencyMs: number
  /** How far apart the two may tell of one sign-in: their clocks, and the time that it takes. */
  readonly toleranceMs: number
  /** What was read of the tenant's log: to when it was asked, or up to its last entry. */
  readonly tenantCovers: Covered
  /** What was read of the record. */
  readonly ownCovers: Covered
}

/** What becomes of a sign-in, one of each. */
export type SignInClass =
  /** The other side tells of it too. */
  | 'joined'
  /** Nobody was let in: the other side need not know. */
  | 'refused'
  /** Of an app that is not the gate's. */
  | 'elsewhere'
  /** The other side may still tell of it. */
  | 'waiting'
  /** Of a time of which the other side is not known. */
  | 'outside'
  /** Somebody was let in, and the other side does not know of it. */
  | 'unseen'

export interface Joined {
  readonly tenant: ReadonlyMap<string, SignInClass>
  readonly own: ReadonlyMap<string, SignInClass>
  /** Copies and later steps of one sign-in are one: what stands for it is its first success, or its first entry. */
  readonly unseenByGate: readonly TenantSignIn[]
  readonly unseenByTenant: readonly OwnSignIn[]
}

/** Entries of the tenant that are steps of one sign-in, such as the one that asked for a second factor. */
interface Unit {
  readonly entries: readonly TenantSignIn[]
  readonly chosen: TenantSignIn
  readonly isIn: boolean
}

/** Of failures at the gate that name nobody, so many are tried for one sign-in: the nearest. */
const mostNameless = 64

/**
 * Joins the sign-ins of a tenant's log with those of this side: by correlation id, then by person and time, the same address
 * before another; a sign-in that failed at the gate names nobody, and is known by time and address. As many as can be are
 * joined, those first that would be accused otherwise. Copies, order and entries that come late do not matter.
 */
export function joinSignIns(input: JoinInput): Joined {
  const units = unitsOf(input.tenant)
  const own = [...new Map(input.own.map((one) => [one.id, one])).values()].sort(
    (a, b) => a.at - b.at || (a.id < b.id ? -1 : 1),
  )
  const ofUnit = units.map((unit) => unitClass(unit, input))
  const ofOwn = own.map((one) => ownClass(one, input))
  joinByCorrelation(units, own, ofUnit, ofOwn)
  const left = units.map((_, at) => at).filter((at) => ofUnit[at] !== 'joined' && ofUnit[at] !== 'elsewhere')
  const right = own.map((_, at) => at).filter((at) => ofOwn[at] !== 'joined')
  const edges = edgesOf(
    left.flatMap((at) => units[at] ?? []),
    right.flatMap((at) => own[at] ?? []),
    input.toleranceMs,
  )
  const pairs = maximumPairs(edges, {
    count: right.length,
    needsLeft: (at) => ofUnit[left[at] ?? -1] === 'unseen',
    needsRight: (at) => ofOwn[right[at] ?? -1] === 'unseen',
  })
  for (const [l, r] of pairs) {
    ofUnit[left[l] ?? -1] = 'joined'
    ofOwn[right[r] ?? -1] = 'joined'
  }
  return {
    tenant: new Map(
      units.flatMap(({ entries }, at) => entries.map(({ id }) => [id, ofUnit[at] ?? 'outside'] as const)),
    ),
    own: new Map(own.map(({ id }, at) => [id, ofOwn[at] ?? 'outside'])),
    unseenByGate: units.flatMap(({ chosen }, at) => (ofUnit[at] === 'unseen' ? [chosen] : [])),
    unseenByTenant: own.filter((_, at) => ofOwn[at] === 'unseen'),
  }
}

function unitsOf(entries: readonly TenantSignIn[]): readonly Unit[] {
  const byId = [...new Map(entries.map((one) => [one.id, one])).values()].sort(
    (a, b) => a.at - b.at || (a.id < b.id ? -1 : 1),
  )
  const units = new Map<string, TenantSignIn[]>()
  for (const one of byId) {
    const { id, app, person = '', correlation } = one
    const key = correlation === undefined ? `id ${id}` : `of ${digitsOf(correlation)} ${app} ${person}`
    const unit = units.get(key)
    if (unit === undefined) units.set(key, [one])
    else unit.push(one)
  }
  return [...units.values()].flatMap((unit): readonly Unit[] => {
    const [first] = unit
    const success = unit.find(({ code }) => code === 0)
    const chosen = success ?? first
    return chosen === undefined ? [] : [{ entries: unit, chosen, isIn: success !== undefined }]
  })
}

/** What a sign-in of the tenant is where nothing here answers to it. */
function unitClass({ entries, isIn }: Unit, input: JoinInput): SignInClass {
  const { apps, now, latencyMs, toleranceMs, ownCovers } = input
  if (!entries.some(({ app }) => apps.has(app))) return 'elsewhere'
  if (!isIn) return 'refused'
  const first = Math.min(...entries.map(({ at }) => at))
  const last = Math.max(...entries.map(({ at }) => at))
  if (first - toleranceMs < ownCovers.from) return 'outside'
  return last + latencyMs > now || last + toleranceMs > ownCovers.to ? 'waiting' : 'unseen'
}

function ownClass({ at, isIn }: OwnSignIn, { latencyMs, toleranceMs, tenantCovers }: JoinInput): SignInClass {
  if (!isIn) return 'refused'
  if (at - toleranceMs < tenantCovers.from) return 'outside'
  return at + latencyMs + toleranceMs > tenantCovers.to ? 'waiting' : 'unseen'
}

function joinByCorrelation(
  units: readonly Unit[],
  own: readonly OwnSignIn[],
  ofUnit: SignInClass[],
  ofOwn: SignInClass[],
): void {
  const known = new Map<string, number[]>()
  for (const [at, { entries }] of units.entries()) {
    const { correlation } = entries[0] ?? {}
    if (correlation === undefined) continue
    const digits = digitsOf(correlation)
    known.set(digits, [...(known.get(digits) ?? []), at])
  }
  for (const [at, { correlation, person, app }] of own.entries()) {
    if (correlation === undefined) continue
    const meant = (known.get(digitsOf(correlation)) ?? []).filter((unit) => {
      const { chosen } = units[unit] ?? {}
      // Whoever is let in as another than the tenant let in is not the same sign-in.
      const isSame =
        chosen?.app === app && (person === undefined || chosen.person === undefined || chosen.person === person)
      return isSame
    })
    for (const unit of meant) ofUnit[unit] = 'joined'
    if (meant.length > 0) ofOwn[at] = 'joined'
  }
}

/** By the place of each sign-in of the tenant: those of this side that it may be, the likeliest first. */
function edgesOf(
  units: readonly Unit[],
  own: readonly OwnSignIn[],
  toleranceMs: number,
): readonly (readonly number[])[] {
  return units.map(({ entries, chosen }) => {
    const apart = (at: number): number => Math.min(...entries.map((entry) => Math.abs(entry.at - at)))
    const latest = Math.max(...entries.map(({ at }) => at)) + toleranceMs
    const found: { readonly at: number; readonly rank: number; readonly apartMs: number }[] = []
    let nameless = 0
    for (let at = firstFrom(own, Math.min(...entries.map((one) => one.at)) - toleranceMs); at < own.length; at += 1) {
      const one = own[at]
      if (one === undefined || one.at > latest) break
      const apartMs = apart(one.at)
      const rank = apartMs > toleranceMs || one.app !== chosen.app ? undefined : rankOf(one, chosen)
      if (rank === undefined) continue
      if (rank >= ranks.nameless) nameless += 1
      if (rank < ranks.nameless || nameless <= mostNameless) found.push({ at, rank, apartMs })
    }
    return found.sort((a, b) => a.rank - b.rank || a.apartMs - b.apartMs || a.at - b.at).map(({ at }) => at)
  })
}

const ranks = { samePlace: 0, samePerson: 1, nameless: 2 } as const

/** How well they go together; undefined where they cannot be one. */
function rankOf(own: OwnSignIn, { person, address, correlation }: TenantSignIn): number | undefined {
  if (own.correlation !== undefined && correlation !== undefined && own.by === 'probe') return undefined
  const isPlaceSame = own.address !== undefined && own.address === address
  if (own.by === 'probe') return own.person === undefined || own.person === person ? ranks.samePlace : undefined
  if (own.person !== undefined) {
    if (own.person !== person) return undefined
    return isPlaceSame ? ranks.samePlace : ranks.samePerson
  }
  return isPlaceSame || !areComparable(own.address, address) ? ranks.nameless : undefined
}

/** The two sides see one machine by two addresses where it has both families, or comes from within. */
function areComparable(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return false
  return one.includes(':') === other.includes(':') && isInternal(one) === isInternal(other)
}

function isInternal(address: string): boolean {
  return /^(10\.|127\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cd]|fe[89ab])/.test(
    address,
  )
}

function firstFrom(own: readonly OwnSignIn[], at: number): number {
  let [low, high] = [0, own.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((own[middle]?.at ?? 0) < at) low = middle + 1
    else high = middle
  }
  return low
}

/** Somebody of the built-in tenant. */
export interface Person {
  /** Object id, GUID in lower case. */
  readonly id: string
  readonly name: string
  /** User principal name; a guest's has `#EXT#` in it. */
  readonly userName: string
  /** For the sign-in page: what this person is there to show. */
  readonly what: string
  /** App roles, in every app. */
  readonly roles: readonly string[]
  /** Ids of groups. More than 200 are left out of tokens. */
  readonly groups: readonly string[]
  /** Template ids of directory roles. */
  readonly directoryRoles: readonly string[]
  readonly isGuest: boolean
  /** Sign-in is refused (AADSTS50057). */
  readonly isBlocked: boolean
  /** Can answer when a second factor is asked for. */
  readonly hasSecondFactor: boolean
  /** What Graph tells besides, by the names of its properties, such as `officeLocation`; default: nothing. */
  readonly profile?: Readonly<Record<string, string>>
}

/** A security group of the built-in tenant. */
export interface Group {
  readonly id: string
  readonly name: string
}

/**
 * Groups above this number are not in a token.
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference#groups-overage-claim
 */
export const mostGroupsInToken = 200

const numbered = (kind: string, index: number): string => `${kind}-0000-4000-8000-${String(index).padStart(12, '0')}`

const operators: Group = { id: numbered('6e0a51c0', 1), name: 'Network operators' }
const staff: Group = { id: numbered('6e0a51c0', 2), name: 'All staff' }
const partners: Group = { id: numbered('6e0a51c0', 3), name: 'Partners' }
/** Together with the first ones more than a token has room for. */
const projects: readonly Group[] = Array.from({ length: 240 }, (_, index) => ({
  id: numbered('6e0a51c1', index + 1),
  name: `Project ${index + 1}`,
}))

/** Every group of the tenant. */
export const groups: readonly Group[] = [operators, staff, partners, ...projects]

/** Global Administrator: the template id is the same in every tenant. */
const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10'
const domain = 'corp.onmicrosoft.com'

const nobodySpecial = {
  roles: [],
  directoryRoles: [],
  isGuest: false,
  isBlocked: false,
  hasSecondFactor: true,
} as const

/** Who is in the tenant, by the name that tests and demos know them by. */
export const people = {
  admin: {
    ...nobodySpecial,
    id: '0a3a4f0e-5c1d-4d0c-9f6a-6f1f8f2b1001',
    name: 'Alex Admin',
    userName: `alex@${domain}`,
    what: 'has the role Admin and can answer a second factor',
    roles: ['Admin'],
    groups: [operators.id, staff.id],
    directoryRoles: [globalAdministrator],
  },
  ordinary: {
    ...nobodySpecial,
    id: '0a3a4f0e-5c1d-4d0c-9f6a-6f1f8f2b1002',
    name: 'Olga Ordinary',
    userName: `olga@${domain}`,
    what: 'has no role',
    groups: [staff.id],
  },
  manyGroups: {
    ...nobodySpecial,
    id: '0a3a4f0e-5c1d-4d0c-9f6a-6f1f8f2b1003',
    name: 'Manny Groups',
    userName: `manny@${domain}`,
    what: 'is in more than 200 groups, which no token lists',
    groups: [operators.id, staff.id, ...projects.map(({ id }) => id)],
  },
  guest: {
    ...nobodySpecial,
    id: '0a3a4f0e-5c1d-4d0c-9f6a-6f1f8f2b1004',
    name: 'Greta Guest',
    userName: `greta_partner.example#EXT#@${domain}`,
    what: 'is a guest of another company, without a second factor here',
    groups: [partners.id],
    isGuest: true,
    hasSecondFactor: false,
  },
  blocked: {
    ...nobodySpecial,
    id: '0a3a4f0e-5c1d-4d0c-9f6a-6f1f8f2b1005',
    name: 'Bob Blocked',
    userName: `bob@${domain}`,
    what: 'left the company: sign-in is refused',
    groups: [staff.id],
    isBlocked: true,
  },
} as const satisfies Record<string, Person>

/** Where a resource of Azure is, all in lower case: Resource Manager compares ids without regard to it. */
export interface ResourceId {
  /** Absent: of a template, which does not say. */
  readonly subscription?: string
  readonly group?: string
  /** `microsoft.network/virtualnetworks/subnets`. */
  readonly type: string
  /** One name for each part of the type behind the provider. */
  readonly names: readonly string[]
}

/** Stands in ids for a subscription or resource group that a template does not tell. */
export const anyScope = '*'

/**
 * Reads `/subscriptions/S/resourceGroups/G/providers/P/TYPE/NAME[/TYPE/NAME…]`, or what is there of it from `/providers`
 * on; the last provider counts.
 */
export function parseResourceId(text: string): ResourceId | undefined {
  const parts = text.toLowerCase().split('/')
  const at = parts.lastIndexOf('providers')
  const [provider, ...rest] = at < 0 ? [] : parts.slice(at + 1)
  if (provider === undefined || rest.length < 2 || rest.length % 2 !== 0) return undefined
  const scope = (name: string): string | undefined => {
    const found = parts.indexOf(name)
    const value = found < 0 || found > at ? undefined : parts[found + 1]
    return value === undefined || value === anyScope ? undefined : value
  }
  const subscription = scope('subscriptions')
  const group = scope('resourcegroups')
  return {
    ...(subscription !== undefined && { subscription }),
    ...(group !== undefined && { group }),
    type: [provider, ...rest.filter((_, index) => index % 2 === 0)].join('/'),
    names: rest.filter((_, index) => index % 2 === 1),
  }
}

/** The id of a resource of a type and a name with slashes, as far as a template tells it. */
export function resourceIdText(
  type: string,
  name: string,
  scope: { subscription?: string; group?: string } = {},
): string {
  const [provider = '', ...types] = type.split('/')
  const names = name.split('/')
  const path = types.map((part, at) => `${part}/${names[at] ?? anyScope}`).join('/')
  return `/subscriptions/${scope.subscription ?? anyScope}/resourceGroups/${scope.group ?? anyScope}/providers/${provider}/${path}`
}

/** The last name of an id, or the text itself where it is none. */
export function lastName(id: string): string {
  return id.split('/').findLast((part) => part !== '') ?? id
}

import type { Span } from '../../source.ts'
import type { Unknown } from '../../unknown.ts'
import type { AzureValue } from './azureValue.ts'
import { parseResourceId } from './resourceId.ts'

/** A resource of Azure in any of the forms in which one is exported or written. */
export interface AzureResource {
  /** In lower case: `microsoft.network/networksecuritygroups`. {@link effectiveType} for effective rules. */
  readonly type: string
  /** The last of its names, as it is written. */
  readonly name: string
  /** By which others point at it: its id, or an address of Terraform's for one that has none yet. */
  readonly key: string
  readonly value: AzureValue
  /** Why it is not sure that the resource is there: a condition of the template that only a deployment settles. */
  readonly unknowns: readonly Unknown[]
  readonly form: 'rest' | 'template' | 'terraform'
  readonly span: () => Span
}

/** The type of an entry of `az network nic list-effective-nsg`, which Azure has no resource for. */
export const effectiveType = 'postern/effectivesecuritygroup'

/** What was found in a set of files. */
export interface AzureResources {
  readonly resources: readonly AzureResource[]
  /** Parts of the files that are not understood and could hold anything. */
  readonly unread: readonly { readonly span: Span; readonly why: string }[]
}

/** Looks up resources by what others write to point at them. */
export interface ResourceIndex {
  find(key: string | undefined): AzureResource | undefined
}

/** Indexes resources once. Subscription and group are compared where both sides tell them. */
export function resourceIndex(resources: readonly AzureResource[]): ResourceIndex {
  const byPath = new Map<string, AzureResource[]>()
  const pathOf = (key: string): string => {
    const id = parseResourceId(key)
    return id === undefined ? key.toLowerCase() : `${id.type}:${id.names.join('/')}`
  }
  for (const resource of resources) {
    const path = pathOf(resource.key)
    const others = byPath.get(path)
    if (others === undefined) byPath.set(path, [resource])
    else others.push(resource)
  }
  return {
    find: (key) => (key === undefined ? undefined : byPath.get(pathOf(key))?.find((one) => isSame(one.key, key))),
  }
}

/** Whether two keys point at one resource, as far as both tell. */
export function isSame(a: string, b: string): boolean {
  const one = parseResourceId(a)
  const other = parseResourceId(b)
  if (one === undefined || other === undefined) return a.toLowerCase() === b.toLowerCase()
  const agree = (x: string | undefined, y: string | undefined): boolean => x === undefined || y === undefined || x === y
  return (
    one.type === other.type &&
    one.names.join('/') === other.names.join('/') &&
    agree(one.subscription, other.subscription) &&
    agree(one.group, other.group)
  )
}

/** The id that a reference holds: a text, or an object with an `id`. */
export function idIn(value: AzureValue | undefined): string | undefined {
  return value?.text() ?? value?.member('id')?.text()
}

/** The key of the resource above a child: `…/networkSecurityGroups/web` of `…/web/securityRules/allow`. */
export function parentKey(key: string): string | undefined {
  const parts = key.split('/')
  return parts.length > 4 && parseResourceId(key) !== undefined ? parts.slice(0, -2).join('/') : undefined
}

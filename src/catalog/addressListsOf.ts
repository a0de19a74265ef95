import type { Cloud } from '../model/cloud.ts'
import type { AddressList } from './addressLists.ts'
import { addressLists } from './addressLists.ts'
import { matchesPattern } from './pattern.ts'

/**
 * The lists that say which addresses a name has, or all names of a pattern; newest first. None: Microsoft publishes no
 * addresses for it, and no rule about addresses can stand for the name.
 *
 * @param name in any letter case; or a pattern of Microsoft's such as `*.servicebus.windows.net`
 */
export function addressListsOf(name: string, cloud: Cloud): readonly AddressList[] {
  const asked = name.toLowerCase()
  return addressLists
    .filter(
      ({ clouds, names }) =>
        clouds.includes(cloud) &&
        names.some((pattern) => pattern === asked || (!asked.startsWith('*') && matchesPattern(pattern, asked))),
    )
    .toSorted((a, b) => b.asOf.localeCompare(a.asOf))
}

/** The list of a service tag, such as `AzureActiveDirectory`, in any letter case. */
export function addressListOfTag(tag: string): AddressList | undefined {
  return addressLists.find((list) => list.tag?.toLowerCase() === tag.toLowerCase())
}

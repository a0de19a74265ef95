import { plainAddress } from '../../model/plainAddress.ts'
import type { Criterion } from './criterion.ts'
import { denied, held } from './criterion.ts'

const serviceTag = {
  ok: 'service-tag',
  denied: 'service-tag-not-allowed',
  says: 'this address is not one that Microsoft publishes for the services that may come in here',
  remedy: 'nothing',
} as const

const unknownTag = {
  ok: 'service-tag',
  denied: 'service-tag-unknown',
  says: 'the address ranges that Microsoft publishes for these services are not known here',
  remedy: 'nothing',
} as const

export const serviceTags: Criterion<readonly string[]> = {
  what: 'a client in the address ranges that Microsoft publishes for one of these service tags',
  example: ['AzureActiveDirectory'],
  reasons: [serviceTag, unknownTag],
  judge(tags, { address, publishedRanges }) {
    const found = tags.map((tag) => publishedRanges?.contains(tag, plainAddress(address) ?? address))
    if (found.includes(true)) return held(serviceTag)
    // Not to know of a range is not to be outside of it; nobody comes in either way.
    return denied(found.includes(undefined) ? unknownTag : serviceTag)
  },
}

import type { AddressRange } from '../../addresses.ts'
import { addressesOf, unknownAddresses } from '../../addresses.ts'
import { cidrRange } from '../cidrRange.ts'
import type { Peer } from './estate.ts'
import type { Field } from './fields.ts'
import { knownOf } from './fields.ts'

/** A rule's far end from the field that names it, with its words; undefined where nothing is written. */
export interface NamedPeer {
  readonly peer: Peer
  readonly says: string
}

/** `CidrIp`, `CidrIpv6` and their like. */
export function cidrPeer(field: Field): NamedPeer | undefined {
  if (field === undefined) return undefined
  const text = knownOf(field)
  const range = text === undefined ? undefined : cidrRange(text)
  if (range !== undefined && text !== undefined) return { peer: addressesPeer([range]), says: text }
  if ('unknown' in field) return { peer: unknownReference(field.unknown), says: field.unknown }
  const what = `the addresses "${field.known}"`
  return { peer: { kind: 'addresses', addresses: unknownAddresses({ kind: 'unread', what }) }, says: what }
}

/** A group by id or name; `isForeign` where it is of another account, or over a peering. */
export function groupPeer(field: Field, isForeign = false): NamedPeer | undefined {
  if (field === undefined) return undefined
  if ('known' in field) return { peer: { kind: 'group', group: field.known, isForeign }, says: field.known }
  return { peer: unknownReference(field.unknown), says: field.unknown }
}

export function listPeer(field: Field): NamedPeer | undefined {
  if (field === undefined) return undefined
  if ('known' in field) return { peer: { kind: 'list', list: field.known }, says: field.known }
  return { peer: unknownReference(field.unknown), says: field.unknown }
}

function addressesPeer(ranges: readonly AddressRange[]): Peer {
  return { kind: 'addresses', addresses: addressesOf(ranges) }
}

function unknownReference(what: string): Peer {
  return { kind: 'addresses', addresses: unknownAddresses({ kind: 'reference', what }) }
}

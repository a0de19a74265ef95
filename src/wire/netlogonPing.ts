import { formatAddress } from '../model/cidr.ts'
import { readDnsLabels } from './dns-name.ts'
import { guidText } from './guid.ts'
import type { LdapFilter } from './ldap.ts'
import { printableUtf8 } from './printable-octets.ts'

/**
 * The question by which clients find a domain controller ("LDAP ping", MS-ADTS §6.3.3), and the structure that answers
 * it: which domain and forest the server serves, in which site it is, and in which the asker.
 */

/** What is asked for; the server matches all of it. */
export interface NetlogonQuestion {
  /** DNS name of the domain that the server is to be a controller of; absent: whichever is its own. */
  readonly domain?: string
  /** NetBIOS name of the asker, which the server writes into its log when it knows no site for the address. */
  readonly host?: string
  /** Also ask for the site that is next closest to the asker (Windows Server 2008 and later). */
  readonly nextClosestSite?: true
}

/** What the server is and does (DS_FLAG, MS-ADTS §6.3.1.2; the newest ones: dsgetdc.h), without `DS_` and `_FLAG`. */
export type NetlogonFlag = (typeof flagBits)[number][0]

/** The structure, told apart. Names are without a trailing dot, and empty where the server sent an empty one. */
export type NetlogonAnswer =
  | NetlogonDomainController
  /** A structure for older clients, which was not asked for (MS-ADTS §6.3.1.7 and 6.3.1.8). */
  | { readonly kind: 'older'; readonly opcode: string }
  | { readonly kind: 'unreadable'; readonly why: string }

/** NETLOGON_SAM_LOGON_RESPONSE_EX (MS-ADTS §6.3.1.9). */
export interface NetlogonDomainController {
  readonly kind: 'domain-controller'
  /** `paused`: the Netlogon service is, and clients go elsewhere. `user-unknown`: an answer to who asks for an account. */
  readonly state: 'running' | 'paused' | 'user-unknown'
  readonly flags: readonly NetlogonFlag[]
  /** Bits that have no name here. */
  readonly otherFlags: number
  readonly domainGuid: string
  readonly forest: string
  readonly domain: string
  /** Fully qualified name of the server. */
  readonly host: string
  readonly netbiosDomain: string
  readonly netbiosHost: string
  /** The site of the server. */
  readonly site: string
  /** The site of the asker; absent when no subnet of the forest has its address. */
  readonly clientSite?: string
  readonly nextClosestSite?: string
  /** The server's own idea of its IPv4 address. */
  readonly address?: string
}

/** NETLOGON_NT_VERSION (MS-ADTS §6.3.1.1). */
const ntVersion = { five: 0x2, fiveEx: 0x4, fiveExWithIp: 0x8, withClosestSite: 0x10 } as const

const flagBits = [
  ['PDC', 0x1],
  ['GC', 0x4],
  ['LDAP', 0x8],
  ['DS', 0x10],
  ['KDC', 0x20],
  ['TIMESERV', 0x40],
  ['CLOSEST', 0x80],
  ['WRITABLE', 0x100],
  ['GOOD_TIMESERV', 0x200],
  ['NDNC', 0x400],
  ['SELECT_SECRET_DOMAIN_6', 0x800],
  ['FULL_SECRET_DOMAIN_6', 0x1000],
  ['WS', 0x2000],
  ['DS_8', 0x4000],
  ['DS_9', 0x8000],
  ['DS_10', 0x10000],
  ['KEY_LIST', 0x20000],
  ['DNS_CONTROLLER', 0x2000_0000],
  ['DNS_DOMAIN', 0x4000_0000],
  ['DNS_FOREST', 0x8000_0000],
] as const

/** Operation codes (MS-ADTS §6.3.1.3). */
const states: ReadonlyMap<number, NetlogonDomainController['state']> = new Map([
  [23, 'running'],
  [24, 'paused'],
  [25, 'user-unknown'],
])
const olderOpcodes: ReadonlyMap<number, string> = new Map([
  [19, 'LOGON_SAM_LOGON_RESPONSE'],
  [20, 'LOGON_SAM_PAUSE_RESPONSE'],
  [21, 'LOGON_SAM_USER_UNKNOWN'],
])

/** Opcode, an unused word, flags and GUID; behind the names NtVersion, LmNtToken and Lm20Token. */
const at = { flags: 4, domainGuid: 8, names: 24 } as const
const tailLength = 8
/** Both of LmNtToken and Lm20Token. */
const tokens = 0xffff_ffff
const internetFamily = 2
/** Forest, domain, host, both NetBIOS names, account, the server's site and the asker's. */
const nameCount = 8

/** `(&(DnsDomain=…)(NtVer=…))`: no account is asked for, and nothing is looked up in the directory. */
export function netlogonFilter({ domain, host, nextClosestSite }: NetlogonQuestion): LdapFilter {
  const text = new TextEncoder()
  const wanted = ntVersion.five | ntVersion.fiveEx | (nextClosestSite === true ? ntVersion.withClosestSite : 0)
  return {
    and: [
      ...(domain === undefined ? [] : [{ attribute: 'DnsDomain', equals: text.encode(domain) }]),
      ...(host === undefined ? [] : [{ attribute: 'Host', equals: text.encode(host) }]),
      { attribute: 'NtVer', equals: Uint8Array.of(wanted, 0, 0, 0) },
    ],
  }
}

/** Reads a value of the attribute `Netlogon`; never throws. Numbers are little-endian, names shortened as in DNS. */
export function readNetlogonAnswer(octets: Uint8Array): NetlogonAnswer {
  if (octets.length < 2) return { kind: 'unreadable', why: `${octets.length} octets` }
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  const opcode = view.getUint16(0, true)
  const older = olderOpcodes.get(opcode)
  if (older !== undefined) return { kind: 'older', opcode: older }
  const state = states.get(opcode)
  if (state === undefined) return { kind: 'unreadable', why: `operation code ${opcode} is none of an answer` }
  const tail = octets.length - tailLength
  if (tail < at.names) return { kind: 'unreadable', why: `${octets.length} octets` }
  if (view.getUint32(tail + 4, true) !== tokens) return { kind: 'unreadable', why: 'it does not end in its tokens' }
  const version = view.getUint32(tail, true)
  const body = octets.subarray(0, tail)
  try {
    const names: string[] = []
    let next: number = at.names
    for (let count = 0; count < nameCount; count += 1) {
      const name = nameAt(body, next)
      names.push(name.text)
      next = name.end
    }
    // The sixth is the account that was asked for: none.
    const [forest = '', domain = '', host = '', netbiosDomain = '', netbiosHost = '', , site = '', clientSite = ''] =
      names
    let address: string | undefined
    if ((version & ntVersion.fiveExWithIp) !== 0) {
      const end = next + 1 + (body[next] ?? 0)
      address = addressOf(body.subarray(next + 1, end))
      next = end
    }
    const nextClosestSite = (version & ntVersion.withClosestSite) === 0 ? '' : nameAt(body, next).text
    return {
      kind: 'domain-controller',
      state,
      ...flagsOf(view.getUint32(at.flags, true)),
      domainGuid: guidText(octets.subarray(at.domainGuid)) ?? '',
      forest,
      domain,
      host,
      netbiosDomain,
      netbiosHost,
      site,
      ...(clientSite !== '' && { clientSite }),
      ...(nextClosestSite !== '' && { nextClosestSite }),
      ...(address !== undefined && { address }),
    }
  } catch (error) {
    if (error instanceof RangeError) return { kind: 'unreadable', why: error.message }
    throw error
  }
}

/** @throws RangeError where there is no name */
function nameAt(octets: Uint8Array, offset: number): { readonly text: string; readonly end: number } {
  const { labels, end } = readDnsLabels(octets, offset)
  return { text: labels.map((label) => printableUtf8(label, label.length)).join('.'), end }
}

function flagsOf(bits: number): Pick<NetlogonDomainController, 'flags' | 'otherFlags'> {
  const set = flagBits.filter(([, bit]) => (bits & bit) !== 0)
  return { flags: set.map(([name]) => name), otherFlags: set.reduce((rest, [, bit]) => rest - bit, bits) }
}

/** A socket address of Windows: family, port, IPv4 address, eight octets of nothing. */
function addressOf(octets: Uint8Array): string | undefined {
  if (octets.length < 8 || octets[0] !== internetFamily || octets[1] !== 0) return undefined
  const value = octets.subarray(4, 8).reduce((sum, octet) => sum * 256 + octet, 0)
  return formatAddress({ family: 4, value: BigInt(value) })
}
